"""Charts are drawn when data changes and kept as text; pages only embed them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import Any

from metrics.charts import figures, sketch
from metrics.charts.scales import day_range
from metrics.charts.spec import WALL_NOTES, ChartSpec, clip
from metrics.charts.table import data_table
from metrics.models import ChartDocument

ALL = {"all": None}
#: What hangs on a wall: a small sheet, so that its words are large on a screen.
WALL = (372, 244)


def draw(
    key: str,
    spec: ChartSpec,
    *,
    today: date,
    ranges: dict[str, int | None] | None = None,
    facts: dict[str, Any] | None = None,
    wall: bool = False,
) -> ChartDocument:
    """Draw a chart and keep it under `key`, in the place of the one before it."""
    return ChartDocument.objects.keep(drawn(key, spec, today=today, ranges=ranges, facts=facts, wall=wall))


def drawn(
    key: str,
    spec: ChartSpec,
    *,
    today: date,
    ranges: dict[str, int | None] | None = None,
    facts: dict[str, Any] | None = None,
    wall: bool = False,
) -> ChartDocument:
    """Figure, sketches ("26w", "26w-small", …, "card") and table of a chart as a document, not saved yet.

    `ranges` maps the name of a range to its number of weeks, None for everything. `facts` are what the page
    prints beside the chart; the sentence, the notes and the table are added here. `wall` adds "wall", the
    sketch for screens on a wall, of the first range with the newest notes only.
    """
    sketches = {
        "card": sketch.line(spec, width=300, height=90, today=today, small=True),
        "spark": sketch.spark(clip(spec, 26)),
    }
    arranged = figures.boxes(spec, ranges or ALL)
    for name, shown in arranged.items():
        sketches[name] = sketch.drawn(shown["wide"], today=today)
        sketches[f"{name}-small"] = sketch.drawn(shown["narrow"], today=today)
    if wall:
        hung = clip(spec, next(iter((ranges or ALL).values())))
        hung = replace(hung, notes=hung.notes[-WALL_NOTES:])
        sketches["wall"] = sketch.line(hung, width=WALL[0], height=WALL[1], today=today)
    columns, table = data_table(spec)
    notes = [f"{note.number} · {note.day:%-d %b %Y} · {note.text}" for note in spec.notes]
    figure = json.dumps(figures.line(spec, arranged=arranged), allow_nan=False, separators=(",", ":"))
    told = {"sentence": spec.sentence, "notes": notes, "columns": columns, "table": table} | (facts or {})
    told["flags"] = _in_view(told.get("flags", []), spec, ranges or ALL)
    version = hashlib.sha256(f"{figure}{today}{sketches}{told}".encode()).hexdigest()[:16]
    return ChartDocument(
        key=key, version=version, figure=figure, sketches=sketches, facts=told, drawn_on=today
    )


def _in_view(
    flags: list[dict[str, Any]], spec: ChartSpec, ranges: dict[str, int | None]
) -> list[dict[str, Any]]:
    """The notes that last to the first shown day, each with its ranges; today's may lie past the line."""
    shown: dict[int, list[str]] = {}
    for name, weeks in ranges.items():
        part = clip(spec, weeks)
        first, _ = day_range(part)
        for note in part.notes:
            if first <= note.last:
                shown.setdefault(note.number, []).append(name)
    return [flag | {"ranges": shown[flag["number"]]} for flag in flags if flag["number"] in shown]
