"""A waterfall as Plotly figure: the standing bars of the sketch, in the same places."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from metrics.charts.tracing import Json, plotly_text
from metrics.charts.waterfall import Bar, Waterfall, bars, plot, slots

#: The box that a page draws; in a narrow one the sketch stays, because its bars lie.
WIDTH, HEIGHT = 760.0, 280.0


def figure(shown: Waterfall) -> Json:
    """{"data", "layout"} as figures.line has them: roles in `meta`, the wide box alone in `views["all"]`."""
    placed = plot(shown, width=WIDTH, height=HEIGHT)
    drawn = bars(shown)
    roles = [role for role in ("total", "rise", "fall", "rest") if any(bar.role == role for bar in drawn)]
    data = [_trace(shown, role, drawn) for role in roles]
    middles = list(range(len(drawn)))
    view = {
        "plot": {
            "width": WIDTH,
            "l": 8.0,
            "t": placed.top,
            "r": 8.0,
            "b": round(HEIGHT - placed.bottom, 1),
        },
        "xaxis": {
            "range": [-0.5, len(drawn) - 0.5],
            "tickvals": middles,
            "ticktext": ["<br>".join(plotly_text(line) for line in name) for name in placed.names],
        },
        "yaxis": {"range": [placed.low, placed.high], "tickvals": [], "ticktext": []},
        "annotations": [_value(bar, place) for place, bar in enumerate(drawn)],
    }
    layout: Json = {
        "template": "none",
        "barmode": "overlay",
        "showlegend": False,
        "hovermode": "x",
        "dragmode": False,
        "shapes": _shapes(shown, drawn),
        "annotations": view["annotations"],
        "meta": {"title": plotly_text(shown.title), "views": {"all": {"wide": view}}},
        "xaxis": {"type": "linear", "tickmode": "array", **_axis(view, "xaxis"), "showgrid": False},
        "yaxis": {"type": "linear", "tickmode": "array", **_axis(view, "yaxis"), "showgrid": False},
    }
    go.Figure(data=data, layout=layout)
    return {"data": data, "layout": {key: each for key, each in layout.items() if key != "template"}}


def _axis(view: Json, name: str) -> dict[str, Any]:
    return {**view[name], "zeroline": False, "showline": False, "automargin": False}


def _trace(shown: Waterfall, role: str, drawn: list[Bar]) -> Json:
    chosen = [(place, bar) for place, bar in enumerate(drawn) if bar.role == role]
    better = (role == "rise") == (shown.direction != "down")
    return {
        "type": "bar",
        "name": role,
        "meta": {"role": role, "tone": "" if role in ("total", "rest") else "good" if better else "bad"},
        "x": [place for place, _ in chosen],
        "base": [min(bar.start, bar.end) for _, bar in chosen],
        "y": [abs(bar.end - bar.start) for _, bar in chosen],
        "width": _width(shown),
        "text": [f"{plotly_text(bar.label)}<br>{plotly_text(bar.said)}" for _, bar in chosen],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _shapes(shown: Waterfall, drawn: list[Bar]) -> list[Json]:
    """The foot, the links from bar to bar, and the cuts through totals that do not begin at zero."""
    placed, half = plot(shown, width=WIDTH, height=HEIGHT), _width(shown) / 2
    each_pixel = (placed.high - placed.low) / (placed.bottom - placed.top)
    foot = max(placed.low, 0.0)
    lines = [("foot", -0.5, len(drawn) - 0.5, foot)]
    lines += [("link", i + half, i + 1 - half, bar.end) for i, bar in enumerate(drawn[:-1])]
    found: list[Json] = [
        {"name": name, "type": "line", "xref": "x", "yref": "y", "x0": x0, "x1": x1, "y0": y, "y1": y}
        for name, x0, x1, y in lines
    ]
    for i, bar in enumerate(drawn):
        if placed.cut and bar.role == "total":
            corners = ((i - half, 9), (i + half, 17), (i + half, 12), (i - half, 4))
            path = " L ".join(f"{x} {placed.low + up * each_pixel}" for x, up in corners)
            found.append({"name": "cut", "type": "path", "xref": "x", "yref": "y", "path": f"M {path} Z"})
    return found


def _width(shown: Waterfall) -> float:
    left, right = slots(shown, width=WIDTH)[0]
    return (right - left) / (WIDTH - 16) * len(shown.steps)


def _value(bar: Bar, place: int) -> Json:
    below = bar.end < bar.start
    return {
        "name": "target-label",
        "text": plotly_text(bar.said),
        "showarrow": False,
        "xref": "x",
        "yref": "y",
        "x": place,
        "y": min(bar.start, bar.end) if below else max(bar.start, bar.end),
        "yanchor": "top" if below else "bottom",
    }
