"""Local dates and times as instants, right on days of 0, 23, 24.5 and 25 hours (reliability R12, R13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def first_instant(day: date, zone: str) -> datetime:
    """The first instant of the local date, in UTC.

    A date that a zone left out (Apia, 2011-12-30) begins where the next one begins and lasts zero hours,
    so half-open days [first_instant(d), first_instant(d + 1)) always tile time without gap or overlap.
    """
    return instant(datetime.combine(day, time.min), zone)


def local_day(moment: datetime, zone: str) -> date:
    """The local date of an aware moment. Raises ValueError for a naive one, which could mean any day."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs a time zone; this one has none.")
    return moment.astimezone(ZoneInfo(zone)).date()


def instant(wall: datetime, zone: str) -> datetime:
    """The instant in UTC at which clocks in `zone` first show `wall` (a naive local time).

    A time that occurs twice gives its first occurrence; one that a clock change leaves out gives the first
    instant after the gap.
    """
    place = ZoneInfo(zone)
    earlier = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    if _shows(earlier, place) == wall:
        return earlier
    # In a gap, fold=1 lies before the change of clocks, fold=0 at or after it (PEP 495): look between.
    before = wall.replace(tzinfo=place, fold=1).astimezone(UTC)
    low, high = 0, int((earlier - before).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if _shows(before + timedelta(seconds=middle), place) >= wall:
            high = middle
        else:
            low = middle + 1
    return before + timedelta(seconds=low)


def _shows(moment: datetime, place: ZoneInfo) -> datetime:
    return moment.astimezone(place).replace(tzinfo=None, fold=0)
