"""Whether a number moved as a bet predicted, beyond what it does when it is left alone.

Predicted is a difference to what would have come anyway, and so is observed. What would have come anyway is
the settling forecast from before the window (domain 6.5 a). Its usual error alone is not enough as a noise
band: a series that has grown for a year goes on growing without any bet, and the forecast damps its growth.
So the band also holds the lines that the last half-year and the last year drew. benchmarks/effects.py
measures what that is worth; docs/lessons.md tells it.

It says "moved as predicted", never "caused": one company is not an experiment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.analysis.constants import HISTORY_MAX
from metrics.analysis.noise import theil_sen
from metrics.analysis.points import SNAPSHOT_STOCK, Point, complete_points
from metrics.analysis.reading import reading
from metrics.analysis.settling import Settling
from northstar.lib.periods import A_DAY, WEEK

SUPPORTED, NOT_SUPPORTED, CANNOT_TELL = "supported", "not_supported", "cannot_tell"
#: Standard deviations to either edge of the noise band: chance passes one of them 5 times in 100.
BAND = 1.645
#: This much of what was predicted has to be there.
ENOUGH = 0.5
#: With less than a year of past nobody knows what the number does when it is left alone: with half a year
#: "supported" would be wrong 11 times in 100 where growth wanders.
PAST_LEAST = 52
#: The lines that the band holds beside the forecast: of the last half-year and the last year.
TENDENCIES = (26, 52)
#: The observed value is the mean of so many weeks, of a stock the last one.
COUNTED = 4
#: A window whose number fell silent this long before it has no forecast from before it.
SILENT = 3 * WEEK


@dataclass(frozen=True, slots=True)
class Ahead:
    """What was to be expected without the bet for the weeks up to `day`, in the unit of the metric."""

    day: date
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with its reason and the figures behind it.

    `predicted`, `observed`, `low` and `high` are differences to what would have come anyway: the noise band
    goes from `low` (at most 0) to `high` (at least 0). `path` leads from the window's start to the day that
    counts; `actual` is the value that was read there.
    """

    verdict: str
    reason: str
    predicted: float | None = None
    observed: float | None = None
    low: float | None = None
    high: float | None = None
    actual: float | None = None
    path: tuple[Ahead, ...] = ()

    @property
    def left_alone(self) -> float | None:
        """What would have come anyway."""
        return self.path[-1].mean if self.path else None


def last_week(due: date) -> date:
    """The Monday of the last week that lies wholly before the end of `due`."""
    return due - 6 * A_DAY - timedelta(days=(due - 6 * A_DAY).weekday())


def is_ready(points: Sequence[Point], due: date) -> bool:
    """Whether the last week that counts, or one after it, is complete and has its value."""
    last = last_week(due)
    return any(point.complete and point.value is not None and point.start >= last for point in points)


def judge(
    points: Sequence[Point], *, kind: str, start: date, due: date, predicted: float | None, sign: int = 1
) -> Judged:
    """Hold a prediction against what came by `due`, forecast from before `start`; see docs/lessons.md.

    `predicted` is the difference that was expected, in the unit of the metric, already scaled by how far
    the bet came; None if only its direction is known, which is `sign` then.

    1. Noise as wide as the prediction: it cannot be told. 2. Beyond the noise in the predicted direction
    and at least half of what was predicted: supported. 3. So far below the prediction that noise does not
    explain it: not supported. 4. All else cannot be told. Without a size only 2 and its mirror can be
    asked.
    """
    left = _left_alone(points, kind=kind, start=start, due=due)
    if isinstance(left, str):
        return Judged(CANNOT_TELL, left, predicted)
    k = 1 if kind == SNAPSHOT_STOCK else COUNTED
    actual = _read(points, kind, due=due, k=k)
    if actual is None:
        return Judged(CANNOT_TELL, "missing", predicted, path=left)
    end = left[-1]
    observed, low, high = actual - end.mean, end.low - end.mean, end.high - end.mean
    verdict, reason = _verdict(observed, predicted, low=low, high=high, sign=sign)
    return Judged(verdict, reason, predicted, observed, low, high, actual, left)


def _verdict(
    observed: float, predicted: float | None, *, low: float, high: float, sign: int
) -> tuple[str, str]:
    ahead = sign if predicted is None else 1 if predicted > 0 else -1
    came = ahead * observed
    # Noise towards the prediction, and away from it.
    towards, away = (high, -low) if ahead > 0 else (-low, high)
    if predicted is None:
        if came > towards:
            return SUPPORTED, "direction"
        return (NOT_SUPPORTED, "against") if came < -away else (CANNOT_TELL, "within")
    asked = abs(predicted)
    if asked <= towards:
        return CANNOT_TELL, "noise"
    if came > towards and came >= ENOUGH * asked:
        return SUPPORTED, "moved"
    if came < asked - away:
        return NOT_SUPPORTED, "against" if came < -away else "short"
    return CANNOT_TELL, "between"


def _left_alone(points: Sequence[Point], *, kind: str, start: date, due: date) -> tuple[Ahead, ...] | str:
    """What would have come week by week up to the last one that counts, or why nobody knows."""
    before = [p for p in complete_points(points) if p.start + WEEK <= start and p.value is not None]
    known = [(point.start, point.value) for point in before if point.value is not None][-HISTORY_MAX:]
    if len(known) < PAST_LEAST:
        return "short_past"
    if start - known[-1][0] > SILENT:
        return "missing"
    days, values = [day for day, _ in known], [value for _, value in known]
    positions = [(day - days[0]).days / 7 for day in days]
    settling = Settling(values, positions)
    lines = [theil_sen(positions[-weeks:], values[-weeks:]) for weeks in TENDENCIES]
    found = []
    for week in range(1, (last_week(due) - days[-1]).days // 7 + 1):
        k = 1 if kind == SNAPSHOT_STOCK else min(COUNTED, week)
        mean, width = settling.ahead(week, k)
        at = positions[-1] + week - (k - 1) / 2
        on_line = [intercept + slope * at for slope, intercept in lines]
        low, high = min(mean, *on_line) - BAND * width, max(mean, *on_line) + BAND * width
        found.append(Ahead(days[-1] + week * WEEK + 6 * A_DAY, mean, low, high))
    return tuple(found) or "missing"


def _read(points: Sequence[Point], kind: str, *, due: date, k: int) -> float | None:
    """The reading of the last `k` weeks before the end of `due`; None where half of them have no value."""
    last = last_week(due)
    counted = [p for p in points if p.complete and last - (k - 1) * WEEK <= p.start <= last]
    known = [point for point in counted if point.value is not None]
    return reading(known, kind, k) if 2 * len(known) > k else None
