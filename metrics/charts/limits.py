"""What an XmR chart adds to a line: centre and limits, rings by rule, and marks of revised periods."""

from __future__ import annotations

from datetime import date

from metrics import formatting
from metrics.charts.canvas import Canvas, Place
from metrics.charts.layout import Layout
from metrics.charts.spec import ChartSpec, LimitLine, SignalMark

#: The shape around a point by the rule that it breaks; other rules (an alarm of the CUSUM) have a triangle.
SHAPES = {1: "circle", 2: "diamond", 3: "square"}
OTHER = "triangle"
#: Half the size of the first ring around a point, and how much wider the next one around the same point is.
REACH, WIDER = 6.5, 3.5
#: Shapes that look as large as the circle, drawn as Plotly draws them.
_FULLER = {"circle": 1.0, "diamond": 1.05, "square": 0.9, "triangle": 1.2}
#: Half the upright through a revised period.
TICK = 5.0


def draw(canvas: Canvas, drawn: Layout) -> None:
    """Centre and limits of every segment, behind the series."""
    box = drawn.box
    for line in drawn.spec.limits:
        span = clipped(line, first=box.first, last=box.last)
        if span is None:
            continue
        ends = [box.x(day) for day in span]
        for value, css in levels(line):
            canvas.path([(x, box.y(value)) for x in ends], f"chart-{css}")


def clipped(line: LimitLine, *, first: date, last: date) -> tuple[date, date] | None:
    """The part of a segment that lies on the axis."""
    start, end = max(line.first, first), min(line.last, last)
    return (start, end) if start < end else None


def levels(line: LimitLine) -> list[tuple[float, str]]:
    """(value, role) of the lines of a segment."""
    drawn = [(line.low, "limit"), (line.high, "limit"), (line.centre, "centre")]
    return [(value, role) for value, role in drawn if value is not None]


def rings(canvas: Canvas, drawn: Layout) -> None:
    """A shape per rule around every signal, and a short upright through every revised period."""
    spec, box = drawn.spec, drawn.box
    for day, value in restated(spec):
        x, y = box.x(day), box.y(value)
        with canvas.titled(f"{formatting.day_words(day)}: restated"):
            canvas.path([(x, y - TICK), (x, y + TICK)], "chart-restated")
    for day, mark, reach in ringed(spec):
        if box.first <= day <= box.last:
            with canvas.titled(": ".join(filter(None, (formatting.day_words(day), mark.words)))):
                _ring(canvas, (box.x(day), box.y(mark.value)), shape=shape_of(mark), reach=reach)


def shape_of(mark: SignalMark) -> str:
    """The name of the shape of a signal."""
    return SHAPES.get(mark.rule, OTHER)


def ringed(spec: ChartSpec) -> list[tuple[date, SignalMark, float]]:
    """(day on the axis, signal, half the width of its shape); several around one point do not touch."""
    seen: dict[date, int] = {}
    found = []
    for mark in spec.signals:
        day = place_of(spec, mark.day)
        reach = (REACH + WIDER * seen.get(day, 0)) * _FULLER[shape_of(mark)]
        seen[day] = seen.get(day, 0) + 1
        found.append((day, mark, reach))
    return found


def restated(spec: ChartSpec) -> list[tuple[date, float]]:
    """(day on the axis, value) of the periods that were revised."""
    points = [spec.point_at(day) for day in spec.restated]
    return [(spec.day_of(p), p.value) for p in points if p is not None and p.value is not None]


def place_of(spec: ChartSpec, day: date) -> date:
    """Where the period that holds a day stands on the axis."""
    point = spec.point_at(day)
    return day if point is None else spec.day_of(point)


def _ring(canvas: Canvas, at: Place, *, shape: str, reach: float) -> None:
    x, y = at
    if shape == "circle":
        canvas.ring(x, y, css="chart-signal", r=reach)
        return
    far, wide = reach * 1.3, reach * 1.155
    corners = {
        "diamond": [(x, y - far), (x + far, y), (x, y + far), (x - far, y)],
        "square": [
            (x - reach, y - reach),
            (x + reach, y - reach),
            (x + reach, y + reach),
            (x - reach, y + reach),
        ],
        "triangle": [(x, y - reach), (x + wide, y + reach / 2), (x - wide, y + reach / 2)],
    }[shape]
    canvas.area(corners, "chart-signal")
