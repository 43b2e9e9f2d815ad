"""How long ago, and when: moments in words, in the company's zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from metrics.formatting import DAYS, MONTHS

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def length_words(length: timedelta) -> str:
    """A length in its largest whole unit: "less than a minute", "4 minutes", "3 hours", "2 days"."""
    if length < MINUTE:
        return "less than a minute"
    for unit, word in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if length >= unit:
            count = length // unit
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return ""


def ago_words(moment: datetime, now: datetime) -> str:
    """ "just now", "4 min ago", "3 h ago", "2 days ago"; a moment to come is "just now" too."""
    length = now - moment
    if length < MINUTE:
        return "just now"
    if length < HOUR:
        return f"{length // MINUTE} min ago"
    if length < DAY:
        return f"{length // HOUR} h ago"
    return f"{length_words(length)} ago"


def moment_words(moment: datetime, *, zone: str, now: datetime) -> str:
    """ "Mon 23 Nov 06:00" as clocks in `zone` show it, with the year where it is not this one."""
    local, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    year = "" if local.year == today.year else f" {local.year}"
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}{year} {local:%H:%M}"
