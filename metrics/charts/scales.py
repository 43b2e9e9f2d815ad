"""Where things stand on a chart: ranges, round ticks and the box. Sketch and figure share these numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from metrics import formatting
from metrics.analysis.points import Point
from metrics.charts.spec import RANGES, ChartSpec, clip

#: Width of a character at 11 px, on the wide side, so that text never runs out of its box.
CHAR = 6.3
_STEPS = (1.0, 2.0, 4.0, 5.0, 10.0)
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
    room = 14 + max((len(words) * CHAR * 1.2 for words in edge_words(spec)), default=0)
    right = width - max(room, 16)
    days = day_ticks(first, last, room=right - left)
    return Frame(width, height, left, right, 20, height - 26, first, last, low, high, days, values)


def edge_words(spec: ChartSpec) -> list[str]:
    """What is written at the right edge, to know how much room it needs."""
    words = [spec.label(spec.target), "target"] if spec.target is not None else []
    if spec.former_target is not None:
        words.append(f"was {spec.label(spec.former_target)}")
    return words + [spec.label(bound) for bound in (spec.low, spec.high) if bound is not None]


def edge_rows(spec: ChartSpec, box: Frame) -> list[tuple[float, str, str]]:
    """(baseline in pixels, words, role) of the right edge, pushed apart where they are close."""
    rows: list[tuple[float, str, str]] = []
    if spec.target is not None:
        y = box.y(spec.target)
        rows += [(y + 4, spec.label(spec.target), "target-label"), (y + 18, "target", "target-word")]
    if spec.former_target is not None:
        was = f"was {spec.label(spec.former_target)}"
        rows.append((box.y(spec.former_target) + 4, was, "target-former-label"))
    bounds = [bound for bound in (spec.low, spec.high) if bound is not None]
    rows += [(box.y(bound) + 4, spec.label(bound), "bound-label") for bound in bounds]
    heights = spread([row[0] for row in rows], gap=14, low=box.top, high=box.bottom + 4)
    return [(y, words, role) for y, (_, words, role) in zip(heights, rows, strict=True)]


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Heights as close as may be to `wanted`, at least `gap` apart, between `low` and `high`, same order."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    found = list(wanted)
    floor = low
    for i in order:
        found[i] = max(found[i], floor)
        floor = found[i] + gap
    ceiling = high
    for i in reversed(order):
        found[i] = min(found[i], ceiling)
        ceiling = found[i] - gap
    return found


def day_range(spec: ChartSpec) -> tuple[date, date]:
    """(first, last) day on the axis, at least four weeks apart."""
    days = [spec.day_of(point) for point in spec.points]
    # A plan, target or window that began before the first value is cut there, not waited for.
    ahead = [day for day, _ in spec.pace] + ([spec.target_day] if spec.target_day else [])
    ahead += list(spec.window or ())
    known = (days or ahead) + [day for day in ahead if not days or day > days[0]]
    if not known:
        return date(2000, 1, 3), date(2000, 1, 31)
    first, last = min(known), max(known)
    return (first, last) if (last - first).days >= 28 else (last - timedelta(days=28), last)


def value_range(spec: ChartSpec) -> tuple[float, float]:
    """(low, high) of the value axis: everything drawn, the target always in view, a little air around it."""
    known = [point.value for point in spec.points if point.value is not None and _counts(spec, point)]
    first, _ = day_range(spec)
    seen = known + [value for day, value in spec.pace if day >= first]
    start_plan = spec.plan_at(first)
    seen += [each for each in (spec.target, spec.former_target, spec.low, spec.high) if each is not None]
    seen += [each for each in (spec.baseline, start_plan) if each is not None]
    if not seen:
        return 0.0, 1.0
    low, high = min(seen), max(seen)
    floor = _floor(spec, low, high)
    least = _least_step(spec)
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


def _least_step(spec: ChartSpec) -> float:
    return 10.0**-spec.decimals / formatting.shown_scale(spec.unit, spec.kind)


def axis_start(spec: ChartSpec) -> str:
    """A sentence where the value axis does not start at zero, else ""."""
    low, _ = value_range(spec)
    return f"The axis starts at {spec.show(low)}." if low > 0 else ""


def value_ticks(spec: ChartSpec, low: float, high: float, *, count: int) -> tuple[tuple[float, str], ...]:
    """About `count` round values in the range, with short labels."""
    step = max(nice_step((high - low) / count), _least_step(spec))
    digits = max(0, -math.floor(math.log10(step))) + 2
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [round(i * step, digits) for i in range(first, last + 1)][:40]
    shown = round(step, digits)
    return tuple(
        (tick, formatting.show_short(tick, unit=spec.unit, kind=spec.kind, step=shown)) for tick in ticks
    )


def nice_step(rough: float) -> float:
    """The smallest of 1, 2, 4, 5 times a power of ten that is not under `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def day_ticks(first: date, last: date, *, room: float) -> tuple[tuple[date, str], ...]:
    """Month starts with labels ("Nov", "Jan 27") that fit into `room` pixels; Mondays in short ranges."""
    most = max(2, int(room / 52))
    months = _month_starts(first, last)
    if len(months) < 2 or (last - first).days < 45:
        return _monday_ticks(first, last, most=most)
    step = next((each for each in (1, 2, 3, 4, 6, 12, 24, 60) if len(months) / each <= most), 120)
    kept = [day for day in months if (day.year * 12 + day.month - 1) % step == 0]
    ticks, year = [], kept[0].year if kept else 0
    for day in kept:
        label = formatting.MONTHS[day.month - 1]
        named = day.year != year or (day.month == 1)
        ticks.append((day, f"{label} {day.year % 100:02d}" if named else label))
        year = day.year
    return tuple(ticks)


def _month_starts(first: date, last: date) -> list[date]:
    day = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    found = []
    while day <= last:
        found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def _monday_ticks(first: date, last: date, *, most: int) -> tuple[tuple[date, str], ...]:
    monday = first + timedelta(days=-first.weekday() % 7)
    step = timedelta(weeks=max(1, math.ceil((last - monday).days / 7 / most)))
    ticks = []
    while monday <= last:
        ticks.append((monday, f"{monday.day} {formatting.MONTHS[monday.month - 1]}"))
        monday += step
    return tuple(ticks)
