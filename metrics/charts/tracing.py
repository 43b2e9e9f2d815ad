"""One Plotly trace as a plain dict: data and a role, no colours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from metrics.charts.canvas import plain

Json = dict[str, Any]


def trace(
    role: str,
    places: Sequence[tuple[date | None, float | None]],
    *,
    width: float = 0,
    dash: str = "solid",
    size: float = 0,
    says: Sequence[str] = (),
) -> Json:
    """A line (`width`) or markers (`size`) through the places; without `says` it is silent when hovered."""
    drawn: Json = {
        "type": "scatter",
        "x": [None if day is None else day.isoformat() for day, _ in places],
        "y": [value for _, value in places],
        "mode": "markers" if size else "lines",
        "name": role,
        "meta": {"role": role},
    }
    if says:
        drawn |= {"hovertemplate": "%{text}<extra></extra>", "text": list(says)}
    else:
        drawn["hoverinfo"] = "skip"
    if size:
        drawn |= {"marker": {"size": size}, "cliponaxis": False}
    else:
        drawn["line"] = {"width": width, "dash": dash}
    return drawn


def plotly_text(text: str, *, most: int = 200) -> str:
    """User text that Plotly can only show as text: no markup, control or bidirectional characters (S50)."""
    return plain(text.replace("<", "").replace(">", ""), most=most)
