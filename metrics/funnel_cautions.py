"""What a reader of a funnel should know before the numbers are believed, each as one sentence."""

from __future__ import annotations

from datetime import date

from metrics import formatting
from metrics.analysis.cohorts import Sum
from metrics.analysis.funnel import CHAIN, STOCK
from metrics.connectors.registry import connector_class
from metrics.counting import METRIC, TYPED
from metrics.funnel_reading import Counted, Ground, Read, meets
from metrics.models import Funnel

#: Typed counts that end longer ago than this, beyond the time that people are given, are said to be old.
OLD_DAYS = 28


def cautions(read: Read, funnel: Funnel, ground: Ground | None, *, today: date) -> list[str]:
    """What makes the funnel less sure, the whole first, then step by step."""
    chain = [each.stage for each in read.steps if each.stage.kind == CHAIN]
    found = [
        f"“{one.name}” ends with {one.converted_name}, “{other.name}” begins with {other.entered_name}: "
        "they count different units, so their rates are not multiplied."
        for one, other in zip(chain, chain[1:], strict=False)
        if not meets(one, other)
    ]
    if read.steps and ground is None:
        found.append("No effect on the North Star is shown: it has no complete week, or none is chosen.")
    elif read.steps and read.star is None:
        lacks = "what each customer brings" if funnel.units_each is None else "a conversion with counts"
        found.append(f"No effect on the North Star is shown: {lacks} is missing.")
    elif read.steps and read.loss is None and funnel.response == STOCK:
        found.append("No step says what is lost each week, so nobody is reckoned to leave.")
    for each in read.steps:
        found += _of_step(each, read.sums[each.stage.pk], funnel, today=today)
    return found


def _of_step(each: Counted, counted: Sum, funnel: Funnel, *, today: date) -> list[str]:
    stage, found, metric = each.stage, [], each.stage.metric
    given = stage.maturity_days if funnel.mode == "cohort" else 0
    if stage.kind != "loop" and counted.converted > counted.entered:
        found.append(f"“{stage.name}”: more went on than entered. Cohorts would follow the same people.")
    asked = metric is not None and connector_class(metric.source.kind).pulls
    if each.origin == METRIC and metric is not None and asked and metric.restate_days < given:
        found.append(
            f"“{stage.name}” gives people {given} days, but the source of {metric.name} is asked again for "
            f"{metric.restate_days} days only: its cohorts never get their time."
        )
    if each.origin == TYPED and each.cohorts and (today - each.cohorts[-1].end).days > OLD_DAYS + given:
        found.append(f"“{stage.name}”: the typed counts end on {formatting.day_words(each.cohorts[-1].end)}.")
    return found
