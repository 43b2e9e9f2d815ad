"""A small series with a mark on every period in which an alert would have fired. Classes only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

from metrics.analysis.alarms import Seen
from metrics.charts.canvas import Canvas, Place

WIDTH, HEIGHT = 360.0, 84.0
SIDE, TOP, BOTTOM = 8.0, 12.0, 10.0
MARK, DOT = 6.5, 2.6


def drawn(seen: Sequence[Seen], told: Collection[date], *, against: bool, says: str) -> str:
    """The values of these periods as one `<svg>`; `against`: with the line that they are held against.

    A period that fired has a ring; `says` is for who listens, with the number of rings.
    """
    canvas, marked = Canvas(), [each for each in seen if each.period in told]
    lines = [[each.value for each in seen]]
    if against:
        lines += [[each.low for each in seen], [each.high for each in seen]]
    known = [value for line in lines for value in line if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    span = (high - low) or abs(high) or 1.0

    def at(place: int, value: float) -> Place:
        x = SIDE + (WIDTH - 2 * SIDE) * place / max(len(seen) - 1, 1)
        return x, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / span

    for line in lines[1:] if lines[1:2] != lines[2:3] else lines[1:2]:
        _draw(canvas, line, at, "chart-limit")
    _draw(canvas, lines[0], at, "chart-actual")
    for place, each in enumerate(seen):
        if each.period in told:
            x, y = at(place, low if each.value is None else each.value)
            canvas.ring(x, y, css="chart-signal", r=MARK)
            canvas.ring(x, y, css="chart-actual", r=DOT)
    words = f"{says}; it would have fired {len(marked)} times" if len(marked) != 1 else f"{says}; once"
    return canvas.svg(width=WIDTH, height=HEIGHT, says=words)


def _draw(canvas: Canvas, line: Sequence[float | None], at: Callable[[int, float], Place], css: str) -> None:
    """Unbroken stretches; a single value between two gaps is a dot."""
    stretch: list[Place] = []
    for place, value in enumerate([*line, None]):
        if value is not None:
            stretch.append(at(place, value))
            continue
        if len(stretch) > 1:
            canvas.path(stretch, css)
        elif stretch and css == "chart-actual":
            canvas.ring(*stretch[0], css=css, r=DOT)
        stretch = []
