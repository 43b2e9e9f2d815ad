"""Every forecast that was made, kept so that it can be held against what happened."""

from __future__ import annotations

from django.db import models

from metrics.models.metric import Metric


class ForecastRecord(models.Model):
    """What was expected of a metric at a date, from the weeks up to `as_of_week`; scored when it is over.

    Values in the unit of the metric (ratios: fractions), `p` the probability to reach the target.
    """

    subject = models.CharField(max_length=60, help_text='"omtm:<id>", "target:<id>" or "metric:<id>".')
    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="forecasts")
    as_of_week = models.DateField(help_text="Monday of the newest complete week that it knew.")
    due_on = models.DateField(help_text="The last day of what it is about.")
    target = models.FloatField(null=True)
    p = models.FloatField(null=True)
    mean = models.FloatField()
    low80 = models.FloatField()
    low50 = models.FloatField()
    high50 = models.FloatField()
    high80 = models.FloatField()
    replayed = models.BooleanField(
        default=False, help_text="Worked out later from the values of then, not shown at the time."
    )
    digest = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    outcome = models.FloatField(null=True, help_text="What it was in the end.")
    reached = models.BooleanField(null=True)
    scored_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["subject", "as_of_week", "id"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "as_of_week", "digest"], name="one_forecast_of_inputs")
        ]
        indexes = [models.Index(fields=["due_on", "scored_at"], name="forecast_due")]

    def __str__(self) -> str:
        return f"{self.subject} {self.as_of_week}: {self.mean}"
