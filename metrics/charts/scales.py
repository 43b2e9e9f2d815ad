"""Where things stand on a chart: its ranges and its box. Sketch and figure share these numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from metrics import formatting
from metrics.analysis.points import Point
from metrics.charts import cones
from metrics.charts.edges import edge_gap, edge_words
from metrics.charts.spec import RANGES, ChartSpec, clip
from metrics.charts.ticks import day_ticks, least_step, value_ticks

#: Width of a character at 11 px, on the wide side, so that text never runs out of its box.
CHAR = 6.3
#: How far a forecast, and a former series, may stretch the axis on either side, in spans of all the rest.
STRETCH, FORMER_STRETCH = 0.75, 5.0
_COUNTS = ("flow_sum", "unique", "snapshot_stock")


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot area of a chart in its own pixels, with its ticks as (position, label)."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    first: date
    last: date
    low: float
    high: float
    days: tuple[tuple[date, str], ...]
    values: tuple[tuple[float, str], ...]

    def x(self, day: date) -> float:
        """Pixels from the left."""
        return self.left + (self.right - self.left) * (day - self.first).days / (self.last - self.first).days

    def y(self, value: float) -> float:
        """Pixels from the top."""
        return self.bottom - (self.bottom - self.top) * (value - self.low) / (self.high - self.low)

    def day(self, x: float) -> str:
        """The date at a pixel, as ISO text."""
        share = (x - self.left) / (self.right - self.left)
        return (self.first + timedelta(days=round(share * (self.last - self.first).days))).isoformat()

    def value(self, y: float) -> float:
        """The value at a pixel."""
        return self.low + (self.bottom - y) / (self.bottom - self.top) * (self.high - self.low)


def frame(spec: ChartSpec, *, width: float, height: float, small: bool = False) -> Frame:
    """The box for this chart at this size; `small` leaves no room for words."""
    first, last = day_range(spec)
    low, high = value_range(spec)
    values = value_ticks(spec, low, high, count=max(2, int(height / 50)))
    if small:
        inset = 7.0
        return Frame(
            width, height, inset, width - inset, inset, height - inset, first, last, low, high, (), ()
        )
    left = 18 + CHAR * max((len(label) for _, label in values), default=2)
    room = (
        max(edge_gap(spec), 10) + 4 + max((len(words) * CHAR * 1.2 for words in edge_words(spec)), default=0)
    )
    right = width - max(room, 16)
    days = day_ticks(first, last, room=right - left)
    return Frame(width, height, left, right, 20, height - 26, first, last, low, high, days, values)


def day_range(spec: ChartSpec) -> tuple[date, date]:
    """(first, last) day on the axis, at least four weeks apart."""
    days = sorted(spec.day_of(point) for point in (*spec.grey, *spec.points))
    # A plan, target or window that began before the first value is cut there, not waited for.
    ahead = [day for day, _ in spec.pace] + ([spec.target_day] if spec.target_day else [])
    ahead += [*(spec.window or ()), *(each.day for each in cones.ahead(spec)[-1:])]
    known = (days or ahead) + [day for day in ahead if not days or day > days[0]]
    if not known:
        return date(2000, 1, 3), date(2000, 1, 31)
    first, last = min(known), max(known)
    return (first, last) if (last - first).days >= 28 else (last - timedelta(days=28), last)


def value_range(spec: ChartSpec) -> tuple[float, float]:
    """(low, high) of the value axis: series, plan and target always in view, a little air around them.

    Forecast and former series only stretch it as far as the rest stays readable; they are cut there.
    """
    known = [point.value for point in spec.points if point.value is not None and _counts(spec, point)]
    first, _ = day_range(spec)
    seen = known + [value for day, value in spec.pace if day >= first]
    start_plan = spec.plan_at(first)
    seen += [each for each in (spec.target, spec.former_target, spec.low, spec.high) if each is not None]
    seen += [each for each in (spec.baseline, start_plan) if each is not None]
    seen += [goal.value for goal in spec.former_goals]
    limits = [each for line in spec.limits for each in (line.low, line.centre, line.high)]
    seen += [each for each in limits if each is not None] + [mark.value for mark in spec.signals]
    if not seen:
        return 0.0, 1.0
    floor = _floor(spec, min(seen), max(seen))
    low, high = _stretched(spec, min(seen), max(seen))
    least = least_step(spec)
    span = high - low
    if span <= 1e-9 * max(abs(low), abs(high)):
        span = max(abs(high) * 0.1, 2 * least)
        low, high = low - span / 2, high + span / 2
    else:
        low, high = low - 0.07 * span, high + (0.13 if spec.window else 0.08) * span
    if floor is not None:
        low = min(floor, low) if floor < 0 else max(floor, low) if not _from_zero(spec, known) else 0.0
    if spec.kind == "ratio" and formatting.is_percent(spec.unit, spec.kind) and max(seen) <= 1:
        high = min(high, 1.02)
    return (low, high) if high > low else (low, low + max(span, least))


def _stretched(spec: ChartSpec, low: float, high: float) -> tuple[float, float]:
    likely = [value for each in cones.ahead(spec) for value in (each.low80, each.high80)]
    former = [point.value for point in spec.grey if point.value is not None]
    least, most, span = low, high, high - low
    for found, share in ((likely, STRETCH), (former, FORMER_STRETCH)):
        room = share * span if span > 1e-9 * max(abs(low), abs(high)) else math.inf
        least = min([least, *(max(value, low - room) for value in found)])
        most = max([most, *(min(value, high + room) for value in found)])
    return least, most


def shown_incomplete(spec: ChartSpec) -> list[Point]:
    """The incomplete periods where they fit on the axis.

    A count that has just begun would squash all the rest; then only the table has it. The axis of the last 26
    weeks decides for every range, so that the ranges agree.
    """
    low, high = value_range(clip(spec, RANGES["26w"]))
    return [point for point in spec.incomplete if point.value is not None and low <= point.value <= high]


def _counts(spec: ChartSpec, point: Point) -> bool:
    """Whether a point widens the axis; the period in progress of a count does only if it is all there is."""
    return point.complete or spec.kind not in ("flow_sum", "unique") or not spec.known


def _floor(spec: ChartSpec, low: float, high: float) -> float | None:
    """Zero where nothing is negative: an axis that goes below it would promise impossible values."""
    if spec.start_zero and low < 0:
        return low
    return 0.0 if low >= 0 and high >= 0 else None


def _from_zero(spec: ChartSpec, known: list[float]) -> bool:
    if spec.start_zero:
        return True
    return spec.kind in _COUNTS and len(known) > 1 and max(known) > 2 * min(known)


def axis_start(spec: ChartSpec) -> str:
    """A sentence where the value axis does not start at zero, else ""."""
    low, _ = value_range(spec)
    return f"The axis starts at {spec.show(low)}." if low > 0 else ""
