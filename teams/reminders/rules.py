"""Which reminders there are, and on which days those of windows and reviews fall (domain.md §8, M2-M6, M12).

No database, no clock. Days of teams, people and numbers are in `days`.

`day` is where the calendar puts an occurrence and is part of its key, so that a changed holiday calendar
tells nobody twice; `occurs_on` is the day on which people are told.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from northstar.lib.localtime import instant
from northstar.lib.periods import WEEK
from northstar.lib.windows import half_way
from northstar.lib.workdays import next_working_day

WINDOW_STARTED = "window_started"
CHECK_IN = "check_in"
HALF_WAY, TWO_WEEKS_LEFT, WINDOW_ENDED = "half_way", "two_weeks_left", "window_ended"
REVIEW_OVERDUE, REVIEW_ESCALATED = "review_overdue", "review_escalated"
STALE_DATA = "stale_data"
HEALTH_CHANGED, SIGNAL, GUARDRAIL_BROKEN, TARGET_REACHED = (
    "health_changed",
    "signal",
    "guardrail_broken",
    "target_reached",
)
NORTH_STAR_REVIEW, NORTH_STAR_TARGET = "north_star_review", "north_star_target"
NO_FOCUS, CANDIDATE_WAITS, COMMITMENT_MISSING = "no_focus", "candidate_waits", "commitment_missing"
WEEKLY_READY = "weekly_ready"
#: One asks for more than the one before it.
OF_REVIEWS = (HALF_WAY, TWO_WEEKS_LEFT, WINDOW_ENDED, REVIEW_OVERDUE, REVIEW_ESCALATED, NORTH_STAR_REVIEW)
#: Told by `alerting` when it happens, not by the calendar.
OF_SOURCES = SOURCE_FAILING, SOURCE_HEALED = "source_failing", "source_healed"
ALERT, CHANNEL_BROKEN, MINUTES = "alert", "channel_broken", "minutes"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule is: `m` of domain.md §8, its words in "Tell me …", and how it may be told.

    `urgent`: a message of its own; else it rides with the next one or waits for the digest. `always`: no
    opting out and no weekly cap. `shared`: a chat that several people read may be told.
    """

    m: str
    words: str
    urgent: bool = True
    always: bool = False
    shared: bool = False


RULES: dict[str, Rule] = {
    WINDOW_STARTED: Rule("M1", "when a focus of my team starts", urgent=False, shared=True),
    CHECK_IN: Rule("M2", "when my team has not checked in", urgent=False, shared=True),
    HALF_WAY: Rule("M3", "at half-time of a focus", shared=True),
    TWO_WEEKS_LEFT: Rule("M4", "when a focus has two weeks left", shared=True),
    WINDOW_ENDED: Rule("M5", "when a window has ended and its review is open", always=True),
    REVIEW_OVERDUE: Rule("M6", "when a review of mine is late", always=True),
    REVIEW_ESCALATED: Rule("M6", "when a team needs help with a late review", always=True),
    STALE_DATA: Rule("M7", "when a number has stopped arriving", always=True),
    SOURCE_FAILING: Rule("M7", "when a source of mine fails", always=True),
    SOURCE_HEALED: Rule("M7", "when a source of mine works again"),
    HEALTH_CHANGED: Rule("M8", "when a focus changes its state", shared=True),
    SIGNAL: Rule("M9", "when a number leaves its usual range", shared=True),
    GUARDRAIL_BROKEN: Rule("M10", "when a guardrail breaks", shared=True),
    TARGET_REACHED: Rule("M11", "when a target is met two weeks running", shared=True),
    NORTH_STAR_REVIEW: Rule("M12", "when the North Star is due for review"),
    NO_FOCUS: Rule("M13", "when a team has no focus", urgent=False),
    CANDIDATE_WAITS: Rule("M14", "when an idea waits for my decision", urgent=False),
    COMMITMENT_MISSING: Rule("M15", "when my answer to a proposal is missing"),
    NORTH_STAR_TARGET: Rule("M16", "when the target date of the North Star comes near", urgent=False),
    WEEKLY_READY: Rule("M17", "when the weekly review is ready", shared=True),
    ALERT: Rule("", "when an alert of mine fires", shared=True),
    CHANNEL_BROKEN: Rule("", "when a chat that I connected stops working", always=True),
    MINUTES: Rule("", "when the minutes of a review are there", shared=True),
}

#: What stands on the page of reviews as well; the rest is told in the inbox.
ON_REVIEWS = (*OF_REVIEWS, MINUTES)

#: Who is told: leads of the team, everybody in it (without anybody the leaders), its people and nobody else,
#: leaders of the company, the owner of the North Star.
LEAD, TEAM, PEOPLE, LEADERS, OWNER = "lead", "team", "people", "leaders", "owner"

TOLD_AT = time(7)
TWO_WEEKS = timedelta(days=14)
OVERDUE_AFTER, ESCALATED_AFTER = timedelta(days=14), timedelta(days=21)
NORTH_STAR_DAYS = (-14, 0, 14, 28)
TUESDAY = 1
#: By how much another calendar may put off the day on which people are told.
SHIFT = timedelta(days=14)
#: As far back as a check-in may still be asked for: the longest period and a calendar that changed.
ASKED_FOR = timedelta(weeks=5)


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


def of_check_ins(start: date, end: date, *, every: int, today: date, country: str) -> list[Due]:
    """The Tuesdays of the last weeks on which the people of an OMTM were asked, up to `today`: domain §8, M2.

    Every 7 or 14 days, the first a whole period after the start, a free Tuesday on the next working day. On a
    day that asks for something else about it nobody is asked for this as well.
    """
    period, taken = timedelta(days=every), {half_way_day(start, end, country), end - TWO_WEEKS}
    day = start + period
    day += timedelta(days=(TUESDAY - day.weekday()) % 7)
    day += period * max(0, -((day - today + ASKED_FOR) // period))
    found = []
    while day <= min(today, end):
        told = next_working_day(day, country)
        if told <= end and told not in taken:
            found.append(Due(CHECK_IN, day, told, (PEOPLE,)))
        day += period
    return _come(found, today)


def last_day_of_asking(due: Due, *, every: int) -> date:
    """Until when a check-in that was missed is made up for: the first half of its period.

    After days without a worker the next Tuesday is nearer than the last one.
    """
    return due.occurs_on + timedelta(days=every // 2)


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


def addressed(due: Due, to: tuple[str, ...]) -> Due:
    """The same occurrence, told to others."""
    return replace(due, to=to)


def key(due: Due, kind: str, pk: int) -> str:
    """What makes an occurrence happen once: "half_way:omtm:7:2026-11-01"."""
    return f"{due.rule}:{kind}:{pk}:{due.day.isoformat()}"


def matter(rule: str) -> str:
    """What a newer reminder of the same thing takes the place of: a check-in says nothing about a review."""
    return "review" if rule in OF_REVIEWS else rule


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
