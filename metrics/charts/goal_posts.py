"""Goal-posts that were moved: the target as it was, faint and with its step, and the first end."""

from __future__ import annotations

from datetime import date

from metrics.charts.canvas import Canvas
from metrics.charts.layout import Layout
from metrics.charts.scales import CHAR, Frame
from metrics.charts.spec import FormerGoal


def steps(goal: FormerGoal, *, first: date, last: date) -> list[tuple[date, float]]:
    """The corners of a former goal as far as the axis goes: its level, and the step to where it moved."""
    start, end = max(goal.first, first), min(goal.last, last)
    if start > end:
        return []
    level = [(start, goal.value), (end, goal.value)]
    moved = goal.then is not None and first <= goal.last <= last
    return [*level, (end, goal.then)] if moved and goal.then is not None else level


def end_words(layout: Layout) -> tuple[date, str] | None:
    """Day and words of the first end of an extended window; no words where there is no room for them."""
    spec, box = layout.spec, layout.box
    day = spec.first_end
    if day is None or spec.window is None or not box.first <= day <= box.last:
        return None
    words = "first end"
    room = box.x(day) - box.x(max(spec.window[0], box.first))
    return day, words if len(words) * CHAR + 10 < room else ""


def draw(canvas: Canvas, layout: Layout) -> None:
    """Former targets and bounds with their steps, and the upright of the first end."""
    box: Frame = layout.box
    for goal in layout.spec.former_goals:
        corners = steps(goal, first=box.first, last=box.last)
        if corners:
            places = [(box.x(day), box.y(value)) for day, value in corners]
            canvas.path(places, "chart-target chart-target-former")
    ended = end_words(layout)
    if ended is None:
        return
    day, words = ended
    canvas.path([(box.x(day), box.top), (box.x(day), box.bottom)], "chart-break")
    if words:
        canvas.text(box.x(day) - 5, box.bottom - 6, words, css="chart-axis", anchor="end")
