"""Giving a person the address of a calendar, and ending it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from metrics.auditing import record
from teams.models import CalendarFeed, Team, User


def give(person: User, scope: str, team: Team | None, *, now: datetime) -> tuple[CalendarFeed, str]:
    """The feed and its fresh secret; an address that this person had for the same calendar is dead."""
    with transaction.atomic():
        row, _ = CalendarFeed.objects.get_or_create(user=person, scope=scope, team=team, revoked_at=None)
        feed = CalendarFeed.objects.select_for_update(of=("self",)).get(pk=row.pk)
        secret = feed.new_secret()
        feed.created_at, feed.seen_at, feed.revoked_at = now, None, None
        feed.save(update_fields=["digest", "created_at", "seen_at", "revoked_at"])
        record("feed.give", feed, actor=person, after={"scope": scope, "team": team})
    return feed, secret


def end(feed: CalendarFeed, *, actor: Any, now: datetime) -> None:
    """Its address opens nothing any more; a second time changes nothing."""
    with transaction.atomic():
        if CalendarFeed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=now):
            record("feed.end", feed, actor=actor)


def end_all_of(person: User, *, actor: Any, now: datetime) -> None:
    """Whoever leaves reads none any more; who comes back asks for new addresses."""
    for feed in CalendarFeed.objects.filter(user=person, revoked_at=None).order_by("pk"):
        end(feed, actor=actor, now=now)


def opened(secret: str, now: datetime) -> CalendarFeed | None:
    """The feed of this address; None for others, once its person is deactivated or its team is archived."""
    feed = CalendarFeed.usable(secret, now)
    if feed is None or not feed.user.is_active:
        return None
    if feed.team is not None and feed.team.archived_at is not None:
        return None
    minute = now.replace(second=0, microsecond=0)
    if feed.seen_at != minute:
        CalendarFeed.objects.filter(pk=feed.pk).update(seen_at=minute)
    return feed
