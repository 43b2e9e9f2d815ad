"""The robust current value of a metric, its baseline and how it changed (domain 6.1, 3.2, 7.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.analysis.constants import (
    REACH,
)
from metrics.analysis.points import AVERAGE, RATIO, SNAPSHOT_STOCK, Point, complete_points
from metrics.analysis.rolling import fill_missing, roll_up, weekday_factors

__all__ = [
    "Changes",
    "Point",
    "Total",
    "baseline",
    "changes",
    "fill_missing",
    "latest",
    "pooled",
    "read_points",
    "reading",
    "roll_up",
    "total_of",
    "weekday_factors",
]

#: 52 whole weeks, so that weekdays match (domain 7.1).
YEAR_SHIFT = timedelta(days=364)


@dataclass(frozen=True, slots=True)
class Changes:
    """Differences in the unit of the metric (ratios: fractions); None where one side has no value."""

    week_before: float | None
    four_week_mean: float | None
    year_before: float | None
    week_before_share: float | None
    four_week_share: float | None
    year_before_share: float | None


def latest(points: Sequence[Point]) -> Point | None:
    """The newest complete period that has a value, or None."""
    return next((point for point in reversed(complete_points(points)) if point.value is not None), None)


def reading(points: Sequence[Point], kind: str, k: int) -> float | None:
    """The current value from the latest `k` complete periods, None without any; unit of the metric.

    Ratio: sum of numerators / sum of denominators. Average: weighted. Stock: the last value. Others: the mean
    per period. Gaps are replaced by at most two earlier periods and never counted as zero.
    """
    known = read_points(points, kind, k)
    if not known:
        return None
    if kind in (RATIO, AVERAGE):
        return _weighted(known, kind)
    return _mean([point.value for point in known if point.value is not None])


def read_points(points: Sequence[Point], kind: str, k: int) -> list[Point]:
    """The periods that `reading` takes, oldest first: the latest `k` with a value; of a stock one."""
    window = complete_points(points)[-(max(k, 1) + REACH) :]
    known = [point for point in window if point.value is not None]
    return known[-1:] if kind == SNAPSHOT_STOCK else known[-max(k, 1) :]


def pooled(points: Sequence[Point], taken: Sequence[Point], *, min_den: int) -> list[Point]:
    """The periods of a reading and as many earlier ones as it takes to hold `min_den` events in all.

    A share of few cases says little: 1 of 2 is not 50% (domain 6.1).
    """
    found = list(taken)
    if not found or found[-1].denominator is None:
        return found
    earlier = [p for p in complete_points(points) if p.start < found[0].start and p.value is not None]
    while earlier and sum(point.denominator or 0.0 for point in found) < min_den:
        found.insert(0, earlier.pop())
    return found


@dataclass(frozen=True, slots=True)
class Total:
    """A sum so far, the periods in it, and what is left in ordinary weeks (days of weight 7)."""

    value: float
    weeks: tuple[date, ...]
    weeks_left: float


def total_of(points: Sequence[Point], *, start: date, end: date, weights: Sequence[float] = ()) -> Total:
    """The sum of the complete weeks from `start` to `end`, both included.

    `weights` holds what each of these days counts for (default 1). A week that lies partly in the window
    brings the share that its days inside have of its weight; a week without a value is still to come.
    """
    days = (end - start).days + 1
    each = list(weights) or [1.0] * days
    value, covered, weeks = 0.0, 0.0, []
    for point in complete_points(points):
        first = (point.start - start).days
        inside = [each[day] for day in range(max(first, 0), min(first + 7, days))]
        if not inside or point.value is None:
            continue
        share = 1.0 if len(inside) == 7 else sum(inside) / (sum(inside) + 7 - len(inside))
        value, covered = value + share * point.value, covered + sum(inside)
        weeks.append(point.start)
    return Total(value, tuple(weeks), (sum(each) - covered) / 7)


def baseline(points: Sequence[Point], kind: str, *, start: date, weeks: int = 8) -> float | None:
    """The reading over the last `weeks` complete weeks that end before `start`."""
    return reading([point for point in points if point.start + timedelta(days=7) <= start], kind, weeks)


def changes(points: Sequence[Point], kind: str) -> Changes:
    """The latest complete week against the week before, the four weeks before and 364 days before."""
    now = latest(points)
    if now is None or now.value is None:
        return Changes(None, None, None, None, None, None)
    at = {point.start: point.value for point in complete_points(points)}
    four = [point for point in points if timedelta(0) < now.start - point.start <= timedelta(weeks=4)]
    before = (
        at.get(now.start - timedelta(days=7)),
        _four_week_mean(four, kind),
        at.get(now.start - YEAR_SHIFT),
    )
    week, month, year = (None if past is None else now.value - past for past in before)
    shares = [_share(now.value, past) for past in before]
    return Changes(week, month, year, shares[0], shares[1], shares[2])


def _four_week_mean(points: Sequence[Point], kind: str) -> float | None:
    known = [point for point in complete_points(points) if point.value is not None]
    if kind in (RATIO, AVERAGE) and known:
        return _weighted(known, kind)
    return _mean([point.value for point in known if point.value is not None])


def _weighted(known: Sequence[Point], kind: str) -> float | None:
    parts = [_parts(point, kind) for point in known]
    weight = sum(each[1] for each in parts)
    return sum(each[0] for each in parts) / weight if weight else None


def _parts(point: Point, kind: str) -> tuple[float, float]:
    value = 0.0 if point.value is None else point.value
    if kind == RATIO and point.numerator is not None and point.denominator is not None:
        return point.numerator, point.denominator
    weight = 1.0 if point.denominator is None else point.denominator
    return value * weight, weight


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _share(now: float, past: float | None) -> float | None:
    """Relative change; hidden for a tiny base or differing signs (domain 6.7)."""
    if past is None or abs(past) < 1e-9 or now * past < 0:
        return None
    return (now - past) / abs(past)
