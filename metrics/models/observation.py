"""What was observed: the current value of each period, and every value it ever had."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from metrics.models.metric import Metric
from metrics.models.pull import Pull


def exact(*, null: bool = True, help_text: str = "") -> models.DecimalField:
    """An exact number: at most 15 significant digits are let in (SQLite keeps no more)."""
    return models.DecimalField(max_digits=31, decimal_places=15, null=null, blank=null, help_text=help_text)


class Observed(models.Model):
    """One period of one metric: a value, or the knowledge that the source had none."""

    grain = models.CharField(max_length=8)
    period_start = models.DateField()
    status = models.CharField(max_length=8, default="value")
    value = exact()
    numerator = exact()
    denominator = exact()
    as_of = models.DateTimeField(help_text="When the pull began to ask.")
    received_at = models.DateTimeField()

    class Meta:
        abstract = True


class Observation(Observed):
    """The current value of a period; a projection of its revisions."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="observations")
    sequence = models.BigIntegerField(default=0, help_text="The revision that it shows.")
    pinned_at = models.DateTimeField(null=True, blank=True)
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    pinned_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "grain", "period_start"], name="one_observation_a_period"
            ),
            models.CheckConstraint(
                condition=Q(status="value", value__isnull=False)
                | Q(status="missing", value__isnull=True)
                | Q(status="value", value__isnull=True, denominator=0),
                name="observation_value_or_missing",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=-(10**15), value__lte=10**15),
                name="observation_is_a_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.grain} {self.period_start}: {self.value}"


class ObservationRevision(Observed):
    """Every accepted change, for ever. The newest neither suppressed nor outdated one is the current one."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="revisions")
    origin = models.CharField(max_length=12, help_text="pull, push, typed, csv or import")
    pull = models.ForeignKey(Pull, null=True, blank=True, on_delete=models.SET_NULL, related_name="revisions")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    reason = models.CharField(max_length=200, blank=True, default="")
    suppressed = models.BooleanField(default=False, help_text="A correction by hand held it back.")
    outdated = models.BooleanField(default=False, help_text="A newer look was there already when it came.")
    late = models.BooleanField(default=False, help_text="Older than the restatement window when it came.")

    class Meta:
        indexes = [
            models.Index(fields=["metric", "grain", "period_start", "id"], name="revision_of_a_period")
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.period_start} {self.origin} {self.value}"


class Rollup(models.Model):
    """Weeks and months worked out from finer observations; can be dropped and rebuilt."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="rollups")
    grain = models.CharField(max_length=8)
    period_start = models.DateField()
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    days = models.PositiveSmallIntegerField(default=0, help_text="Periods that had a value.")
    expected_days = models.PositiveSmallIntegerField(default=7)
    estimated = models.BooleanField(default=False)
    complete = models.BooleanField(default=True, help_text="Every day of it had been asked for.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["metric", "grain", "period_start"], name="one_rollup_a_period")
        ]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.grain} {self.period_start}: {self.value}"


class MetricChange(models.Model):
    """A metric was touched from this period on; `teams` reads these rows and evaluates."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="changes")
    first_period = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = [F("id").asc()]

    def __str__(self) -> str:
        return f"{self.metric_id} from {self.first_period}"
