"""The frozen terms of a bet, as the analysis reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from metrics.analysis.constants import (
    SHORT_WINDOW_DAYS,
)
from metrics.analysis.points import SNAPSHOT_STOCK, next_start, period_start
from northstar.lib.periods import A_DAY

MEAN = "mean"
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was promised: values in stored units (ratios as fractions), dates inclusive.

    `weights` holds one weight for every day of the window, for the seasonal pace and for totals; `k` is the
    number of weeks that a reading takes; `min_den` the events that the reading of a ratio has to hold.
    `direction` ("up", "down") says what is better about a total; elsewhere baseline and target say it.
    """

    kind: str
    start: date
    end: date
    k: int
    baseline: float | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    rule: str = MEAN
    shape: str = "hold"
    lag_days: int = 0
    milestones: tuple[tuple[date, float], ...] = ()
    weights: tuple[float, ...] = ()
    unit: str = ""
    decimals: int = 1
    grain: str = "week"
    min_den: int = 0
    direction: str = ""

    @property
    def days(self) -> int:
        """Days of the window, both ends included."""
        return (self.end - self.start).days + 1

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        # The baseline of a total may be what one week brought: it says nothing about where the sum should go.
        if self.is_total and self.direction in ("up", "down"):
            return -1 if self.direction == "down" else 1
        return -1 if self.target is not None and self.target < (self.baseline or 0.0) else 1

    @property
    def outcome_periods(self) -> int:
        """How many periods the final reading takes: a stock is read from its last one."""
        return 1 if self.kind == SNAPSHOT_STOCK else max(self.k, 1)

    @property
    def is_total(self) -> bool:
        """Whether the sum of the window is judged instead of its last weeks."""
        return self.rule == TOTAL and self.target is not None

    @property
    def short(self) -> bool:
        """Whether the window is one of two months."""
        return self.days <= SHORT_WINDOW_DAYS

    @property
    def first(self) -> date:
        """The first day of the first period that lies wholly in the window."""
        start = period_start(self.start, self.grain)
        return start if start == self.start else next_start(start, self.grain)

    @property
    def periods(self) -> int:
        """How many periods lie wholly in the window."""
        return whole_periods(self.first, self.end, self.grain)


def whole_periods(first: date, last: date, grain: str = "week") -> int:
    """Periods from the one that starts on `first` that are over by the end of `last`."""
    if grain == "week":
        return max(((last - first).days + 1) // 7, 0)
    count, start = 0, next_start(first, grain)
    while start <= last + A_DAY:
        count, start = count + 1, next_start(start, grain)
    return count
