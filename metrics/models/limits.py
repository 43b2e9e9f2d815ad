"""Process limits: what a metric does when nothing happens, locked once and changed only with a reason."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from metrics.models.metric import Metric

BASES = {"level": "Values", "changes": "Changes from week to week"}


class LimitSegment(models.Model):
    """Natural process limits (XmR) from a period on; the newest that begins before a period judges it.

    Numbers are in the unit of the metric (ratios: fractions), of its values or of its weekly changes.
    """

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="limit_segments")
    start = models.DateField(help_text="The first period that it was computed from.")
    basis = models.CharField(max_length=8, default="level")
    points = models.PositiveSmallIntegerField(help_text="How many periods the limits were computed from.")
    centre = models.FloatField()
    range_mean = models.FloatField(help_text="Mean moving range.")
    reason = models.CharField(max_length=200, blank=True, default="")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["start", "id"]
        constraints = [
            models.UniqueConstraint(fields=["metric", "start"], name="one_limit_segment_a_start"),
            models.CheckConstraint(condition=models.Q(basis__in=list(BASES)), name="limit_basis_known"),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} from {self.start}: {self.centre} ± {self.range_mean}"
