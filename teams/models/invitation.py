"""Invitations: a link that works once, for one address, for a while."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from teams.models.team import Team


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self, now: datetime) -> InvitationQuerySet:
        """Sent to somebody, and still open."""
        return self.filter(purpose="invite", used_at=None, revoked_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """Somebody is asked to join; the token is stored as a hash and shown once."""

    email = models.EmailField(max_length=254, blank=True, default="")
    name = models.CharField(max_length=120, blank=True, default="")
    grants = models.JSONField(default=list, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)
    team_role = models.CharField(max_length=8, default="member")
    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(
        max_length=10, default="invite", help_text="invite, or setup for the first admin"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="invitations_sent",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.email or self.purpose}"
