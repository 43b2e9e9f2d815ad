"""What if: several steps brought to new rates, worked out together, with a band (domain 4.4)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from metrics.analysis.binomial import wilson
from metrics.analysis.decomposition import MOST_FACTORS, shapley
from metrics.analysis.funnel import (
    CHAIN,
    FLOW,
    LOOP,
    LOSS,
    Change,
    Star,
    Step,
    effect,
    lift,
    long_run,
    reached,
)

DOUBLED, BEYOND_BEST = "doubled", "beyond_best"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The North Star after the horizon, in its unit. `customers_lift` is the part by which P rises.

    `low` and `high` bound the effect, as far as the counts behind the rates are uncertain. `parts` share the
    effect out by step and add up to it; empty where fewer than two or more than six steps change.
    """

    before: float
    after: float
    effect: float
    low: float
    high: float
    long_run: float | None
    customers_lift: float
    parts: Mapping[int, float]


def what_if(star: Star, changes: Sequence[Change], *, loss: Step | None = None) -> Outcome:
    """What the changes bring together; `loss` is the step whose rate is the lapse of `star`.

    Raises ValueError for a change that does not fit.
    """
    gain = effect(star, changes)
    low, high = _band(star, changes, loss)
    end, settled = long_run(star, changes), long_run(star)
    return Outcome(
        before=reached(star),
        after=reached(star, changes),
        effect=gain,
        low=min(low, gain),
        high=max(high, gain),
        long_run=None if end is None or settled is None else end - settled,
        customers_lift=math.prod(lift(each) for each in changes) - 1,
        parts=_parts(star, changes),
    )


def guards(change: Change, best: float | None) -> list[str]:
    """What speaks against it: more than doubled, or better than it ever was (domain 4.4)."""
    rate, found = change.step.rate, []
    if change.step.kind != LOSS and rate and change.rate > 2 * rate:
        found.append(DOUBLED)
    if best is not None:
        beyond = change.rate < best if change.step.lower_is_better else change.rate > best
        if beyond:
            found.append(BEYOND_BEST)
    return found


def _parts(star: Star, changes: Sequence[Change]) -> dict[int, float]:
    if not 2 <= len(changes) <= MOST_FACTORS:
        return {}
    named = {str(each.step.key): each for each in changes}

    def gain(made: Mapping[str, float]) -> float:
        return effect(star, [each for name, each in named.items() if made[name]])

    found = shapley(gain, dict.fromkeys(named, 0.0), dict.fromkeys(named, 1.0))
    return {int(name): part for name, part in found.items()}


def _band(star: Star, changes: Sequence[Change], loss: Step | None) -> tuple[float, float]:
    """(least, most) effect with each counted rate at r - h or r + h, h being half of its Wilson interval.

    The effect rises or falls with each rate alone, so the worst side of each makes the worst of all.
    """
    moved = [each.step for each in changes if each.step.kind in (CHAIN, LOSS)]
    if star.response != FLOW and loss is not None and loss.key not in [each.key for each in moved]:
        moved.append(loss)
    sides = {step.key: sorted(_sides(step), key=lambda rate: _gain(star, changes, loss, {step.key: rate}))
             for step in moved}  # fmt: skip
    low, high = ({key: pair[side] for key, pair in sides.items()} for side in (0, 1))
    return _gain(star, changes, loss, low), _gain(star, changes, loss, high)


def _gain(star: Star, changes: Sequence[Change], loss: Step | None, rates: Mapping[int, float]) -> float:
    """The effect if steps had these rates now, by key."""
    lapse = star.lapse if loss is None else rates.get(loss.key, star.lapse)
    return effect(replace(star, lapse=lapse), [_shifted(each, rates.get(each.step.key)) for each in changes])


def _sides(step: Step) -> tuple[float, float]:
    low, high = wilson(step.converted, step.entered)
    rate, half = step.rate or 0.0, (high - low) / 2
    # A rate of few people less its half width may lie under zero, from where nothing can be worked out.
    return rate - half if rate > half else min(low, rate), min(rate + half, 1.0)


def _shifted(change: Change, rate: float | None) -> Change:
    if rate is None or change.step.kind == LOOP:
        return change
    return replace(change, step=replace(change.step, converted=rate * change.step.entered))
