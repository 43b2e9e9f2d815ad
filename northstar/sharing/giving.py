"""Giving and taking back links to one page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from metrics.auditing import record
from metrics.models import Company
from northstar.lib.policy import Subject, may
from teams.models import ShareLink

#: Days that a link may live.
LIVES = (7, 30, 90, 180)
USUAL_LIFE = 90
#: What the company's setting asks of whoever shares; nobody may where the word is not in it.
ASKED = {"everybody": "share.create", "leaders": "share.create_restricted"}


def may_share(company: Company, subject: Subject) -> bool:
    """Whether this person may make links, by the policy and the company's setting."""
    action = ASKED.get(company.share_links)
    return action is not None and may(subject, action)


def give(path: str, label: str, *, days: int, actor: Any, now: datetime) -> tuple[ShareLink, str]:
    """A new link to the page at `path`, and its secret, which is kept nowhere."""
    link = ShareLink(path=path, label=label, created_by=actor, expires_at=now + timedelta(days=days))
    with transaction.atomic():
        secret = link.new_secret()
        link.save()
        record("share.create", link, actor=actor, after={"path": path, "days": days})
    return link, secret


def renew(link: ShareLink, *, actor: Any, now: datetime) -> str:
    """A new secret in the place of the one before, which opens nothing from here on; as long a life again."""
    days = round(((link.expires_at or now) - link.created_at) / timedelta(days=1))
    with transaction.atomic():
        locked = ShareLink.objects.select_for_update().get(pk=link.pk)
        secret = locked.new_secret()
        locked.expires_at, locked.revoked_at = now + timedelta(days=min(max(days, 1), LIVES[-1])), None
        locked.save(update_fields=["digest", "expires_at", "revoked_at"])
        record("share.renew", locked, actor=actor, after={"path": locked.path})
    return secret


def revoke(link: ShareLink, *, actor: Any, now: datetime) -> None:
    """It opens nothing any more; a second time changes nothing."""
    with transaction.atomic():
        if ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now):
            record("share.revoke", link, actor=actor, before={"path": link.path})
