"""A bet before it is one: what somebody thinks about, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any

from metrics.analysis import reading as reading_of
from metrics.analysis.points import Point, complete_points
from metrics.models import Driver, Metric
from northstar.lib import periods
from northstar.lib.periods import WEEK
from teams.models import Team

BASELINE_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Limit:
    """What must not get worse: a metric, at_most or at_least, and its limit in stored units."""

    metric: Metric
    side: str
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """How a bet is read in the end and how it is to get there; names of OUTCOME_RULES and PACE_SHAPES."""

    rule: str = "mean"
    shape: str = "hold"
    lag_days: int = 0
    milestones: tuple[tuple[date, Decimal], ...] = ()

    @property
    def is_total(self) -> bool:
        """Whether the whole window is added up; the baseline is then zero."""
        return self.rule == "total"

    def fields(self) -> dict[str, Any]:
        """The fields of an OMTM that hold it."""
        return {
            "outcome_rule": self.rule,
            "pace_shape": self.shape,
            "pace_lag_days": self.lag_days,
            "milestones": [[day.isoformat(), str(value)] for day, value in sorted(self.milestones)],
        }


USUAL = Plan()


@dataclass(frozen=True, slots=True)
class Bet:
    """An OMTM that somebody thinks about; values in stored units (ratios: fractions)."""

    team: Team
    metric: Metric
    start: date
    end: date
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    limits: tuple[Limit, ...] = ()
    baseline: Decimal | None = None
    plan: Plan = USUAL
    driver: Driver | None = None
    wrong_by: date | None = None

    @property
    def weeks(self) -> int:
        """Complete weeks of the window."""
        return len(periods.weeks_within(self.start, self.end))

    @property
    def ranged(self) -> bool:
        return self.metric.direction == "range"


def outcome_weeks(start: date, end: date) -> int:
    """How many weeks the final reading takes: a quarter of the window's, one to four (architecture 7.15)."""
    return max(1, min(4, len(periods.weeks_within(start, end)) // 4))


def derive_baseline(bet: Bet, points: Sequence[Point]) -> tuple[Decimal | None, date | None, date | None]:
    """The reading over the last eight complete weeks before the start; the first and last of their days."""
    before = [point for point in complete_points(points) if point.start + WEEK <= bet.start]
    value = reading_of.baseline(points, bet.metric.kind, start=bet.start, weeks=BASELINE_WEEKS)
    within = before[-(BASELINE_WEEKS + reading_of.REACH) :]
    known = [point for point in within if point.value is not None][-BASELINE_WEEKS:]
    if value is None or not known:
        return None, None, None
    return exact(value), known[0].start, known[-1].start + timedelta(days=6)


def exact(value: float) -> Decimal:
    """A computed value as it is stored: 15 significant digits, 15 decimals."""
    return kept(Decimal(f"{value:.14e}"))


def kept(value: Decimal) -> Decimal:
    """The value with the 15 decimals of its column."""
    return value.quantize(Decimal(1).scaleb(-15), context=Context(prec=40))
