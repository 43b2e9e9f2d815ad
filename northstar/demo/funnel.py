"""The funnel of Brindlewick: weekly cohorts that add up to the counts of domain 4.3, and its benchmarks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from random import Random

from django.utils.text import slugify

from metrics import defining, storing
from metrics.connectors.base import Row
from metrics.models import Benchmark, Funnel, Metric, NorthStar, Stage, StageCount
from northstar.demo.days import Days
from northstar.demo.deeds import done
from teams.models import Team, User

NAME = "Customers"
#: What one paying account brings, in crews.
UNITS_EACH = Decimal("4.2")
SET_WEEK = -12


@dataclass(frozen=True, slots=True)
class Run:
    """`weeks` weekly cohorts with these sums; an `even` run has the same rate every week."""

    weeks: int
    entered: int
    converted: int
    even: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A step. `runs` are its past, oldest first; the last one of 13 weeks is read, `waiting` ones follow."""

    aarrr: str
    name: str
    definition: str
    team: str
    entered: str
    converted: str
    runs: tuple[Run, ...]
    benchmark: tuple[str, str, str]
    kind: str = "chain"
    lag: int = 0
    maturity: int = 0
    waiting: tuple[tuple[int, int], ...] = ()
    metric: str = ""


STEPS = (
    Told(
        "acquisition", "Visit to trial", "Visits of the website that start a trial in the same session.",
        "marketing", "visits", "trials",
        (Run(39, 742_000, 21_300), Run(13, 260_000, 7_800)),
        ("0.035", "peers", "Survey of 40 makers of field-service software"), lag=5,
    ),
    Told(
        "activation", "Trial to active in 7 days",
        "Trials from the website that schedule 3 jobs within 7 days, without help by Onboarding.",
        "onboarding", "trials", "activated trials",
        (Run(20, 11_300, 3_730), Run(8, 4_720, 1_888, even=True), Run(11, 6_500, 1_950),
         Run(13, 7_800, 1_872)),
        ("0.40", "own_best", "Eight weeks of spring, before the new sign-up form"), lag=4, maturity=7,
        waiting=((612, 98),), metric="Website trials active in 7 days",
    ),
    Told(
        "retention", "Active in week 4", "Activated trials that complete jobs in their fourth week too.",
        "core-scheduling", "activated trials", "kept trials",
        (Run(36, 6_420, 4_173), Run(13, 1_872, 1_198)),
        ("0.70", "peers", "Survey of 40 makers of field-service software"), lag=2, maturity=28,
        waiting=((146, 91), (141, 84), (150, 71), (143, 0)), metric="Activated trials active in week 4",
    ),
    Told(
        "revenue", "Week 4 to paid", "Kept trials that pay within 8 weeks.",
        "sales", "kept trials", "paying accounts",
        (Run(32, 3_720, 764), Run(13, 1_198, 234)),
        ("0.25", "peers", "Survey of 40 makers of field-service software"), maturity=56,
        waiting=((94, 18), (90, 16), (93, 15), (92, 13), (91, 8), (95, 4), (90, 1), (88, 0)),
    ),
    Told(
        "retention", "Crews lapsing in a week",
        "Active crews that are gone a week later, less those that return.", "customer-success",
        "active crews", "lapsed crews",
        (Run(39, 182_300, 2_206), Run(13, 63_323, 760)),
        ("0.009", "peers", "Benchmark of the trade association"), kind="loss",
    ),
    Told(
        "referral", "Trials that customers bring", "New trials that name an account which recommended us.",
        "partnerships", "paying accounts", "trials",
        (Run(39, 640, 66), Run(13, 234, 25)),
        ("0.15", "published", "A blog article about referral programmes"), kind="loop", lag=5,
    ),
)  # fmt: skip


def tell(star: NorthStar, users: Mapping[str, User], days: Days) -> Funnel:
    """The funnel with its steps, counts, benchmarks and owners, as of today."""
    funnel = Funnel.objects.create(
        name=NAME, slug=slugify(NAME), north_star=star, units_each=UNITS_EACH, is_demo=True
    )
    at = days.moment(days.monday(SET_WEEK), "11:10")
    done("funnel.begun", funnel, at, actor=users["maren"], after={"steps": len(STEPS)})
    for place, told in enumerate(STEPS):
        stage = Stage.objects.create(
            funnel=funnel, position=place, aarrr=told.aarrr, name=told.name, definition=told.definition,
            kind=told.kind, entered_name=told.entered, converted_name=told.converted,
            maturity_days=told.maturity, lag_weeks=told.lag, is_demo=True,
        )  # fmt: skip
        value, kind, source = told.benchmark
        Benchmark.objects.create(
            stage=stage, value=Decimal(value), kind=kind, source=source, set_by=users["maren"]
        )
        team = Team.objects.get(slug=told.team)
        team.stages.add(stage)
        _count(stage, told, team, author=users["kaja"], days=days)
    return funnel


def cohorts(told: Told) -> Iterator[tuple[int, int, int]]:
    """(week, entered, converted) of each weekly cohort, oldest first, to week 0; runs add up exactly."""
    dice = Random(f"brindlewick|funnel|{told.name}")
    week = 1 - len(told.waiting) - sum(run.weeks for run in told.runs)
    for run in told.runs:
        sizes = [1.0 + dice.uniform(-0.06, 0.06) for _ in range(run.weeks)]
        entered = _shared(run.entered, sizes)
        wobble = 0.0 if run.even else 0.07
        rates = [count * (1.0 + dice.uniform(-wobble, wobble)) for count in entered]
        for many, went in zip(entered, _shared(run.converted, rates), strict=True):
            yield week, many, went
            week += 1
    for many, went in told.waiting:
        yield week, many, went
        week += 1


def _count(stage: Stage, told: Told, team: Team, *, author: User, days: Days) -> None:
    """As typed counts, or as the values of a metric of the team, which the step then reads."""
    if told.metric:
        metric = Metric.objects.create(
            name=told.metric, slug=slugify(told.metric), definition=told.definition, kind="ratio", unit="%",
            decimals=1, source=defining.by_hand(), grain="week", is_demo=True,
        )  # fmt: skip
        rows = [Row(days.monday(week), numerator=Decimal(went), denominator=Decimal(many))
                for week, many, went in cohorts(told)]  # fmt: skip
        storing.store(metric, rows, origin="typed", actor=author)
        team.metrics.add(metric)
        Stage.objects.filter(pk=stage.pk).update(metric=metric)
        return
    StageCount.objects.bulk_create(
        StageCount(
            stage=stage, cohort_start=days.monday(week), cohort_end=days.sunday(week), entered=many,
            converted=went, as_of=days.now,
            matured=days.sunday(week) + timedelta(days=told.maturity) < days.today,
        )
        for week, many, went in cohorts(told)
    )  # fmt: skip


def _shared(total: int, weights: list[float]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to the total."""
    whole, done_so_far, found = sum(weights), 0, []
    reached = 0.0
    for weight in weights:
        reached += weight
        upto = round(total * reached / whole)
        found.append(upto - done_so_far)
        done_so_far = upto
    return found
