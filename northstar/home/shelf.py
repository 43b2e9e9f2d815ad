"""Chart documents as pages need them, kept in the process by their content version.

A page asks the database only for versions; what is behind a version never changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from metrics.models import ChartDocument

KEPT = 1000
HERO = "north-star"
WHY = "why:north-star"
SMALL = ("card", "spark", "wall")


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A document in the shape that chart templates read; only the hero's has figure and data table."""

    facts: dict[str, Any] = field(default_factory=dict)
    sketches: dict[str, str] = field(default_factory=dict)
    data: SafeString = field(default_factory=SafeString)
    version: str = ""


_shelf: OrderedDict[tuple[str, str], Drawing] = OrderedDict()
_lock = Lock()


def drawings(keys: Iterable[str]) -> dict[str, Drawing]:
    """The documents that exist, by key: one query, two where one of them is new to this process."""
    rows = ChartDocument.objects.filter(key__in=list(keys)).values_list("key", "version")
    wanted = {key: (key, version) for key, version in rows}
    with _lock:
        found = {key: _shelf[place] for key, place in wanted.items() if place in _shelf}
        for key in found:
            _shelf.move_to_end(wanted[key])
    if missing := [key for key in wanted if key not in found]:
        found |= _fetched(missing)
    return found


def _fetched(keys: list[str]) -> dict[str, Drawing]:
    found = {row.key: _drawing(row) for row in ChartDocument.objects.filter(key__in=keys)}
    with _lock:
        for key, drawing in found.items():
            _shelf[key, drawing.version] = drawing
        while len(_shelf) > KEPT:
            _shelf.popitem(last=False)
    return found


def _drawing(row: ChartDocument) -> Drawing:
    facts = {name: told for name, told in row.facts.items() if name not in ("table", "columns")}
    if row.key != HERO:
        kept = row.sketches if row.key == WHY else {name: row.sketches.get(name, "") for name in SMALL}
        return Drawing(facts, kept, version=row.version)
    # The table grows with the years: it is rendered once a version, not once a reader.
    data = render_to_string("home/_data.html", {"facts": row.facts, "figure": row.figure})
    return Drawing(facts, row.sketches, SafeString(data), row.version)
