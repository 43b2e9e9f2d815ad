"""The rate of one step by cohort: matured ones joined and filled, those still waiting hollow and apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from metrics import formatting
from metrics.charts.canvas import Box, Canvas, Place
from metrics.charts.ticks import day_ticks, nice_step

WIDTH, HEIGHT = 400.0, 150.0
_LEFT, _RIGHT, _TOP, _FOOT = 46.0, 14.0, 14.0, 24.0
#: A letter of an axis label.
_LETTER = 6.4
#: Fewer days apart than this would divide by nothing.
_DAYS_MIN = 28


@dataclass(frozen=True, slots=True)
class Mark:
    """One cohort by its last day; `value` None where nobody entered. `words` are said when pointed at."""

    day: date
    value: float | None
    matured: bool
    words: str


@dataclass(frozen=True, slots=True)
class Trend:
    """`scale` is 100 for shares, which are written as percent; `benchmark` a line, where there is one."""

    title: str
    marks: Sequence[Mark]
    benchmark: float | None
    scale: int = 100
    sentence: str = ""


def sketch(shown: Trend, *, width: float = WIDTH, height: float = HEIGHT) -> str:
    """The trend as one `<svg>`."""
    canvas, marks = Canvas(), [mark for mark in shown.marks if mark.value is not None]
    says = f"{shown.title}. {shown.sentence}"
    if not marks:
        canvas.text(width / 2, height / 2, "Nothing counted yet", css="chart-axis", anchor="middle")
        return canvas.svg(width=width, height=height, says=says)
    ticks = _ticks(shown, marks)
    room = max(len(label) for label in _labels(shown, ticks)) * _LETTER + 12
    box = Box(max(_LEFT, room), _TOP, width - _RIGHT, height - _FOOT)
    low, high = ticks[0], ticks[-1]

    def y(value: float) -> float:
        # Who waits may lie far below all others: at the edge, so that the others can still be told apart.
        return box.bottom - (box.bottom - box.top) * (min(max(value, low), high) - low) / (high - low)

    first, last = marks[0].day, marks[-1].day
    days = max((last - first).days, _DAYS_MIN)

    def x(day: date) -> float:
        return box.right - (box.right - box.left) * (last - day).days / days

    _frame(canvas, shown, ticks, box=box, y=y)
    for day, label in day_ticks(first, last, room=box.right - box.left):
        if box.left <= x(day) <= box.right - 8:
            canvas.text(x(day), box.bottom + 16, label, css="chart-axis", anchor="middle")
    if shown.benchmark is not None:
        canvas.path([(box.left, y(shown.benchmark)), (box.right, y(shown.benchmark))], "chart-pace")
    _line(canvas, [(x(each.day), y(each.value or 0.0)) for each in marks if each.matured])
    for mark in marks:
        with canvas.titled(mark.words):
            css = "chart-actual chart-point" if mark.matured else "chart-incomplete"
            canvas.ring(x(mark.day), y(mark.value or 0.0), css=css, r=2.6 if mark.matured else 3.2)
    return canvas.svg(width=width, height=height, says=says)


def _frame(
    canvas: Canvas, shown: Trend, ticks: Sequence[float], *, box: Box, y: Callable[[float], float]
) -> None:
    for value, label in zip(ticks, _labels(shown, ticks), strict=True):
        at = y(value)
        canvas.path([(box.left, at), (box.right, at)], "chart-grid")
        canvas.text(box.left - 8, at + 4, label, css="chart-axis", anchor="end")


def _labels(shown: Trend, ticks: Sequence[float]) -> list[str]:
    # Sums of binary fractions: 0.3 - 0.2 is not 0.1.
    step, unit = round((ticks[1] - ticks[0]) * shown.scale, 9), "%" if shown.scale == 100 else ""
    return [formatting.show_short(round(value * shown.scale, 9), unit=unit, step=step) for value in ticks]


def _ticks(shown: Trend, marks: Sequence[Mark]) -> list[float]:
    """Round values around the matured rates and the benchmark, at least two."""
    matured = [mark for mark in marks if mark.matured]
    values = [mark.value or 0.0 for mark in matured or marks]
    values += [] if shown.benchmark is None else [shown.benchmark]
    low, high = min(values), max(values)
    spread = max(high - low, abs(high) * 0.1, 1e-8)
    step = nice_step(spread / 2)
    # A rate is never under nothing.
    first = max(0, int((low - spread * 0.1) // step))
    found = [first * step]
    while found[-1] < high + spread * 0.05:
        found.append((first + len(found)) * step)
    return found if len(found) > 1 else [found[0], found[0] + step]


def _line(canvas: Canvas, places: list[Place]) -> None:
    if len(places) > 1:
        canvas.path(places, "chart-actual")
