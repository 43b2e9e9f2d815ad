"""The calendar: days, ISO weeks and months as local dates.

Windows, schedules, instants and working days live in modules of their own; their names are offered here too.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from northstar.lib.datewords import date_words, long_date_words
from northstar.lib.localtime import first_instant, instant, local_day
from northstar.lib.schedules import Schedule, ScheduleError, next_due
from northstar.lib.windows import (
    WindowError,
    check_start,
    check_window,
    half_way,
    window_bounds,
    window_end,
    window_months,
)
from northstar.lib.workdays import is_known_country, next_working_day

__all__ = [
    "A_DAY", "WEEK", "Grain", "Schedule", "ScheduleError", "WindowError",
    "check_start", "check_window", "date_words", "days_done", "first_instant", "half_way", "instant",
    "is_complete", "is_known_country", "last_day", "local_day", "long_date_words", "next_due", "next_start",
    "next_working_day", "period_start", "starts", "weeks_within", "window_bounds", "window_end",
    "window_months",
]  # fmt: skip

A_DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Grain(StrEnum):
    """How long a period is. Weeks are ISO weeks: they start on Monday."""

    day = "day"
    week = "week"
    month = "month"


def period_start(day: date, grain: str) -> date:
    """The first day of the period that `day` lies in."""
    match Grain(grain):
        case Grain.day:
            return day
        case Grain.week:
            return day - timedelta(days=day.weekday())
        case Grain.month:
            return day.replace(day=1)


def next_start(start: date, grain: str, n: int = 1) -> date:
    """The first day of the period `n` periods later (earlier where `n` is negative)."""
    match Grain(grain):
        case Grain.day:
            return start + timedelta(days=n)
        case Grain.week:
            return start + n * WEEK
        case Grain.month:
            index = start.month - 1 + n
            return date(start.year + index // 12, index % 12 + 1, 1)


def last_day(start: date, grain: str) -> date:
    """The last day (inclusive) of the period that begins on `start`."""
    return next_start(start, grain) - timedelta(days=1)


def starts(first_day: date, end_day_exclusive: date, grain: str) -> list[date]:
    """The first days of the periods that begin before the end, from the one that holds `first_day` on.

    Empty where the range is.
    """
    found: list[date] = []
    if first_day >= end_day_exclusive:
        return found
    start = period_start(first_day, grain)
    while start < end_day_exclusive:
        found.append(start)
        start = next_start(start, grain)
    return found


def is_complete(start: date, grain: str, *, now: datetime, zone: str, latency: timedelta) -> bool:
    """Whether the period has ended in `zone` and the source has had its `latency` since then."""
    return first_instant(next_start(start, grain), zone) + latency <= now


def days_done(start: date, grain: str, *, now: datetime, zone: str) -> int:
    """How many whole local days of the period have passed: 0 before it, all of them after it."""
    length = (next_start(start, grain) - start).days
    return min(length, max(0, (local_day(now, zone) - start).days))


def weeks_within(start: date, end: date) -> list[date]:
    """The Mondays of the complete ISO weeks that lie wholly between `start` and `end` (both inclusive)."""
    monday = period_start(start + timedelta(days=6), Grain.week)
    return starts(monday, end - timedelta(days=5), Grain.week)
