"""The reviews of the next four weeks, and those that are late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from metrics import formatting
from metrics.models import NorthStar
from teams.models import Omtm
from teams.reminders import rules

AHEAD = timedelta(weeks=4)
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Coming:
    """A review with its day in words; tone is bad when it is late, warn within a week."""

    name: str
    what: str
    day: date
    when: str
    tone: str
    url: str


def up(star: NorthStar | None, omtms: Iterable[Omtm], *, today: date, country: str) -> list[Coming]:
    """Reviews whose day lies within four weeks or has passed, soonest first."""
    found = [
        Coming(name, what, day, *_when(day, today), url)
        for name, what, day, url in _all(star, omtms, today=today, country=country)
        if day <= today + AHEAD
    ]
    return sorted(found, key=lambda each: (each.day, each.name))


def _all(
    star: NorthStar | None, omtms: Iterable[Omtm], *, today: date, country: str
) -> Iterator[tuple[str, str, date, str]]:
    for omtm in omtms:
        page = reverse("omtm", args=[omtm.pk])
        if omtm.state == "in_review":
            yield omtm.name, f"{omtm.team.name} · closing review", omtm.review_due_on, page
        if omtm.state != "active":
            continue
        if not getattr(omtm, "midpoint_held", False):
            day = rules.half_way_day(omtm.start, omtm.end, country)
            form = reverse("omtm-midpoint", args=[omtm.pk])
            yield omtm.name, f"{omtm.team.name} · half-way review", day, form
        yield omtm.name, f"{omtm.team.name} · window ends", omtm.end, page
    if star is not None and star.next_review_on is not None:
        yield star.name, "North Star review", star.next_review_on, reverse("north-star-review")


def _when(day: date, today: date) -> tuple[str, str]:
    """(words, tone): "2 days late", "today", "in 3 days", "12 Dec"."""
    days = (day - today).days
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} late", "bad"
    if days == 0:
        return "today", "warn"
    if day - today <= SOON:
        return ("tomorrow" if days == 1 else f"in {days} days"), "warn"
    return formatting.day_words(day, today), ""
