"""How a guardrail held while a bet was pushed, in words; when it broke says `judging` (domain 6.6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from metrics import formatting
from teams import judging

if TYPE_CHECKING:
    from collections.abc import Collection

    from teams.charting import Guarded

TO_SUNDAY = timedelta(days=6)


def facts(guarded: Guarded, *, start: date, end: date, alarms: Collection[date]) -> dict[str, Any]:
    """{"broke": …, "broke_words": "worse than its limit in 3 weeks, last to 4 Oct 2026"} for a page."""
    guard, limit = guarded.guard, float(guarded.guard.limit)
    week = judging.first_breach(
        guarded.points, side=guard.side, limit=limit, start=start, end=end, alarms=alarms
    )
    over = [
        point.start
        for point in guarded.points
        if point.complete and point.value is not None and start <= point.start <= end - TO_SUNDAY
        if judging.beyond(point.value, guard.side, limit)
    ]
    return {"broke": week is not None, "broke_words": _words(over, broke=week is not None)}


def _words(over: list[date], *, broke: bool) -> str:
    if not over:
        return ""
    count, last = len(over), formatting.day_words(over[-1] + TO_SUNDAY)
    alone = "" if broke else ", never two in a row"
    weeks = "1 week" if count == 1 else f"{count} weeks{alone}"
    return f"worse than its limit in {weeks}, {'last ' if count > 1 else ''}to {last}"
