"""The one clock: edges ask it and hand `now` or `today` down to everything pure."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from northstar.lib.localtime import local_day


def now() -> datetime:
    """The present moment as an aware datetime in UTC."""
    return timezone.now()


def today(zone: str) -> date:
    """The calendar date that it is now in `zone` (an IANA name)."""
    return local_day(now(), zone)
