"""Which step is the bottleneck: the one whose realistic improvement adds most (domain 4.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from metrics.analysis.binomial import wilson
from metrics.analysis.cohorts import FEW
from metrics.analysis.funnel import CHAIN, LOOP, Change, Star, Step, can_change, effect, fits

#: How far a benchmark can be relied on, by its kind (domain 4.1).
CONFIDENCE: Mapping[str, float] = {"own_best": 1.0, "experiment": 1.0, "peers": 0.8, "published": 0.5}
#: The part of the gap that one window closes.
CLOSED = 0.5
CLEAR = 0.3

NO_DATA, STUCK, NO_BENCHMARK, AT_BEST = "no_data", "stuck", "no_benchmark", "at_best"
TOO_FEW, NOISE, NO_EFFECT = "few", "noise", "no_effect"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one step stands. Rates are fractions, effects are in the unit of the North Star.

    `clear` is the share of the gap that noise does not explain, None for a loop; `rank` 0 is unranked.
    `label` says why it cannot be the bottleneck, "" where it can.
    """

    step: Step
    low: float
    high: float
    benchmark: float | None = None
    confidence: float = 0.0
    clear: float | None = None
    half: float | None = None
    whole_effect: float | None = None
    half_effect: float | None = None
    score: float | None = None
    rank: int = 0
    label: str = ""


def ranked(
    steps: Sequence[Step], benchmarks: Mapping[int, tuple[float, str]], *, star: Star | None
) -> list[Standing]:
    """The steps in their order, each with its rank; `benchmarks` are (value, kind) by key.

    score = effect half-way · clearness of the gap · confidence in the benchmark; ties go to the smaller lag.
    """
    found = [_standing(step, benchmarks.get(step.key), star) for step in steps]
    scored = [place for place, each in enumerate(found) if each.score is not None]
    scored.sort(key=lambda place: (-(found[place].score or 0.0), found[place].step.lag, place))
    for rank, place in enumerate(scored, start=1):
        found[place] = replace(found[place], rank=rank)
    return found


def bottleneck(standings: Sequence[Standing]) -> Standing | None:
    """The first step at which nobody of many goes on, else the best ranked one whose gap is clear."""
    stuck = [each for each in standings if each.label == STUCK]
    clear = sorted((each for each in standings if each.rank and not each.label), key=lambda each: each.rank)
    return next(iter([*stuck, *clear]), None)


def lowest(standings: Sequence[Standing]) -> Standing | None:
    """The conversion with the lowest rate: what one would take for the bottleneck without a model."""
    chain = [each for each in standings if each.step.kind == CHAIN and each.step.rate is not None]
    return min(chain, key=lambda each: each.step.rate or 0.0, default=None)


def toward(value: float, baseline: float, *, digits: int = 2) -> Decimal:
    """A target rounded to `digits` significant digits on the side of the baseline, and apart from it."""
    exact, base = Decimal(repr(value)), Decimal(repr(baseline))
    if exact == base or not exact:
        return exact
    rounding = ROUND_FLOOR if exact > base else ROUND_CEILING
    for places in range(digits, 16):
        step = Decimal(1).scaleb(exact.adjusted() - places + 1)
        found = exact.quantize(step, rounding=rounding)
        if (found - base) * (exact - base) > 0:
            return found
    return exact


def _standing(step: Step, benchmark: tuple[float, str] | None, star: Star | None) -> Standing:
    low, high = wilson(step.converted, step.entered)
    found = Standing(step, low, high)
    rate = step.rate
    if rate is None:
        return replace(found, label=NO_DATA)
    if step.kind == CHAIN and rate <= 0 and step.entered >= FEW:
        return replace(found, label=STUCK)
    if benchmark is None:
        return replace(found, label=NO_BENCHMARK)
    value, kind = benchmark
    half = rate + CLOSED * (value - rate)
    found = replace(found, benchmark=value, confidence=CONFIDENCE[kind], half=half)
    found = replace(found, clear=None if step.kind == LOOP else _clear(found, rate, value))
    at_best = rate <= value if step.lower_is_better else rate >= value
    if star is None or not can_change(step):
        return replace(found, label=AT_BEST if at_best else NO_EFFECT)
    return _scored(found, star, at_best=at_best)


def _scored(found: Standing, star: Star, *, at_best: bool) -> Standing:
    step, half, value = found.step, found.half or 0.0, found.benchmark or 0.0
    if at_best:
        return replace(found, score=0.0, label=AT_BEST)
    if not fits(Change(step, half)):
        return replace(found, label=NO_EFFECT)
    gain = effect(star, [Change(step, half)])
    whole = effect(star, [Change(step, value)]) if fits(Change(step, value)) else None
    clear = 1.0 if found.clear is None else found.clear
    few = TOO_FEW if step.entered < FEW else NOISE if clear < CLEAR else NO_EFFECT if gain <= 0 else ""
    score = gain * clear * found.confidence
    return replace(found, half_effect=gain, whole_effect=whole, score=score, label=few)


def _clear(found: Standing, rate: float, value: float) -> float:
    """The share of the gap that lies beyond the bound of the rate, 0 to 1 (domain 4.3, 1)."""
    if found.step.lower_is_better:
        return 0.0 if rate <= value else min(1.0, max(0.0, (found.low - value) / (rate - value)))
    return 0.0 if rate >= value else min(1.0, max(0.0, (value - found.high) / (value - rate)))
