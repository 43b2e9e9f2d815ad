"""A chart as Plotly figure: validated, then a plain dict. Holds data and roles, no colours and no today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from metrics.charts import goal_posts
from metrics.charts.edges import edge_gap
from metrics.charts.layout import Layout, arrange
from metrics.charts.scales import value_range
from metrics.charts.spec import ChartSpec, Note, clip
from metrics.charts.traces import traces
from metrics.charts.tracing import Json, plotly_text

__all__ = ["FRAMES", "boxes", "line"]

#: The two boxes that a page draws; the sketch has the same, so nothing moves when Plotly takes over.
FRAMES = {"wide": (760, 320), "narrow": (360, 270)}

_AXIS: Json = {
    "title": {"text": ""},
    "zeroline": False,
    "showline": False,
    "ticks": "",
    "tickmode": "array",
    "automargin": False,
}


#: A range's layouts by the name of their box.
Boxes = Mapping[str, Layout]


def boxes(spec: ChartSpec, ranges: Mapping[str, int | None]) -> dict[str, Boxes]:
    """The chart of each range, arranged in both boxes: {"26w": {"wide": …, "narrow": …}}."""
    return {
        name: {
            box: arrange(clip(spec, weeks), width=width, height=height)
            for box, (width, height) in FRAMES.items()
        }
        for name, weeks in ranges.items()
    }


def line(
    spec: ChartSpec,
    *,
    ranges: Mapping[str, int | None] | None = None,
    arranged: Mapping[str, Boxes] | None = None,
) -> Json:
    """{"data", "layout"} of the whole series, ready for json.dumps(allow_nan=False).

    Every trace has its role in `meta`, every shape and annotation as `name`. `ranges` maps names to weeks
    (None is everything). `layout.meta.views[range][frame]` is what a range needs in the "wide" (760 by 320)
    and the "narrow" (360 by 270) box: axes, annotations and `plot`, the space left, above, right and below in
    the pixels of that box. The figure opens on the wide view of the first range. `arranged` is what boxes()
    gave for the same chart, so that it is worked out once.
    """
    placed = arranged or boxes(spec, ranges or {"all": None})
    views = {name: {box: _view(each) for box, each in shown.items()} for name, shown in placed.items()}
    opening = views[next(iter(views))]["wide"]
    width, height = FRAMES["wide"]
    whole = next((each["wide"] for each in placed.values() if each["wide"].spec is spec), None)
    drawn = traces(whole or arrange(spec, width=width, height=height))
    layout = {
        "template": "none",
        "margin": {side: opening["plot"][side] for side in "ltrb"} | {"pad": 0},
        "autosize": True,
        "showlegend": False,
        "hovermode": "x",
        "dragmode": False,
        "shapes": _shapes(spec),
        "annotations": opening["annotations"],
        "meta": {"title": plotly_text(spec.title), "sentence": plotly_text(spec.sentence), "views": views},
        "xaxis": {**_AXIS, **opening["xaxis"], "type": "date", "showgrid": False},
        "yaxis": {**_AXIS, **opening["yaxis"], "type": "linear", "showgrid": True},
    }
    # Plotly checks every name and value; what it would hand back is a copy of the same.
    go.Figure(data=drawn, layout=layout)
    return {"data": drawn, "layout": {key: each for key, each in layout.items() if key != "template"}}


def _view(drawn: Layout) -> Json:
    box = drawn.box
    gaps = (box.left, box.top, box.width - box.right, box.height - box.bottom)
    return {
        "plot": {"width": box.width, **{side: round(gap, 1) for side, gap in zip("ltrb", gaps, strict=True)}},
        "xaxis": {
            "range": [box.first.isoformat(), box.last.isoformat()],
            "tickvals": [day.isoformat() for day, _ in box.days],
            "ticktext": [label for _, label in box.days],
        },
        "yaxis": {
            "range": [box.low, box.high],
            "tickvals": [value for value, _ in box.values],
            "ticktext": [plotly_text(label) for _, label in box.values],
        },
        "annotations": [
            *_edge_labels(drawn),
            *_window_labels(drawn),
            *_break_label(drawn),
            *_baseline_label(drawn),
            *_first_end_label(drawn),
            *_note_labels(drawn),
        ],
    }


def _shapes(spec: ChartSpec) -> list[Json]:
    shapes: list[Json] = []
    if spec.low is not None or spec.high is not None:
        low, high = value_range(spec)
        bounds = {
            "y0": low if spec.low is None else spec.low,
            "y1": high if spec.high is None else spec.high,
        }
        shapes.append({"name": "band", "xref": "x domain", "yref": "y", "x0": 0, "x1": 1, **bounds})
    if spec.window is not None:
        start, end = (day.isoformat() for day in spec.window)
        sides = {"x0": start, "x1": end, "y0": 0, "y1": 1}
        shapes.append({"name": "window", "xref": "x", "yref": "y domain", **sides})
    for note in spec.notes:
        if note.until is not None:
            sides = {"x0": note.day.isoformat(), "x1": note.until.isoformat(), "y0": 0, "y1": 1}
            shapes.append({"name": of_kind("span", note), "xref": "x", "yref": "y domain", **sides})
    lines: list[Json] = []
    if spec.first_end is not None:
        ended = spec.first_end.isoformat()
        sides = {"x0": ended, "x1": ended, "y0": 0, "y1": 1}
        upright = {"type": "line", "layer": "below", "xref": "x", "yref": "y domain", **sides}
        lines.append({"name": "first-end", **upright})
    filled = [{"type": "rect", "layer": "below", "line": {"width": 0}, **shape} for shape in shapes]
    if not (spec.grey and spec.points):
        return filled + lines
    day = (spec.break_day or spec.points[0].start).isoformat()
    across = {"xref": "x", "yref": "y domain", "x0": day, "x1": day, "y0": 0, "y1": 1.05}
    return [*filled, *lines, {"name": "break", "type": "line", "layer": "below", **across}]


def of_kind(role: str, note: Note) -> str:
    """The role with the kind of the note behind it, by which a page hides it: "span:release"."""
    return f"{role}:{note.kind}" if note.kind else role


def _words(role: str, words: str, **place: Any) -> Json:
    return {"name": role, "text": words, "showarrow": False, "xref": "x", "yref": "y", **place}


def _edge_labels(drawn: Layout) -> list[Json]:
    shift = edge_gap(drawn.spec)
    place = {"xref": "x domain", "x": 1, "xanchor": "left", "xshift": shift, "yanchor": "middle"}
    return [
        _words(role, plotly_text(words), y=drawn.box.value(height - 4), **place)
        for height, words, role in drawn.edges
    ]


def _break_label(drawn: Layout) -> list[Json]:
    day, words, side = drawn.broken or (None, "", "left")
    if day is None or not words:
        return []
    at = {"x": day.isoformat(), "xanchor": side, "xshift": 5 if side == "left" else -5}
    return [_words("break-label", plotly_text(words), yref="y domain", y=1, yanchor="bottom", **at)]


def _window_labels(drawn: Layout) -> list[Json]:
    return [
        _words(
            "window-label",
            plotly_text(words),
            x=day.isoformat(),
            xanchor=anchor,
            xshift=5 if anchor == "left" else -5,
            yref="y domain",
            y=1,
            yanchor="top",
        )
        for day, words, anchor in drawn.window_words
    ]


def _baseline_label(drawn: Layout) -> list[Json]:
    if drawn.baseline_words is None:
        return []
    box, (words, place) = drawn.box, drawn.baseline_words
    at = {"x": box.day(place.left), "xanchor": "left", "yanchor": "middle"}
    middle = box.value((place.top + place.bottom) / 2)
    return [_words("baseline-label", plotly_text(words), y=middle, **at)]


def _first_end_label(drawn: Layout) -> list[Json]:
    day, words = goal_posts.end_words(drawn) or (None, "")
    if day is None or not words:
        return []
    at = {"x": day.isoformat(), "xanchor": "right", "xshift": -5, "yref": "y domain", "y": 0}
    return [_words("first-end-label", words, yanchor="bottom", **at)]


def _note_labels(drawn: Layout) -> list[Json]:
    return [
        _words(
            of_kind("note-number" if each.numbered else "note-label", each.note),
            plotly_text(each.words),
            x=max(each.note.day, drawn.box.first).isoformat(),
            y=drawn.box.value(each.y),
            showarrow=True,
            arrowhead=0,
            arrowwidth=1,
            standoff=4,
            ax=round(each.text_x - each.x, 1) if each.anchor == "middle" else 0,
            xanchor={"start": "left", "middle": "center", "end": "right"}[each.anchor],
            ay=round(each.text_y - each.y, 1),
        )
        for each in drawn.notes
    ]
