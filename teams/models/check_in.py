"""Check-ins: the pulled value, how likely the target is thought, and one sentence."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from teams.models.omtm import Omtm


class CheckIn(models.Model):
    """What a person said of a bet on a day, beside what was measured then; one a person and day."""

    policy_team_path = "omtm__team_id"

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="check_ins")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="check_ins"
    )
    day = models.DateField()
    chance = models.PositiveSmallIntegerField(help_text="Percent: 10, 30, 50, 70 or 90.")
    note = models.CharField(max_length=280, blank=True, default="")
    help_wanted = models.CharField(max_length=280, blank=True, default="")
    reading = models.FloatField(null=True, blank=True, help_text="As measured at that time, in stored units.")
    state = models.CharField(max_length=10, blank=True, default="", help_text="The health at that time.")
    via = models.CharField(max_length=6, default="page", help_text="page or link")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["omtm", "person", "day"], name="one_check_in_a_day"),
            models.CheckConstraint(condition=Q(chance__gte=1, chance__lte=99), name="chance_1_to_99"),
        ]

    def __str__(self) -> str:
        return f"{self.omtm_id} {self.day}: {self.chance}%"


class CheckInLink(models.Model):
    """Lets one person check in once without signing in; the address carries the signed key of this row."""

    policy_team_path = "omtm__team_id"

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="check_in_links")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="check_in_links"
    )
    day = models.DateField(help_text="The day on which the person was asked.")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["omtm", "person", "day"], name="one_check_in_link_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.omtm_id} for {self.person_id} on {self.day}"
