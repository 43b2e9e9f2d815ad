"""The numbers of one complete week of a bet: reading, plan, noise, forecast, and its word alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from metrics.analysis import xmr
from metrics.analysis.constants import (
    RANGE_ON,
    ROUNDING,
    SHORT_WINDOW_WEEKS,
    SURE,
    TOO_EARLY_WEEKS,
)
from metrics.analysis.forecast import Forecast, Withheld, foresee
from metrics.analysis.health_rule import (
    TOO_EARLY,
    Health,
    pace_signal,
    range_signal,
    raw_state,
)
from metrics.analysis.noise import sigma_w, theil_sen, z_score
from metrics.analysis.pace import expected, inside, pace_value, progress, range_chance
from metrics.analysis.points import AVERAGE, RATIO, Point, complete_points, next_start
from metrics.analysis.reading import pooled, read_points, total_of
from metrics.analysis.reading import reading as read
from metrics.analysis.terms import Terms, whole_periods
from northstar.lib.periods import A_DAY


@dataclass(frozen=True, slots=True)
class Window:
    """The complete periods up to one of them: all, those of the window, and those with a value."""

    terms: Terms
    history: list[Point]
    weeks: list[Point] = field(default_factory=list)
    known: list[Point] = field(default_factory=list)

    @classmethod
    def of(cls, points: Sequence[Point], terms: Terms, *, last: date | None = None) -> Window:
        """The window as it stands after the period that begins on `last`; None: with all its periods."""
        history = [
            _counted(point, terms.kind)
            for point in complete_points(points)
            if (last is None or point.start <= last) and _within(point, terms)
        ]
        weeks = [point for point in history if point.start >= terms.start]
        return cls(terms, history, weeks, [point for point in weeks if point.value is not None])

    @property
    def needed(self) -> int:
        """How many periods with values a status needs."""
        if self.terms.grain == "month":
            return 1
        return SHORT_WINDOW_WEEKS if self.terms.short else TOO_EARLY_WEEKS

    @property
    def early(self) -> bool:
        """Whether there are too few of them yet."""
        return len(self.known) < self.needed


def weigh(window: Window, *, cone: bool = False) -> Health:
    """Reading, plan, z, chance and raw word of the newest known period; no state and no reason yet.

    Raises ValueError when the terms have neither a target nor a range, or a target without a baseline.
    """
    if window.terms.target is None:
        return _weigh_range(window)
    if window.terms.is_total:
        return _weigh_total(window, cone=cone)
    if window.terms.baseline is None:
        raise ValueError("A target needs a baseline. Store the baseline that was frozen at the start.")
    return _weigh_level(window, cone=cone)


def _counted(point: Point, kind: str) -> Point:
    # An average over nothing says nothing, whatever value came with it.
    return replace(point, value=None) if kind == AVERAGE and point.denominator == 0 else point


def _within(point: Point, terms: Terms) -> bool:
    # A total counts the days of the last, broken week too.
    last = point.start if terms.is_total else next_start(point.start, terms.grain) - A_DAY
    return last <= terms.end


def _weigh_level(window: Window, *, cone: bool) -> Health:
    terms = window.terms
    baseline, target = terms.baseline or 0.0, terms.target or 0.0
    counted = min(terms.outcome_periods, len(window.known)) or terms.outcome_periods
    taken = read_points(window.weeks if window.known else window.history, terms.kind, counted)
    taken = pooled(window.weeks, taken, min_den=terms.min_den if terms.kind == RATIO else 0)
    value = read(taken, terms.kind, len(taken))
    share = expected(terms, [point.start for point in taken]) if window.known else 0.0
    plan = pace_value(baseline, target, share)
    made = progress(baseline, target, value)
    if value is None or made is None:
        return Health("", "", pace=plan, expected=share)
    z = z_score(value, plan, sign=terms.sign, sigma=_noise(window), k=len(taken))
    forecast = _foresee(window, cone=cone)
    reached = progress(baseline, target, forecast.mean) if isinstance(forecast, Forecast) else None
    return _weighed(
        window, Health("", "", value, plan, made, share, made - share, z), forecast, attainment=reached
    )


def _weigh_total(window: Window, *, cone: bool) -> Health:
    terms = window.terms
    target = terms.target or 0.0
    size = abs(target) or abs(terms.baseline or 0.0) or 1.0
    so_far = total_of(window.history, start=terms.start, end=terms.end, weights=terms.weights)
    share = expected(terms, so_far.weeks)
    plan = target * share
    gap = terms.sign * (so_far.value - plan) / size
    # The noise of a sum grows with the root of its weeks; that of a mean shrinks with it.
    weeks = len(window.known)
    z = z_score(so_far.value, plan, sign=terms.sign, sigma=_noise(window) * weeks, k=weeks)
    forecast = _foresee(window, cone=cone, so_far=so_far.value, weeks_left=so_far.weeks_left)
    reached = None
    if isinstance(forecast, Forecast):
        reached = 1 + terms.sign * (forecast.mean - target) / size
    found = Health("", "", so_far.value, plan, share + gap, share, gap, z)
    return _weighed(window, found, forecast, attainment=reached)


def _weigh_range(window: Window) -> Health:
    terms = window.terms
    if terms.low is None and terms.high is None:
        raise ValueError("There is neither a target nor a range to judge by.")
    done = len(window.known)
    value = read(window.weeks, terms.kind, min(terms.outcome_periods, done) or terms.outcome_periods)
    if not done:
        return Health("", "", value, expected=RANGE_ON)
    hits = sum(_inside(point, terms) for point in window.known)
    left = whole_periods(next_start(window.known[-1].start, terms.grain), terms.end, terms.grain)
    chance = min(SURE, max(1 - SURE, range_chance(hits, done, done + left, RANGE_ON)))
    final = (hits + left * (hits + 1) / (done + 2)) / (done + left)
    found = Health("", "", value, None, hits / done, RANGE_ON)
    if window.early:
        return _named(found, window, raw=TOO_EARLY)
    raw = raw_state(range_signal(hits / done), chance, final / RANGE_ON)
    return _named(found, window, raw=raw, p=chance, attainment=final / RANGE_ON)


def _inside(point: Point, terms: Terms) -> bool:
    return point.value is not None and inside(point.value, terms.low, terms.high)


def _weighed(
    window: Window, found: Health, forecast: Forecast | Withheld, *, attainment: float | None
) -> Health:
    """With the word of the week, its chance and whether it jumped."""
    if window.early or found.z is None or found.gap is None:
        return _named(found, window, raw=TOO_EARLY, forecast=forecast)
    chance = forecast.p if isinstance(forecast, Forecast) else None
    raw = raw_state(pace_signal(found.z, found.gap), chance, attainment)
    return _named(found, window, raw=raw, p=chance, attainment=attainment, forecast=forecast)


def _named(
    found: Health,
    window: Window,
    *,
    raw: str,
    p: float | None = None,
    attainment: float | None = None,
    forecast: Forecast | Withheld | None = None,
) -> Health:
    return replace(
        found,
        raw=raw,
        p=p,
        attainment=attainment,
        forecast=forecast,
        week=window.known[-1].start if window.known else None,
        jump=raw != TOO_EARLY and jumped(window),
    )


def _foresee(
    window: Window, *, cone: bool, so_far: float = 0.0, weeks_left: float | None = None
) -> Forecast | Withheld:
    terms = window.terms
    if window.early:
        return Withheld("A forecast comes with the first status.")
    return foresee(
        window.history,
        kind=terms.kind,
        due=terms.end,
        k=terms.k,
        start=terms.start,
        target=terms.target,
        sign=terms.sign,
        rule=terms.rule,
        cone=cone,
        grain=terms.grain,
        so_far=so_far,
        weeks_left=weeks_left,
    )


def _noise(window: Window) -> float:
    return sigma_w(window.history, weeks_since_start=len(window.weeks)) or 0.0


def jumped(window: Window) -> bool:
    """Whether the newest value fell beyond the natural limits around the trend before it, on the bad side.

    The limits are those of the residuals from the robust line (rule 1 of domain 6.8): a bet is meant to
    trend. Without eight values before it nothing is said.
    """
    newest = window.known[-1]
    recent = [point for point in window.history if point.start < newest.start][-xmr.MOST_POINTS :]
    places = [(i, point.value) for i, point in enumerate(recent) if point.value is not None]
    if newest.value is None or len(places) < xmr.LEAST_POINTS:
        return False
    slope, intercept = theil_sen([i for i, _ in places], [value for _, value in places])
    rest = [None if p.value is None else p.value - intercept - slope * i for i, p in enumerate(recent)]
    found = xmr.limits(rest)
    if found is None:
        return False
    distance = newest.value - intercept - slope * len(recent)
    if abs(distance) <= ROUNDING * max(abs(value) for _, value in places):
        return False
    side = xmr.beyond(distance, found)
    if window.terms.target is None:
        return bool(side) and not _inside(newest, window.terms)
    return side == (xmr.LOW if window.terms.sign > 0 else xmr.HIGH)
