"""How a step of a funnel moves the North Star: a stock that people join and leave, or a plain flow.

    W(t+1) = W(t)·(1 - c) + I,  I = P·g

P new customers a week bring g units of the North Star each, and the share c of it is lost every week
(domain 4.2). What comes in is proportional to every conversion on the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STOCK, FLOW = "stock", "flow"
CHAIN, LOSS, LOOP = "chain", "loss", "loop"


@dataclass(frozen=True, slots=True)
class Step:
    """What was counted of one step. `lag` is in weeks until a change shows in the North Star.

    chain: a conversion of the step before. loss: what is lost of a stock each week. loop: entrants that
    customers bring, each of whom becomes a customer with the chance `pays`.
    """

    key: int
    kind: str
    entered: float
    converted: float
    lag: int = 0
    pays: float = 0.0

    @property
    def rate(self) -> float | None:
        """A fraction (of a loop: new entrants for each customer); None where nobody entered."""
        return self.converted / self.entered if self.entered > 0 else None

    @property
    def lower_is_better(self) -> bool:
        return self.kind == LOSS

    @property
    def most(self) -> float:
        """The highest rate it can have: everybody, or of a loop just under one customer for each customer."""
        if self.kind != LOOP:
            return 1.0
        return math.inf if self.pays <= 0 else 1 / self.pays


@dataclass(frozen=True, slots=True)
class Star:
    """The North Star now, what comes in each week, the share that is lost each week, and the weeks ahead."""

    level: float
    inflow: float
    lapse: float
    horizon: int
    response: str = STOCK


@dataclass(frozen=True, slots=True)
class Change:
    """A step brought to `rate`, from `start` weeks from now on; its lag comes on top."""

    step: Step
    rate: float
    start: int = 0

    @property
    def week(self) -> int:
        """The first week in which it shows in the North Star."""
        return self.start + self.step.lag


def accumulated(weeks: int, lapse: float) -> float:
    """A(m) = (1 - (1 - c)^m) / c: how many weeks' worth of an inflow are still there after m weeks."""
    if weeks <= 0:
        return 0.0
    if lapse <= 0:
        return float(weeks)
    if lapse >= 1:
        return 1.0
    return -math.expm1(weeks * math.log1p(-lapse)) / lapse


def can_change(step: Step) -> bool:
    """Whether an effect can be worked out: nothing can be scaled up from zero."""
    rate = step.rate
    if rate is None:
        return False
    if step.kind == LOOP:
        return rate < step.most
    return step.kind == LOSS or rate > 0


def fits(change: Change) -> bool:
    """Whether the new rate is possible, and its effect can be worked out."""
    if not can_change(change.step) or not math.isfinite(change.rate) or change.rate < 0:
        return False
    return change.rate < change.step.most if change.step.kind == LOOP else change.rate <= 1


def lift(change: Change) -> float:
    """By what the inflow is multiplied; 1 for a loss. Raises ValueError for a change that does not fit."""
    rate = change.step.rate
    if rate is None or not fits(change):
        raise ValueError("This step cannot be brought to that rate.")
    if change.step.kind == CHAIN:
        return change.rate / rate
    if change.step.kind == LOOP:
        return (1 - rate * change.step.pays) / (1 - change.rate * change.step.pays)
    return 1.0


def reached(star: Star, changes: Iterable[Change] = ()) -> float:
    """The North Star after the horizon, in its unit, if nothing else changes (domain 4.2).

    Several changes act together; their effects do not add up. Raises ValueError for one that does not fit.
    """
    listed = list(changes)
    lifts = [(each.week, lift(each)) for each in listed]
    losses = [(each.week, each.rate) for each in listed if each.step.kind == LOSS]
    if star.response == FLOW:
        kept = [(week, _kept(star, rate)) for week, rate in losses]
        return star.level * math.prod(factor for week, factor in [*lifts, *kept] if week < star.horizon)
    level = star.level
    for week in range(star.horizon):
        lapse = next((rate for first, rate in losses if week >= first), star.lapse)
        level = level * (1 - lapse) + star.inflow * math.prod(
            factor for first, factor in lifts if week >= first
        )
    return level


def effect(star: Star, changes: Sequence[Change]) -> float:
    """What the changes together add to the North Star after the horizon, in its unit."""
    return reached(star, changes) - reached(star)


def long_run(star: Star, changes: Iterable[Change] = ()) -> float | None:
    """Where the North Star settles in the end; None for a stock that nobody leaves, which has no end."""
    listed = list(changes)
    if star.response == FLOW:
        return reached(Star(star.level, star.inflow, star.lapse, 2**31, FLOW), listed)
    lapse = next((each.rate for each in listed if each.step.kind == LOSS), star.lapse)
    if lapse <= 0:
        return None
    return star.inflow * math.prod(map(lift, listed)) / lapse


def _kept(star: Star, lapse: float) -> float:
    """By what a flow is multiplied when another share of it is lost."""
    return (1 - lapse) / (1 - star.lapse) if star.lapse < 1 else 1.0
