"""What the page of a funnel prints: every figure as text, worked out when its data changes."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from metrics import formatting, funnel_cautions, funnel_words
from metrics.analysis.cohorts import Sum
from metrics.analysis.funnel import CHAIN, LOSS, STOCK
from metrics.analysis.funnel_ranking import STUCK, Standing
from metrics.charts.way import BEYOND
from metrics.counting import TYPED
from metrics.funnel_reading import Counted, Ground, Read
from metrics.models import Funnel, Stage
from metrics.models.funnel import BENCHMARK_KINDS

Facts = dict[str, Any]
#: The shortest bar that is still seen, as a share of the longest.
SHORTEST = 0.02


def window(read: Read, funnel: Funnel, ground: Ground | None, *, today: date) -> Facts:
    """All that the page says of one number of weeks."""
    stages = {each.stage.pk: each.stage for each in read.steps}
    narrow = read.narrow
    stage = stages[narrow.step.key] if narrow else None
    largest = max((_size(read, each.stage) for each in read.steps), default=0.0)
    rows = [_row(read, each, ground, largest) for each in read.steps]
    kinds = {each.stage.pk: each.benchmark.kind for each in read.steps if each.benchmark}
    kind, horizon = kinds.get(stage.pk, "") if stage else "", funnel.horizon_weeks
    return {
        "label": f"{read.weeks} weeks",
        "weeks": read.weeks,
        "headline": funnel_words.headline(read, stage),
        "sentence": funnel_words.sentence(read, stage, ground, horizon=horizon, kind=kind),
        "naive": funnel_words.naive(read, stages, ground),
        "narrow": stage.pk if stage else None,
        "stuck": bool(narrow and narrow.label == STUCK),
        "chain": [row for row in rows if row["kind"] == CHAIN],
        "apart": [row for row in rows if row["kind"] != CHAIN],
        "end": _end(read, largest),
        "whole": _whole(read),
        "model": _model(read, funnel, ground),
        "warnings": funnel_cautions.cautions(read, funnel, ground, today=today),
    }


def _row(read: Read, each: Counted, ground: Ground | None, largest: float) -> Facts:
    stage, found = each.stage, read.sums[each.stage.pk]
    standing = next(one for one in read.standings if one.step.key == stage.pk)
    stages = {one.stage.pk: one.stage for one in read.steps}
    narrow, measure = read.narrow, ground.measure if ground else None
    size = _size(read, stage)
    best = each.best.rate if each.best else None
    return {
        "pk": stage.pk,
        "kind": stage.kind,
        "stage": funnel_words.stage_word(stage),
        "aarrr": stage.aarrr,
        "name": stage.name,
        "definition": stage.definition,
        "size": f"{funnel_words.a_week(size)}" if found.weeks else formatting.NOTHING,
        "people": funnel_words.people(stage.entered_name),
        "gone": funnel_words.a_week(found.converted / found.weeks) if found.weeks else formatting.NOTHING,
        "onto": funnel_words.people(stage.converted_name, "go on"),
        "share": _share(size, largest),
        "counts": f"{found.converted:,.0f} of {found.entered:,.0f}",
        "period": _period(found),
        "weeks": found.weeks,
        "origin": each.origin,
        "reads": _reads(each),
        "median": _median(found),
        "best": None if best is None else best,
        "best_words": funnel_words.rate(best, stage.kind),
        **_standing(standing, each, ground),
        "narrow": narrow is not None and narrow.step.key == stage.pk,
        "why": funnel_words.why(standing, narrow, stages),
        "effect": funnel_words.effect(standing.half_effect, measure),
        "whole_effect": funnel_words.effect(standing.whole_effect, measure),
        "step": [standing.step.entered, standing.step.converted, standing.step.lag, standing.step.pays],
    }


def _standing(standing: Standing, each: Counted, ground: Ground | None) -> Facts:
    stage, value, wanted = each.stage, standing.step.rate, standing.benchmark
    clear = standing.clear
    told = {
        "rate": value,
        "rate_words": funnel_words.rate(value, stage.kind, beside=wanted),
        "bounds": "" if value is None or clear is None else _bounds(standing, stage),
        "low": standing.low,
        "lag": standing.step.lag,
        "rank": standing.rank,
        "label": funnel_words.LABELS.get(standing.label, ""),
        "half": standing.half,
        "half_words": funnel_words.rate(standing.half, stage.kind, beside=value),
        "half_effect": standing.half_effect,
        "confidence": standing.confidence,
        "clear": clear,
        "clear_words": "" if clear is None else formatting.show_share(clear),
        "score": None if standing.score is None else round(standing.score, 2),
        "target": None if stage.target is None else float(stage.target),
        "target_words": "" if stage.target is None else funnel_words.rate(float(stage.target), stage.kind),
    }
    if each.benchmark is None or value is None:
        return told | {"benchmark": None, "benchmark_words": "", "gap": "", "gauge": None, "source": ""}
    wanted = float(each.benchmark.value)
    return told | {
        "benchmark": wanted,
        "benchmark_words": funnel_words.benchmark(each.benchmark, stage.kind, beside=value),
        "gap": funnel_words.gap(value, wanted, stage.kind),
        "gauge": _gauge(value, wanted, stage.kind),
        "source": f"{BENCHMARK_KINDS[each.benchmark.kind]}. {each.benchmark.source}".strip(),
    }


def _bounds(standing: Standing, stage: Stage) -> str:
    low, high = (funnel_words.rate(each, stage.kind) for each in (standing.low, standing.high))
    return f"{low} to {high}"


def _size(read: Read, stage: Stage) -> float:
    """Who enters it in a week."""
    found = read.sums[stage.pk]
    return found.entered / found.weeks if found.weeks else 0.0


def _end(read: Read, largest: float) -> Facts | None:
    """The customers that come out in the end."""
    chain = [each.stage for each in read.steps if each.stage.kind == CHAIN]
    if not chain or read.customers is None:
        return None
    return {
        "size": funnel_words.a_week(read.customers),
        "people": funnel_words.people(chain[-1].converted_name, "customers"),
        "share": _share(read.customers, largest),
    }


def _share(size: float, largest: float) -> float:
    """The length of a bar, 0 to 1, on a logarithmic scale: a thousandth is still seen."""
    if size <= 0 or largest <= 0:
        return 0.0
    return round(max(SHORTEST, math.log1p(size) / math.log1p(largest)), 4)


def _gauge(value: float, wanted: float, kind: str) -> float:
    """How near the benchmark it is: 1 is there, more is beyond; cut off a little beyond it."""
    if kind == LOSS:
        near = wanted / value if value > 0 else BEYOND
    else:
        near = value / wanted if wanted > 0 else BEYOND
    return round(min(max(near, 0.0), BEYOND), 4)


def _whole(read: Read) -> str:
    chain = [each.stage for each in read.steps if each.stage.kind == CHAIN]
    if read.whole is None or len(chain) < 2:
        return ""
    first, last = funnel_words.people(chain[0].entered_name), chain[-1].converted_name.strip()
    return (
        f"{funnel_words.rate(read.whole, CHAIN)} of {first} {f'become {last}' if last else 'go all the way'}."
    )


def _model(read: Read, funnel: Funnel, ground: Ground | None) -> Facts | None:
    """What the simulator reckons with, as numbers, and the same in words."""
    star, chain = read.star, [each.stage for each in read.steps if each.stage.kind == CHAIN]
    if star is None or ground is None:
        return None
    loss = read.loss
    customers = funnel_words.people(chain[-1].converted_name, "customers") if chain else "customers"
    said = [f"{ground.measure.show(ground.level)} in the week to {_day(ground)}"]
    if funnel.response == STOCK and read.customers is not None and funnel.units_each is not None:
        each = f"{funnel.units_each.normalize():f}"
        said.append(f"{funnel_words.a_week(read.customers)} new {customers} a week, {each} each")
        said.append(
            f"{funnel_words.rate(star.lapse, LOSS)} lost a week" if loss else "no loss step, so none lost"
        )
    return {
        "level": star.level,
        "inflow": star.inflow,
        "lapse": star.lapse,
        "horizon": star.horizon,
        "response": star.response,
        "loss": loss.key if loss else None,
        "customers": read.customers,
        "customers_name": customers,
        "day": funnel_words.horizon_day(ground, star.horizon).isoformat(),
        "words": "; ".join(said) + ".",
    }


def _reads(each: Counted) -> str:
    if each.origin == TYPED:
        also = f", not the metric {each.stage.metric}" if each.stage.metric else ""
        return f"counts typed by hand{also}"
    return f"the metric {each.stage.metric}" if each.stage.metric else "nothing yet"


def _median(found: Sum) -> str:
    if found.median_days is None:
        return ""
    days = formatting.show(
        found.median_days, decimals=0 if found.median_days == int(found.median_days) else 1
    )
    return f"half of them within {days} {'day' if days == '1' else 'days'}"


def _period(found: Sum) -> str:
    return "" if found.start is None or found.end is None else funnel_words.span(found.start, found.end)


def _day(ground: Ground) -> str:
    return formatting.day_words(funnel_words.horizon_day(ground, 0))
