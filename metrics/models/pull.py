"""One run of one source, with an item for each metric it asked for."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from metrics.models.backfill import Backfill
from metrics.models.metric import Metric
from metrics.models.source import Source

UNFINISHED = ("waiting", "running")


class Pull(models.Model):
    """A run of a source: scheduled (live), asked for by hand (requested), or a backfill of dates."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="pulls")
    kind = models.CharField(max_length=10, default="live")
    state = models.CharField(max_length=10, default="waiting")
    metric = models.ForeignKey(
        Metric, null=True, blank=True, on_delete=models.CASCADE, help_text="Only this one."
    )
    start = models.DateField(null=True, blank=True, help_text="Backfill: first day.")
    end = models.DateField(null=True, blank=True, help_text="Backfill: day after the last.")
    backfill = models.ForeignKey(
        Backfill, null=True, blank=True, on_delete=models.CASCADE, related_name="pulls"
    )
    attempt = models.PositiveIntegerField(default=0)
    token = models.CharField(max_length=40, blank=True, default="")
    as_of = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        indexes = [
            models.Index(fields=["source", "-id"], name="pulls_of_a_source"),
            models.Index(
                fields=["state", "source"], name="pulls_unfinished", condition=models.Q(state__in=UNFINISHED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.state}"


class PullItem(models.Model):
    """What came of one metric in a pull; stored and committed by itself."""

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE, related_name="items")
    metric = models.ForeignKey(Metric, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, default="ok")
    rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True, default="")
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_message = models.TextField(blank=True, default="")
    drift = models.JSONField(
        default=dict, blank=True, help_text="Columns that are gone and that are new, since the last success."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pull", "metric"], name="one_item_a_metric")]

    def __str__(self) -> str:
        return f"{self.pull_id}/{self.metric_id} {self.state}"
