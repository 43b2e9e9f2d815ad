"""How much a person is told: one message a day, and no more than they want in a week (domain.md §8).

Pure: what was sent and what waits come as arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from northstar.lib.localtime import local_day
from teams.reminders import quiet
from teams.reminders.quiet import Hours


@dataclass(frozen=True, slots=True)
class Told:
    """A message that left, or is leaving; `counts` where it is one of the week's."""

    at: datetime
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What one reader agreed to hear; `most_a_week` None has no weekly cap, as a shared chat."""

    hours: Hours
    most_a_week: int | None = 3
    weekly: bool = False


def next_moment(
    now: datetime, terms: Terms, told: Sequence[Told], *, exempt: bool, urgent: bool = True
) -> datetime:
    """The first moment from `now` on, in UTC, at which the next message may leave.

    1. Not in quiet time. 2. On a day without a message. 3. In a week with one left, unless it is exempt; the
    last of a week is kept for what is urgent.
    """
    hours, most = terms.hours, terms.most_a_week
    if most is not None and not urgent:
        most = max(most - 1, 1)
    moment = quiet.next_allowed(now, hours)
    while True:
        day = local_day(moment, hours.zone)
        monday = day - timedelta(days=day.weekday())
        if any(local_day(each.at, hours.zone) == day for each in told):
            start = day + quiet.DAY
        elif exempt or most is None or _counted(told, monday, hours) < most:
            return moment
        else:
            start = monday + 7 * quiet.DAY
        moment = quiet.next_morning(quiet.start_of(start, hours), hours)


def digest_moment(written: datetime, terms: Terms) -> datetime:
    """When what can wait leaves by itself, in UTC: the next working morning, or the first of a week.

    The same for its own answer, so that it may be asked again at any time.
    """
    return (quiet.next_week if terms.weekly else quiet.next_morning)(written, terms.hours)


def _counted(told: Sequence[Told], monday: date, hours: Hours) -> int:
    """How many of the messages count in the week of this Monday."""
    days = (local_day(each.at, hours.zone) for each in told if each.counts)
    return sum(monday <= day < monday + 7 * quiet.DAY for day in days)
