"""A request to ask a source again for a stretch of days: as many pulls as it has chunks (R11)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from metrics.models.metric import Metric


class Backfill(models.Model):
    """start..end (half-open) of one metric. `state`: running, paused, done, failed or cancelled."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="backfills")
    start = models.DateField()
    end = models.DateField()
    state = models.CharField(max_length=10, default="running")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["metric", "-id"], name="backfills_of_a_metric")]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.start}..{self.end} {self.state}"
