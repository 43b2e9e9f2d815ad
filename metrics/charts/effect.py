"""Predicted and observed: a series, what was to be expected of it without a bet, and what was predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from metrics import formatting
from metrics.analysis.effect import COUNTED, Ahead
from metrics.analysis.points import Point
from metrics.charts.canvas import Canvas
from metrics.charts.edges import spread
from metrics.charts.scales import CHAR, Frame
from metrics.charts.spec import ChartSpec, runs
from metrics.charts.ticks import day_ticks, value_ticks

_LINE = 14.0
#: A value and its word, and air before the next pair.
_PAIR = 33.0
_WEEK_END = timedelta(days=6)


@dataclass(frozen=True)
class Compared:
    """A series in the unit of its metric around a window; `path` is what was expected without the bet.

    `predicted` and `observed` are values, not differences, on the day that counts; either may be missing.
    """

    title: str
    sentence: str
    unit: str
    decimals: int
    kind: str
    points: tuple[Point, ...]
    path: tuple[Ahead, ...]
    window: tuple[date, date]
    predicted: float | None
    observed: float | None
    counted: int = COUNTED

    @cached_property
    def words(self) -> ChartSpec:
        """How values of it are written."""
        return ChartSpec(self.title, self.unit, self.decimals, self.kind, "up", points=())

    @property
    def due(self) -> date:
        return self.path[-1].day

    @cached_property
    def known(self) -> list[Point]:
        """The complete weeks with a value up to the day that counts."""
        return [
            p for p in self.points if p.complete and p.value is not None and p.start + _WEEK_END <= self.due
        ]


def sketch(shown: Compared, *, width: float, height: float) -> str:
    """The drawing as one `<svg>`; `path` must not be empty."""
    canvas, labels = Canvas(), _labels(shown)
    box = _frame(shown, labels, width=width, height=height)
    _window(canvas, box, shown.window)
    _grid(canvas, box)
    _expected(canvas, box, shown.path)
    _series(canvas, box, shown)
    if shown.predicted is not None:
        canvas.ring(box.x(shown.due), box.y(shown.predicted), css="chart-target", r=4.5)
    heights = spread(
        [box.y(value) + 4 for value, _, _ in labels],
        gaps=[_PAIR] * len(labels),
        low=box.top,
        high=box.bottom + 4,
    )
    for y, (_, words, value) in zip(heights, labels, strict=True):
        canvas.text(box.right + 12, y, value, css="chart-label")
        canvas.text(box.right + 12, y + _LINE, words, css="chart-axis")
    return canvas.svg(width=width, height=height, says=f"{shown.title}. {shown.sentence}")


def table(shown: Compared) -> list[tuple[str, str]]:
    """What the drawing says, as rows of text; the weeks newest first."""
    words, end = shown.words, shown.path[-1]
    rows = [
        ("Observed", words.show(shown.observed)),
        ("Predicted", words.show(shown.predicted)),
        ("Expected without the bet", words.show(end.mean)),
        ("Usual without the bet", words.between(end.low, end.high)),
    ]
    weeks = [(formatting.period_words(p.start), words.show(p.value)) for p in reversed(shown.known)]
    return rows + weeks


def _labels(shown: Compared) -> list[tuple[float, str, str]]:
    """(height as a value, word, value in words) of what is written at the right edge."""
    found = [(shown.path[-1].mean, "without it", shown.words.label(shown.path[-1].mean))]
    if shown.predicted is not None:
        found.append((shown.predicted, "predicted", shown.words.label(shown.predicted)))
    if shown.observed is not None:
        found.append((shown.observed, "observed", shown.words.label(shown.observed)))
    return found


def _frame(
    shown: Compared, labels: Sequence[tuple[float, str, str]], *, width: float, height: float
) -> Frame:
    edges = [value for each in shown.path for value in (each.low, each.high)]
    values = [
        *(p.value for p in shown.known if p.value is not None),
        *edges,
        *(value for value, _, _ in labels),
    ]
    low, high = min(values), max(values)
    air = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    low, high = low - air, high + air
    first = min([p.start for p in shown.known] + [shown.window[0]])
    ticks = value_ticks(shown.words, low, high, count=max(2, int(height / 50)))
    left = 18 + CHAR * max((len(label) for _, label in ticks), default=2)
    longest = max(max(len(words), len(value) * 1.15) for _, words, value in labels)
    right = width - 16 - CHAR * longest
    days = day_ticks(first, shown.due, room=right - left)
    return Frame(width, height, left, right, 20, height - 26, first, shown.due, low, high, days, ticks)


def _window(canvas: Canvas, box: Frame, window: tuple[date, date]) -> None:
    start, end = (box.x(min(max(day, box.first), box.last)) for day in window)
    canvas.area([(start, box.top), (end, box.top), (end, box.bottom), (start, box.bottom)], "chart-window")
    if end - start > 6 * CHAR + 10:
        canvas.text(start + 5, box.top + 13, "window", css="chart-axis")


def _grid(canvas: Canvas, box: Frame) -> None:
    for value, label in box.values:
        canvas.path([(box.left, box.y(value)), (box.right, box.y(value))], "chart-grid")
        canvas.text(box.left - 9, box.y(value) + 4, label, css="chart-axis", anchor="end")
    end = 0.0
    for day, label in box.days:
        half = len(label) * CHAR / 2
        x = min(max(box.x(day), half), box.width - half)
        if x - half >= end + 6 or end == 0.0:
            canvas.text(x, box.height - 7, label, css="chart-axis", anchor="middle")
            end = x + half


def _expected(canvas: Canvas, box: Frame, path: Sequence[Ahead]) -> None:
    above = [(box.x(each.day), box.y(each.high)) for each in path]
    below = [(box.x(each.day), box.y(each.low)) for each in reversed(path)]
    canvas.area([*above, *below], "chart-noise")
    if len(path) > 1:
        canvas.path([(box.x(each.day), box.y(each.mean)) for each in path], "chart-alone")


def _series(canvas: Canvas, box: Frame, shown: Compared) -> None:
    start = shown.window[0]
    for run in runs(shown.known):
        at = [(p.start + _WEEK_END, p.value) for p in run if p.value is not None]
        before = [place for place in at if place[0] < start]
        for part, css in (
            (before, "chart-actual chart-past"),
            (at[max(len(before) - 1, 0) :], "chart-actual"),
        ):
            if len(part) > 1:
                canvas.path([(box.x(day), box.y(value)) for day, value in part], css)
        if len(at) == 1:
            canvas.ring(box.x(at[0][0]), box.y(at[0][1]), css="chart-actual", r=2)
    if shown.observed is not None:
        since = shown.due - timedelta(weeks=shown.counted)
        y = box.y(shown.observed)
        with canvas.titled(
            f"Observed: the mean of the last {shown.counted} weeks" if shown.counted > 1 else "Observed"
        ):
            canvas.path([(box.x(max(since, box.first)), y), (box.x(shown.due), y)], "chart-seen")
            canvas.ring(box.x(shown.due), y, css="chart-actual chart-end", r=4)
