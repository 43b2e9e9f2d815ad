"""Natural process limits of a series and the points that fall outside of what it always does (domain 6.8).

Individuals and moving ranges after Shewhart, as Wheeler uses them on business figures. A missing value is
None: no moving range and no run reaches across it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median as middle

Values = Sequence[float | None]

#: From the mean moving range: to the limits (3 / 1.128), to the limit of the ranges, to sigma.
REACH, RANGE_REACH, D2 = 2.66, 3.268, 1.128
#: The same from the median moving range, which one wild point cannot widen.
MEDIAN_REACH, MEDIAN_RANGE_REACH, MEDIAN_D2 = 3.145, 3.865, 0.954

LEAST_POINTS = 8
SETTLED_POINTS = 12
MOST_POINTS = 24
RUN = 8
NEAR, NEAR_OF = 3, 4
HIGH, LOW = "high", "low"
#: The mean of equal floats differs from them in the last digit; that is not a side of the centre.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Limits:
    """Centre and limits in the unit of the values; `provisional` under 12 points.

    `low` and `high` stop at the floor and the ceiling that were given. With `median` the range is the median
    moving range.
    """

    centre: float
    range_mean: float
    low: float
    high: float
    range_high: float
    points: int
    provisional: bool
    median: bool = False

    @property
    def sigma(self) -> float:
        """The standard deviation of routine variation, from the moving ranges."""
        return self.range_mean / (MEDIAN_D2 if self.median else D2)

    @property
    def reach(self) -> float:
        """How far the limits lie from the centre before floor and ceiling."""
        return self.range_mean * (MEDIAN_REACH if self.median else REACH)


@dataclass(frozen=True, slots=True)
class Signal:
    """Rule 1 beyond a limit, 2 eighth in a row on one side, 3 third of four near one; side high or low."""

    rule: int
    index: int
    side: str


def limits(
    values: Values, *, floor: float | None = None, ceiling: float | None = None, median: bool = False
) -> Limits | None:
    """The limits of all these values; None under eight of them, or when no two are neighbours."""
    known = [value for value in values if value is not None]
    ranges = [each for each in moving_ranges(values) if each is not None]
    if len(known) < LEAST_POINTS or not ranges:
        return None
    typical = middle(ranges) if median else sum(ranges) / len(ranges)
    centre = sum(known) / len(known)
    return around(centre, typical, points=len(known), floor=floor, ceiling=ceiling, median=median)


def around(
    centre: float,
    range_mean: float,
    *,
    points: int,
    floor: float | None = None,
    ceiling: float | None = None,
    median: bool = False,
) -> Limits:
    """Limits from a known centre and moving range, as they were locked."""
    reach = range_mean * (MEDIAN_REACH if median else REACH)
    low, high = centre - reach, centre + reach
    return Limits(
        centre,
        range_mean,
        low if floor is None else max(low, floor),
        high if ceiling is None else min(high, ceiling),
        range_mean * (MEDIAN_RANGE_REACH if median else RANGE_REACH),
        points,
        points < SETTLED_POINTS,
        median,
    )


def moving_ranges(values: Values) -> list[float | None]:
    """The distance of every value from the one before; None for the first and beside a gap."""
    ranges: list[float | None] = [None] if values else []
    for before, now in zip(values, values[1:], strict=False):
        ranges.append(None if before is None or now is None else abs(now - before))
    return ranges


def beyond(value: float | None, found: Limits) -> str:
    """ "high" or "low" for a value outside the limits (rule 1), else ""."""
    if value is None:
        return ""
    slack = _slack(found)
    return HIGH if value > found.high + slack else LOW if value < found.low - slack else ""


def signals(values: Values, found: Limits) -> list[Signal]:
    """Every signal of the three rules: rule 1 first, oldest first within a rule."""
    return [*_beyond(values, found), *_runs(values, found), *_near(values, found)]


def run_start(values: Values, found: Limits, index: int) -> int:
    """The index at which the run on one side of the centre began that `index` belongs to."""
    side = _side(values[index], found)
    while index > 0 and side and _side(values[index - 1], found) == side:
        index -= 1
    return index


def jumps(values: Values, found: Limits) -> list[int]:
    """Indices whose distance from the value before is above the limit of the ranges: worth a note."""
    slack = _slack(found)
    ranges = enumerate(moving_ranges(values))
    return [index for index, each in ranges if each is not None and each > found.range_high + slack]


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line over positions 0, 1, 2, …"""

    start: float
    slope: float

    def at(self, position: float) -> float:
        """The value of the line there."""
        return self.start + self.slope * position


def half_average_line(values: Values) -> Line | None:
    """The line through the averages of the first and the second half; None without a value in both.

    The middle one of an odd number belongs to neither half.
    """
    half = len(values) // 2
    sides = []
    for first in (0, len(values) - half):
        known = [(first + i, v) for i, v in enumerate(values[first : first + half]) if v is not None]
        if not known:
            return None
        sides.append((sum(x for x, _ in known) / len(known), sum(y for _, y in known) / len(known)))
    (x0, y0), (x1, y1) = sides
    slope = (y1 - y0) / (x1 - x0)
    return Line(y0 - slope * x0, slope)


def _beyond(values: Values, found: Limits) -> list[Signal]:
    sides = ((index, beyond(value, found)) for index, value in enumerate(values))
    return [Signal(1, index, side) for index, side in sides if side]


def _runs(values: Values, found: Limits) -> list[Signal]:
    signs: list[Signal] = []
    run, before = 0, ""
    for index, value in enumerate(values):
        side = _side(value, found)
        run = run + 1 if side and side == before else int(bool(side))
        before = side
        if run == RUN:
            signs.append(Signal(2, index, side))
    return signs


def _near(values: Values, found: Limits) -> list[Signal]:
    # Halfway to the natural limit: a floor is where values end, not where they become rare.
    halfway, slack = found.reach / 2, _slack(found)
    signs: list[Signal] = []
    for index in range(NEAR_OF - 1, len(values)):
        known = [value for value in values[index - NEAR_OF + 1 : index + 1] if value is not None]
        if len(known) < NEAR_OF:
            continue
        if sum(value > found.centre + halfway + slack for value in known) >= NEAR:
            signs.append(Signal(3, index, HIGH))
        if sum(value < found.centre - halfway - slack for value in known) >= NEAR:
            signs.append(Signal(3, index, LOW))
    return signs


def _side(value: float | None, found: Limits) -> str:
    if value is None or abs(value - found.centre) <= _slack(found):
        return ""
    return HIGH if value > found.centre else LOW


def _slack(found: Limits) -> float:
    return _ROUNDING * max(abs(found.centre), found.range_mean, _ROUNDING)
