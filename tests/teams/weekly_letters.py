"""A frozen week to write letters about, and looking into a mail."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.message import Message
from html.parser import HTMLParser
from typing import Any

from django.db import transaction

from metrics.models import Metric
from teams import evaluating, weekly
from teams.models import Team, WeeklyReview
from tests.metrics.stars import aim, make_star
from tests.teams.bets import omtm_of

#: Sunday, and 07:00, 09:00 and 12:00 of the Monday in Berlin.
SUNDAY = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)
SEVEN = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)
_KEPT: list[dict[str, Any]] = []


def frozen_week(
    marketing: Team,
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
    *,
    now: datetime = SEVEN,
) -> WeeklyReview:
    """A North Star with a target, and a focus of Marketing with eleven weeks, frozen at `now`."""
    star = make_star(make_metric, make_weeks)
    aim(star)
    trials = make_metric("Qualified trials", kind="flow_sum", unit="trials")
    make_weeks(trials, "2026-08-31", [400 + 5 * place for place in range(11)])
    omtm_of(marketing, trials)
    evaluating.evaluate(now)
    review = weekly.freeze_due(now)
    assert review is not None
    return review


def kept_week(
    make_metric: Callable[..., Metric], make_weeks: Callable[..., None], marketing: Team, *others: Team
) -> WeeklyReview:
    """The same week, frozen once for all tests, as it is plain text. `others` have no focus."""
    if not _KEPT:
        with transaction.atomic():
            _KEPT.append(frozen_week(marketing, make_metric, make_weeks).content)
            transaction.set_rollback(True)
    content = copy.deepcopy(_KEPT[0])
    known = content["letter"]
    (mine,) = (team for team in known["teams"] if team["name"] == "Marketing")
    known["teams"] = [mine | {"id": marketing.pk}]
    for team in others:
        path, none = f"/teams/{team.slug}/", "No focus metric yet."
        known["teams"].append({"id": team.pk, "name": team.name, "path": path, "bets": [], "none": none})
    return WeeklyReview.objects.create(week=date(2026, 11, 9), frozen_at=SEVEN, content=content)


class Page(HTMLParser):
    """The tags of a letter with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[dict[str, Any]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def part(message: Message, kind: str) -> str:
    """The one part of that type as text."""
    (found,) = (each for each in message.walk() if each.get_content_type() == kind)
    body = found.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode()


def pictures(message: Message) -> dict[str, bytes]:
    """The pictures by the address under which the letter names them."""
    found = {}
    for each in message.walk():
        if each.get_content_type() == "image/png":
            body = each.get_payload(decode=True)
            assert isinstance(body, bytes)
            found[f"cid:{str(each['Content-ID']).strip('<>')}"] = body
    return found


def styles(html: str) -> str:
    """All inline styles, one after the other."""
    return " ".join(re.findall(r'style="([^"]*)"', html))
