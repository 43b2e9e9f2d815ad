"""Staging: funnels, their steps, and what each step could be. Every verb leaves an audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from metrics import formatting
from metrics.aiming import SteeringError
from metrics.analysis.cohorts import own_best
from metrics.auditing import record
from metrics.connectors.numbers import MAX_MAGNITUDE
from metrics.counting import cohorts_of
from metrics.models import Benchmark, Funnel, Metric, NorthStar, Stage
from metrics.models.funnel import AARRR, BENCHMARK_KINDS, MODES, STAGE_KINDS

MOST_STEPS = 12
LONGEST_LAG, LONGEST_MATURITY = 52, 365
HORIZONS, READ = (4, 104), (4, 52)
RESPONSES = ("stock", "flow")
#: Addresses under /funnel/ that no funnel may take.
RESERVED = frozenset({"new"})


@dataclass(frozen=True, slots=True)
class Way:
    """A funnel as asked for; `units_each` is what a new customer brings, in units of the North Star."""

    name: str
    north_star: NorthStar | None = None
    mode: str = "cohort"
    response: str = "stock"
    units_each: Decimal | None = None
    horizon_weeks: int = 17
    weeks_read: int = 13


@dataclass(frozen=True, slots=True)
class Plan:
    """A step as asked for; `target` is a fraction, of a loop new entrants for each customer."""

    aarrr: str
    name: str
    definition: str = ""
    kind: str = "chain"
    metric: Metric | None = None
    entered_name: str = ""
    converted_name: str = ""
    maturity_days: int = 0
    lag_weeks: int = 0
    target: Decimal | None = None


def begin(way: Way, *, actor: Any) -> Funnel:
    """A new funnel without steps. Raises SteeringError."""
    _check_way(way)
    with transaction.atomic():
        funnel = Funnel.objects.create(slug=_free_slug(way.name), **_fields_of(way))
        record("funnel.begun", funnel, actor=actor, after=_fields_of(way))
    return funnel


def change(funnel: Funnel, way: Way, *, actor: Any) -> Funnel:
    """The funnel as it stands now; its address stays. Raises SteeringError."""
    _check_way(way)
    with transaction.atomic():
        found, wanted = _locked(funnel), _fields_of(way)
        before = {name: getattr(found, name) for name in wanted}
        if before != wanted:
            _set(found, wanted)
            record("funnel.changed", found, actor=actor, before=before, after=wanted)
    return found


def put_away(funnel: Funnel, *, actor: Any, now: datetime) -> None:
    """Archive a funnel: its counts and what was learnt from it stay, no page shows it any more."""
    with transaction.atomic():
        found = _locked(funnel)
        _set(found, {"archived_at": now})
        record("funnel.archived", found, actor=actor)


def add(funnel: Funnel, plan: Plan, *, actor: Any) -> Stage:
    """The new step, last of its funnel. Raises SteeringError."""
    with transaction.atomic():
        found = _locked(funnel)
        standing = list(found.stages.all())
        if len(standing) >= MOST_STEPS:
            raise SteeringError(f"A funnel has at most {MOST_STEPS} steps. Remove one first.")
        _check_plan(plan, standing)
        last = max((each.position for each in standing), default=-1)
        stage = Stage.objects.create(funnel=found, position=last + 1, **_fields_of(plan))
        record("funnel.step_added", stage, actor=actor, after=_fields_of(plan))
    return stage


def alter(stage: Stage, plan: Plan, *, actor: Any) -> Stage:
    """The step as it stands now. Raises SteeringError."""
    with transaction.atomic():
        standing = list(_locked(stage.funnel).stages.select_related("metric"))
        found = next((each for each in standing if each.pk == stage.pk), None)
        if found is None:
            raise SteeringError(f"{stage.name} was removed a moment ago.")
        _check_plan(plan, [each for each in standing if each.pk != stage.pk])
        wanted = _fields_of(plan)
        before = {name: getattr(found, name) for name in wanted}
        if before != wanted:
            if found.metric_id != (plan.metric.pk if plan.metric else None):
                found.counts.filter(origin="metric").delete()
            _set(found, wanted)
            record("funnel.step_changed", found, actor=actor, before=before, after=wanted)
    return found


def move_up(stage: Stage, *, actor: Any) -> None:
    """Change places with the step before it; the first one stays."""
    with transaction.atomic():
        standing = list(_locked(stage.funnel).stages.all())
        at = next((place for place, each in enumerate(standing) if each.pk == stage.pk), 0)
        if not at:
            return
        standing.insert(at - 1, standing.pop(at))
        for place, each in enumerate(standing):
            each.position = place
        Stage.objects.bulk_update(standing, ["position"])
        record("funnel.step_moved", stage, actor=actor, after={"place": at})


def remove(stage: Stage, *, actor: Any) -> None:
    """Take a step out with its counts and benchmarks; its metric and the bets on it stay."""
    with transaction.atomic():
        _locked(stage.funnel)
        record("funnel.step_removed", stage, actor=actor, before={"step": stage.name, "of": stage.funnel})
        Stage.objects.filter(pk=stage.pk).delete()


def compare(stage: Stage, *, value: Decimal, kind: str, source: str, actor: Any) -> Benchmark:
    """What a step could be, as a fraction; the newest counts, older ones stay. Raises SteeringError."""
    if kind not in BENCHMARK_KINDS:
        raise SteeringError("Say where the benchmark comes from.", "kind")
    _check_rate(value, stage.kind, field="value", label="A benchmark")
    if not source.strip():
        raise SteeringError("Name the source: others will want to look it up.", "source")
    with transaction.atomic():
        before = stage.benchmarks.first()
        made = Benchmark.objects.create(
            stage=stage, value=value, kind=kind, source=source.strip(), set_by=actor
        )
        old = {"benchmark": before.value, "kind": before.kind} if before else {}
        after = {"benchmark": value, "kind": kind, "source": source.strip()}
        record("funnel.benchmark", stage, actor=actor, before=old, after=after)
    return made


def take_own_best(stage: Stage, *, actor: Any) -> Benchmark:
    """The best of eight weeks in a row becomes the benchmark. Raises SteeringError where there is none."""
    best = own_best(cohorts_of(stage.counts.all()), lower_is_better=stage.kind == "loss")
    if best is None or best.rate is None or best.start is None or best.end is None:
        raise SteeringError(
            "There are no eight weeks in a row with at least 100 people yet, so there is no own best."
        )
    words = f"{formatting.day_words(best.start)} to {formatting.day_words(best.end)}"
    source = f"{words}: {best.converted:,.0f} of {best.entered:,.0f}"
    value = Decimal(repr(best.rate)).quantize(Decimal("1e-9"))
    return compare(stage, value=value, kind="own_best", source=source, actor=actor)


def _check_way(way: Way) -> None:
    if not way.name.strip():
        raise SteeringError("Give the funnel a name.", "name")
    if way.mode not in MODES:
        raise SteeringError("Choose cohorts or periods.", "mode")
    if way.response not in RESPONSES:
        raise SteeringError("Say whether customers stay or come anew each week.", "response")
    if way.units_each is not None and not 0 < way.units_each < MAX_MAGNITUDE:
        raise SteeringError("What each customer brings is more than 0.", "units_each")
    if way.response == "stock" and way.north_star is not None and way.units_each is None:
        raise SteeringError("Say how much of the North Star each new customer brings.", "units_each")
    if not HORIZONS[0] <= way.horizon_weeks <= HORIZONS[1]:
        raise SteeringError(f"Look {HORIZONS[0]} to {HORIZONS[1]} weeks ahead.", "horizon_weeks")
    if not READ[0] <= way.weeks_read <= READ[1]:
        raise SteeringError(f"Read {READ[0]} to {READ[1]} weeks.", "weeks_read")


def _check_plan(plan: Plan, others: list[Stage]) -> None:
    if not plan.name.strip():
        raise SteeringError("Give the step a name, such as: trial to active in 7 days.", "name")
    if plan.aarrr not in AARRR:
        raise SteeringError("Choose one of the five stages.", "aarrr")
    if plan.kind not in STAGE_KINDS:
        raise SteeringError("Say what kind of step it is.", "kind")
    if plan.kind == "loss" and any(each.kind == "loss" for each in others):
        raise SteeringError("A funnel has one loss: what is lost of the North Star each week.", "kind")
    if any(each.name.casefold() == plan.name.strip().casefold() for each in others):
        raise SteeringError("Another step has this name already.", "name")
    if plan.metric is not None and plan.metric.kind != "ratio":
        raise SteeringError("Only a share has who entered and who went on. Choose a ratio.", "metric")
    if plan.metric is not None and plan.metric.archived_at is not None:
        raise SteeringError(f"{plan.metric.name} is archived. Choose one that is still measured.", "metric")
    if not 0 <= plan.maturity_days <= LONGEST_MATURITY:
        raise SteeringError(f"Give people 0 to {LONGEST_MATURITY} days.", "maturity_days")
    if not 0 <= plan.lag_weeks <= LONGEST_LAG:
        raise SteeringError(f"A delay is 0 to {LONGEST_LAG} weeks.", "lag_weeks")
    if plan.target is not None:
        _check_rate(plan.target, plan.kind, field="target", label="A target")


def _check_rate(value: Decimal, kind: str, *, field: str, label: str) -> None:
    if kind == "loop":
        if not 0 < value < 1000:
            raise SteeringError(f"{label} of a loop is more than 0, such as 0.15 for each customer.", field)
    elif not 0 <= value <= 1 or (kind == "chain" and value == 0):
        raise SteeringError(f"{label} lies between 0% and 100%.", field)


def _fields_of(wanted: Way | Plan) -> dict[str, Any]:
    fields = {name: getattr(wanted, name) for name in wanted.__dataclass_fields__}
    return {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}


def _locked(funnel: Funnel) -> Funnel:
    return Funnel.objects.select_for_update().get(pk=funnel.pk)


def _set(row: Funnel | Stage, wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save(update_fields=list(wanted))


def _free_slug(name: str) -> str:
    base = slugify(name)[:70] or "funnel"
    taken = {*Funnel.objects.filter(slug__startswith=base).values_list("slug", flat=True), *RESERVED}
    return next(
        slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken
    )
