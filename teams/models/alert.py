"""An alert as a sentence: tell whom, when what happens to which number, at most how often."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from metrics.models import Metric
from metrics.models.observation import exact
from teams.models.channel import Channel
from teams.models.omtm import Omtm

ALERT_CONDITIONS = (
    "below_pace",
    "above",
    "below",
    "changes_by",
    "outside_range",
    "state_becomes",
    "no_data",
)


class Alert(models.Model):
    """Tells its owner, and a chat if one is named, when its condition begins to hold."""

    policy_creator_path = "owner_id"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alerts")
    channel = models.ForeignKey(
        Channel, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="alerts")
    omtm = models.ForeignKey(Omtm, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts")
    condition = models.CharField(max_length=16)
    limit = exact(null=True)
    state = models.CharField(max_length=10, blank=True, default="", help_text="Of state_becomes.")
    periods = models.PositiveSmallIntegerField(default=1, help_text="Complete periods in a row.")
    every_days = models.PositiveSmallIntegerField(default=7, help_text="At most once in so many days.")
    holds = models.BooleanField(null=True, help_text="Whether it held at the last look; none yet: unknown.")
    held_since = models.DateField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_to = models.DateField(null=True, blank=True, help_text="The newest period that was looked at.")
    begun_at = models.DateTimeField(
        null=True, blank=True, help_text="When it began to ask what it asks; none: it never asked else."
    )
    muted_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(condition__in=ALERT_CONDITIONS), name="alert_condition_known"),
            models.CheckConstraint(condition=Q(periods__range=(1, 12)), name="alert_periods_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.condition} of {self.metric}"


class Firing(models.Model):
    """One time at which an alert began to hold; `told` is false where it was muted or too soon."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="firings")
    period = models.DateField(help_text="Start of the period that completed the condition.")
    at = models.DateTimeField()
    value = models.FloatField(null=True)
    told = models.BooleanField(default=True)
    sentence = models.CharField(max_length=300)
    acted_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(
        null=True, blank=True, help_text="A revised value says that it did not begin to hold."
    )

    class Meta:
        ordering = ["-period", "-id"]
        constraints = [models.UniqueConstraint(fields=["alert", "period"], name="one_firing_a_period")]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.period}"
