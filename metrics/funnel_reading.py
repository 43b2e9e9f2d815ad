"""A funnel as it stands: its steps read over some weeks, held against the North Star, and ranked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from metrics.analysis import cohorts
from metrics.analysis.cohorts import Cohort, Sum
from metrics.analysis.funnel import CHAIN, LOOP, LOSS, STOCK, Star, Step
from metrics.analysis.funnel_ranking import Standing, bottleneck, lowest, ranked
from metrics.models import Benchmark, Funnel, Stage
from metrics.verdict import Measure


@dataclass(frozen=True, slots=True)
class Ground:
    """The North Star as a funnel reads it: its newest complete week, in its own unit."""

    measure: Measure
    level: float
    week: date


@dataclass(frozen=True, slots=True)
class Counted:
    """A step with all its cohorts, its current benchmark and the best that it ever held for eight weeks.

    `groups` are the cohorts of the groups of its metric, by name.
    """

    stage: Stage
    cohorts: Sequence[Cohort]
    benchmark: Benchmark | None = None
    best: Sum | None = None
    origin: str = ""
    groups: Sequence[tuple[str, Sequence[Cohort]]] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What a number of weeks says. `star` is None where the effect of a step cannot be worked out.

    `customers` are the new ones a week, P; `whole` the share of all entrants that become one, None where the
    steps do not count the same people.
    """

    weeks: int
    steps: Sequence[Counted]
    sums: dict[int, Sum]
    star: Star | None
    customers: float | None
    whole: float | None
    standings: Sequence[Standing]

    @property
    def narrow(self) -> Standing | None:
        """The bottleneck."""
        return bottleneck(self.standings)

    @property
    def lowest(self) -> Standing | None:
        """The conversion with the lowest rate."""
        return lowest(self.standings)

    @property
    def loss(self) -> Step | None:
        """The step that says what is lost each week."""
        return next((each.step for each in self.standings if each.step.kind == LOSS), None)


def read(funnel: Funnel, steps: Sequence[Counted], *, weeks: int, ground: Ground | None) -> Read:
    """The steps over the newest matured cohorts of `weeks` weeks."""
    sums = {each.stage.pk: cohorts.summed(cohorts.newest(each.cohorts, weeks)) for each in steps}
    chain = [each for each in steps if each.stage.kind == CHAIN]
    counted = [_step(each, sums[each.stage.pk], _pays(each, chain, sums)) for each in steps]
    loss = next((step for step in counted if step.kind == LOSS), None)
    last = sums[chain[-1].stage.pk] if chain else None
    customers = last.converted / last.weeks if last is not None and last.weeks else None
    star = _star(funnel, ground, customers=customers, loss=loss)
    given = {
        each.stage.pk: (float(each.benchmark.value), each.benchmark.kind) for each in steps if each.benchmark
    }
    return Read(weeks, steps, sums, star, customers, _whole(chain, sums), ranked(counted, given, star=star))


def meets(one: Stage, other: Stage) -> bool:
    """Whether those who go on from one step are those who enter the other, as far as they are named."""
    left, right = one.converted_name.strip().casefold(), other.entered_name.strip().casefold()
    return not left or not right or left == right


def _star(
    funnel: Funnel, ground: Ground | None, *, customers: float | None, loss: Step | None
) -> Star | None:
    if ground is None:
        return None
    lapse = (loss.rate if loss is not None else None) or 0.0
    found = Star(ground.level, 0.0, min(lapse, 1.0), funnel.horizon_weeks, funnel.response)
    if funnel.response != STOCK:
        return found
    if customers is None or funnel.units_each is None:
        return None
    return replace(found, inflow=customers * float(funnel.units_each))


def _step(each: Counted, found: Sum, pays: float) -> Step:
    stage = each.stage
    return Step(stage.pk, stage.kind, found.entered, found.converted, stage.lag_weeks, pays)


def _pays(each: Counted, chain: Sequence[Counted], sums: dict[int, Sum]) -> float:
    """The chance that somebody whom a customer brings becomes a customer: from where they enter (domain 4.2).

    They enter the step whose entrants have the name of what the loop brings, else the second one.
    """
    if each.stage.kind != LOOP or not chain:
        return 0.0
    brought = each.stage.converted_name.strip().casefold()
    named = [place for place, other in enumerate(chain)
             if brought and other.stage.entered_name.strip().casefold() == brought]  # fmt: skip
    first = named[0] if named else min(1, len(chain) - 1)
    return min(1.0, math.prod(sums[other.stage.pk].rate or 0.0 for other in chain[first:]))


def _whole(chain: Sequence[Counted], sums: dict[int, Sum]) -> float | None:
    stages = [each.stage for each in chain]
    if not chain or not all(meets(one, other) for one, other in zip(stages, stages[1:], strict=False)):
        return None
    rates = [sums[stage.pk].rate for stage in stages]
    return None if None in rates else math.prod(rate or 0.0 for rate in rates)
