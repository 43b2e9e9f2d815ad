"""Who entered a step in some days and how many went on: what is counted, and the best it ever was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

#: A best that counts was held this long, by at least so many people (domain 4.1, 4.3).
BEST_WEEKS = 8
FEW = 100
#: Three months are a day or two shorter than 13 weeks.
_SHORT_BY = 3
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Entrants of the days `start` to `end` (inclusive); one that is not matured still waits for some."""

    start: date
    end: date
    entered: float
    converted: float
    matured: bool = True
    median_days: float | None = None

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def rate(self) -> float | None:
        """A fraction; None where nobody entered."""
        return self.converted / self.entered if self.entered > 0 else None


@dataclass(frozen=True, slots=True)
class Sum:
    """Cohorts read together: a ratio of sums, never a mean of rates."""

    entered: float
    converted: float
    weeks: float
    start: date | None = None
    end: date | None = None
    median_days: float | None = None

    @property
    def rate(self) -> float | None:
        """A fraction; None where nobody entered."""
        return self.converted / self.entered if self.entered > 0 else None


def newest(cohorts: Sequence[Cohort], weeks: int, *, skip: int = 0) -> list[Cohort]:
    """The newest matured cohorts that cover `weeks` weeks, oldest first, after leaving out `skip` of them."""
    matured = sorted((each for each in cohorts if each.matured), key=lambda each: each.start)
    found: list[Cohort] = []
    days = 0
    for cohort in reversed(matured[: len(matured) - skip]):
        if days >= 7 * weeks - _SHORT_BY:
            break
        found.insert(0, cohort)
        days += cohort.days
    return found


def summed(cohorts: Sequence[Cohort]) -> Sum:
    """All of these together; zeros without any."""
    if not cohorts:
        return Sum(0.0, 0.0, 0.0)
    times = [each.median_days for each in cohorts if each.median_days is not None]
    return Sum(
        math.fsum(each.entered for each in cohorts),
        math.fsum(each.converted for each in cohorts),
        sum(each.days for each in cohorts) / 7,
        min(each.start for each in cohorts),
        max(each.end for each in cohorts),
        median(times) if times else None,
    )


def own_best(cohorts: Sequence[Cohort], *, lower_is_better: bool = False) -> Sum | None:
    """The best rate of eight weeks in a row; None before there were eight, or of fewer than 100 people."""
    matured = sorted((each for each in cohorts if each.matured), key=lambda each: each.start)
    sign = -1 if lower_is_better else 1
    best: Sum | None = None
    for last in range(len(matured)):
        run = _run(matured, last)
        found = summed(run)
        if found.rate is None or found.entered < FEW or found.weeks * 7 < 7 * BEST_WEEKS - _SHORT_BY:
            continue
        if best is None or best.rate is None or sign * found.rate > sign * best.rate:
            best = found
    return best


def against_all_parts(whole: tuple[float, float], parts: Sequence[tuple[float, float]]) -> bool:
    """Whether a rate moved one way while it moved the other way in every part (Simpson's paradox).

    Each pair is (before, after); fewer than two parts prove nothing.
    """
    moved = whole[1] - whole[0]
    return len(parts) > 1 and moved != 0 and all((after - before) * moved < 0 for before, after in parts)


def _run(matured: Sequence[Cohort], last: int) -> list[Cohort]:
    """The cohorts without a gap that end with this one and cover eight weeks, or as many as there are."""
    run = [matured[last]]
    for cohort in reversed(matured[:last]):
        if sum(each.days for each in run) >= 7 * BEST_WEEKS - _SHORT_BY or cohort.end + _DAY < run[0].start:
            break
        run.insert(0, cohort)
    return run
