"""What people believed about a bet, kept so that it can be held against what happened."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from teams.models.omtm import Omtm


class Confidence(models.Model):
    """How likely a person thought it, on a day, that the target would be reached; one a day."""

    policy_team_path = "omtm__team_id"

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="confidences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    day = models.DateField()
    chance = models.PositiveSmallIntegerField(help_text="Percent: 10, 30, 50, 70 or 90.")
    note = models.CharField(max_length=280, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["omtm", "person", "day"], name="one_confidence_a_day"),
            models.CheckConstraint(condition=Q(chance__gte=1, chance__lte=99), name="confidence_1_to_99"),
        ]

    def __str__(self) -> str:
        return f"{self.omtm_id} {self.day}: {self.chance}%"
