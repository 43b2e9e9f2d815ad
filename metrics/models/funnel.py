"""The Pirate Funnel: the steps of a customer's way, and how many took each (domain 4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from metrics.models.metric import Metric
from metrics.models.northstar import NorthStar
from metrics.models.observation import exact

AARRR = {
    "acquisition": "Acquisition",
    "activation": "Activation",
    "retention": "Retention",
    "referral": "Referral",
    "revenue": "Revenue",
}
MODES = {
    "cohort": "Cohorts: everybody who entered is followed until they had their time",
    "period": "Periods: who entered and who converted in the same weeks",
}
STAGE_KINDS = {
    "chain": "Conversion of the step before",
    "loss": "A rate that is lost again and again; lower is better",
    "loop": "New entrants that customers bring",
}
#: How far a benchmark can be relied on (domain 4.1).
BENCHMARK_KINDS = {
    "own_best": "Our own best, sustained over 8 weeks",
    "experiment": "A controlled experiment",
    "peers": "Peers of the same segment",
    "published": "A published figure, or a guess",
}


class Funnel(models.Model):
    """The way of customers into a North Star; what each brings says how its steps move that number."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    north_star = models.ForeignKey(
        NorthStar, null=True, blank=True, on_delete=models.SET_NULL, related_name="funnels"
    )
    mode = models.CharField(max_length=8, default="cohort")
    response = models.CharField(
        max_length=8, default="stock", help_text="stock: customers stay and lapse; flow: each week anew."
    )
    units_each = exact(help_text="How many units of the North Star each new customer brings (g).")
    horizon_weeks = models.PositiveSmallIntegerField(default=17)
    weeks_read = models.PositiveSmallIntegerField(default=13, help_text="How many matured weeks are read.")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=list(MODES)), name="funnel_mode_known"),
            models.CheckConstraint(condition=Q(response__in=("stock", "flow")), name="funnel_response_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """One step: how many entered it and how many of them went on."""

    funnel = models.ForeignKey(Funnel, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField(default=0)
    aarrr = models.CharField(max_length=12)
    name = models.CharField(max_length=80, help_text="Such as: trial to active in 7 days.")
    definition = models.CharField(max_length=300, blank=True, default="")
    kind = models.CharField(max_length=6, default="chain")
    metric = models.ForeignKey(
        Metric,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="stages",
        help_text="A ratio: its parts are who entered and who went on.",
    )
    entered_name = models.CharField(max_length=60, blank=True, default="", help_text="Who enters: trials.")
    converted_name = models.CharField(max_length=60, blank=True, default="", help_text="Who went on.")
    maturity_days = models.PositiveSmallIntegerField(default=0, help_text="How long an entrant is given.")
    lag_weeks = models.PositiveSmallIntegerField(
        default=0, help_text="Weeks until a change shows in the North Star."
    )
    target = exact(help_text="What is aimed for, apart from the benchmark.")
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(aarrr__in=list(AARRR)), name="stage_aarrr_known"),
            models.CheckConstraint(condition=Q(kind__in=list(STAGE_KINDS)), name="stage_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class StageCount(models.Model):
    """Who entered in some days, and how many of them went on; immature ones are still waiting."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="counts")
    cohort_start = models.DateField()
    cohort_end = models.DateField(help_text="Inclusive.")
    entered = models.PositiveBigIntegerField()
    converted = models.PositiveBigIntegerField()
    matured = models.BooleanField(default=True)
    as_of = models.DateTimeField()
    origin = models.CharField(max_length=8, default="typed", help_text="typed or metric")
    median_days = models.FloatField(null=True, blank=True, help_text="Median time to convert.")

    class Meta:
        ordering = ["cohort_start"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "cohort_start"], name="one_count_a_cohort"),
            models.CheckConstraint(
                condition=Q(cohort_end__gte=F("cohort_start")), name="cohort_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id} {self.cohort_start}: {self.converted} of {self.entered}"


class Benchmark(models.Model):
    """What a step could be, and how far that can be relied on; the newest counts, older ones stay."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="benchmarks")
    value = exact(null=False)
    kind = models.CharField(max_length=12)
    source = models.CharField(max_length=300, blank=True, default="", help_text="Where it comes from.")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(BENCHMARK_KINDS)), name="benchmark_kind_known")
        ]

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.value}"
