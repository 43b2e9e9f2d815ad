"""The record of a bet that outlives its source: what it said, what came of it (domain 3.6)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from metrics.analysis.points import Point
from metrics.models import ChartDocument, Company
from teams import charting, evaluating, telling
from teams.judging import Conclusion, conclude
from teams.models import Omtm


def freeze(omtm: Omtm, *, now: datetime) -> tuple[dict[str, Any], Conclusion]:
    """The record of a bet as JSON (figure, sketches, facts, points, terms), and what is concluded from it.

    It draws without the source, the metric's values or this version of the drawing code.
    """
    found = evaluating.look_at(omtm, company=Company.current(), now=now)
    document = ChartDocument.objects.keep(charting.drawn(found, telling.facts_of(found)))
    conclusion = conclude(omtm, found.points, found.terms.weights)
    record = {
        "figure": document.figure,
        "sketches": document.sketches,
        "facts": document.facts,
        "points": [_point(p) for p in found.points if omtm.start - charting.BEFORE <= p.start <= omtm.end],
        "terms": _terms(omtm),
        "breaches": charting.breaches(found),
        "concluded": {
            "final_reading": _text(conclusion.final_reading),
            "attainment": conclusion.attainment,
            "outcome": conclusion.outcome,
        },
        "frozen_at": now.isoformat(),
    }
    return record, conclusion


def settle(omtm: Omtm, *, abandoned: bool, now: datetime) -> None:
    """Give a bet that is being retired its record, final reading, computed outcome and broken guardrails.

    Nothing is saved: the verb does that once people confirmed it.
    """
    record, conclusion = freeze(omtm, now=now)
    omtm.snapshot = {**record, "at_review": omtm.snapshot.get("concluded")}
    omtm.final_reading, omtm.attainment = conclusion.final_reading, conclusion.attainment
    omtm.outcome_computed = "abandoned" if abandoned else conclusion.outcome
    omtm.guardrail_breach = bool(record["breaches"])


def document_of(omtm: Omtm) -> ChartDocument | None:
    """The chart of an OMTM for a page: from its record where it is retired, else as last drawn."""
    record = omtm.snapshot if omtm.state == "retired" else {}
    if record.get("figure"):
        return ChartDocument(
            key=charting.key_of(omtm),
            figure=record["figure"],
            sketches=record["sketches"],
            facts=record["facts"],
            drawn_on=_day(record),
        )
    return ChartDocument.objects.filter(key=charting.key_of(omtm)).first()


def _day(record: dict[str, Any]) -> date | None:
    """When the record was frozen."""
    moment = record.get("frozen_at")
    return datetime.fromisoformat(moment).date() if moment else None


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
        "outcome_rule": omtm.outcome_rule,
        "pace_shape": omtm.pace_shape,
        "pace_lag_days": omtm.pace_lag_days,
        "milestones": omtm.milestones,
        **{name: _text(getattr(omtm, name)) for name in ("baseline", "target", "low", "high")},
    }


def _point(point: Point) -> list[Any]:
    day: date = point.start
    return [day.isoformat(), point.value, point.numerator, point.denominator, point.complete]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")
