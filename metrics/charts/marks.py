"""The parts of a drawn chart, each as SVG elements on a canvas."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape

from metrics import formatting
from metrics.charts.placing import Box, crossings, line_boxes, place_notes
from metrics.charts.scales import CHAR, Frame, edge_rows, shown_incomplete
from metrics.charts.spec import ChartSpec, runs

#: The baseline is drawn over the weeks that it was read from.
BASELINE_SPAN = timedelta(weeks=8)


@dataclass(slots=True)
class Canvas:
    """What is drawn so far, as SVG elements."""

    spec: ChartSpec
    frame: Frame
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, *, css: str, anchor: str = "start") -> None:
        """Words with their baseline at (x, y)."""
        at = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(f'<text class="{css}" x="{_n(x)}" y="{_n(y)}"{at}>{escape(plain(words))}</text>')

    def path(self, points: Sequence[tuple[float, float]], css: str) -> None:
        """A line through the points."""
        steps = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self.parts.append(f'<path class="{css}" d="M{steps}"/>')

    def ring(self, x: float, y: float, *, css: str, r: float) -> None:
        """A circle."""
        self.parts.append(f'<circle class="{css}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"/>')

    def rect(self, box: Box, css: str) -> None:
        """A filled rectangle."""
        wide, high = _n(max(box.right - box.left, 0)), _n(max(box.bottom - box.top, 0))
        at = f'x="{_n(box.left)}" y="{_n(box.top)}"'
        self.parts.append(f'<rect class="{css}" {at} width="{wide}" height="{high}"/>')


def plain(text: str, *, most: int = 200) -> str:
    """Text without control, format and bidirectional characters, at most `most` long."""
    kept = "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return kept[:most]


def grid(canvas: Canvas) -> None:
    """Grid lines with their values, and the months along the foot."""
    box = canvas.frame
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


def window(canvas: Canvas) -> None:
    """The window as a faint band that says when it starts and ends."""
    spec, box = canvas.spec, canvas.frame
    if spec.window is None:
        return
    start, end = spec.window
    left, right = box.x(max(start, box.first)), box.x(min(end, box.last))
    canvas.rect(Box(left, box.top, right, box.bottom), "chart-window")
    for day, words, anchor in day_label(spec, box):
        if anchor == "left":
            canvas.text(box.x(day) + 5, box.top + 13, words, css="chart-axis")
        else:
            canvas.text(box.x(day) - 5, box.top + 13, words, css="chart-axis", anchor="end")


def day_label(spec: ChartSpec, box: Frame) -> list[tuple[date, str, str]]:
    """(day, words, side that is anchored) for the start and end of the window, as far as there is room."""
    if spec.window is None:
        return []
    start, end = spec.window
    left, right = box.x(max(start, box.first)), box.x(min(end, box.last))
    # The line of today runs through no words: they stand on one side of it, shorter where it is near.
    now = box.x(spec.incomplete_day) if spec.incomplete_day else left
    open_to, close_from = (now, now) if left < now < right else (right, left)
    found = []
    closes = _fitting((f"ends {_day(end)}", _day(end)), right - close_from)
    if end <= box.last and closes:
        found.append((end, closes, "right"))
        if open_to == right:
            open_to -= len(closes) * CHAR + 6
    opens = _fitting((f"window starts {_day(start)}", f"starts {_day(start)}", _day(start)), open_to - left)
    if start >= box.first and opens:
        found.append((start, opens, "left"))
    return found


def _fitting(choices: Sequence[str], room: float) -> str:
    """The first of the words that fit into `room` pixels with air around; "" when none does."""
    return next((words for words in choices if len(words) * CHAR + 10 < room), "")


def band(canvas: Canvas) -> None:
    """The range to stay in."""
    spec, box = canvas.spec, canvas.frame
    if spec.low is None and spec.high is None:
        return
    top = box.top if spec.high is None else box.y(spec.high)
    bottom = box.bottom if spec.low is None else box.y(spec.low)
    canvas.rect(Box(box.left, top, box.right, bottom), "chart-band")


def pace(canvas: Canvas) -> None:
    """The plan, dashed, cut where the chart begins."""
    spec, box = canvas.spec, canvas.frame
    corners = [(day, value) for day, value in spec.pace if day >= box.first]
    first = spec.plan_at(box.first)
    if first is not None and (not corners or corners[0][0] > box.first):
        corners.insert(0, (box.first, first))
    if len(corners) > 1:
        canvas.path([(box.x(day), box.y(value)) for day, value in corners], "chart-pace")


def series(canvas: Canvas) -> None:
    """The values: what was before the window in grey, gaps left open, the week in progress dotted."""
    spec, box = canvas.spec, canvas.frame
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
    _ends(canvas)


def _ends(canvas: Canvas) -> None:
    spec, box = canvas.spec, canvas.frame
    last = spec.known[-1] if spec.known else None
    r = 4.0 if box.values else 3.0
    running = shown_incomplete(spec)
    for run in runs([*([last] if last else []), *running], spec.grain, incomplete=True):
        at = [(box.x(spec.day_of(point)), box.y(point.value)) for point in run if point.value is not None]
        if len(at) > 1:
            canvas.path(at, "chart-incomplete")
    if running and running[-1].value is not None:
        at_end = box.x(spec.day_of(running[-1])), box.y(running[-1].value)
        canvas.ring(at_end[0], at_end[1], css="chart-incomplete", r=r - 0.8)
    if last is not None and last.value is not None:
        canvas.ring(box.x(spec.day_of(last)), box.y(last.value), css="chart-actual chart-end", r=r)


def baseline(canvas: Canvas) -> None:
    """Where the journey began: dotted, over the eight weeks before the window."""
    spec, box = canvas.spec, canvas.frame
    spot = baseline_spot(spec, box)
    if spec.baseline is None:
        return
    left, right = _baseline_ends(spec, box)
    canvas.path([(left, box.y(spec.baseline)), (right, box.y(spec.baseline))], "chart-baseline")
    if spot is not None:
        words, place = spot
        canvas.text(place.left, place.bottom - 4, words, css="chart-axis")


def baseline_spot(spec: ChartSpec, box: Frame) -> tuple[str, Box] | None:
    """The words for the baseline and a box near it that crosses no line; None without room."""
    if spec.baseline is None:
        return None
    left, right = _baseline_ends(spec, box)
    y, words = box.y(spec.baseline), f"baseline {spec.label(spec.baseline)}"
    long = len(words) * CHAR
    edges = (right - 5 - long, left, left - long - 8)
    spots = [
        Box(edge, y + drop - 11, edge + long, y + drop + 4) for drop in (15, -7, 28, -20) for edge in edges
    ]
    whole = Box(box.left, box.top, box.right, box.bottom)
    lines = line_boxes(spec, box)
    clear = (spot for spot in spots if whole.holds(spot) and crossings(spot, lines) == 0)
    spot = next(clear, None)
    return None if spot is None else (words, spot)


def _baseline_ends(spec: ChartSpec, box: Frame) -> tuple[float, float]:
    if spec.window is None:
        return box.left, box.right
    start = min(max(spec.window[0], box.first), box.last)
    return box.x(max(spec.window[0] - BASELINE_SPAN, box.first)), box.x(start)


def former_target(canvas: Canvas) -> None:
    """The target as it was before it was changed."""
    spec, box = canvas.spec, canvas.frame
    if spec.former_target is not None:
        left = box.x(max(spec.window[0], box.first)) if spec.window else box.left
        y = box.y(spec.former_target)
        canvas.path([(left, y), (box.right, y)], "chart-target chart-target-former")


def target(canvas: Canvas) -> None:
    """The target: a ring on its day, or a level where it has none."""
    spec, box = canvas.spec, canvas.frame
    if spec.target is None:
        return
    y = box.y(spec.target)
    if spec.target_day is None:
        canvas.path([(box.left, y), (box.right, y)], "chart-target")
    else:
        canvas.ring(box.x(spec.target_day), y, css="chart-target", r=4.5 if box.values else 4)


def edge_labels(canvas: Canvas) -> None:
    """Target, former target and bounds written at the right edge, pushed apart where they are close."""
    spec, box = canvas.spec, canvas.frame
    ring = 10 if spec.target_day is not None else 6
    for y, words, role in edge_rows(spec, box):
        css = "chart-label" if role == "target-label" else "chart-axis"
        canvas.text(box.right + ring, y, words, css=css)


def today(canvas: Canvas, day: date | None) -> None:
    """Today as a dotted upright with its word above the plot."""
    box = canvas.frame
    if day is None or not box.first <= day <= box.last:
        return
    x = box.x(day)
    canvas.path([(x, box.top - 14), (x, box.bottom)], "chart-today")
    if x + 40 > box.width:
        canvas.text(x - 5, box.top - 6, "today", css="chart-axis", anchor="end")
    else:
        canvas.text(x + 5, box.top - 6, "today", css="chart-axis")


def obstacles(spec: ChartSpec, box: Frame) -> list[Box]:
    """What the words of notes keep off, in sketch and figure alike: labels, and the line of today."""
    found = []
    for day, words, anchor in day_label(spec, box):
        long = len(words) * CHAR + 5
        left = box.x(day) - (0 if anchor == "left" else long)
        found.append(Box(left, box.top, left + long, box.top + 17))
    spot = baseline_spot(spec, box)
    if spot is not None:
        found.append(spot[1])
    if spec.incomplete_day is not None and box.first <= spec.incomplete_day <= box.last:
        x = box.x(spec.incomplete_day)
        found.append(Box(x - 2, box.top, x + 2, box.bottom))
    return found


def notes(canvas: Canvas) -> None:
    """Rings on the line, each with a leader to its words or, where it is crowded, to its number."""
    for placed in place_notes(canvas.spec, canvas.frame, taken=obstacles(canvas.spec, canvas.frame)):
        side = 1 if placed.text_y > placed.y else -1
        reach = 7.5 if placed.numbered else 9
        leads_to = placed.text_x if placed.numbered else placed.x
        says = escape(plain(f"{formatting.day_words(placed.note.day)}: {placed.note.text}"))
        canvas.parts.append(f"<g><title>{says}</title>")
        if abs(placed.text_y - placed.y) > reach + 3:
            canvas.path(
                [(placed.x, placed.y + 3 * side), (leads_to, placed.text_y - reach * side)], "chart-note"
            )
        canvas.ring(placed.x, placed.y, css="chart-note", r=3)
        if placed.numbered:
            canvas.ring(placed.text_x, placed.text_y, css="chart-note", r=7.5)
        css = "chart-note" if placed.numbered else "chart-axis"
        height = placed.text_y + (3.2 if placed.numbered else 4)
        canvas.text(placed.text_x, height, placed.words, css=css, anchor=placed.anchor)
        canvas.parts.append("</g>")


def _day(day: date) -> str:
    return f"{day.day} {formatting.MONTHS[day.month - 1]}"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if abs(number) >= 0.05 else "0"
