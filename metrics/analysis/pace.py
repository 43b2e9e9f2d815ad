"""Where a value stands between baseline and target, and where the plan has it (domain 6.2, 6.3)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from metrics.analysis.points import Point, complete_points, next_start, period_start
from metrics.analysis.shapes import HOLD, SEASONAL, fraction, hold_fraction, period_number
from metrics.analysis.terms import Terms
from northstar.lib.periods import A_DAY


def progress(baseline: float, target: float, value: float | None) -> float | None:
    """(value - baseline) / (target - baseline), not clipped; None without a value.

    Raises ValueError when baseline and target are equal: there is no journey to measure.
    """
    if baseline == target:
        raise ValueError("Baseline and target are equal. Choose a target that differs from the baseline.")
    return None if value is None else (value - baseline) / (target - baseline)


def expected_fraction(start: date, end: date, last_day: date) -> float:
    """The share of a straight journey, 0 to 1, planned for the end of `last_day` (inclusive dates)."""
    if end < start:
        raise ValueError("A window ends after it starts.")
    return min(1.0, max(0.0, ((last_day - start).days + 1) / ((end - start).days + 1)))


def pace_value(baseline: float, target: float, fraction: float) -> float:
    """The value that the plan holds at `fraction` of the journey."""
    return baseline + (target - baseline) * fraction


def pace_line(baseline: float, target: float, *, start: date, end: date) -> tuple[tuple[date, float], ...]:
    """The straight plan as (day, value at its end): from the eve of the window to its last day."""
    return (start - A_DAY, baseline), (end, target)


def expected(terms: Terms, weeks: Sequence[date]) -> float:
    """The share of the journey that a reading over the weeks that begin on these days should have made.

    A reading is compared with the mean of the plan over its own weeks; a total with what the days of its
    weeks count for, so that a week without a value is not held against it.
    """
    if not weeks:
        return 0.0
    if terms.is_total:
        return _total_fraction(terms, weeks)
    if terms.shape == HOLD:
        shares = [hold_fraction(terms, period_number(terms, week)) for week in weeks]
    else:
        shares = [fraction(terms, _days_done(terms, week)) for week in weeks]
    return sum(shares) / len(shares)


def plan_line(terms: Terms) -> tuple[tuple[date, float], ...]:
    """(day, planned value) for drawing, from the eve of the window to its last day; () without a target.

    Weeks stand on their last day, as their values do. For a total the plan of the sum so far.
    """
    if terms.target is None:
        return ()
    origin = 0.0 if terms.is_total else terms.baseline or 0.0
    eve = terms.start - A_DAY
    days = [eve]
    start = terms.first
    for _ in range(terms.periods):
        start = next_start(start, terms.grain)
        days.append(start - A_DAY)
    if terms.shape == "milestones":
        days += [day for day, _ in terms.milestones if terms.start <= day < terms.end]
    if days[-1] != terms.end:
        days.append(terms.end)
    return _bends([(day, pace_value(origin, terms.target, _drawn(terms, day))) for day in sorted(set(days))])


def _drawn(terms: Terms, day: date) -> float:
    if terms.shape == HOLD and not terms.is_total and day >= terms.first:
        return hold_fraction(terms, period_number(terms, period_start(day, terms.grain)))
    return fraction(terms, (day - terms.start).days + 1)


def _total_fraction(terms: Terms, weeks: Sequence[date]) -> float:
    done = fraction(terms, _days_done(terms, weeks[-1]))
    if terms.shape not in (HOLD, SEASONAL, "linear"):
        return done
    days = range(terms.days)
    each = terms.weights if terms.weights and terms.shape != "linear" else (1.0,) * terms.days
    first = [(week - terms.start).days for week in weeks]
    whole, covered = sum(each), sum(sum(each[i] for i in range(day, day + 7) if i in days) for day in first)
    return covered / whole if whole > 0 else done


def _days_done(terms: Terms, week: date) -> int:
    """Days of the window that are over at the end of the period that begins on `week`."""
    return min((next_start(week, terms.grain) - terms.start).days, terms.days)


def _bends(line: list[tuple[date, float]]) -> tuple[tuple[date, float], ...]:
    """The line without the points that lie on a straight between their neighbours."""
    kept: list[tuple[date, float]] = []
    for place, (day, value) in enumerate(line):
        if kept and place + 1 < len(line):
            (before, low), (after, high) = kept[-1], line[place + 1]
            straight = low + (high - low) * ((day - before) / (after - before))
            if abs(straight - value) <= 1e-9 * max(abs(low), abs(high), abs(value), 1e-9):
                continue
        kept.append((day, value))
    return tuple(kept)


def inside(value: float, low: float | None, high: float | None) -> bool:
    """Whether a value lies in the range, bounds included; an open side is None."""
    return (low is None or value >= low) and (high is None or value <= high)


def range_share(points: Sequence[Point], low: float | None, high: float | None) -> float | None:
    """Complete periods in range / complete periods with a value, 0 to 1; None without any."""
    values = [point.value for point in complete_points(points) if point.value is not None]
    return sum(inside(value, low, high) for value in values) / len(values) if values else None


def required_per_week(value: float | None, target: float, *, last_day: date, end: date) -> float | None:
    """Change per week still needed from the end of `last_day` to the end of the window.

    In the unit of the metric, negative where the value has to fall; None without a value or time left.
    """
    days_left = (end - last_day).days
    return None if value is None or days_left <= 0 else (target - value) / (days_left / 7)


@dataclass(frozen=True, slots=True)
class Required:
    """What is still needed of a total: each day, and for each unit of day weight (a day that counts 1)."""

    per_day: float
    per_weight: float


def required_of_total(so_far: float, terms: Terms, *, last_day: date) -> Required | None:
    """What is needed from the end of `last_day` on to reach the total; None without time or target."""
    days_left = (terms.end - last_day).days
    if days_left <= 0 or terms.target is None:
        return None
    left = terms.target - so_far
    weight = sum(terms.weights[-days_left:]) if terms.weights else float(days_left)
    return Required(left / days_left, left / weight if weight > 0 else left / days_left)


def run_rate(so_far: float, fraction_done: float) -> float | None:
    """What a total comes to if it goes on at its rate; None before anything of the plan is over."""
    return so_far / fraction_done if fraction_done > 0 else None


def range_chance(inside_so_far: int, done: int, total: int, share: float = 0.90) -> float:
    """Probability, 0 to 1, that at least `share` of `total` periods end up in the range (domain 6.2).

    `inside_so_far` of `done` were; the chance of each one left is (inside + 1) / (done + 2).
    """
    left = max(total - done, 0)
    need = max(0, math.ceil(share * total - 1e-9) - inside_so_far)
    each = (inside_so_far + 1) / (done + 2)
    return sum(math.comb(left, n) * each**n * (1 - each) ** (left - n) for n in range(need, left + 1))
