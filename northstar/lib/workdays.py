"""Working days: neither Saturday, Sunday nor a public holiday of the country."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY = 5


def next_working_day(day: date, country: str) -> date:
    """`day` itself where it is a working day, else the first one after it.

    `country` is an ISO 3166 code ("DE"), with a region where that matters ("DE-BY"); "" knows weekends only.
    Raises ValueError for a country whose holidays are not known.
    """
    free = _holidays(country) if country else None
    while day.weekday() >= SATURDAY or (free is not None and day in free):
        day += timedelta(days=1)
    return day


def holidays_between(first: date, last: date, country: str) -> list[date]:
    """The public holidays from `first` to `last`, both included; none without a country."""
    free = _holidays(country) if country else None
    if free is None:
        return []
    days = (first + timedelta(days=each) for each in range((last - first).days + 1))
    return [day for day in days if day in free]


def is_known_country(country: str) -> bool:
    """Whether the public holidays of this code are known ("" is: it has none)."""
    if not country:
        return True
    try:
        _holidays(country)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=32)
def _holidays(country: str) -> holidays.HolidayBase:
    code, _, region = country.partition("-")
    try:
        return holidays.country_holidays(code, subdiv=region or None)
    except NotImplementedError:
        raise ValueError(
            f"The public holidays of {country!r} are not known. Use a code such as DE or DE-BY, or none."
        ) from None
