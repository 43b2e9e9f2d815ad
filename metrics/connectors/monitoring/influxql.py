"""InfluxQL, the language of InfluxDB 1 and 3: statements for spans of time, and their answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from metrics.connectors.base import ConnectorError
from metrics.connectors.monitoring.spans import Span, filled, number_of

TIME_FILTER = "$timeFilter"
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_BY_TIME = re.compile(r"\bgroup\s+by\b.*\btime\s*\(", re.IGNORECASE | re.DOTALL)
_FILL_NONE = re.compile(r"\bfill\s*\(\s*none\s*\)", re.IGNORECASE)


def fault(text: str) -> str:
    """Why this is not one reading statement that names its time; empty if it is."""
    bare = _QUOTED.sub("''", text)
    if not re.match(r"\s*select\b", bare, re.IGNORECASE):
        return "An InfluxQL question has to begin with SELECT."
    if ";" in bare or re.search(r"\binto\b", bare, re.IGNORECASE):
        return "Only one statement that reads is allowed: remove the semicolon, or INTO."
    if TIME_FILTER not in bare:
        return f"The question has to name its time: WHERE {TIME_FILTER}."
    if by_time(text) and not _FILL_NONE.search(bare):
        return "GROUP BY time(…) needs fill(none) behind it: else times without any data come as zero."
    return ""


def by_time(text: str) -> bool:
    """Whether one statement answers for all periods by itself."""
    return bool(_BY_TIME.search(_QUOTED.sub("''", text)))


def statement(template: str, begins: datetime, ends: datetime, *, field: str) -> str:
    """The statement for the half-open range of instants. Raises ConnectorError for unknown placeholders."""
    first, last = round(begins.timestamp() * 1000), round(ends.timestamp() * 1000)
    values = {
        TIME_FILTER: f"(time >= {first}ms AND time < {last}ms)",
        "$__seconds": str(int((ends - begins).total_seconds())),
    }
    return filled(template, values, field=field)


def results(answer: Any) -> list[Any]:
    """The result of each statement. Raises ConnectorError for the server's own errors."""
    found = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise _wrong("This is no answer of InfluxDB's /query. Check the address.")
    for result in found:
        said = str(result.get("error", "") if isinstance(result, dict) else "broken answer")[:200]
        if "not authorized" in said or "authorization failed" in said:
            raise ConnectorError(
                "auth", f"InfluxDB does not allow this to the sign-in: {said}", permanent=True
            )
        if "database not found" in said:
            raise ConnectorError("config", f"InfluxDB says: {said}.", permanent=True, field="database")
        if said:
            raise ConnectorError("query", f"InfluxDB says: {said}", permanent=True)
    return found


def rows(result: Any, *, label: str) -> list[tuple[int, Any]]:
    """Time in milliseconds and value of each row of the one series. Raises ConnectorError("schema")."""
    series = result.get("series") or []
    if not isinstance(series, list) or not all(isinstance(one, dict) for one in series):
        raise _wrong("InfluxDB's answer is broken: its series are no list of objects.")
    if len(series) > 1:
        tags = [str(one.get("tags") or one.get("name"))[:60] for one in series[:3]]
        raise _wrong(
            f"{label}: the question gives {len(series)} series: {', '.join(tags)}. "
            "Leave the tags out of GROUP BY, or name one measurement."
        )
    if not series:
        return []
    columns, values = series[0].get("columns") or [], series[0].get("values") or []
    if len(columns) != 2:
        raise _wrong(
            f"{label}: the question gives the columns {', '.join(map(str, columns[:10]))}. Select one."
        )
    if series[0].get("partial") or result.get("partial"):
        raise _wrong(f"{label}: InfluxDB cut its answer short. Aggregate more.")
    if not all(isinstance(row, list) and len(row) == 2 and type(row[0]) is int for row in values):
        raise _wrong(f"{label}: a row of InfluxDB's answer is not a time with a value.")
    return [(time, value) for time, value in values]


def single(result: Any, *, label: str) -> Decimal | None:
    """The one number of an answer; None where there is none. Raises ConnectorError("schema")."""
    found = rows(result, label=label)
    if len(found) > 1:
        raise _wrong(f"{label}: the question gives {len(found)} rows. Aggregate it, such as sum(…).")
    return number_of(found[0][1], label=label) if found else None


def spread(result: Any, spans: Sequence[Span], *, grain: str, zone: str) -> list[Decimal | None]:
    """The numbers of GROUP BY time(…), each row at the first instant of its period."""
    places = {round(span.begins.timestamp() * 1000): number for number, span in enumerate(spans)}
    found: list[Decimal | None] = [None] * len(spans)
    for time, value in rows(result, label="The answer"):
        moment = datetime.fromtimestamp(time / 1000, UTC)
        if time not in places:
            raise _wrong(
                f"A row stands at {moment:%Y-%m-%d %H:%M} UTC, where no {grain} begins in {zone}. "
                f"End with tz('{zone}'), or leave GROUP BY time out: each {grain} is then asked for apart."
            )
        found[places[time]] = number_of(value, label=f"Period {spans[places[time]].start}")
    return found


def _wrong(sentence: str) -> ConnectorError:
    return ConnectorError("schema", sentence, permanent=True)
