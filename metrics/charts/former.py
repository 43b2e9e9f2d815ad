"""The series of a former definition: grey, never joined, with a labelled upright where the new one begins."""

from __future__ import annotations

from metrics.charts.canvas import Canvas
from metrics.charts.layout import Layout
from metrics.charts.spec import runs


def draw(canvas: Canvas, drawn: Layout) -> None:
    """The grey series, cut where the axis ends, and the break."""
    spec, box = drawn.spec, drawn.box
    for run in runs(spec.grey, spec.grain):
        places = [(box.x(spec.day_of(point)), box.y(point.value)) for point in run if point.value is not None]
        inside = [place for place in places if box.top <= place[1] <= box.bottom]
        if len(inside) > 1:
            canvas.path(inside, "chart-former")
        elif inside:
            canvas.ring(*inside[0], css="chart-former", r=2)
    if drawn.broken is None:
        return
    day, words, side = drawn.broken
    x = box.x(day)
    canvas.path([(x, box.top - 14), (x, box.bottom)], "chart-break")
    if words:
        near, anchor = (x + 5, "start") if side == "left" else (x - 5, "end")
        canvas.text(near, box.top - 6, words, css="chart-axis", anchor=anchor)
