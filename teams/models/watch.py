"""What watches over an OMTM: its guardrails, and its health of each week."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrics.models import Metric
from metrics.models.observation import exact
from teams.models.omtm import Omtm


class Guardrail(models.Model):
    """A metric that must not get worse than its limit while the OMTM is pushed."""

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="guardrails")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="guards")
    side = models.CharField(max_length=8, help_text="at_most or at_least")
    limit = exact(null=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["omtm", "metric"], name="one_guardrail_a_metric"),
            models.CheckConstraint(
                condition=Q(side__in=("at_most", "at_least")), name="guardrail_side_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.side} {self.limit}"


class HealthSnapshot(models.Model):
    """The weekly evaluation of an OMTM; the newest of a week counts, older ones stay."""

    omtm = models.ForeignKey(Omtm, on_delete=models.CASCADE, related_name="health")
    as_of_week = models.DateField(
        help_text="Monday of the newest complete week; the start where there is none."
    )
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=300)
    reading = models.FloatField(null=True)
    pace = models.FloatField(null=True)
    progress = models.FloatField(null=True)
    expected = models.FloatField(null=True)
    gap = models.FloatField(null=True)
    z = models.FloatField(null=True)
    raw = models.CharField(max_length=10, blank=True, default="", help_text="Before confirmation.")
    p = models.FloatField(null=True, help_text="Probability to reach the target, 0.01 to 0.99.")
    attainment = models.FloatField(null=True, help_text="Forecast share of the journey at the end.")
    forecast = models.JSONField(default=dict, help_text="Bands and the two stories, or why there is none.")
    trust = models.JSONField(default=list, help_text="Sentences that say why the number was not trusted.")
    inputs_hash = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["omtm", "as_of_week", "inputs_hash"], name="one_snapshot_of_inputs"
            )
        ]

    def __str__(self) -> str:
        return f"{self.omtm_id} {self.as_of_week} {self.state}"
