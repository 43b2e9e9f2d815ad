"""Did the bet move the North Star? Predicted at commitment, observed after it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from teams.models.omtm import VERDICTS, Omtm


class Effect(models.Model):
    """The predicted and the observed change of what a bet was to move, with what chance alone does."""

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="effects")
    on = models.CharField(max_length=10, help_text="driver or north_star")
    due_on = models.DateField(help_text="The day from which it can be told: the end plus the expected delay.")
    predicted = models.FloatField(null=True)
    observed = models.FloatField(null=True)
    low = models.FloatField(null=True, help_text="What chance alone does: lower end of the noise band.")
    high = models.FloatField(null=True)
    verdict = models.CharField(max_length=16, blank=True, default="", help_text="Empty: not due yet.")
    words = models.CharField(max_length=400, blank=True, default="")
    detail = models.JSONField(default=dict, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["omtm", "on"], name="one_effect_a_thing"),
            models.CheckConstraint(condition=Q(on__in=("driver", "north_star")), name="effect_on_known"),
            models.CheckConstraint(condition=Q(verdict__in=("", *VERDICTS)), name="effect_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.omtm_id} on {self.on}: {self.verdict or 'not due'}"
