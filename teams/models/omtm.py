"""The One Metric That Matters of a team, for a window of two to six months."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from metrics.models import Metric
from metrics.models.observation import exact
from teams.models.team import Team

RUNNING = ("active", "in_review")
OUTCOME_RULES = {
    "mean": "The mean of the last weeks",
    "total": "The total of the whole window",
}
PACE_SHAPES = {
    "hold": "Rise, then hold for the weeks that count",
    "linear": "The same step every day",
    "delayed": "Nothing at first, then the same step every day",
    "s_curve": "Slow, fast, slow",
    "milestones": "By dated steps",
    "seasonal": "By the rhythm of weekdays and holidays (totals only)",
}
OUTCOMES = {
    "achieved": "Achieved",
    "partly": "Partly achieved",
    "missed": "Missed",
    "abandoned": "Abandoned",
    "not_measurable": "Not measurable",
}
STOP_REASONS = {
    "target_early": "Target reached early",
    "metric_invalid": "The metric turned out not to measure it",
    "market_change": "The market changed",
    "strategy_change": "The strategy changed",
    "team_dissolved": "The team was dissolved",
}


class OmtmQuerySet(models.QuerySet["Omtm"]):
    def active(self) -> OmtmQuerySet:
        return self.filter(state="active")

    def running(self) -> OmtmQuerySet:
        """Those still to be retired: active, or ended and waiting for their closing review."""
        return self.filter(state__in=RUNNING)

    def retired(self) -> OmtmQuerySet:
        return self.filter(state="retired").order_by("-retired_at", "-id")


class Omtm(models.Model):
    """A bet of one team on one metric; definition, baseline and target are frozen when it starts."""

    policy_team_path = "team_id"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="omtms")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="omtms")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=120)
    slot = models.PositiveSmallIntegerField(default=1, help_text="2 only by an exception.")
    state = models.CharField(max_length=12, default="committed")
    why = models.TextField(help_text="We believe that … will move it, because …")

    definition = models.CharField(max_length=400, blank=True, default="")
    direction = models.CharField(max_length=8)
    unit = models.CharField(max_length=40, blank=True, default="")
    baseline = exact(null=False)
    baseline_from = models.DateField(null=True, blank=True)
    baseline_to = models.DateField(null=True, blank=True)
    baseline_reason = models.CharField(max_length=200, blank=True, default="")
    target = exact()
    low = exact()
    high = exact()
    start = models.DateField()
    end = models.DateField()
    outcome_weeks = models.PositiveSmallIntegerField(default=4)
    outcome_rule = models.CharField(max_length=8, default="mean", help_text="mean or total")
    pace_shape = models.CharField(max_length=12, default="hold")
    pace_lag_days = models.PositiveSmallIntegerField(default=0, help_text="For a delayed pace.")
    milestones = models.JSONField(
        default=list, blank=True, help_text="[[ISO date, value in stored units], …] inside the window."
    )
    no_guardrail_reason = models.CharField(max_length=300, blank=True, default="")
    predecessor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="successors"
    )

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="omtms_created",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    committed_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    review_opened_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="omtms_retired",
    )
    final_reading = exact()
    attainment = models.FloatField(null=True, blank=True)
    outcome = models.CharField(max_length=16, blank=True, default="")
    outcome_computed = models.CharField(max_length=16, blank=True, default="")
    outcome_reason = models.CharField(max_length=300, blank=True, default="", help_text="Why it differs.")
    stop_reason = models.CharField(max_length=16, blank=True, default="")
    retire_reason = models.TextField(blank=True, default="")
    lesson = models.TextField(blank=True, default="")
    snapshot = models.JSONField(
        default=dict, blank=True, help_text="The chart as data, for when the source is gone."
    )
    is_demo = models.BooleanField(default=False)

    objects = OmtmQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "slot"], condition=Q(state="active"), name="one_active_omtm_a_team"
            ),
            models.CheckConstraint(condition=Q(slot__in=(1, 2)), name="omtm_slot_1_or_2"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="omtm_ends_after_start"),
            models.CheckConstraint(
                condition=Q(direction="range", target=None)
                | ~Q(direction="range") & ~Q(target=F("baseline")),
                name="omtm_target_differs",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def total_days(self) -> int:
        return (self.end - self.start).days + 1

    def day_number(self, today: date) -> int:
        """Which day of the window `today` is, 1 to total; 0 before it starts."""
        return max(0, min(self.total_days, (today - self.start).days + 1))

    def days_left(self, today: date) -> int:
        return max(0, (self.end - today).days)

    @property
    def review_due_on(self) -> date:
        """The closing review is due 14 days after the window ends."""
        return self.end + timedelta(days=14)


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
