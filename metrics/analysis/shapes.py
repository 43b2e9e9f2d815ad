"""How a plan spreads over its window (domain 6.3): the share of the journey after so many of its days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from metrics.analysis.points import next_start
from metrics.analysis.terms import Terms

HOLD = "hold"
SEASONAL = "seasonal"


def fraction(terms: Terms, days: float) -> float:
    """The share of the journey planned after `days` days of the window: 0 to 1, but for milestones.

    A total can be reached only by adding up, so the shape "hold" means a straight plan there.
    """
    if terms.is_total and terms.shape in (HOLD, SEASONAL):
        return _seasonal(terms, days)
    return _SHAPES[terms.shape](terms, days)


def hold_fraction(terms: Terms, number: float) -> float:
    """What hit-and-hold plans for week `number` (from 1): all of it when the outcome weeks begin.

    Otherwise the plan would ask for everything on the last day only, while the outcome averages the weeks
    before it, and bets exactly on plan would look late.
    """
    climb = max(terms.periods - terms.outcome_periods, 1)
    return _clip((number - 0.5) / climb)


def period_number(terms: Terms, start: date) -> int:
    """Which whole period of the window begins on `start`, counted from 1."""
    if terms.grain == "week":
        return (start - terms.first).days // 7 + 1
    number, day = 1, terms.first
    while day < start:
        number, day = number + 1, next_start(day, terms.grain)
    return number


def _linear(terms: Terms, days: float) -> float:
    return _clip(days / terms.days)


def _delayed(terms: Terms, days: float) -> float:
    if terms.lag_days >= terms.days:
        return float(days >= terms.days)
    return _clip((days - terms.lag_days) / (terms.days - terms.lag_days))


def _s_curve(terms: Terms, days: float) -> float:
    done = _linear(terms, days)
    return done * done * (3 - 2 * done)


def _seasonal(terms: Terms, days: float) -> float:
    whole = sum(terms.weights)
    if whole <= 0:
        return _linear(terms, days)
    return sum(terms.weights[: max(int(days), 0)]) / whole


def _milestones(terms: Terms, days: float) -> float:
    """Straight between the dated values; by value, so that a plan may fall before it rises."""
    origin = 0.0 if terms.is_total else terms.baseline or 0.0
    target = origin if terms.target is None else terms.target
    steps = [
        ((day - terms.start).days + 1.0, value)
        for day, value in sorted(terms.milestones)
        if terms.start <= day < terms.end
    ]
    reached, value = 0.0, origin
    for day, goal in [*steps, (float(terms.days), target)]:
        if days < day:
            value += (goal - value) * max(days - reached, 0.0) / (day - reached)
            break
        reached, value = day, goal
    return (value - origin) / (target - origin) if target != origin else 1.0


def _hold(terms: Terms, days: float) -> float:
    climb = 7.0 * max(terms.periods - terms.outcome_periods, 1)
    return _clip((days - (terms.first - terms.start).days) / climb)


def _clip(share: float) -> float:
    return min(1.0, max(0.0, share))


_SHAPES: dict[str, Callable[[Terms, float], float]] = {
    HOLD: _hold,
    "linear": _linear,
    "delayed": _delayed,
    "s_curve": _s_curve,
    "milestones": _milestones,
    SEASONAL: _seasonal,
}
