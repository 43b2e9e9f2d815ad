"""One panel of a 6-12 chart: its line, the year before it, the marks of the target and its newest value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from metrics import formatting
from metrics.analysis.points import Point
from metrics.charts.canvas import Box, Canvas, Place
from metrics.charts.spec import ChartSpec
from metrics.charts.table import remark
from metrics.charts.ticks import value_ticks

#: What the name of a month needs; with less every other one is named.
_ROOM = 28.0
#: Where the newest value is written, best first: (widths aside, pixels down) from its point.
_SPOTS = ((0, -14.0), (0, 17.0), (0, -25.0), (-1, 10.0), (1, -10.0), (-1, -10.0), (1, 10.0))


@dataclass(frozen=True, slots=True)
class Panel:
    """One of the two: its points, the value a year before each, its target, its box and its range."""

    title: str
    grain: str
    points: tuple[Point, ...]
    prior: tuple[float | None, ...]
    target: float | None
    box: Box
    low: float
    high: float
    labelled: bool

    def x(self, place: int) -> float:
        """Pixels from the left of the point at this place."""
        return self.box.left + (self.box.right - self.box.left) * (place + 0.5) / len(self.points)

    def y(self, value: float) -> float:
        """Pixels from the top."""
        share = (value - self.low) / (self.high - self.low)
        return self.box.bottom - (self.box.bottom - self.box.top) * share

    def shows(self, value: float | None) -> bool:
        """Whether a value lies on the axis; a count that has just begun may not."""
        return value is not None and self.low <= value <= self.high


def draw(canvas: Canvas, words: ChartSpec, panel: Panel) -> None:
    """A panel with its axes; `words` say how values are written."""
    _frame(canvas, words, panel)
    _lines(canvas, panel, panel.prior, css="chart-prior")
    _goal(canvas, panel)
    _series(canvas, panel)
    _newest(canvas, words, panel)


def ticks(words: ChartSpec, low: float, high: float, *, height: float) -> tuple[tuple[float, str], ...]:
    """Round values with their labels, fewer in a low panel."""
    return value_ticks(words, low, high, count=max(2, int(min(height, 250) / 60)))


def _frame(canvas: Canvas, words: ChartSpec, panel: Panel) -> None:
    box = panel.box
    canvas.text(box.left, box.top - 14, panel.title, css="chart-name")
    for value, label in ticks(words, panel.low, panel.high, height=box.bottom - box.top + 60):
        canvas.path([(box.left, panel.y(value)), (box.right, panel.y(value))], "chart-grid")
        if panel.labelled:
            canvas.text(box.left - 9, panel.y(value) + 4, label, css="chart-axis", anchor="end")
    above, step = "", 1 if (box.right - box.left) / len(panel.points) >= _ROOM else 2
    for place, point in enumerate(panel.points):
        day = point.start + timedelta(days=6) if panel.grain == "week" else point.start
        month = formatting.MONTHS[day.month - 1]
        label, under = (str(day.day), month) if panel.grain == "week" else (month, str(day.year))
        if (len(panel.points) - 1 - place) % step:
            continue
        canvas.text(panel.x(place), box.bottom + 17, label, css="chart-axis", anchor="middle")
        if under != above:
            canvas.text(panel.x(place), box.bottom + 33, under, css="chart-axis", anchor="middle")
        above = under


def _goal(canvas: Canvas, panel: Panel) -> None:
    if panel.target is None:
        return
    half = min((panel.box.right - panel.box.left) / len(panel.points) * 0.3, 10.0)
    y = panel.y(panel.target)
    at = [panel.x(place) for place in range(len(panel.points))]
    canvas.strokes([((x - half, y), (x + half, y)) for x in at], "chart-goal")


def _series(canvas: Canvas, panel: Panel) -> None:
    values = [point.value if point.complete else None for point in panel.points]
    _lines(canvas, panel, values, css="chart-actual")
    for place, point in enumerate(panel.points):
        if point.value is None or not panel.shows(point.value):
            continue
        at = panel.x(place), panel.y(point.value)
        if not point.complete:
            before = panel.points[place - 1].value if place else None
            if before is not None:
                canvas.path([(panel.x(place - 1), panel.y(before)), at], "chart-incomplete")
    for place, point in enumerate(panel.points):
        if point.value is not None and panel.shows(point.value):
            with canvas.titled(f"{formatting.period_words(point.start, panel.grain)}{_note(point)}"):
                css = "chart-actual chart-point" if point.complete else "chart-incomplete"
                canvas.ring(panel.x(place), panel.y(point.value), css=css, r=3.2)


def _note(point: Point) -> str:
    return f", {remark(point)}" if remark(point) else ""


def _lines(canvas: Canvas, panel: Panel, values: Sequence[float | None], *, css: str) -> None:
    run: list[Place] = []
    for place, value in enumerate([*values, None]):
        if value is not None:
            run.append((panel.x(place), panel.y(value)))
            continue
        if len(run) > 1:
            canvas.path(run, css)
        elif run and css == "chart-prior":
            canvas.ring(*run[0], css=css, r=1.5)
        run = []


def _newest(canvas: Canvas, words: ChartSpec, panel: Panel) -> None:
    """The newest complete value, written near its point where the fewest lines run."""
    places = [place for place, point in enumerate(panel.points) if point.complete and point.value is not None]
    if not places:
        return
    place, said = places[-1], words.label(panel.points[places[-1]].value)
    half = len(said) * 8.2 / 2
    at, y = panel.x(place), panel.y(panel.points[place].value or 0.0)
    least, most = panel.box.left + half, panel.box.right + 3 - half
    spots = []
    for aside, drop in _SPOTS:
        x = min(max(at + aside * (half + 9), least), most)
        spots.append(Box(x - half, y + drop - 6, x + half, y + drop + 6))
    inside = [each for each in spots if each.top > panel.box.top - 12 and each.bottom < panel.box.bottom]
    taken = _traffic(panel, place)
    best = min(inside or spots, key=lambda each: sum(each.meets(other) for other in taken))
    middle = (best.left + best.right) / 2
    canvas.text(middle, best.bottom - 2, said, css="chart-label chart-halo", anchor="middle")


def _traffic(panel: Panel, place: int) -> list[Box]:
    """The lines and the mark around a point as small boxes."""
    found = []
    for values in ([point.value for point in panel.points], panel.prior):
        for first in range(max(place - 2, 0), min(place + 2, len(panel.points) - 1)):
            here, there = values[first], values[first + 1]
            for piece in range(9) if here is not None and there is not None else ():
                x = panel.x(first) + (panel.x(first + 1) - panel.x(first)) * piece / 8
                y = panel.y((here or 0.0) + ((there or 0.0) - (here or 0.0)) * piece / 8)
                found.append(Box(x - 1, y - 1, x + 1, y + 1))
    if panel.target is not None:
        y = panel.y(panel.target)
        found += [Box(panel.x(place) - 10 + i, y - 1, panel.x(place) - 8 + i, y + 1) for i in range(0, 20, 2)]
    return found
