"""Where people may be told something besides the app, and what each of them wants to hear."""

from __future__ import annotations

import uuid
from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import Q

from northstar.lib.vault import Place
from teams.models.team import Team

QUIET_FROM, QUIET_UNTIL = time(18), time(8)


class Channel(models.Model):
    """A chat or a webhook: of one person, of a team, or (with neither) of the company."""

    policy_team_path = "team_id"
    policy_creator_path = "person_id"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20)
    label = models.CharField(max_length=80, help_text='As people call it: "#growth".')
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="channels",
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="channels")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="owned_channels",
        help_text="Who connected it, and is told when it breaks.",
    )
    settings = models.JSONField(default=dict, blank=True)
    secrets = models.JSONField(default=dict, blank=True, help_text="Sealed by lib.vault, field by field.")
    secret_hint = models.CharField(max_length=80, blank=True, default="")
    rules = models.JSONField(default=list, blank=True, help_text="Of a shared chat: the rules it is told.")
    hide_numbers = models.BooleanField(default=False)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Failed tellings in a row.")
    broken_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="")
    worked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["label", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(person=None) | Q(team=None), name="channel_has_one_side")
        ]

    def __str__(self) -> str:
        return self.label

    def secret_place(self, name: str) -> Place:
        """Where the sealed secret of this name lives."""
        return ("teams_channel", str(self.uid), name)


class Preference(models.Model):
    """What one person wants to hear, and how; who has no row has the defaults."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference")
    by_mail = models.BooleanField(default=True)
    channel = models.ForeignKey(
        Channel,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="An own chat that is tried first.",
    )
    off_rules = models.JSONField(default=list, blank=True, help_text="Rules that are not told by message.")
    most_a_week = models.PositiveSmallIntegerField(default=3)
    digest = models.CharField(max_length=8, default="daily", help_text="daily or weekly: what can wait.")
    quiet_from = models.TimeField(default=QUIET_FROM)
    quiet_until = models.TimeField(default=QUIET_UNTIL)
    weekly_mail = models.BooleanField(default=True)
    weekly_teams = models.ManyToManyField(
        Team, blank=True, related_name="+", help_text="Whose weekly digest besides the company's."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(digest__in=("daily", "weekly")), name="digest_known"),
            models.CheckConstraint(condition=Q(most_a_week__range=(1, 7)), name="most_a_week_sane"),
        ]

    def __str__(self) -> str:
        return f"What {self.user} wants to hear"
