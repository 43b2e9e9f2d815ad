"""A chart as Plotly figure: validated, then a plain dict. Holds data and roles, no colours and no today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from metrics.charts.marks import baseline_spot, day_label, obstacles
from metrics.charts.placing import place_notes
from metrics.charts.scales import Frame, edge_rows, frame, value_range
from metrics.charts.spec import ChartSpec, clip
from metrics.charts.traces import plotly_text, traces

__all__ = ["FRAMES", "line", "plotly_text"]

#: The two boxes that a page draws; the sketch has the same, so nothing moves when Plotly takes over.
FRAMES = {"wide": (760, 320), "narrow": (360, 270)}
Json = dict[str, Any]

_AXIS: Json = {
    "title": {"text": ""},
    "zeroline": False,
    "showline": False,
    "ticks": "",
    "tickmode": "array",
    "automargin": False,
}


def line(spec: ChartSpec, *, ranges: Mapping[str, int | None] | None = None) -> Json:
    """{"data", "layout"} of the whole series, ready for json.dumps(allow_nan=False).

    Every trace has its role in `meta`, every shape and annotation as `name`. `ranges` maps names to weeks
    (None is everything). `layout.meta.views[range][frame]` is what a range needs in the "wide" (760 by 320)
    and the "narrow" (360 by 270) box: axes, annotations and `plot`, the space left, above, right and below in
    the pixels of that box. The figure opens on the wide view of the first range.
    """
    chosen = dict(ranges or {"all": None})
    views = {name: _views(clip(spec, weeks)) for name, weeks in chosen.items()}
    opening = views[next(iter(chosen))]["wide"]
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
    figure = go.Figure(data=traces(spec), layout=layout).to_plotly_json()
    figure["layout"].pop("template", None)
    return {"data": figure["data"], "layout": figure["layout"]}


def _views(spec: ChartSpec) -> Json:
    return {
        name: _view(spec, frame(spec, width=width, height=height)) for name, (width, height) in FRAMES.items()
    }


def _view(spec: ChartSpec, box: Frame) -> Json:
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
            *_edge_labels(spec, box),
            *_window_labels(spec, box),
            *_baseline_label(spec, box),
            *_note_labels(spec, box),
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
    return [{"type": "rect", "layer": "below", "line": {"width": 0}, **shape} for shape in shapes]


def _words(role: str, words: str, **place: Any) -> Json:
    return {"name": role, "text": words, "showarrow": False, "xref": "x", "yref": "y", **place}


def _edge_labels(spec: ChartSpec, box: Frame) -> list[Json]:
    shift = 10 if spec.target_day is not None else 6
    place = {"xref": "x domain", "x": 1, "xanchor": "left", "xshift": shift, "yanchor": "middle"}
    return [
        _words(role, plotly_text(words), y=box.value(height - 4), **place)
        for height, words, role in edge_rows(spec, box)
    ]


def _window_labels(spec: ChartSpec, box: Frame) -> list[Json]:
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
        for day, words, anchor in day_label(spec, box)
    ]


def _baseline_label(spec: ChartSpec, box: Frame) -> list[Json]:
    spot = baseline_spot(spec, box)
    if spot is None:
        return []
    words, place = spot
    at = {"x": box.day(place.left), "xanchor": "left", "yanchor": "middle"}
    middle = box.value((place.top + place.bottom) / 2)
    return [_words("baseline-label", plotly_text(words), y=middle, **at)]


def _note_labels(spec: ChartSpec, box: Frame) -> list[Json]:
    return [
        _words(
            "note-number" if each.numbered else "note-label",
            plotly_text(each.words),
            x=each.note.day.isoformat(),
            y=box.value(each.y),
            showarrow=True,
            arrowhead=0,
            arrowwidth=1,
            standoff=4,
            ax=round(each.text_x - each.x, 1) if each.anchor == "middle" else 0,
            xanchor={"start": "left", "middle": "center", "end": "right"}[each.anchor],
            ay=round(each.text_y - each.y, 1),
        )
        for each in place_notes(spec, box, taken=obstacles(spec, box))
    ]
