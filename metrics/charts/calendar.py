"""The coverage calendar: a square for each period, told apart by its shape, not by its colour alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from metrics import formatting
from metrics.charts.canvas import Box, Canvas, hatching

SIDE, STEP = 12.0, 15.0
LEFT, TOP = 30.0, 18.0
MONTH_STEP = 34.0
WEEKDAYS = ((0, "Mon"), (2, "Wed"), (4, "Fri"))


class Square(NamedTuple):
    """One period: its first day, its state, and what is said when it is pointed at."""

    start: date
    state: str
    words: str


def draw(squares: Sequence[Square], grain: str, *, says: str) -> str:
    """The calendar as SVG: days in columns of weeks, weeks and months in one row; oldest at the left."""
    canvas = Canvas()
    place = {"day": _of_day, "week": _of_week, "month": _of_month}[grain](squares[0].start)
    _months(canvas, squares, place, grain)
    if grain == "day":
        for row, name in WEEKDAYS:
            canvas.text(0, TOP + row * STEP + 10, name, css="chart-axis")
    for square in squares:
        with canvas.titled(square.words):
            _square(canvas, *place(square.start), state=square.state)
    right, bottom = place(squares[-1].start)
    height = TOP + 7 * STEP if grain == "day" else bottom + SIDE + 2
    return canvas.svg(width=max(right + STEP, LEFT + 26 * STEP), height=height, says=says)


def key(state: str) -> str:
    """One square alone, for the legend beside its word."""
    canvas = Canvas()
    _square(canvas, 1, 1, state=state)
    return f'<svg class="cover-key" viewBox="0 0 14 14" aria-hidden="true">{"".join(canvas.parts)}</svg>'


def _of_day(first: date) -> Callable[[date], tuple[float, float]]:
    monday = first - timedelta(days=first.weekday())
    return lambda day: (LEFT + (day - monday).days // 7 * STEP, TOP + day.weekday() * STEP)


def _of_week(first: date) -> Callable[[date], tuple[float, float]]:
    return lambda day: (LEFT + (day - first).days // 7 * STEP, TOP)


def _of_month(first: date) -> Callable[[date], tuple[float, float]]:
    months = first.year * 12 + first.month
    return lambda day: (LEFT + (day.year * 12 + day.month - months) * MONTH_STEP, TOP)


def _months(
    canvas: Canvas, squares: Sequence[Square], place: Callable[[date], tuple[float, float]], grain: str
) -> None:
    """The name of each month over its first square; one that would stand upon the next is left out."""
    free, above = 0.0, 0
    for square in squares:
        x, _ = place(square.start)
        if square.start.month != above and x >= free:
            canvas.text(x, 11, formatting.MONTHS[square.start.month - 1], css="chart-axis")
            free = x + (MONTH_STEP if grain == "month" else 2 * STEP)
        above = square.start.month


def _square(canvas: Canvas, x: float, y: float, *, state: str) -> None:
    box = Box(x, y, x + SIDE, y + SIDE)
    inner = Box(x + 0.5, y + 0.5, x + SIDE - 0.5, y + SIDE - 0.5)
    match state:
        case "ok":
            canvas.rect(box, "sq-known")
        case "late":
            canvas.rect(box, "sq-known")
            canvas.area([(x, y + SIDE), (x + SIDE, y + SIDE), (x + SIDE, y)], "sq-late")
        case "restated":
            canvas.rect(box, "sq-known")
            canvas.ring(x + SIDE / 2, y + SIDE / 2, css="sq-restated", r=3)
        case "missing":
            canvas.rect(inner, "sq-missing")
            low, high = 3.0, SIDE - 3
            cross = [((x + low, y + low), (x + high, y + high)), ((x + low, y + high), (x + high, y + low))]
            canvas.strokes(cross, "sq-cross")
        case "incomplete":
            canvas.rect(inner, "sq-open")
            canvas.strokes(hatching(inner, step=4), "sq-hatch")
        case _:
            canvas.rect(inner, "sq-unknown")
