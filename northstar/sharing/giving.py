"""Giving and taking back links to one page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from metrics.auditing import record
from metrics.models import Company
from northstar.lib.policy import Subject, may
from teams.models import ShareLink, User

#: Days that a link may live.
LIVES = (7, 30, 90, 180)
USUAL_LIFE = 90
#: More open links of one person than anybody keeps in mind.
MOST_OPEN = 50
FULL = (
    f"You have {MOST_OPEN} open links already. Revoke those that nobody needs any more, then make this one."
)
REVOKED = "This link was revoked, and stays so. Open its page and share it anew."
#: What the company's setting asks of whoever shares; nobody may where the word is not in it.
ASKED = {"everybody": "share.create", "leaders": "share.create_restricted"}


class SharingError(Exception):
    """Why a link cannot be made or renewed, in a sentence."""


def may_share(company: Company, subject: Subject) -> bool:
    """Whether this person may make links, by the policy and the company's setting."""
    action = ASKED.get(company.share_links)
    return action is not None and may(subject, action)


def still_may(company: Company, givers: Collection[int]) -> set[int]:
    """Which of these people may share today; a link opens nothing while its giver may not. One query."""
    active = User.objects.filter(pk__in=givers, is_active=True).values_list("pk", "grants__name")
    grants: dict[int, set[str]] = {}
    for pk, name in active:
        grants.setdefault(pk, set()).update([name] if name else [])
    return {
        pk for pk, held in grants.items() if may_share(company, Subject(user_id=pk, grants=frozenset(held)))
    }


def is_open(now: datetime) -> Q:
    """Which links were neither revoked nor have ended."""
    return Q(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)


def give(path: str, label: str, *, days: int, actor: Any, now: datetime) -> tuple[ShareLink, str]:
    """A new link to the page at `path`, and its secret, which is kept nowhere. Raises SharingError."""
    link = ShareLink(path=path, label=label, created_by=actor, expires_at=now + timedelta(days=days))
    with transaction.atomic():
        # One at a time of each person, so that two at once do not pass the limit.
        User.objects.select_for_update().get(pk=actor.pk)
        if ShareLink.objects.filter(is_open(now), created_by=actor).count() >= MOST_OPEN:
            raise SharingError(FULL)
        secret = link.new_secret()
        link.save()
        record("share.create", link, actor=actor, after={"path": path, "days": days})
    return link, secret


def renew(link: ShareLink, *, actor: Any, now: datetime) -> str:
    """A new secret in the place of the one before, which opens nothing from here on; as long a life again.

    SharingError for one that was revoked: whoever revoked it meant it.
    """
    with transaction.atomic():
        locked = ShareLink.objects.select_for_update().get(pk=link.pk)
        if locked.revoked_at is not None:
            raise SharingError(REVOKED)
        days = round(((locked.expires_at or now) - locked.created_at) / timedelta(days=1))
        secret = locked.new_secret()
        # It begins anew: of days counted from its first beginning, each renewal would give more.
        locked.created_at, locked.expires_at = now, now + timedelta(days=min(max(days, 1), LIVES[-1]))
        locked.save(update_fields=["digest", "created_at", "expires_at"])
        record("share.renew", locked, actor=actor, after={"path": locked.path})
    return secret


def revoke(link: ShareLink, *, actor: Any, now: datetime) -> None:
    """It opens nothing any more; a second time changes nothing."""
    with transaction.atomic():
        if ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now):
            record("share.revoke", link, actor=actor, before={"path": link.path})
