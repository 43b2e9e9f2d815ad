"""Flux, the language of InfluxDB 2: a script for a span of time, and its one number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from metrics.connectors.base import ConnectorError
from metrics.connectors.http.request import Request
from metrics.connectors.monitoring.annotated_csv import Cell
from metrics.connectors.monitoring.by_period import shown

_TIMES = ("timeRangeStart", "timeRangeStop")
_VARIABLE = re.compile(r"\bv\.(\w+)")
_WRITES = re.compile(r"\b(?:to|wideTo|delete|post)\s*\(")
_DIALECT = {"header": True, "delimiter": ",", "annotations": ["datatype", "group", "default"]}


def script(template: str, begins: datetime, ends: datetime, *, field: str) -> str:
    """The script for the half-open range of instants. Raises ConnectorError for one that writes."""
    if _WRITES.search(template):
        raise _unfit("A question only reads: leave to(), delete() and post() out.", field)
    if not all(f"v.{name}" in template for name in _TIMES):
        raise _unfit(
            "The question has to name its time: range(start: v.timeRangeStart, stop: v.timeRangeStop).", field
        )
    times = dict(zip(_TIMES, (begins, ends), strict=True))

    def instant(found: re.Match[str]) -> str:
        if found[1] not in times:
            raise _unfit(
                f"There is no {found[0][:40]} here, only v.timeRangeStart and v.timeRangeStop.", field
            )
        return shown(times[found[1]])

    return _VARIABLE.sub(instant, template)


def request(url: str, *, org: str, script: str) -> Request:
    """The request that asks for annotated CSV."""
    body = {"query": script, "type": "flux", "dialect": _DIALECT}
    return Request("POST", url, params=(("org", org),), headers={"Accept": "application/csv"}, body=body)


def single(cells: Sequence[Cell], *, label: str) -> Decimal | None:
    """The one number of an answer; None where there is none. Raises ConnectorError("schema")."""
    if len(cells) > 1:
        labels = "; ".join(cell.labels or "without labels" for cell in cells[:3])
        raise ConnectorError(
            "schema",
            f"{label}: the answer has {len(cells)} rows: {labels}. Make it one, such as |> group() |> sum().",
            permanent=True,
        )
    return cells[0].number(label=label) if cells else None


def _unfit(sentence: str, field: str) -> ConnectorError:
    return ConnectorError("config", sentence, permanent=True, field=field)
