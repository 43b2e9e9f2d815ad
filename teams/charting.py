"""The chart of an OMTM and the facts beside it: drawn when its data changes, kept as a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from metrics import formatting
from metrics.analysis.health import Health, range_words
from metrics.analysis.pace import pace_line, required_per_week
from metrics.analysis.points import Point
from metrics.charts.spec import ChartSpec, Note
from metrics.models import Annotation, ChartDocument, Metric
from northstar.lib import periods
from teams import judging
from teams.models import Guardrail, Omtm

#: How much of the time before the window a chart shows.
BEFORE = timedelta(weeks=12)
WEEK = timedelta(weeks=1)
#: From the first day of a week to its last, where its value stands on the chart.
TO_SUNDAY = timedelta(days=6)
MOST_NOTES = 12


@dataclass(frozen=True, slots=True)
class Evaluated:
    """All that is known about an OMTM on a day: its weekly points, its health, its guardrails' points."""

    omtm: Omtm
    points: Sequence[Point]
    health: Health
    guards: Sequence[tuple[Guardrail, Sequence[Point]]]
    notes: Sequence[Note]
    today: date


def key_of(omtm: Omtm) -> str:
    """The key of its chart document."""
    return f"omtm:{omtm.pk}"


def draw(found: Evaluated) -> ChartDocument:
    """Draw the chart of an OMTM and store it with its facts."""
    # Plotly is large: only who draws loads it.
    from metrics import charting

    return charting.draw(
        key_of(found.omtm),
        spec_of(found.omtm, found.points, notes=found.notes, today=found.today, sentence=found.health.reason),
        today=found.today,
        facts=facts_of(found),
    )


def spec_of(
    omtm: Omtm,
    points: Sequence[Point],
    *,
    today: date,
    notes: Sequence[Note] = (),
    sentence: str = "",
) -> ChartSpec:
    """The window with 12 weeks before it: line, pace, target or range, baseline. `omtm` may be unsaved."""
    ranged = omtm.target is None
    baseline, target = _float(omtm.baseline), _float(omtm.target)
    pace = (
        ()
        if target is None or baseline is None
        else pace_line(baseline, target, start=omtm.start, end=omtm.end)
    )
    return ChartSpec(
        title=omtm.name,
        unit=omtm.unit,
        decimals=omtm.metric.decimals,
        kind=omtm.metric.kind,
        direction=omtm.direction,
        points=tuple(point for point in points if omtm.start - BEFORE <= point.start and _fits(point, omtm)),
        pace=pace,
        target=target,
        target_day=None if ranged else omtm.end,
        low=_float(omtm.low),
        high=_float(omtm.high),
        baseline=None if ranged else baseline,
        window=(omtm.start, omtm.end),
        notes=tuple(notes),
        sentence=sentence,
        incomplete_day=today,
    )


def facts_of(found: Evaluated) -> dict[str, Any]:
    """What the pages print: shares as fractions, values both as numbers and as words."""
    omtm, health = found.omtm, found.health
    last = newest(found.points, omtm)
    shown = shown_as(omtm)
    done = [
        p for p in found.points if p.complete and omtm.start <= p.start and p.start + WEEK <= omtm.end + _DAY
    ]
    return {
        "state": health.state,
        "reason": health.reason,
        "reading": health.reading,
        "reading_words": formatting.show(health.reading, **shown),
        "reading_span": _span_words(omtm, last, len([p for p in done if p.value is not None])),
        "latest_words": formatting.show(last.value if last else None, **shown),
        "pace_words": formatting.show(health.pace, **shown),
        "progress": health.progress,
        "progress_words": formatting.show_share(health.progress),
        "expected": health.expected,
        "expected_words": formatting.show_share(health.expected),
        "gap": health.gap,
        "needed_words": _needed(found, last),
        "weeks_done": len(done),
        "weeks": len(periods.weeks_within(omtm.start, omtm.end)),
        "as_of": last.start.isoformat() if last else None,
        "as_of_words": formatting.week_words(last.start, found.today) if last else "",
        "guardrails": [guard_facts(guard, points) for guard, points in found.guards],
        "evaluated_on": found.today.isoformat(),
        "notes": [f"{note.number} · {formatting.day_words(note.day)} · {note.text}" for note in found.notes],
        "flags": [
            {"number": note.number, "when": formatting.day_words(note.day, found.today), "text": note.text}
            for note in found.notes
        ],
        **_concluded(found),
        **goal_words(omtm),
    }


def goal_words(omtm: Omtm) -> dict[str, str]:
    """`from_words` and `to_words` of the journey; for a range `range_words` ("between 0.0 s and 2.0 s")."""
    shown = shown_as(omtm)
    if omtm.target is not None:
        words = {
            "from_words": formatting.show(omtm.baseline, **shown),
            "to_words": formatting.show(omtm.target, **shown),
        }
        return words | {"range_words": ""}
    ranged = range_words(_float(omtm.low), _float(omtm.high), **shown)
    return {"from_words": "", "to_words": ranged, "range_words": ranged}


def goal_sentence(omtm: Omtm, today: date) -> str:
    """ "Raise Activation from 24% to 34% by 14 Jan", "Keep Sync delay at or under 2 s until 14 Jan"."""
    words, end = goal_words(omtm), formatting.day_words(omtm.end, today)
    if omtm.target is None:
        return f"Keep {omtm.name} {words['range_words']} until {end}"
    verb = "Raise" if omtm.target > omtm.baseline else "Lower"
    return f"{verb} {omtm.name} from {words['from_words']} to {words['to_words']} by {end}"


def guard_facts(guard: Guardrail, points: Sequence[Point]) -> dict[str, Any]:
    """State of a guardrail: good, warn when the newest week is over its limit, bad when the last two are."""
    metric = guard.metric
    known = [point for point in points if point.complete and point.value is not None][-2:]
    over = [beyond(point.value, guard.side, float(guard.limit)) for point in known if point.value is not None]
    state = (
        "no_data"
        if not over
        else "good"
        if not over[-1]
        else "bad"
        if all(over) and len(over) > 1
        else "warn"
    )
    value = known[-1].value if known else None
    return {
        "name": metric.name,
        "slug": metric.slug,
        "state": state,
        "value_words": _shown(metric, value),
        "limit_words": limit_words(metric, guard.side, guard.limit),
        "limit_short": limit_words(metric, guard.side, guard.limit, with_unit=False),
        "as_of": known[-1].start.isoformat() if known else None,
    }


def beyond(value: float, side: str, limit: float) -> bool:
    """Whether a value is worse than a guardrail allows; the limit itself is allowed."""
    return value > limit if side == "at_most" else value < limit


def limit_words(metric: Metric, side: str, limit: Any, *, with_unit: bool = True) -> str:
    """ "at most 9 contacts", "at least 30%"; beside a value that has it the unit word can go."""
    plain = with_unit or formatting.is_percent(metric.unit, metric.kind)
    shown = _shown(metric, limit) if plain else formatting.show(limit, decimals=metric.decimals)
    return f"{side.replace('_', ' ')} {shown}"


def notes_for(metric: Metric, *, first: date, last: date) -> list[Note]:
    """The notes of the company and of this metric in those days, numbered from the oldest on."""
    rows = Annotation.objects.filter(
        day__range=(first, last), metric__in=[metric]
    ) | Annotation.objects.filter(day__range=(first, last), metric=None)
    newest_first = list(rows.order_by("-day", "-id")[:MOST_NOTES])
    return [Note(row.day, row.text, number) for number, row in enumerate(reversed(newest_first), start=1)]


def newest(points: Iterable[Point], omtm: Omtm) -> Point | None:
    """The newest complete week with a value that ends inside the window or before it."""
    fitting = [p for p in points if p.complete and p.value is not None and p.start + WEEK <= omtm.end + _DAY]
    return fitting[-1] if fitting else None


def shown_as(omtm: Omtm) -> Mapping[str, Any]:
    """The arguments with which `formatting` shows a value of this OMTM."""
    return {"unit": omtm.unit, "decimals": omtm.metric.decimals, "kind": omtm.metric.kind}


_DAY = timedelta(days=1)


def _fits(point: Point, omtm: Omtm) -> bool:
    """A week counts only if it lies wholly in the window; the running one is drawn while it may."""
    return point.start + WEEK <= omtm.end + _DAY if point.complete else point.start <= omtm.end


def _concluded(found: Evaluated) -> dict[str, Any]:
    """What the outcome would be if it ended with the newest complete week."""
    now = judging.conclude(found.omtm, found.points)
    return {
        "outcome": now.outcome,
        "attainment": now.attainment,
        "attainment_words": formatting.show_share(now.attainment),
        "final_words": formatting.show(now.final_reading, **shown_as(found.omtm)),
    }


def _needed(found: Evaluated, last: Point | None) -> str:
    omtm = found.omtm
    if omtm.target is None or last is None or found.today > omtm.end:
        return formatting.NOTHING
    since = max(last.start + timedelta(days=6), omtm.start - _DAY)
    rate = required_per_week(found.health.reading, float(omtm.target), last_day=since, end=omtm.end)
    if rate is None:
        return formatting.NOTHING
    shown = dict(shown_as(omtm))
    # A rate per week is smaller than a value: one more digit keeps it from reading as nothing.
    shown["decimals"] = shown["decimals"] + 1
    return formatting.show_change(rate, **shown)


def _span_words(omtm: Omtm, last: Point | None, weeks_known: int) -> str:
    if last is None:
        return ""
    weeks = min(omtm.outcome_weeks, weeks_known) or omtm.outcome_weeks
    if omtm.metric.kind == "snapshot_stock" or weeks == 1:
        return formatting.week_words(last.start)
    return f"last {weeks} complete weeks, to {formatting.day_words(last.start + timedelta(days=6))}"


def _shown(metric: Metric, value: Any) -> str:
    return formatting.show(value, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
