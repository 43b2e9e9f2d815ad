"""The One Metric That Matters of a team, for a window of two to six months."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from metrics.models import Driver, Metric, NorthStarVersion, Stage
from metrics.models.observation import exact
from teams.models.exception_grant import ExceptionGrant
from teams.models.team import Team

#: From idea to lesson (domain 3.1); the side exit is withdrawn.
STATES = ("draft", "proposed", "committed", "active", "in_review", "retired", "withdrawn")
CANDIDATE = ("draft", "proposed")
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
    "achieved_late": "Achieved late",
    "partly": "Partly achieved",
    "missed": "Missed",
    "abandoned": "Abandoned",
    "not_measurable": "Not measurable",
}
#: The words where a guardrail broke meanwhile: won at a cost.
AT_A_COST = {
    "achieved": "Achieved at a cost",
    "achieved_late": "Achieved late, at a cost",
    "partly": "Partly achieved, at a cost",
}
VERDICTS = {"supported": "Supported", "not_supported": "Not supported", "cannot_tell": "Cannot tell"}
STOP_REASONS = {
    "target_early": "Target reached early",
    "metric_invalid": "The metric turned out not to measure it",
    "market_change": "The market changed",
    "strategy_change": "The strategy changed",
    "team_dissolved": "The team was dissolved",
}


class OmtmQuerySet(models.QuerySet["Omtm"]):
    def candidates(self) -> OmtmQuerySet:
        """Ideas that are not decided: draft, or proposed to the team."""
        return self.filter(state__in=CANDIDATE)

    def active(self) -> OmtmQuerySet:
        return self.filter(state="active")

    def running(self) -> OmtmQuerySet:
        """Those still to be retired: active, or ended and waiting for their closing review."""
        return self.filter(state__in=RUNNING)

    def retired(self) -> OmtmQuerySet:
        return self.filter(state="retired").order_by("-retired_at", "-id")


class Omtm(models.Model):
    """A bet of one team on one metric; definition, baseline and target are frozen at commitment.

    As a candidate it may lack a metric (then `metric_idea` says what is meant), a baseline and a target, and
    start and end are what is planned. What was frozen changes only with a GoalChange row.
    """

    policy_team_path = "team_id"
    policy_creator_path = "created_by_id"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="omtms")
    metric = models.ForeignKey(
        Metric,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="omtms",
        help_text="A draft may lack it.",
    )
    metric_idea = models.CharField(
        max_length=200, blank=True, default="", help_text="Of a draft without a metric."
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=120)
    slot = models.PositiveSmallIntegerField(default=1, help_text="2 only by an exception.")
    exception = models.ForeignKey(
        ExceptionGrant, null=True, blank=True, on_delete=models.PROTECT, related_name="omtms"
    )
    state = models.CharField(max_length=12, default="committed")
    why = models.TextField(blank=True, default="", help_text="We believe that … will move it, because …")
    wrong_if = models.CharField(
        max_length=300, blank=True, default="", help_text="The sign that we are wrong."
    )
    wrong_by = models.DateField(
        null=True, blank=True, help_text="By when it would show; not after half-time."
    )
    kill_criterion = models.CharField(max_length=300, blank=True, default="")
    stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.SET_NULL, related_name="omtms")
    driver = models.ForeignKey(Driver, null=True, blank=True, on_delete=models.SET_NULL, related_name="omtms")
    expected_effect = exact(
        help_text="On the North Star if the target is reached, in its unit; empty: unknown."
    )
    effect_weeks = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Within how many weeks the North Star is expected to move."
    )
    north_star_version = models.ForeignKey(
        NorthStarVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="omtms"
    )
    reach = exact(help_text="How many it touches in the window, for RICE.")
    reach_unit = models.CharField(max_length=40, blank=True, default="")
    scoring_opened_at = models.DateTimeField(null=True, blank=True)
    scoring_closed_at = models.DateTimeField(null=True, blank=True)
    choice_reason = models.CharField(
        max_length=300, blank=True, default="", help_text="Why it was chosen against the ranking."
    )
    commitment_round = models.PositiveSmallIntegerField(
        default=1, help_text="Counts up when people are asked again."
    )

    definition = models.CharField(max_length=400, blank=True, default="")
    direction = models.CharField(max_length=8)
    unit = models.CharField(max_length=40, blank=True, default="")
    baseline = exact()
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
    succession = models.CharField(
        max_length=8, blank=True, default="", help_text="renew or replace, where it follows one."
    )
    original_end = models.DateField(null=True, blank=True, help_text="Set when it was extended.")

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="omtms_created",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="omtms_approved",
    )
    approval_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="Set while it waits for a leader, where two keys are asked for."
    )
    approval_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
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
    guardrail_breach = models.BooleanField(default=False, help_text="A guardrail broke: won at a cost.")
    verdict = models.CharField(max_length=16, blank=True, default="", help_text="Of the hypothesis.")
    review_reason = models.CharField(
        max_length=300, blank=True, default="", help_text="Why the closing review was opened early."
    )
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
            models.CheckConstraint(condition=Q(state__in=STATES), name="omtm_state_known"),
            models.CheckConstraint(condition=Q(slot__in=(1, 2)), name="omtm_slot_1_or_2"),
            models.CheckConstraint(
                condition=Q(slot=1) | Q(exception__isnull=False), name="omtm_second_only_by_exception"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "withdrawn")) | Q(metric__isnull=False),
                name="omtm_measured_from_proposal",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(*CANDIDATE, "withdrawn"))
                | Q(baseline__isnull=False) & (Q(direction="range") | Q(target__isnull=False)),
                name="omtm_frozen_from_commitment",
            ),
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
    def outcome_words(self) -> str:
        """ "Achieved", "Achieved at a cost" where a guardrail broke meanwhile; "" without an outcome."""
        if self.guardrail_breach and self.outcome in AT_A_COST:
            return AT_A_COST[self.outcome]
        return OUTCOMES.get(self.outcome, "")

    @property
    def outcome_pill(self) -> str:
        """The state of the pill that shows its outcome."""
        if self.guardrail_breach and self.outcome in AT_A_COST:
            return "costly"
        return self.outcome if self.outcome in ("achieved", "partly", "missed") else "neutral"

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
