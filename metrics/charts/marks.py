"""The parts of a drawn chart, each as SVG elements on a canvas."""

from __future__ import annotations

from datetime import date

from metrics import formatting
from metrics.charts.canvas import Box, Canvas
from metrics.charts.edges import edge_gap
from metrics.charts.layout import Layout, baseline_ends
from metrics.charts.scales import CHAR
from metrics.charts.spec import Note, runs


def grid(canvas: Canvas, drawn: Layout) -> None:
    """Grid lines with their values, and the months along the foot."""
    box = drawn.box
    for value, label in box.values:
        y = box.y(value)
        canvas.path([(box.left, y), (box.right, y)], "chart-grid")
        canvas.text(box.left - 9, y + 4, label, css="chart-axis", anchor="end")
    end = 0.0
    for day, label in box.days:
        half, x = len(label) * CHAR / 2, box.x(day)
        x = min(max(x, half), box.width - half)
        if x - half >= end + 6 or end == 0.0:
            canvas.text(x, box.height - 7, label, css="chart-axis", anchor="middle")
            end = x + half


def window(canvas: Canvas, drawn: Layout) -> None:
    """The window as a faint band that says when it starts and ends."""
    spec, box = drawn.spec, drawn.box
    if spec.window is None:
        return
    start, end = spec.window
    left, right = box.x(max(start, box.first)), box.x(min(end, box.last))
    canvas.rect(Box(left, box.top, right, box.bottom), "chart-window")
    for day, words, anchor in drawn.window_words:
        if anchor == "left":
            canvas.text(box.x(day) + 5, box.top + 13, words, css="chart-axis")
        else:
            canvas.text(box.x(day) - 5, box.top + 13, words, css="chart-axis", anchor="end")


def band(canvas: Canvas, drawn: Layout) -> None:
    """The range to stay in."""
    spec, box = drawn.spec, drawn.box
    if spec.low is None and spec.high is None:
        return
    top = box.top if spec.high is None else box.y(spec.high)
    bottom = box.bottom if spec.low is None else box.y(spec.low)
    canvas.rect(Box(box.left, top, box.right, bottom), "chart-band")


def pace(canvas: Canvas, drawn: Layout) -> None:
    """The plan, dashed, cut where the chart begins."""
    spec, box = drawn.spec, drawn.box
    corners = [(day, value) for day, value in spec.pace if day >= box.first]
    first = spec.plan_at(box.first)
    if first is not None and (not corners or corners[0][0] > box.first):
        corners.insert(0, (box.first, first))
    if len(corners) > 1:
        canvas.path([(box.x(day), box.y(value)) for day, value in corners], "chart-pace")


def series(canvas: Canvas, drawn: Layout) -> None:
    """The values: what was before the window in grey, gaps left open, the week in progress dotted."""
    spec, box = drawn.spec, drawn.box
    start = spec.window[0] if spec.window else None
    for run in runs(spec.points, spec.grain):
        places = [(spec.day_of(point), point.value) for point in run if point.value is not None]
        before = [place for place in places if start is not None and place[0] < start]
        # The last point before the window also begins the line inside it.
        for part, css in (
            (before, "chart-actual chart-past"),
            (places[max(len(before) - 1, 0) :], "chart-actual"),
        ):
            at = [(box.x(day), box.y(value)) for day, value in part]
            if len(at) > 1:
                canvas.path(at, css)
        if len(places) == 1:
            canvas.ring(box.x(places[0][0]), box.y(places[0][1]), css="chart-actual", r=2)
    _ends(canvas, drawn)


def _ends(canvas: Canvas, drawn: Layout) -> None:
    spec, box = drawn.spec, drawn.box
    last = spec.known[-1] if spec.known else None
    r = 4.0 if box.values else 3.0
    for run in runs([*([last] if last else []), *drawn.running], spec.grain, incomplete=True):
        at = [(box.x(spec.day_of(point)), box.y(point.value)) for point in run if point.value is not None]
        if len(at) > 1:
            canvas.path(at, "chart-incomplete")
    if drawn.running and drawn.running[-1].value is not None:
        at_end = box.x(spec.day_of(drawn.running[-1])), box.y(drawn.running[-1].value)
        canvas.ring(at_end[0], at_end[1], css="chart-incomplete", r=r - 0.8)
    if last is not None and last.value is not None:
        canvas.ring(box.x(spec.day_of(last)), box.y(last.value), css="chart-actual chart-end", r=r)


def baseline(canvas: Canvas, drawn: Layout) -> None:
    """Where the journey began: dotted, over the eight weeks before the window."""
    spec, box = drawn.spec, drawn.box
    if spec.baseline is None:
        return
    left, right = baseline_ends(spec, box)
    canvas.path([(left, box.y(spec.baseline)), (right, box.y(spec.baseline))], "chart-baseline")
    if drawn.baseline_words is not None:
        words, place = drawn.baseline_words
        canvas.text(place.left, place.bottom - 4, words, css="chart-axis")


def former_target(canvas: Canvas, drawn: Layout) -> None:
    """The target as it was before it was changed."""
    spec, box = drawn.spec, drawn.box
    if spec.former_target is not None:
        left = box.x(max(spec.window[0], box.first)) if spec.window else box.left
        y = box.y(spec.former_target)
        canvas.path([(left, y), (box.right, y)], "chart-target chart-target-former")


def target(canvas: Canvas, drawn: Layout) -> None:
    """The target: a ring on its day, or a level where it has none."""
    spec, box = drawn.spec, drawn.box
    if spec.target is None:
        return
    y = box.y(spec.target)
    if spec.target_day is None:
        canvas.path([(box.left, y), (box.right, y)], "chart-target")
    else:
        canvas.ring(box.x(spec.target_day), y, css="chart-target", r=4.5 if box.values else 4)


def edge_labels(canvas: Canvas, drawn: Layout) -> None:
    """Target, forecast, limits and bounds written at the right edge, pushed apart where they are close."""
    gap = edge_gap(drawn.spec)
    for y, words, role in drawn.edges:
        css = "chart-label" if role == "target-label" else "chart-axis"
        canvas.text(drawn.box.right + gap, y, words, css=css)


def today(canvas: Canvas, drawn: Layout, day: date | None) -> None:
    """Today as a dotted upright with its word above the plot."""
    box = drawn.box
    if day is None or not box.first <= day <= box.last:
        return
    x = box.x(day)
    canvas.path([(x, box.top - 14), (x, box.bottom)], "chart-today")
    if x + 40 > box.width:
        canvas.text(x - 5, box.top - 6, "today", css="chart-axis", anchor="end")
    else:
        canvas.text(x + 5, box.top - 6, "today", css="chart-axis")


def kind_css(note: Note) -> str:
    """The class by which a page hides notes of a kind."""
    return f"note-{note.kind}" if note.kind else ""


def spans(canvas: Canvas, drawn: Layout) -> None:
    """What lasted longer than a day, as a band over the whole height."""
    box = drawn.box
    for note in drawn.spec.notes:
        if note.until is None or note.until < box.first or note.day > box.last:
            continue
        left, right = box.x(max(note.day, box.first)), box.x(min(note.until, box.last))
        with canvas.titled(note.text, css=kind_css(note)):
            canvas.rect(Box(left, box.top, max(right, left + 2), box.bottom), "chart-span")


def notes(canvas: Canvas, drawn: Layout) -> None:
    """Rings on the line, each with a leader to its words or, where it is crowded, to its number."""
    for placed in drawn.notes:
        side = 1 if placed.text_y > placed.y else -1
        reach = 7.5 if placed.numbered else 9
        leads_to = placed.text_x if placed.numbered else placed.x
        days = formatting.span_words(placed.note.day, placed.note.until or placed.note.day)
        with canvas.titled(f"{days}: {placed.note.text}", css=kind_css(placed.note)):
            if abs(placed.text_y - placed.y) > reach + 3:
                ends = (placed.x, placed.y + 3 * side), (leads_to, placed.text_y - reach * side)
                canvas.path(ends, "chart-note")
            canvas.ring(placed.x, placed.y, css="chart-note", r=3)
            if placed.numbered:
                canvas.ring(placed.text_x, placed.text_y, css="chart-note", r=7.5)
            css = "chart-note" if placed.numbered else "chart-axis"
            height = placed.text_y + (3.2 if placed.numbered else 4)
            canvas.text(placed.text_x, height, placed.words, css=css, anchor=placed.anchor)
