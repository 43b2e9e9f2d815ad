"""What came of a bet: final reading, attainment, outcome, and the record that outlives its source (§3.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from metrics.analysis import pace
from metrics.analysis.points import Point
from metrics.analysis.reading import reading
from metrics.models import ChartDocument, Company
from teams import betting, charting, evaluating
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
        return Conclusion(
            betting.exact(value), share, _word(share or 0.0, full=RANGE_ACHIEVED, half=RANGE_PARTLY)
        )
    reached = pace.progress(float(omtm.baseline), float(omtm.target), value)
    return Conclusion(betting.exact(value), reached, _word(reached or 0.0, full=ACHIEVED, half=PARTLY))


def freeze(omtm: Omtm, *, now: datetime) -> tuple[dict[str, Any], Conclusion]:
    """The record of a bet as JSON (figure, sketches, facts, points, terms), and what is concluded from it.

    It draws without the source, the metric's values or this version of the drawing code.
    """
    found = evaluating.look_at(omtm, company=Company.current(), now=now)
    document = charting.draw(found)
    conclusion = conclude(omtm, found.points)
    record = {
        "figure": document.figure,
        "sketches": document.sketches,
        "facts": document.facts,
        "points": [_point(p) for p in found.points if omtm.start - charting.BEFORE <= p.start <= omtm.end],
        "terms": _terms(omtm),
        "concluded": {
            "final_reading": _text(conclusion.final_reading),
            "attainment": conclusion.attainment,
            "outcome": conclusion.outcome,
        },
        "frozen_at": now.isoformat(),
    }
    return record, conclusion


def document_of(omtm: Omtm) -> ChartDocument | None:
    """The chart of an OMTM for a page: from its record where it is retired, else as last drawn."""
    record = omtm.snapshot if omtm.state == "retired" else {}
    if record.get("figure"):
        return ChartDocument(
            key=charting.key_of(omtm),
            figure=record["figure"],
            sketches=record["sketches"],
            facts=record["facts"],
        )
    return ChartDocument.objects.filter(key=charting.key_of(omtm)).first()


def _word(share: float, *, full: float, half: float) -> str:
    if share >= full - _ROUNDING:
        return "achieved"
    return "partly" if share >= half - _ROUNDING else "missed"


def _terms(omtm: Omtm) -> dict[str, Any]:
    return {
        "metric": omtm.metric.name,
        "definition": omtm.definition,
        "kind": omtm.metric.kind,
        "unit": omtm.unit,
        "direction": omtm.direction,
        "start": omtm.start.isoformat(),
        "end": omtm.end.isoformat(),
        "outcome_weeks": omtm.outcome_weeks,
        **{name: _text(getattr(omtm, name)) for name in ("baseline", "target", "low", "high")},
    }


def _point(point: Point) -> list[Any]:
    day: date = point.start
    return [day.isoformat(), point.value, point.numerator, point.denominator, point.complete]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
