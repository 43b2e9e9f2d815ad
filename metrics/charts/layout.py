"""A chart at one size: its box and where all of its words go; sketch and figure share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from metrics import formatting
from metrics.analysis.points import Point
from metrics.charts import cones
from metrics.charts.canvas import Box
from metrics.charts.cones import Ahead
from metrics.charts.edges import Row, edge_rows
from metrics.charts.placing import Placed, crossings, line_boxes, place_notes
from metrics.charts.scales import CHAR, Frame, frame, shown_incomplete
from metrics.charts.spec import ChartSpec

#: The baseline is drawn over the weeks that it was read from.
BASELINE_SPAN = timedelta(weeks=8)
#: The word "today" beside its line.
_TODAY = 40.0


@dataclass(frozen=True)
class Layout:
    """What sketch and figure agree on; everything is worked out once and only when it is asked for."""

    spec: ChartSpec
    box: Frame

    @cached_property
    def cone(self) -> list[Ahead]:
        """The forecast from its tip on."""
        return cones.ahead(self.spec)

    @cached_property
    def running(self) -> list[Point]:
        """The incomplete periods that fit on the axis."""
        return shown_incomplete(self.spec)

    @cached_property
    def lines(self) -> list[Box]:
        """The drawn lines as small boxes."""
        return line_boxes(self.spec, self.box)

    @cached_property
    def edges(self) -> list[Row]:
        """(baseline, words, role) of the right edge."""
        return edge_rows(self.spec, self.box)

    @cached_property
    def window_words(self) -> list[tuple[date, str, str]]:
        """(day, words, side that is anchored) for the ends of the window."""
        return day_label(self.spec, self.box)

    @cached_property
    def baseline_words(self) -> tuple[str, Box] | None:
        """The words for the baseline and their box."""
        return baseline_spot(self.spec, self.box, lines=self.lines)

    @cached_property
    def broken(self) -> tuple[date, str, str] | None:
        """(day, words, anchored side) of the break between a former series and this one."""
        return break_label(self.spec, self.box)

    @cached_property
    def notes(self) -> list[Placed]:
        """The notes, each with a spot for its words."""
        return place_notes(self.spec, self.box, lines=self.lines, taken=self._obstacles())

    def _obstacles(self) -> list[Box]:
        """What the words of notes keep off: labels, and the lines of today and of a break."""
        spec, box, found = self.spec, self.box, []
        for day, words, anchor in self.window_words:
            long = len(words) * CHAR + 5
            left = box.x(day) - (0 if anchor == "left" else long)
            found.append(Box(left, box.top, left + long, box.top + 17))
        if self.baseline_words is not None:
            found.append(self.baseline_words[1])
        uprights = [spec.incomplete_day, self.broken[0] if self.broken else None]
        for day_there in uprights:
            if day_there is not None and box.first <= day_there <= box.last:
                x = box.x(day_there)
                found.append(Box(x - 2, box.top, x + 2, box.bottom))
        return found


def arrange(spec: ChartSpec, *, width: float, height: float, small: bool = False) -> Layout:
    """The chart at this size; `small` leaves no room for words."""
    return Layout(spec, frame(spec, width=width, height=height, small=small))


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


def baseline_spot(spec: ChartSpec, box: Frame, *, lines: Sequence[Box]) -> tuple[str, Box] | None:
    """The words for the baseline and a box near it that crosses no line; None without room."""
    if spec.baseline is None:
        return None
    left, right = baseline_ends(spec, box)
    y, words = box.y(spec.baseline), f"baseline {spec.label(spec.baseline)}"
    long = len(words) * CHAR
    edges = (right - 5 - long, left, left - long - 8)
    spots = [
        Box(edge, y + drop - 11, edge + long, y + drop + 4) for drop in (15, -7, 28, -20) for edge in edges
    ]
    whole = Box(box.left, box.top, box.right, box.bottom)
    clear = (spot for spot in spots if whole.holds(spot) and crossings(spot, lines) == 0)
    spot = next(clear, None)
    return None if spot is None else (words, spot)


def baseline_ends(spec: ChartSpec, box: Frame) -> tuple[float, float]:
    """Where the line of the baseline begins and ends, in pixels."""
    if spec.window is None:
        return box.left, box.right
    start = min(max(spec.window[0], box.first), box.last)
    return box.x(max(spec.window[0] - BASELINE_SPAN, box.first)), box.x(start)


def break_label(spec: ChartSpec, box: Frame) -> tuple[date, str, str] | None:
    """First day of the new definition, words and their side; no words where "today" needs the room."""
    if not spec.grey or not spec.points or not spec.break_words or not box.values:
        return None
    day = min(max(spec.break_day or spec.points[0].start, box.first), box.last)
    x, long = box.x(day), len(spec.break_words) * CHAR + 6
    now = box.x(spec.incomplete_day) if spec.incomplete_day else box.width + _TODAY
    for side, left in (("left", x), ("right", x - long)):
        if left >= 0 and left + long <= box.width and (left > now + _TODAY or left + long < now - 6):
            return day, spec.break_words, side
    return day, "", "left"


def _fitting(choices: Sequence[str], room: float) -> str:
    """The first of the words that fit into `room` pixels with air around; "" when none does."""
    return next((words for words in choices if len(words) * CHAR + 10 < room), "")


def _day(day: date) -> str:
    return f"{day.day} {formatting.MONTHS[day.month - 1]}"
