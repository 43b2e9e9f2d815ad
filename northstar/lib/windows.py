"""The window of an OMTM: inclusive dates, two to six calendar months (domain.md §3.3)."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from northstar.lib.datewords import long_date_words

FEWEST_MONTHS = 2
MOST_MONTHS = 6
START_PAST_DAYS = 14
START_AHEAD_DAYS = 90


class WindowError(ValueError):
    """The dates make no valid window; the sentence names the valid ones, `nearest` is the nearest of them."""

    def __init__(self, sentence: str, nearest: date) -> None:
        super().__init__(sentence)
        self.nearest = nearest


def window_end(start: date, months: int) -> date:
    """The last day (inclusive) of a window of `months` calendar months from `start`.

    The day before the same day of the month, or the month's last day where that is too short: 31 August plus
    six is 28 February. Always computed from the original start, because single months do not add up.
    """
    index = start.month - 1 + months
    year, month = start.year + index // 12, index % 12 + 1
    if start.day == 1:
        return date(year, month, 1) - timedelta(days=1)
    return date(year, month, min(start.day - 1, calendar.monthrange(year, month)[1]))


def window_bounds(start: date) -> tuple[date, date]:
    """The earliest and the latest last day that a window from `start` may have."""
    return window_end(start, FEWEST_MONTHS), window_end(start, MOST_MONTHS)


def window_months(start: date, end: date) -> int | None:
    """The number of whole months (2 to 6) that the window lasts, None where the end is a date in between."""
    for months in range(FEWEST_MONTHS, MOST_MONTHS + 1):
        if window_end(start, months) == end:
            return months
    return None


def check_window(start: date, end: date) -> None:
    """Raise WindowError, naming the nearest valid last day, unless it lasts two to six calendar months."""
    earliest, latest = window_bounds(start)
    if earliest <= end <= latest:
        return
    nearest = earliest if end < earliest else latest
    raise WindowError(
        f"A window lasts two to six months: from {long_date_words(start)} it can end between "
        f"{long_date_words(earliest)} and {long_date_words(latest)}. "
        f"The date nearest to yours is {long_date_words(nearest)}.",
        nearest,
    )


def check_start(
    start: date, today: date, *, past_days: int = START_PAST_DAYS, ahead_days: int = START_AHEAD_DAYS
) -> None:
    """Raise WindowError, with the nearest valid first day, unless `start` lies near enough to today."""
    earliest, latest = today - timedelta(days=past_days), today + timedelta(days=ahead_days)
    if earliest <= start <= latest:
        return
    nearest = earliest if start < earliest else latest
    raise WindowError(
        f"A window can start at most {past_days} days ago and at most {ahead_days} days ahead: between "
        f"{long_date_words(earliest)} and {long_date_words(latest)}. "
        f"The date nearest to yours is {long_date_words(nearest)}.",
        nearest,
    )


def half_way(start: date, end: date) -> date:
    """The day of the midpoint review: half of the window's days (rounded down) after the start."""
    return start + timedelta(days=((end - start).days + 1) // 2)
