"""Whether a date is the start of a period, in words. Pure."""

from __future__ import annotations

from datetime import date

from northstar.lib.periods import period_start

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def grain_fault(day: date, grain: str) -> str:
    """Why no period of this grain starts on that day ("2026-11-18 is a Wednesday; …"); empty if one does."""
    if period_start(day, grain) == day:
        return ""
    if grain == "month":
        return f"{day} is not the first day of a month"
    return f"{day} is a {_WEEKDAYS[day.weekday()]}; weeks start on Monday"
