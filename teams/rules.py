"""Which reminders are due for given dates (domain.md §8, M3-M6 and M12): no database, no clock.

`day` is where the calendar puts an occurrence and is part of its key, so that a changed holiday calendar
tells nobody twice; `occurs_on` is the day on which people are told.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from northstar.lib.localtime import instant
from northstar.lib.periods import WEEK
from northstar.lib.windows import half_way
from northstar.lib.workdays import next_working_day

HALF_WAY, TWO_WEEKS_LEFT, WINDOW_ENDED = "half_way", "two_weeks_left", "window_ended"
REVIEW_OVERDUE, REVIEW_ESCALATED = "review_overdue", "review_escalated"
NORTH_STAR_REVIEW = "north_star_review"
CHECK_IN = "check_in"

#: Who is told: leads of the team, everybody in it, leaders of the company, the owner of the North Star.
LEAD, TEAM, LEADERS, OWNER = "lead", "team", "leaders", "owner"

TOLD_AT = time(7)
TWO_WEEKS = timedelta(days=14)
OVERDUE_AFTER, ESCALATED_AFTER = timedelta(days=14), timedelta(days=21)
NORTH_STAR_DAYS = (-14, 0, 14, 28)


@dataclass(frozen=True, slots=True)
class Due:
    """One occurrence of a rule: its day by the calendar, the day on which people are told, and who."""

    rule: str
    day: date
    occurs_on: date
    to: tuple[str, ...]


def half_way_day(start: date, end: date, country: str) -> date:
    """The day of the half-way review: half the window after its start, on a working day."""
    return next_working_day(half_way(start, end), country)


def of_active(start: date, end: date, *, reviewed: bool, today: date, country: str) -> list[Due]:
    """What has come due, up to `today`, of an OMTM whose window is open; `reviewed` is half-way."""
    middle, last = half_way(start, end), end - TWO_WEEKS
    found = [Due(TWO_WEEKS_LEFT, last, last, (TEAM, LEADERS))]
    if not reviewed:
        found.append(Due(HALF_WAY, middle, next_working_day(middle, country), (TEAM,)))
    return _come(found, today)


def of_ended(end: date, *, today: date, country: str) -> list[Due]:
    """What has come due, up to `today`, of an OMTM that waits for its closing review."""
    after = end + timedelta(days=1)
    found = [Due(WINDOW_ENDED, after, next_working_day(after, country), (LEAD, LEADERS))]
    for late in (OVERDUE_AFTER, ESCALATED_AFTER):
        found.append(Due(REVIEW_OVERDUE, end + late, end + late, (LEAD,)))
    found += [Due(REVIEW_ESCALATED, day, day, (LEADERS,)) for day in _weekly(end + ESCALATED_AFTER, today)]
    return _come(found, today)


def of_north_star(review_on: date, *, today: date) -> list[Due]:
    """What has come due, up to `today`, of a North Star to be reviewed on `review_on`."""
    found = []
    for days in NORTH_STAR_DAYS:
        day = review_on + timedelta(days=days)
        found.append(Due(NORTH_STAR_REVIEW, day, day, (OWNER, LEADERS) if days > 0 else (OWNER,)))
    return _come(found, today)


def slot(day: date, zone: str) -> datetime:
    """The moment, in UTC, from which the reminders of a date are due: 07:00 in `zone`, once a date."""
    return instant(datetime.combine(day, TOLD_AT), zone)


def key(due: Due, kind: str, pk: int) -> str:
    """What makes an occurrence happen once: "half_way:omtm:7:2026-11-01"."""
    return f"{due.rule}:{kind}:{pk}:{due.day.isoformat()}"


def months_after(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month where it is too short."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_review(review_on: date | None, every_months: int, today: date) -> date:
    """When the next North Star review is due after one was held today: the rhythm is kept where it can be."""
    following = months_after(review_on, every_months) if review_on else today
    return following if following > today else months_after(today, every_months)


def _weekly(first: date, until: date) -> Iterator[date]:
    while first <= until:
        yield first
        first += WEEK


def _come(found: list[Due], today: date) -> list[Due]:
    """Those told by today, in the order of their days."""
    return sorted((due for due in found if due.occurs_on <= today), key=lambda due: (due.occurs_on, due.rule))
