"""Whether a metric still speaks (domain 6.6, no data), and whether it has said all about a window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from metrics.analysis.constants import (
    SILENT_PERIODS,
)
from metrics.analysis.points import Point, next_start, period_start
from metrics.analysis.terms import Terms
from northstar.lib.periods import A_DAY


def silent(points: Sequence[Point], today: date, grain: str = "week") -> bool:
    """No value for the last two complete periods; one of grace while the newest waits for its latency."""
    newest = period_start(period_start(today, grain) - A_DAY, grain)
    waiting = any(point.start == newest and not point.complete for point in points)
    oldest = newest
    for _ in range(SILENT_PERIODS - 1 + waiting):
        oldest = period_start(oldest - A_DAY, grain)
    return not any(point.complete and point.value is not None and point.start >= oldest for point in points)


def ended(points: Sequence[Point], terms: Terms, today: date) -> bool:
    """Whether the window is over and its last period is in, or has not come for another one."""
    if today <= terms.end:
        return False
    last = period_start(terms.end, terms.grain)
    after = next_start(last, terms.grain)
    if after - A_DAY > terms.end and not terms.is_total:
        last = period_start(last - A_DAY, terms.grain)
    patience = next_start(after, terms.grain)
    return today >= patience or any(point.complete and point.start >= last for point in points)
