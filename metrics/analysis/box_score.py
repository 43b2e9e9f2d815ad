"""The box score of a weekly review: last week and the periods to date, against last year and the plan.

Domain 7.2. Everything ends with the newest complete period; one in progress is never counted. A period to
date is held against as many days from the same first day of the year before. Kinds of which a longer period
cannot be computed from shorter ones have none, and where a part is missing there is none either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from metrics.analysis.points import (
    AVERAGE,
    FLOW_SUM,
    NOT_ADDITIVE,
    RATIO,
    SNAPSHOT_STOCK,
    Point,
    complete_points,
    next_start,
    period_start,
)
from metrics.analysis.reading import YEAR_SHIFT
from northstar.lib.periods import A_DAY

TO_DATE = ("month", "quarter", "year")


@dataclass(frozen=True, slots=True)
class Score:
    """One period of the box score: values in the unit of the metric (ratios: fractions), None is unknown.

    `name` is "last" for the newest complete week or month, else "month", "quarter" or "year" to date; `first`
    and `last` are its days. `before` is the period before it ("last" only), `plan` what was planned for it.
    """

    name: str
    first: date
    last: date
    value: float | None
    year_before: float | None
    before: float | None = None
    plan: float | None = None


def box_score(
    shown: Sequence[Point],
    parts: Sequence[Point],
    *,
    kind: str,
    grain: str,
    parts_grain: str,
    plan: Mapping[date, float] | None = None,
) -> tuple[Score, ...]:
    """The scores of "last", "month", "quarter" and "year"; () while there is no complete value.

    `shown` are the weeks (or months, by `grain`) that pages show, `parts` the finest periods that are stored.
    `plan` has a value for each day it is known of, as a week (or month) is to have it on that day.
    """
    newest = next((point for point in reversed(complete_points(shown)) if point.value is not None), None)
    if newest is None:
        return ()
    last_day = next_start(newest.start, grain) - A_DAY
    known = {point.start: point for point in parts}
    planned = dict(plan or {})
    scores = [_last(newest, {point.start: point for point in shown}, grain, planned)]
    for name in TO_DATE:
        if name == "month" and parts_grain == "month":
            continue
        first = first_day(last_day, name)
        inside = list(_inside(first, last_day, parts_grain))
        scores.append(
            Score(
                name,
                inside[0] if inside else first,
                last_day,
                value=total(known, inside, kind),
                year_before=total(known, _year_before(inside, parts_grain), kind),
                plan=_planned(planned, inside[0], last_day, kind=kind, grain=grain) if inside else None,
            )
        )
    return tuple(scores)


def first_day(day: date, name: str) -> date:
    """The first day of the month, quarter or year that `day` lies in."""
    month = {"month": day.month, "quarter": day.month - (day.month - 1) % 3, "year": 1}[name]
    return date(day.year, month, 1)


def total(points: Mapping[date, Point], starts: Sequence[date], kind: str) -> float | None:
    """The value of all those periods together; None for unique and quantile, or where one is missing.

    Flow: their sum. Ratio: sum of numerators / sum of denominators. Average: weighted. Stock: the last value.
    """
    if kind in NOT_ADDITIVE or not starts:
        return None
    if kind == SNAPSHOT_STOCK:
        last = points.get(starts[-1])
        return last.value if last is not None else None
    found = [points.get(start) for start in starts]
    inside = [point for point in found if point is not None and _is_known(point, kind)]
    if len(inside) < len(starts):
        return None
    if kind == FLOW_SUM:
        return sum(point.value or 0.0 for point in inside)
    weight = sum(_weight(point) for point in inside)
    return sum(_numerator(point, kind) for point in inside) / weight if weight else None


def months_of(weeks: Sequence[Point], kind: str) -> list[Point]:
    """Months of a metric that has weeks only: each by the complete weeks that end in it, oldest first.

    Ratio and average by their parts, stock by the last week, all others by the mean of the weeks: a sum would
    depend on whether four or five of them end in the month.
    """
    grouped: dict[date, list[Point]] = {}
    for week in complete_points(weeks):
        if week.value is not None:
            end = next_start(week.start, "week") - A_DAY
            grouped.setdefault(period_start(end, "month"), []).append(week)
    return [_month(start, inside, kind) for start, inside in sorted(grouped.items())]


def _month(start: date, weeks: Sequence[Point], kind: str) -> Point:
    values = [week.value for week in weeks if week.value is not None]
    if kind == SNAPSHOT_STOCK:
        return Point(start, values[-1])
    if kind in (RATIO, AVERAGE):
        return Point(start, total({week.start: week for week in weeks}, [w.start for w in weeks], kind))
    return Point(start, sum(values) / len(values))


def _last(newest: Point, shown: Mapping[date, Point], grain: str, plan: Mapping[date, float]) -> Score:
    start = newest.start
    last_day = next_start(start, grain) - A_DAY
    year_before = start - YEAR_SHIFT if grain == "week" else start.replace(year=start.year - 1)
    return Score(
        "last",
        start,
        last_day,
        value=newest.value,
        before=_value(shown, period_start(start - A_DAY, grain)),
        year_before=_value(shown, year_before),
        plan=plan.get(last_day),
    )


def _inside(first: date, last: date, grain: str) -> Iterator[date]:
    """The periods that lie wholly in first..last."""
    start = period_start(first, grain)
    start = start if start == first else next_start(start, grain)
    while next_start(start, grain) - A_DAY <= last:
        yield start
        start = next_start(start, grain)


def _year_before(starts: Sequence[date], grain: str) -> list[date]:
    """As many periods a year before: days from the same date on, weeks 364 days earlier, the same months."""
    if not starts:
        return []
    if grain == "week":
        return [start - YEAR_SHIFT for start in starts]
    if grain == "month":
        return [start.replace(year=start.year - 1) for start in starts]
    first = starts[0].replace(year=starts[0].year - 1)
    return [first + place * A_DAY for place in range(len(starts))]


def _planned(plan: Mapping[date, float], first: date, last: date, *, kind: str, grain: str) -> float | None:
    """The plan of first..last: a flow's share of each day added up, a stock's last day, else the mean."""
    days = [first + place * A_DAY for place in range((last - first).days + 1)]
    if kind in NOT_ADDITIVE or any(day not in plan for day in days):
        return None
    if kind == SNAPSHOT_STOCK:
        return plan[last]
    if kind == FLOW_SUM:
        return sum(plan[day] / _length(day, grain) for day in days)
    return sum(plan[day] for day in days) / len(days)


def _length(day: date, grain: str) -> int:
    start = period_start(day, grain)
    return (next_start(start, grain) - start).days


def _value(points: Mapping[date, Point], start: date) -> float | None:
    point = points.get(start)
    return point.value if point is not None and point.complete else None


def _is_known(point: Point, kind: str) -> bool:
    # A day on which nobody was counted has no share, but its parts are known.
    if kind == RATIO:
        return point.numerator is not None and point.denominator is not None
    return point.value is not None


def _weight(point: Point) -> float:
    return 1.0 if point.denominator is None else point.denominator


def _numerator(point: Point, kind: str) -> float:
    if kind == RATIO:
        return point.numerator or 0.0
    return (point.value or 0.0) * _weight(point)


def plan_by_day(corners: Sequence[tuple[date, float]]) -> dict[date, float]:
    """The plan for each day from the first corner to the last, straight between them."""
    found = dict(corners[:1])
    for (left, low), (right, high) in pairwise(corners):
        days = (right - left).days
        for place in range(1, days + 1):
            found[left + place * A_DAY] = low + (high - low) * place / days
    return found
