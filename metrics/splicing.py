"""Two definitions of the North Star side by side: over how many weeks, and how far apart they read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from metrics import series
from metrics.analysis.splice import LEAST_WEEKS, Splice, splice
from metrics.models import Company, Metric

WEEKS_A_MONTH = 4


@dataclass(frozen=True, slots=True)
class Beside:
    """`weeks` complete weeks by both definitions, and their splice; None where there is not one such week.

    A definition that replaces another one on the same metric has no week with both.
    """

    weeks: int = 0
    splice: Splice | None = None

    @property
    def enough(self) -> bool:
        return self.weeks >= LEAST_WEEKS

    @property
    def words(self) -> str:
        """What a leader should know before deciding, in one or two sentences."""
        if self.splice is None:
            return "There is no week yet in which both definitions were counted."
        if self.enough:
            return self.splice.words
        few = "in one week only" if self.weeks == 1 else f"in {self.weeks} weeks only"
        return f"Both definitions were counted {few}; eight show how far apart they read."


def compare(old: Metric, new: Metric, *, company: Company, now: datetime) -> Beside:
    """The complete weeks that both metrics have; a month counts as four weeks. Two queries."""
    if old.pk == new.pk:
        return Beside()
    found = series.weekly([old, new], company=company, now=now)
    both = splice(found[old.pk], found[new.pk], least=1)
    if both is None:
        return Beside()
    a_period = WEEKS_A_MONTH if series.grain_of(new) == "month" else 1
    return Beside(both.weeks * a_period, both)
