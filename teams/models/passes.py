"""Passes: addresses that open one thing to whoever holds them. Kept as hashes, shown once, revocable."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from teams.models.team import Team

FEED_SCOPES = ("person", "team", "company")
#: A disconnected screen learns for that long why it was; its row is kept no longer.
KEPT_AFTER = timedelta(days=30)
#: A screen that did not look for so long hangs nowhere any more; who finds its browser is to see nothing.
LOST_AFTER = timedelta(days=90)


class Pass(models.Model):
    """The common part of everything that opens without signing in; 192 random bits need no slow hash."""

    label = models.CharField(max_length=80, blank=True, default="")
    digest = models.CharField(max_length=64, unique=True, null=True, help_text="SHA-256 of the secret part.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")

    class Meta:
        abstract = True

    def new_secret(self) -> str:
        """A fresh secret whose hash this row now keeps; the row is not saved."""
        text = secrets.token_urlsafe(24)
        self.digest = digest_of(text)
        return text

    @classmethod
    def usable(cls, text: str, now: datetime) -> Self | None:
        """The row that this secret opens, unless it was revoked or has expired."""
        if not text or len(text) > 100:
            return None
        lasting = Q(expires_at=None) | Q(expires_at__gt=now)
        return cls._default_manager.filter(lasting, digest=digest_of(text), revoked_at=None).first()


class Screen(Pass):
    """A wall screen: paired by a code that an admin approves; its secret is a cookie of that browser."""

    code = models.CharField(max_length=64, blank=True, default="", db_index=True, help_text="SHA-256.")
    code_expires_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    teams = models.ManyToManyField(Team, blank=True, related_name="+", help_text="None: all of them.")
    only_these = models.BooleanField(
        default=False, help_text="Teams were chosen: where none of them is left, none is shown."
    )
    shows_names = models.BooleanField(default=False)
    seconds = models.PositiveSmallIntegerField(default=20)
    dims_from = models.TimeField(null=True, blank=True)
    dims_until = models.TimeField(null=True, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True, help_text="Where the code was asked from.")
    browser = models.CharField(max_length=200, blank=True, default="", help_text="What it says it is.")
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seconds__range=(5, 600)), name="screen_seconds_sane")
        ]

    @classmethod
    def forget(cls, now: datetime) -> None:
        """Delete what asked for a code and got no answer, and what was disconnected a month ago; disconnect
        what was not seen for 90 days."""
        cls.objects.filter(approved_at=None, code_expires_at__lte=now).delete()
        cls.objects.filter(revoked_at__lte=now - KEPT_AFTER).delete()
        lost = cls.objects.exclude(approved_at=None).filter(revoked_at=None)
        lost = lost.filter(approved_at__lte=now - LOST_AFTER)
        lost.filter(Q(seen_at=None) | Q(seen_at__lte=now - LOST_AFTER)).update(revoked_at=now)

    @classmethod
    def usable(cls, text: str, now: datetime) -> Self | None:
        """As of any pass, and none that was lost, also where nobody has tidied up yet."""
        found = super().usable(text, now)
        if found is None or found.approved_at is None:
            return found
        return (
            found if max(found.approved_at, found.seen_at or found.approved_at) > now - LOST_AFTER else None
        )

    def __str__(self) -> str:
        return self.label or f"Screen {self.pk}"


class ShareLink(Pass):
    """One page, readable by whoever has the address, until it expires or is revoked."""

    policy_creator_path = "created_by_id"

    path = models.CharField(max_length=200, help_text="The page that it shows, without query.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="share_links"
    )
    views = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.label}: {self.path}"


class CalendarFeed(Pass):
    """An address that calendar programs read: of a person, a team or the company, asked for by one person."""

    policy_creator_path = "user_id"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds")
    scope = models.CharField(max_length=8)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=FEED_SCOPES), name="feed_scope_known"),
            models.CheckConstraint(
                condition=Q(scope="team", team__isnull=False) | (~Q(scope="team") & Q(team=None)),
                name="feed_of_a_team_has_one",
            ),
            models.UniqueConstraint(
                "user",
                "scope",
                Coalesce("team", 0),
                condition=Q(revoked_at=None),
                name="one_feed_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} feed of {self.user}"


def digest_of(text: str) -> str:
    """The SHA-256 under which a secret is kept, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
