"""How much a new definition of a metric reads above or below the one before (domain 2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics import formatting
from metrics.analysis.points import Point, complete_points

LEAST_WEEKS = 8


@dataclass(frozen=True, slots=True)
class Splice:
    """`ratio` is the sum by the new definition over the sum by the old one, in the weeks that have both."""

    ratio: float
    weeks: int

    @property
    def words(self) -> str:
        """One sentence; the ratio is told, never used to rescale a series."""
        apart = formatting.show_share(abs(self.ratio - 1), decimals=1)
        side = "higher" if self.ratio > 1 else "lower"
        weeks = f"in {self.weeks} weeks that were counted both ways"
        if apart == formatting.show_share(0, decimals=1):
            return f"The new definition reads the same as the one before {weeks}."
        return f"The new definition reads about {apart} {side} than the one before {weeks}."


def splice(old: Sequence[Point], new: Sequence[Point], *, least: int = LEAST_WEEKS) -> Splice | None:
    """The splice of two series; None under `least` complete weeks with both, or where the old sum is zero."""
    before = {point.start: point.value for point in complete_points(old) if point.value is not None}
    after = {point.start: point.value for point in complete_points(new) if point.value is not None}
    both = before.keys() & after.keys()
    total = sum(before[start] for start in both)
    if len(both) < least or total == 0:
        return None
    return Splice(sum(after[start] for start in both) / total, len(both))
