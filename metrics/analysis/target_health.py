"""How the North Star stands against a target: the same rule with settling alone (domain 6.6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np

from metrics.analysis.constants import FIT_MAX, ROUNDING, TOO_EARLY_WEEKS
from metrics.analysis.forecast import Forecast, foresee
from metrics.analysis.health_rule import NO_DATA, TOO_EARLY, Health, confirm, pace_signal, raw_state
from metrics.analysis.noise import z_score
from metrics.analysis.pace import expected_fraction, pace_value, progress, required_per_week
from metrics.analysis.points import Point, next_start
from metrics.analysis.silence import ended, silent
from metrics.analysis.terms import Terms
from metrics.analysis.weighing import Window, jumped
from metrics.analysis.wording import (
    long_words,
    reason,
    silent_words,
    starts_words,
    too_early_words,
)
from northstar.lib.periods import A_DAY


def evaluate_target(
    points: Sequence[Point],
    *,
    kind: str,
    baseline: float,
    baseline_date: date,
    target: float,
    due: date,
    today: date,
    unit: str = "",
    decimals: int = 1,
    grain: str = "week",
    horizon: str = "short",
    cone: bool = False,
    set_on: date | None = None,
) -> Health:
    """How the newest complete period stands against the straight plan from the day the target was set.

    The forecast is given from the first day on, the state after four weeks (one month). The horizon "long"
    has no state and no chance: only progress, and in the reason the rate it still needs. `set_on` is the day
    somebody set it, where that is not its baseline's: periods that were over by then make the state, but
    the reason does not count them.
    Raises ValueError when baseline and target are equal.
    """
    terms = Terms(
        kind=kind,
        start=baseline_date + A_DAY,
        end=due,
        k=1,
        baseline=baseline,
        target=target,
        shape="linear",
        unit=unit,
        decimals=decimals,
        grain=grain,
    )
    window = Window.of(points, terms)
    if horizon == "long":
        return _long(window)
    days = [point.start for point in window.known]
    found = [_week(Window.of(points, terms, last=day), cone=cone and day == days[-1]) for day in days]
    found = found or [_week(window, cone=cone)]
    raws = [each.raw for each in found]
    now, state = found[-1], confirm(raws, jumps=[each.jump for each in found])[-1]
    if today <= due and silent(points, today, grain):
        return replace(now, state=NO_DATA, reason=silent_words(grain))
    if not days:
        words = (
            starts_words(terms.start, today)
            if today <= terms.start
            else too_early_words(0, needed(grain), grain)
        )
        return replace(now, state=TOO_EARLY, reason=words)
    if now.raw == TOO_EARLY:
        return replace(now, state=TOO_EARLY, reason=too_early_words(len(days), needed(grain), grain))
    since = sum(set_on is None or next_start(day, grain) > set_on for day in days)
    over = ended(points, terms, today)
    words = reason(now, terms, state=state, raws=raws, done=len(days), over=over, counted=since)
    return replace(now, state=state, reason=words)


def needed(grain: str) -> int:
    """How many periods a target runs before it has a state."""
    return 1 if grain == "month" else TOO_EARLY_WEEKS


def _long(window: Window) -> Health:
    terms, found = window.terms, _plan(window)
    if found.reading is None or terms.target is None:
        return found
    rate = required_per_week(found.reading, terms.target, last_day=_last_day(window), end=terms.end)
    return replace(found, reason=long_words(found, terms, rate=rate))


def _week(window: Window, *, cone: bool) -> Health:
    """The numbers of the newest period and its word alone."""
    terms, found = window.terms, _plan(window)
    forecast = foresee(
        window.history,
        kind=terms.kind,
        due=terms.end,
        target=terms.target,
        sign=terms.sign,
        cone=cone,
        grain=terms.grain,
    )
    chance = reached = None
    if isinstance(forecast, Forecast):
        chance = forecast.p
        reached = progress(terms.baseline or 0.0, terms.target or 0.0, forecast.mean)
    raw = TOO_EARLY
    if len(window.known) >= needed(terms.grain) and found.z is not None and found.gap is not None:
        raw = raw_state(pace_signal(found.z, found.gap), chance, reached)
    jump = raw != TOO_EARLY and jumped(window)
    return replace(found, raw=raw, p=chance, attainment=reached, forecast=forecast, jump=jump)


def _plan(window: Window) -> Health:
    """The newest value against the plan at its end, with the noise of a level that drifted so long."""
    terms = window.terms
    known = [point for point in window.history if point.value is not None]
    value = known[-1].value if known else None
    baseline, target = terms.baseline or 0.0, terms.target or 0.0
    share = expected_fraction(terms.start, terms.end, _last_day(window))
    plan, made = pace_value(baseline, target, share), progress(baseline, target, value)
    if value is None or made is None:
        return Health("", "No complete value yet.", pace=plan, expected=share)
    steps = _steps(window.history[-FIT_MAX - 1 :])
    sigma = float(np.std(steps, ddof=1)) if len(steps) > 1 else 0.0
    sigma = 0.0 if sigma <= ROUNDING * max(abs(point.value or 0.0) for point in known) else sigma
    weeks = max(len(window.known), 1)
    z = z_score(value, plan, sign=terms.sign, sigma=sigma * math.sqrt(weeks), k=1)
    week = window.known[-1].start if window.known else None
    return Health("", "", value, plan, made, share, made - share, z, week=week)


def _steps(history: Sequence[Point]) -> list[float]:
    """The changes from one period to the next; none across a gap."""
    return [
        after.value - before.value
        for before, after in pairwise(history)
        if before.value is not None and after.value is not None
    ]


def _last_day(window: Window) -> date:
    """The last day of the newest period of the target with a value; before the first, the day it was set."""
    if window.known:
        return next_start(window.known[-1].start, window.terms.grain) - A_DAY
    return window.terms.start - A_DAY
