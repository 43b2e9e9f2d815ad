"""Drift: what the columns of a source's answer were, what they are now, and where that is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from metrics.analysis import column_drift
from metrics.connectors.base import ConnectorError
from metrics.models import Metric, PullItem

#: Errors that another set of columns can be the cause of.
CODES = frozenset({"schema", "query"})
#: So long a difference that did no harm is still shown.
SHOWN_FOR = timedelta(days=7)
MOST_KEPT, LONGEST = 100, 200


def remember(metric: Metric, columns: Sequence[str]) -> dict[str, Any]:
    """Keep the columns of an answer that was stored; how they differ from those before ({} if not at all).

    Columns that are only gone did no harm and are not told: rows of many services leave out what is empty.
    """
    seen, kept = metric.seen_columns, _short(columns)
    drift = difference(seen, kept)
    if not kept or (seen and not drift.get("new")):
        return {}
    whole = kept if drift.get("gone") else [*seen, *(name for name in kept if name not in seen)]
    Metric.objects.filter(pk=metric.pk).update(seen_columns=whole[:MOST_KEPT])
    return drift


def explained(metric: Metric, error: ConnectorError) -> tuple[ConnectorError, dict[str, Any]]:
    """The error with the sentence on columns that are gone or new, and that difference ({} without one)."""
    if error.code not in CODES or not error.columns:
        return error, {}
    drift = difference(metric.seen_columns, error.columns)
    if not drift:
        return error, {}
    return (
        ConnectorError(
            error.code,
            f"{error.message} {words(drift)}",
            permanent=error.permanent,
            field=error.field,
            retry_after=error.retry_after,
            columns=error.columns,
        ),
        drift,
    )


def difference(before: Sequence[str], now: Sequence[str]) -> dict[str, Any]:
    """{"gone": [...], "new": [...], "renamed": [[before, now]]}, or {} where nothing was seen or differs."""
    found = column_drift.between(before, _short(now)) if before and now else None
    if not found:
        return {}
    return {
        "gone": list(found.gone),
        "new": list(found.new),
        "renamed": [list(pair) for pair in found.renamed],
    }


def words(drift: dict[str, Any]) -> str:
    """The difference as a sentence."""
    return column_drift.words(
        column_drift.Drift(
            tuple(drift.get("gone", ())),
            tuple(drift.get("new", ())),
            tuple((old, new) for old, new in drift.get("renamed", ())),
        )
    )


def lines(drift: dict[str, Any]) -> list[dict[str, str]]:
    """A line for each column of the difference: `name`, `change` (renamed, gone, new), `now` of a rename."""
    renamed: dict[str, str] = dict(drift.get("renamed", ()))
    told = [{"name": old, "change": "renamed", "now": new} for old, new in renamed.items()]
    told += [
        {"name": name, "change": "gone", "now": ""} for name in drift.get("gone", ()) if name not in renamed
    ]
    fresh = [name for name in drift.get("new", ()) if name not in renamed.values()]
    return told + [{"name": name, "change": "new", "now": ""} for name in fresh]


def shown(metric: Metric, now: datetime) -> PullItem | None:
    """The item whose difference the metric's page shows: of the failure, else of the last seven days."""
    items = metric.pullitem_set.select_related("pull").order_by("-id")  # type: ignore[attr-defined]
    if metric.failures:
        newest = items.first()
        return newest if newest is not None and newest.drift else None
    recent = items.filter(state="ok", pull__created_at__gt=now - SHOWN_FOR).exclude(drift={})
    found: PullItem | None = recent.first()
    return found


def _short(columns: Sequence[str]) -> list[str]:
    return [name[:LONGEST].replace("\x00", "") for name in columns[:MOST_KEPT]]
