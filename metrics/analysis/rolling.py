"""Days to weeks and months, by the rules of each kind (domain 6.1, 6.3 weekday factors, 6.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import median

from metrics.analysis.constants import (
    FACTOR_MIN_WEEKS,
    FACTOR_WEEKS,
)
from metrics.analysis.points import (
    AVERAGE,
    FLOW_SUM,
    NOT_ADDITIVE,
    RATIO,
    Point,
    next_start,
    period_start,
)

CARRY_AT_MOST = 3
CARRIED = "carried forward"
#: 5 of 7 days: a flow with fewer of its days is not scaled up but left empty.
ENOUGH_DAYS = 5 / 7


def fill_missing(
    points: Mapping[date, Point], policy: str, *, first: date, last: date, grain: str = "day"
) -> list[Point]:
    """Every period from the one of `first` to the one of `last`, oldest first.

    A missing period is a gap, a zero, or the last value carried at most three periods, as `policy` says
    ("gap", "zero", "carry").
    """
    filled: list[Point] = []
    held: Point | None = None
    carried = 0
    start = period_start(first, grain)
    while start <= last:
        point = points.get(start) or Point(start, None)
        if point.value is not None:
            held, carried = point, 0
        elif policy == "zero" and point.denominator is None:
            point = replace(point, value=0.0)
        elif policy == "carry" and held is not None and carried < CARRY_AT_MOST:
            carried += 1
            point = replace(held, start=start, complete=point.complete, note=CARRIED)
        filled.append(point)
        start = next_start(start, grain)
    return filled


def weekday_factors(values: Mapping[date, float]) -> list[float] | None:
    """Seven factors, Monday first, with mean 1; None under four complete ISO weeks.

    Domain 6.3: ratio of each day to the centred 7-day mean, median per weekday, scaled to mean 1.
    """
    mondays = {day - timedelta(days=day.weekday()) for day in values}
    whole = [day for day in mondays if all(day + timedelta(days=i) in values for i in range(7))]
    if len(whole) < FACTOR_MIN_WEEKS:
        return None
    ratios: list[list[float]] = [[] for _ in range(7)]
    for day, value in values.items():
        around = [values.get(day + timedelta(days=shift)) for shift in range(-3, 4)]
        known = [near for near in around if near is not None]
        if len(known) == 7 and sum(known) > 0:
            ratios[day.weekday()].append(7 * value / sum(known))
    if not all(ratios):
        return None
    # A weekday on which more is taken back than sold counts for nothing, not for less.
    middles = [max(median(each), 0.0) for each in ratios]
    total = sum(middles)
    return [7 * each / total for each in middles] if total > 0 else None


def roll_up(
    points_by_day: Mapping[date, Point],
    kind: str,
    *,
    grain: str = "week",
    missing_policy: str = "gap",
    through: date | None = None,
) -> list[Point]:
    """Weeks or months from days, oldest first, gaps as points without a value.

    `through` is the last complete day (default: the last day given); the period that it does not finish is
    incomplete and says how many of its days are in. Give at least four weeks more than the periods you need:
    the weekday shares that complete a week with a missing day come from the 26 weeks before it.
    """
    if not points_by_day:
        return []
    last = max(points_by_day) if through is None else through
    policy = "gap" if missing_policy == "zero" and kind in (RATIO, AVERAGE) else missing_policy
    days = fill_missing(points_by_day, policy, first=min(points_by_day), last=last)
    periods: dict[date, list[Point]] = {}
    for day in days:
        periods.setdefault(period_start(day.start, grain), []).append(day)
    flows = {day.start: day.value for day in days if day.value is not None} if kind == FLOW_SUM else {}
    rolled = []
    for start, inside in periods.items():
        length = (next_start(start, grain) - start).days
        if last < start + timedelta(days=length - 1):
            so_far = (last - start).days + 1
            point = replace(_combine(start, inside, kind), complete=False, note=f"{so_far} of {length} days")
        elif kind == FLOW_SUM:
            point = _whole_flow(start, inside, length=length, flows=flows)
        else:
            point = _combine(start, inside, kind)
        rolled.append(point)
    return rolled


def _combine(start: date, days: Sequence[Point], kind: str) -> Point:
    known = [day for day in days if day.value is not None]
    if kind in (RATIO, AVERAGE):
        return _from_parts(start, days, kind)
    if not known:
        return Point(start, None)
    values = [day.value for day in known if day.value is not None]
    if kind == FLOW_SUM:
        return Point(start, sum(values))
    if kind in NOT_ADDITIVE:
        return Point(start, median(values), estimated=True, note="median of days, an approximation")
    return Point(start, values[-1])


def _from_parts(start: date, days: Sequence[Point], kind: str) -> Point:
    numerator = denominator = 0.0
    seen = False
    for day in days:
        if kind == AVERAGE:
            weight = 1.0 if day.denominator is None else day.denominator
            part = None if day.value is None else day.value * weight
        else:
            part, weight = day.numerator, day.denominator or 0.0
        if part is not None:
            seen = True
            numerator, denominator = numerator + part, denominator + weight
    if not seen:
        return Point(start, None)
    value = numerator / denominator if denominator else None
    return Point(start, value, numerator, denominator)


def _whole_flow(start: date, days: Sequence[Point], *, length: int, flows: Mapping[date, float]) -> Point:
    known = [day for day in days if day.value is not None]
    if len(known) == length:
        return _combine(start, days, FLOW_SUM)
    if len(known) / length < ENOUGH_DAYS:
        return Point(start, None, note=f"{len(known)} of {length} days")
    since = start - timedelta(weeks=FACTOR_WEEKS)
    factors = weekday_factors({day: value for day, value in flows.items() if since <= day < start})
    if factors is None:
        return Point(start, None, note=f"{len(known)} of {length} days, too little history to estimate")
    whole = sum(factors[(start + timedelta(days=i)).weekday()] for i in range(length))
    share = sum(factors[day.start.weekday()] for day in known) / whole
    if share <= 0:
        return Point(start, None, note=f"{len(known)} of {length} days")
    total = sum(day.value for day in known if day.value is not None) / share
    return Point(start, total, estimated=True, note=f"estimated from {len(known)} of {length} days")
