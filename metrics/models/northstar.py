"""The North Star: who it is, how it is defined over time, what is aimed for, what drives it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from metrics.models.metric import Metric
from metrics.models.observation import exact

HORIZONS = {
    "short": "Short term, up to six months",
    "annual": "This year",
    "long": "Long term, two to five years",
}


class NorthStar(models.Model):
    """The identity of a North Star Metric; what it means stands in its versions."""

    name = models.CharField(max_length=120)
    scope = models.CharField(max_length=10, default="company", help_text="company or unit")
    unit = models.CharField(
        max_length=80, blank=True, default="", help_text="The business unit, where it is of one."
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="units")
    relation = models.CharField(
        max_length=12, blank=True, default="", help_text="Of a unit's: addend, influences or independent."
    )
    why_not_company = models.TextField(blank=True, default="", help_text="Why the unit needs one of its own.")
    state = models.CharField(max_length=10, default="draft")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    review_every_months = models.PositiveSmallIntegerField(default=6)
    next_review_on = models.DateField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope"], condition=Q(state="active", scope="company"), name="one_active_north_star"
            ),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(state="active", scope="unit"),
                name="one_active_north_star_a_unit",
            ),
            models.CheckConstraint(
                condition=Q(scope="company", unit="") | Q(scope="unit") & ~Q(unit=""),
                name="north_star_of_whom",
            ),
            models.CheckConstraint(
                condition=Q(review_every_months__gte=3, review_every_months__lte=12),
                name="north_star_review_3_to_12",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> NorthStar | None:
        """The company's active North Star, with nothing prefetched."""
        return cls.objects.filter(scope="company", state="active").first()


class NorthStarVersion(models.Model):
    """What the North Star means from a day on; append only."""

    north_star = models.ForeignKey(NorthStar, on_delete=models.CASCADE, related_name="versions")
    version_no = models.PositiveSmallIntegerField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="north_star_versions")
    value_proposition = models.TextField(help_text="We win when <customer> <gets value>.")
    plain_definition = models.CharField(max_length=300)
    unit_of_count = models.CharField(max_length=120, blank=True, default="")
    qualifying_action = models.CharField(max_length=200, blank=True, default="")
    time_window = models.CharField(max_length=60, blank=True, default="ISO week")
    why_it_predicts_success = models.TextField(blank=True, default="")
    link_to_strategy = models.TextField(blank=True, default="")
    inclusions_exclusions = models.TextField(blank=True, default="")
    known_weaknesses = models.TextField(blank=True, default="")
    how_it_could_be_gamed = models.TextField(blank=True, default="")
    change_type = models.CharField(max_length=14, default="first")
    change_reason = models.TextField(blank=True, default="")
    checklist = models.JSONField(
        default=dict,
        blank=True,
        help_text='{"value": {"answer": "2", "note": "…"}, …}, names of checklist.QUESTIONS',
    )
    override_reason = models.TextField(
        blank=True, default="", help_text="Why it begins although a must is 0."
    )
    overlap_weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    overlap_reason = models.TextField(blank=True, default="", help_text="Why it overlaps less than 8 weeks.")
    splice_ratio = models.FloatField(
        null=True, blank=True, help_text="Sum of new over sum of old in the overlap."
    )
    measured = models.JSONField(
        default=dict, blank=True, help_text="How its metric was asked for when it was approved."
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    approved_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["north_star", "version_no"], name="one_version_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.north_star_id} v{self.version_no}"

    @classmethod
    def in_force(cls) -> NorthStarVersion | None:
        """What the company's active North Star means now, with its metric; None without one. One query."""
        active = cls.objects.filter(north_star__scope="company", north_star__state="active")
        return active.select_related("north_star", "metric").order_by("-version_no").first()


class StarGuardrail(models.Model):
    """A metric that must not get worse while the North Star rises."""

    north_star = models.ForeignKey(NorthStar, on_delete=models.CASCADE, related_name="guardrails")
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="star_guards")
    side = models.CharField(max_length=8, help_text="at_most or at_least")
    limit = exact(null=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["north_star", "metric"], name="one_star_guardrail_a_metric"),
            models.CheckConstraint(
                condition=Q(side__in=("at_most", "at_least")), name="star_guardrail_side_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.side} {self.limit}"


class NorthStarTarget(models.Model):
    """What is aimed for by a day; a new target supersedes, it never overwrites."""

    north_star = models.ForeignKey(NorthStar, on_delete=models.CASCADE, related_name="targets")
    horizon = models.CharField(max_length=8)
    target_value = exact(null=False)
    due_date = models.DateField()
    baseline_value = exact(null=False)
    baseline_date = models.DateField()
    rationale = models.TextField(blank=True, default="")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    set_on = models.DateField()
    superseded_on = models.DateField(null=True, blank=True)
    superseded_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["north_star", "horizon"],
                condition=Q(superseded_on=None),
                name="one_current_target_a_horizon",
            ),
            models.CheckConstraint(condition=Q(horizon__in=list(HORIZONS)), name="horizon_known"),
        ]

    def __str__(self) -> str:
        return f"{self.horizon} {self.target_value} by {self.due_date}"
