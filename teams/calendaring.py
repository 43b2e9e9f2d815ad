"""Dates of reviews as calendar files (RFC 5545): the next meeting, and the reviews of one bet."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from metrics.models import Company
from northstar.lib.localtime import instant
from teams.models import Omtm
from teams.reminders import rules

PRODUCT = "-//Northstar//Reviews//EN"
A_DAY = timedelta(days=1)
#: Three minutes a bet, in quarters of an hour, and time to come and go.
SHORTEST, EACH, QUARTER = 30, 3, 15


def meeting(day: date, at: time, *, count: int, company: Company, now: datetime) -> bytes:
    """The next review meeting: an hour of the day by the company's clocks, long enough for `count` bets."""
    return published([meeting_event(day, at, count=count, company=company, now=now)])


def meeting_event(day: date, at: time, *, count: int, company: Company, now: datetime) -> Event:
    """That meeting as an event."""
    start = instant(datetime.combine(day, at), company.zone)
    minutes = max(SHORTEST, -(-count * EACH // QUARTER) * QUARTER)
    found = event(f"meeting-{day.isoformat()}", "Review meeting", reverse("review-run"), now=now)
    found.add("dtstart", start)
    found.add("dtend", start + timedelta(minutes=minutes))
    return found


def reviews_of(omtm: Omtm, *, company: Company, now: datetime) -> bytes:
    """The days of the half-way and the closing review of one bet, as whole days.

    A second download moves what the first one put there: the names of the events stay, and their sequence
    counts the changes of the goal.
    """
    middle = rules.half_way_day(omtm.start, omtm.end, company.country)
    held = set(omtm.reviews.filter(held_at__isnull=False).values_list("kind", flat=True))
    moved = omtm.goal_changes.count()
    events = []
    for kind, words, path, day, last in (
        ("midpoint", "Half-way review", "omtm-midpoint", middle, middle),
        ("closing", "Closing review", "omtm-retire", omtm.end + A_DAY, omtm.review_due_on),
    ):
        if kind in held:
            continue
        name = f"omtm-{omtm.pk}-{kind}"
        found = event(name, f"{words}: {omtm.name} ({omtm.team})", reverse(path, args=[omtm.pk]), now=now)
        found.add("dtstart", day)
        found.add("dtend", last + A_DAY)
        found.add("sequence", moved)
        found.add("transp", "TRANSPARENT")
        events.append(found)
    return published(events)


def event(name: str, summary: str, path: str, *, now: datetime) -> Event:
    """An event without its dates; `name` makes its UID, which stays whatever moves."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    found = Event()
    found.add("uid", f"{name}@{host}")
    found.add("dtstamp", now)
    found.add("summary", summary)
    found.add("url", f"{settings.SITE_URL}{path}")
    found.add("description", f"{settings.SITE_URL}{path}")
    return found


def new_calendar() -> Calendar:
    """A calendar that holds nothing yet."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    return calendar


def published(events: list[Event]) -> bytes:
    """A calendar file of these events."""
    calendar = new_calendar()
    for each in events:
        calendar.add_component(each)
    return calendar.to_ical()
