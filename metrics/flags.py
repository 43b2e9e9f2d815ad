"""Flags on a chart: notes that people wrote, and changes of what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from metrics import formatting
from metrics.models import Annotation, Metric
from metrics.models.northstar import NorthStarVersion

BREAKS = {"correction": "Restated", "redefinition": "Definition changed", "replacement": "New metric"}


def flags(
    metric: Metric, versions: Sequence[NorthStarVersion] = (), *, today: date, apart: str = ""
) -> list[dict[str, Any]]:
    """Notes of the metric and of the company, and changes of the definition; oldest first, numbered.

    `apart` says how the newest redefinition reads beside the definition before it.
    """
    rows = Annotation.objects.on([metric]).select_related("author")
    found: list[tuple[date, dict[str, Any]]] = [(row.day, _flag(row, today)) for row in rows]
    changed = [each for each in versions if each.change_type not in ("first", "clarification")]
    redefined = max((v.version_no for v in changed if v.change_type == "redefinition"), default=None)
    for version in changed:
        more = apart if version.version_no == redefined else ""
        found.append((version.effective_from, _break(version, today, more=more)))
    found.sort(key=lambda pair: pair[0])
    return [flag | {"day": day.isoformat(), "number": place} for place, (day, flag) in enumerate(found, 1)]


def _break(version: NorthStarVersion, today: date, *, more: str) -> dict[str, Any]:
    return {
        "text": BREAKS.get(version.change_type, "Definition changed"),
        "more": more,
        "kind": "definition",
        "when": formatting.day_words(version.effective_from, today),
    }


def _flag(row: Annotation, today: date) -> dict[str, Any]:
    author = str(row.author) if row.author else ""
    return {
        "id": row.pk,
        "text": row.text,
        "kind": row.kind,
        "until": row.until.isoformat() if row.until else "",
        "when": when(row, today),
        "link": row.link,
        "author": author,
    }


def when(row: Annotation, today: date) -> str:
    """Its day or days in words: "5 Oct", "7 to 8 Sep", "30 Dec 2025 to 2 Jan"."""
    return formatting.span_words(row.day, row.until or row.day, today)
