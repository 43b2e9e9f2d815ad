"""What was found about a bet before it starts: single findings, and the bet with what its data say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from metrics.analysis.points import Point
from teams.betting import Bet

BLOCK, WARN, GOOD, INFO = "block", "warn", "good", "info"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: block, warn, good or info; `field` is the answer of the form that it is about."""

    level: str
    sentence: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A bet with what its data say: baseline with its weeks, today's reading, findings, blocks first."""

    bet: Bet
    outcome_weeks: int
    points: Sequence[Point] = ()
    baseline: Decimal | None = None
    baseline_from: date | None = None
    baseline_to: date | None = None
    current: float | None = None
    checks: list[Check] = field(default_factory=list)

    @property
    def blocks(self) -> list[Check]:
        return [check for check in self.checks if check.level == BLOCK]
