"""The outcome of a bet from the weeks of its window (domain 3.6); no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from metrics.analysis import pace
from metrics.analysis.points import Point
from metrics.analysis.reading import reading
from teams.betting import exact
from teams.models import Omtm

ACHIEVED, PARTLY = 1.0, 0.5
RANGE_ACHIEVED, RANGE_PARTLY = 0.90, 0.75
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Final reading in the unit of the metric; attainment as a fraction, for a range the share inside it."""

    final_reading: Decimal | None
    attainment: float | None
    outcome: str


def conclude(omtm: Omtm, points: Sequence[Point]) -> Conclusion:
    """Judge a bet by the complete weeks of its window; `not_measurable` when none has a value."""
    last_start = omtm.end - timedelta(days=6)
    weeks = [point for point in points if point.complete and omtm.start <= point.start <= last_start]
    value = reading(weeks, omtm.metric.kind, omtm.outcome_weeks)
    if value is None:
        return Conclusion(None, None, "not_measurable")
    if omtm.target is None:
        share = pace.range_share(weeks, _float(omtm.low), _float(omtm.high))
        return Conclusion(exact(value), share, _word(share or 0.0, full=RANGE_ACHIEVED, half=RANGE_PARTLY))
    reached = pace.progress(float(omtm.baseline), float(omtm.target), value)
    return Conclusion(exact(value), reached, _word(reached or 0.0, full=ACHIEVED, half=PARTLY))


def _word(share: float, *, full: float, half: float) -> str:
    if share >= full - _ROUNDING:
        return "achieved"
    return "partly" if share >= half - _ROUNDING else "missed"


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
