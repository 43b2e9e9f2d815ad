"""What the page of calendars shows: three kinds, and which of them this person reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from metrics import ages
from metrics.models import Company
from teams.feeds import content
from teams.models import CalendarFeed, Team

SAID = {
    "person": ("What I am in", "Windows and reviews of my teams and my bets, meetings, the weekly review."),
    "team": ("One team", "Its windows and reviews, meetings, the weekly review."),
    "company": ("The whole company", "Every window and review, meetings, the weekly review."),
}  # fmt: skip

#: The scopes in the list of everybody's.
EVERYBODYS = {"person": "What they are in", "company": "The whole company"}
MOST = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A feed that is read: its name, and when it was read last."""

    pk: int
    name: str
    team_id: int | None
    seen: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of calendar with this person's feeds of it; `teams` are those to choose from."""

    scope: str
    words: str
    holds: str
    rows: list[Row] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)


def kinds(person: Any, *, company: Company, now: datetime) -> list[Kind]:
    """The three kinds. Two queries."""
    feeds = list(
        CalendarFeed.objects.filter(user=person, revoked_at=None)
        .select_related("team")
        .order_by("team__name")
    )
    teams = list(Team.objects.listed())
    found = []
    for scope, (words, holds) in SAID.items():
        rows = [_row(feed, company, now) for feed in feeds if feed.scope == scope]
        found.append(Kind(scope, words, holds, rows, teams if scope == "team" else []))
    return found


@dataclass(frozen=True, slots=True)
class Given:
    """A feed that somebody reads, for admins."""

    pk: int
    person: str
    name: str
    seen: str


def everybodys(*, company: Company, now: datetime) -> list[Given]:
    """Every address that opens a calendar, by person. One query."""
    feeds = CalendarFeed.objects.filter(revoked_at=None, user__is_active=True).select_related("team", "user")
    return [
        Given(feed.pk, str(feed.user), _holds(feed), _row(feed, company, now).seen)
        for feed in feeds.order_by("user__name", "user__email", "pk")[:MOST]
    ]


def _holds(feed: CalendarFeed) -> str:
    return f"The team {feed.team.name}" if feed.team else EVERYBODYS[feed.scope]


def _row(feed: CalendarFeed, company: Company, now: datetime) -> Row:
    seen = ages.moment_words(feed.seen_at, zone=company.zone, now=now) if feed.seen_at else ""
    return Row(feed.pk, content.title(feed, company), feed.team_id, seen)
