"""What is measured: definition, kind, grain, direction, and how a source is asked for it."""

from __future__ import annotations

from datetime import timedelta

from django.db import models

from metrics.models.source import Source

KINDS = {
    "flow_sum": "Sum of events (demos booked, revenue)",
    "ratio": "Share of a whole (trial to paid)",
    "snapshot_stock": "Stock at a moment (paying accounts)",
    "unique": "Distinct count (weekly active teams)",
    "average": "Weighted average (handling time)",
    "quantile": "Median or percentile (p95 latency)",
}
GRAINS = {"day": "Day", "week": "Week", "month": "Month"}
DIRECTIONS = {"up": "Higher is better", "down": "Lower is better", "range": "Best within a range"}
MISSING = {
    "gap": "A gap: nothing is known",
    "zero": "Zero: no row means none",
    "carry": "The last value holds (at most 3)",
}
ROLES = {"input": "Input: a team can move it", "output": "Output: a result"}


class MetricQuerySet(models.QuerySet["Metric"]):
    def listed(self) -> MetricQuerySet:
        return self.filter(archived_at=None).order_by("name")

    def pulled(self) -> MetricQuerySet:
        """Metrics that a pull of their source asks for."""
        return self.filter(archived_at=None, paused_at=None)


class Metric(models.Model):
    """One measure with one meaning; a new meaning is a new metric that `replaces` this one."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    definition = models.CharField(max_length=400, help_text="One sentence that a new colleague understands.")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="metrics")
    query = models.JSONField(default=dict, blank=True)
    kind = models.CharField(max_length=20)
    grain = models.CharField(max_length=8, default="week")
    direction = models.CharField(max_length=8, default="up")
    unit = models.CharField(max_length=40, blank=True, default="")
    decimals = models.PositiveSmallIntegerField(default=0)
    missing = models.CharField(max_length=8, default="gap")
    latency_hours = models.PositiveIntegerField(
        default=0, help_text="How long after its end a period is complete."
    )
    restate_days = models.PositiveIntegerField(default=14, help_text="How far back each pull asks again.")
    seen_columns = models.JSONField(
        default=list, blank=True, help_text="The columns of the last answer that could be stored."
    )
    min_den = models.PositiveIntegerField(default=30)
    history_from = models.DateField(null=True, blank=True, help_text="The first day ever asked for.")
    role = models.CharField(max_length=8, default="input")
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )
    segment_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="segments"
    )
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    paused_at = models.DateTimeField(null=True, blank=True)
    paused_reason = models.CharField(max_length=300, blank=True, default="")
    failures = models.PositiveIntegerField(default=0)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=40, blank=True, default="")
    last_error_message = models.TextField(blank=True, default="")

    objects = MetricQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=list(KINDS)), name="metric_kind_known"),
            models.CheckConstraint(condition=models.Q(grain__in=list(GRAINS)), name="metric_grain_known"),
            models.CheckConstraint(
                condition=models.Q(direction__in=list(DIRECTIONS)), name="metric_direction_known"
            ),
            models.CheckConstraint(
                condition=models.Q(missing__in=list(MISSING)), name="metric_missing_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def latency(self) -> timedelta:
        return timedelta(hours=self.latency_hours)

    @property
    def has_parts(self) -> bool:
        """True where an observation is a numerator and a denominator."""
        return self.kind in ("ratio", "average")

    @property
    def lower_is_better(self) -> bool:
        return self.direction == "down"
