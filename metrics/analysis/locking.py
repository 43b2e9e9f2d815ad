"""Which periods tell what is usual, and whether values or their changes do (domain 6.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from metrics.analysis.points import Point, complete_points, next_start
from metrics.analysis.xmr import (
    D2,
    LEAST_POINTS,
    MOST_POINTS,
    REACH,
    SETTLED_POINTS,
    Limits,
    Values,
    around,
    half_average_line,
    limits,
    moving_ranges,
    signals,
)

LEVEL, CHANGES = "level", "changes"
#: The first limits come from within the last year: what was usual long ago judges nobody today.
LOOKED_AT = {"week": 52, "month": 24}
#: In sigmas: how far a line has to climb over the whole series before it is a trend.
CLEAR_TREND = 3.0


@dataclass(frozen=True, slots=True)
class Judged:
    """One period as it is judged: `value` is the metric's own or its change, None where there is none."""

    start: date
    value: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """Limits found in a series, the first period they come from, and whether they are to be kept."""

    start: date
    limits: Limits
    lasting: bool


def judged(points: Sequence[Point], basis: str, *, grain: str = "week") -> list[Judged]:
    """The complete periods, oldest first: their values, or their changes from the period right before."""
    complete = complete_points(points)
    if basis == LEVEL:
        return [Judged(point.start, point.value) for point in complete]
    at = {next_start(point.start, grain): point.value for point in complete}
    return [Judged(point.start, _change(at.get(point.start), point.value)) for point in complete]


def basis_of(points: Sequence[Point], *, grain: str = "week") -> str:
    """ "changes" for a series with a clear trend, else "level"; looks at the last year.

    A trend is a line through the half-averages that climbs by more than three sigmas and fits better than a
    single step: a series that moved once has a new level, no trend.
    """
    rows = _up_to_last_value(judged(points, LEVEL, grain=grain))
    values = [each.value for each in rows[-LOOKED_AT[grain] :]]
    line = half_average_line(values)
    if line is None or sum(value is not None for value in values) < LEAST_POINTS:
        return LEVEL
    left = [None if value is None else value - line.at(place) for place, value in enumerate(values)]
    ranges = [each for each in moving_ranges(left) if each is not None]
    sigma = sum(ranges) / len(ranges) / D2 if ranges else 0.0
    slack = 1e-9 * max((abs(value) for value in values if value is not None), default=0.0)
    climbs = abs(line.slope) * len(values) > max(CLEAR_TREND * sigma, slack)
    return CHANGES if climbs and _squares(left) < _best_step(values) else LEVEL


def first_limits(
    rows: Sequence[Judged], *, grain: str, floor: float | None, ceiling: float | None
) -> Found | None:
    """The limits of the longest stable stretch of 12 to 24 periods in its last year, the first of equals.

    Stable is what has no signal among itself; these are lasting. Until there is one, all periods up to 24
    with the median moving range, which last only if nothing better can come. None under 8 periods.
    """
    recent = _up_to_last_value(rows)[-LOOKED_AT[grain] :]
    known = [row for row in recent if row.value is not None]
    for length in range(min(len(known), MOST_POINTS), SETTLED_POINTS - 1, -1):
        for first in range(len(known) - length + 1):
            found = _of(recent, known[first : first + length], floor=floor, ceiling=ceiling)
            if found is not None and found.lasting:
                return found
    if len(known) < SETTLED_POINTS:
        return _of(recent, known, floor=floor, ceiling=ceiling)
    return _robust(recent, known, floor=floor, ceiling=ceiling)


def limits_from(
    rows: Sequence[Judged], start: date, *, floor: float | None, ceiling: float | None
) -> Limits | None:
    """Limits of the first periods with a value from `start` on, up to 24; None under 8 of them."""
    known = [row for row in rows if row.start >= start and row.value is not None][:MOST_POINTS]
    found = _of(rows, known, floor=floor, ceiling=ceiling)
    return found.limits if found else None


def bounds(points: Sequence[Point], *, basis: str, share: bool) -> tuple[float | None, float | None]:
    """(floor, ceiling) of the values: 0 where none is below, 1 for shares; changes have neither."""
    known = [point.value for point in complete_points(points) if point.value is not None]
    if basis == CHANGES or not known:
        return None, None
    floor = 0.0 if min(known) >= 0 else None
    return floor, 1.0 if share and max(known) <= 1 else None


def _of(
    rows: Sequence[Judged], known: Sequence[Judged], *, floor: float | None, ceiling: float | None
) -> Found | None:
    values = _stretch(rows, known)
    found = limits(values, floor=floor, ceiling=ceiling)
    if found is None:
        return None
    stable = found.points >= SETTLED_POINTS and not signals(values, found)
    return Found(known[0].start, found, stable)


def _robust(
    rows: Sequence[Judged], known: Sequence[Judged], *, floor: float | None, ceiling: float | None
) -> Found | None:
    found = limits(_stretch(rows, known[:MOST_POINTS]), median=True)
    if found is None:
        return None
    # Kept are centre and mean range; this mean range has the same limits as the median one.
    usual = around(found.centre, found.reach / REACH, points=found.points, floor=floor, ceiling=ceiling)
    return Found(known[0].start, usual, len(known) >= MOST_POINTS)


def _stretch(rows: Sequence[Judged], known: Sequence[Judged]) -> list[float | None]:
    """The values from the first to the last of these, gaps included."""
    if not known:
        return []
    first, last = known[0].start, known[-1].start
    return [row.value for row in rows if first <= row.start <= last]


def _up_to_last_value(rows: Sequence[Judged]) -> Sequence[Judged]:
    """A series that has ended is judged by its own last year."""
    count = next((place for place in range(len(rows), 0, -1) if rows[place - 1].value is not None), 0)
    return rows[:count]


def _change(before: float | None, now: float | None) -> float | None:
    return None if before is None or now is None else now - before


def _squares(values: Values) -> float:
    known = [value for value in values if value is not None]
    mean = sum(known) / len(known) if known else 0.0
    return sum((value - mean) ** 2 for value in known)


def _best_step(values: Values) -> float:
    """The squares that are left when the series is two levels instead of one, at the best place."""
    places = range(3, len(values) - 2)
    return min((_squares(values[:at]) + _squares(values[at:]) for at in places), default=float("inf"))
