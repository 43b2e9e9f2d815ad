"""What a reader of a funnel should know before the numbers are believed, each as one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from metrics import formatting, funnel_words
from metrics.analysis.cohorts import Cohort, Sum, against_all_parts, newest, summed
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
        found += _of_groups(each, read.weeks)
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


def _of_groups(each: Counted, weeks: int) -> list[str]:
    """The whole moved one way, every group the other: then it is the mix that changed (Simpson)."""
    whole = _moved(each.cohorts, weeks)
    parts = {name: _moved(cohorts, weeks) for name, cohorts in each.groups}
    known = {name: pair for name, pair in parts.items() if pair is not None}
    if whole is None or len(known) < len(parts) or not against_all_parts(whole, list(known.values())):
        return []
    kind = each.stage.kind
    old, new = (funnel_words.rate(rate, kind, beside=other) for rate, other in (whole, whole[::-1]))
    fell, rose = ("fell", "rose") if whole[1] < whole[0] else ("rose", "fell")
    return [
        f"“{each.stage.name}” {fell} from {old} to {new}, though it {rose} in every group "
        f"({', '.join(sorted(known))}): their weights changed, not what they do."
    ]


def _moved(cohorts: Sequence[Cohort], weeks: int) -> tuple[float, float] | None:
    """The rate of the weeks before the newest ones, and of those; None where one of the two has none."""
    now = newest(cohorts, weeks)
    before = summed(newest(cohorts, weeks, skip=len(now))).rate
    after = summed(now).rate
    return None if before is None or after is None else (before, after)
