"""The terms of a bet as the analysis reads them, and its outcome from its weeks; no database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from metrics.analysis import pace
from metrics.analysis.points import RATIO, Point
from metrics.analysis.reading import pooled, read_points, reading, total_of
from metrics.analysis.terms import Terms
from teams.betting import exact
from teams.models import Omtm

ACHIEVED, PARTLY = 1.0, 0.5
RANGE_ACHIEVED, RANGE_PARTLY = 0.90, 0.75
_ROUNDING = 1e-9
#: The column of final readings ends at 1e16; SQLite would take more and then never read the row again.
TOO_LARGE = 9e15


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Final reading in the unit of the metric; attainment as a fraction, for a range the share inside it."""

    final_reading: Decimal | None
    attainment: float | None
    outcome: str


def terms_of(omtm: Omtm, weights: tuple[float, ...] = ()) -> Terms:
    """What was promised, in stored units; `weights` one for each day of the window. `omtm` may be unsaved."""
    ranged = omtm.target is None
    return Terms(
        kind=omtm.metric.kind,
        start=omtm.start,
        end=omtm.end,
        k=omtm.outcome_weeks,
        baseline=None if ranged else _float(omtm.baseline),
        target=_float(omtm.target),
        low=_float(omtm.low),
        high=_float(omtm.high),
        rule=omtm.outcome_rule,
        shape=omtm.pace_shape,
        lag_days=omtm.pace_lag_days,
        milestones=tuple((date.fromisoformat(day), float(value)) for day, value in omtm.milestones),
        weights=weights,
        unit=omtm.unit,
        decimals=omtm.metric.decimals,
        min_den=omtm.metric.min_den,
        direction=omtm.direction,
    )


def weighs_days(omtm: Omtm) -> bool:
    """Whether its plan counts days by what they usually bring."""
    return omtm.outcome_rule == "total" or omtm.pace_shape == "seasonal"


def conclude(omtm: Omtm, points: Sequence[Point], weights: tuple[float, ...] = ()) -> Conclusion:
    """Judge a bet by the complete weeks of its window; `not_measurable` without a value that can be kept.

    One that was extended is judged by both ends: a target that was reached only in the extension was reached
    late (domain 3.1).
    """
    found, first = _concluded(omtm, points, weights), at_original_end(omtm, points, weights)
    late = first is not None and found.outcome == "achieved" != first.outcome
    return replace(found, outcome="achieved_late") if late else found


def at_original_end(
    omtm: Omtm, points: Sequence[Point], weights: tuple[float, ...] = ()
) -> Conclusion | None:
    """The judgement by the end that was committed to; None where it was never moved."""
    if omtm.original_end is None:
        return None
    first = copy(omtm)
    first.end = omtm.original_end
    return _concluded(first, points, weights[: first.total_days])


def _concluded(omtm: Omtm, points: Sequence[Point], weights: tuple[float, ...]) -> Conclusion:
    """By the end that it has. A total is the sum of the window; its attainment is the share of the target
    that was reached, where less is better one and as much as it stayed under the target.
    """
    last_start = omtm.end - timedelta(days=6)
    weeks = [point for point in points if point.complete and omtm.start <= point.start <= last_start]
    terms = terms_of(omtm, weights)
    value = _final(weeks, terms)
    if terms.is_total:
        total = total_of(points, start=terms.start, end=terms.end, weights=weights)
        value = total.value if total.weeks else None
    if value is None or abs(value) >= TOO_LARGE:
        return Conclusion(None, None, "not_measurable")
    if terms.target is None:
        share = pace.range_share(weeks, terms.low, terms.high)
        return Conclusion(exact(value), share, _word(share or 0.0, full=RANGE_ACHIEVED, half=RANGE_PARTLY))
    if terms.is_total:
        reached = 1 + terms.sign * (value - terms.target) / (abs(terms.target) or 1.0)
    else:
        reached = pace.progress(float(omtm.baseline), terms.target, value) or 0.0
    return Conclusion(exact(value), reached, _word(reached, full=ACHIEVED, half=PARTLY))


def first_breach(
    points: Sequence[Point],
    *,
    side: str,
    limit: float,
    start: date,
    end: date,
    alarms: Collection[date] = (),
) -> date | None:
    """The Monday of the week in which a guardrail broke inside the window, None where it held (domain 6.6).

    It breaks when two weeks in a row are beyond the limit, or one that is also among the `alarms`: outside
    all that is usual on that side (XmR rule 1).
    """
    last_start = end - timedelta(days=6)
    inside = [point for point in points if point.complete and start <= point.start <= last_start]
    before = False
    for point in inside:
        if point.value is None:
            continue
        over = beyond(point.value, side, limit)
        if over and (before or point.start in alarms):
            return point.start
        before = over
    return None


def beyond(value: float, side: str, limit: float) -> bool:
    """Whether a value is worse than a guardrail allows; the limit itself is allowed."""
    return value > limit if side == "at_most" else value < limit


def _final(weeks: Sequence[Point], terms: Terms) -> float | None:
    """The reading as it was judged each week: a share of too few cases takes earlier weeks in."""
    taken = read_points(weeks, terms.kind, terms.k)
    taken = pooled(weeks, taken, min_den=terms.min_den if terms.kind == RATIO else 0)
    return reading(taken, terms.kind, len(taken))


def _word(share: float, *, full: float, half: float) -> str:
    if share >= full - _ROUNDING:
        return "achieved"
    return "partly" if share >= half - _ROUNDING else "missed"


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
