"""Exceptions to one OMTM a team."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models

from teams.models.team import Team


class ExceptionGrantQuerySet(models.QuerySet["ExceptionGrant"]):
    def open_on(self, day: date) -> ExceptionGrantQuerySet:
        """Those under which something may still start on this day."""
        return self.filter(revoked_at=None, until__gte=day)


class ExceptionGrant(models.Model):
    """A leader lets a team push a second metric for a while; expires at the earlier end."""

    policy_team_path = "team_id"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="exceptions")
    reason = models.CharField(max_length=300)
    until = models.DateField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ExceptionGrantQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.team_id} until {self.until}"

    def is_open(self, day: date) -> bool:
        """Whether it is in force on this day."""
        return self.revoked_at is None and day <= self.until
