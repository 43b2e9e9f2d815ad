"""The chart of an OMTM and the facts beside it: drawn when its data changes, kept as a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from metrics import formatting, guarding, signalling, telling
from metrics.analysis.forecast import Cone, Forecast
from metrics.analysis.health import Health, range_words
from metrics.analysis.pace import plan_line
from metrics.analysis.points import Point
from metrics.analysis.reading import total_of
from metrics.analysis.terms import Terms
from metrics.analysis.trust import Trust
from metrics.charts.spec import ChartSpec, FormerGoal, Note
from metrics.models import ChartDocument, Metric
from metrics.signalling import Seen
from teams.judging import beyond, first_breach, terms_of
from teams.linting import Finding
from teams.models import GoalChange, Guardrail, HealthSnapshot, Omtm
from teams.recording import Kept

#: How much of the time before the window a chart shows.
BEFORE = timedelta(weeks=12)
WEEK = timedelta(weeks=1)
#: The cone holds single weeks; what is said of the end is of the mean of several, and narrower.
WEEKLY_CONE = ("80% likely", "week by week")
#: From the first day of a week to its last, where its value stands on the chart.
TO_SUNDAY = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Guarded:
    """A guardrail, the weekly points of its metric, and what the process limits say of them."""

    guard: Guardrail
    points: Sequence[Point]
    signal: Seen | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """All that is known about an OMTM on a day.

    `weeks` is its health after each complete week, the last entry how it stands now; `new` are the rows that
    say something else than those `kept`, not saved yet.
    """

    omtm: Omtm
    points: Sequence[Point]
    terms: Terms
    weeks: Sequence[Health]
    new: Sequence[tuple[HealthSnapshot, Health]]
    kept: Kept
    guards: Sequence[Guarded]
    notes: Sequence[Note]
    trust: Trust | None
    signal: Seen | None
    today: date
    moves: Sequence[GoalChange] = ()
    hints: Sequence[Finding] = ()

    @property
    def health(self) -> Health:
        """How it stands now."""
        return self.weeks[-1]


def key_of(omtm: Omtm) -> str:
    """The key of its chart document."""
    return f"omtm:{omtm.pk}"


def drawn(found: Evaluated, facts: dict[str, Any]) -> ChartDocument:
    """The chart of an OMTM with its facts, not saved yet."""
    # Plotly is large: only who draws loads it.
    from metrics import charting

    forecast = found.health.forecast
    spec = spec_of(found.omtm, found.points, terms=found.terms, notes=found.notes, today=found.today)
    cone = _cone(forecast, found.terms) if isinstance(forecast, Forecast) else ()
    spec = replace(spec, sentence=facts["verdict"], cone=cone, former_goals=former_goals(found))
    if found.terms.k > 1 and not found.terms.is_total:
        spec = replace(spec, cone_words=WEEKLY_CONE)
    return charting.drawn(key_of(found.omtm), spec, today=found.today, facts=facts, wall=True)


def spec_of(
    omtm: Omtm,
    points: Sequence[Point],
    *,
    today: date,
    terms: Terms | None = None,
    notes: Sequence[Note] = (),
) -> ChartSpec:
    """The window with 12 weeks before it: line, pace, target or range, baseline. `omtm` may be unsaved.

    Of a total the sum of the window so far.
    """
    terms = terms or terms_of(omtm)
    shown = [point for point in points if omtm.start - BEFORE <= point.start and _fits(point, omtm)]
    return ChartSpec(
        title=omtm.name,
        unit=omtm.unit,
        decimals=omtm.metric.decimals,
        kind=omtm.metric.kind,
        direction=omtm.direction,
        points=tuple(_summed(points, terms) if terms.is_total else shown),
        pace=plan_line(terms),
        target=terms.target,
        target_day=None if terms.target is None else omtm.end,
        low=_float(omtm.low),
        high=_float(omtm.high),
        baseline=None if terms.is_total else terms.baseline,
        window=(omtm.start, omtm.end),
        notes=tuple(notes),
        incomplete_day=today,
        first_end=omtm.original_end,
    )


def former_goals(found: Evaluated) -> tuple[FormerGoal, ...]:
    """Targets and bounds as they were before they moved, each from the day on which it was set."""
    goals, since = [], found.omtm.start
    for change in found.moves:
        if change.kind != "target":
            continue
        for name, text in change.before.items():
            then = change.after.get(name)
            if text is not None and text != then:
                value = float(text)
                goals.append(FormerGoal(since, change.day, value, None if then is None else float(then)))
        since = change.day
    return tuple(goals)


def goal_words(omtm: Omtm) -> dict[str, str]:
    """`from_words` and `to_words` of the journey; for a range `range_words` ("between 0.0 s and 2.0 s")."""
    shown = shown_as(omtm)
    if omtm.target is not None:
        origin = 0 if omtm.outcome_rule == "total" else omtm.baseline
        words = {
            "from_words": formatting.show(origin, **shown),
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
    if omtm.outcome_rule == "total" and omtm.direction == "down":
        return f"Keep {omtm.name} within {words['to_words']} in all until {end}"
    if omtm.outcome_rule == "total":
        return f"Bring {omtm.name} to {words['to_words']} in all by {end}"
    verb = "Raise" if omtm.target > omtm.baseline else "Lower"
    return f"{verb} {omtm.name} from {words['from_words']} to {words['to_words']} by {end}"


def guard_facts(guarded: Guarded) -> dict[str, Any]:
    """State of a guardrail: good, warn when the newest week is over its limit, bad when the last two are.

    Bad too when the newest week is over it and outside all that is usual (XmR rule 1) on that side.
    """
    guard, metric = guarded.guard, guarded.guard.metric
    known = [point for point in guarded.points if point.complete and point.value is not None][-2:]
    over = [beyond(point.value, guard.side, float(guard.limit)) for point in known if point.value is not None]
    jumped = bool(known) and known[-1].start in alarms(guarded)
    if not over or not over[-1]:
        state = "good" if over else "no_data"
    else:
        state = "bad" if jumped or (all(over) and len(over) > 1) else "warn"
    value = known[-1].value if known else None
    return {
        "name": metric.name,
        "slug": metric.slug,
        "state": state,
        "since": guarding.since(guarded.points, lambda value: beyond(value, guard.side, float(guard.limit))),
        "value_words": telling.show(value, metric),
        "limit_words": limit_words(metric, guard.side, guard.limit),
        "limit_short": limit_words(metric, guard.side, guard.limit, with_unit=False),
        "as_of": known[-1].start.isoformat() if known else None,
        "signal": signalling.facts(guarded.signal) if guarded.signal else {},
        "jumped": state == "bad" and not all(over[-2:]),
    }


def breaches(found: Evaluated) -> list[dict[str, Any]]:
    """The guardrails that broke inside the window: name, limit in words, the week and its value in words."""
    told = []
    for guarded in found.guards:
        guard, metric = guarded.guard, guarded.guard.metric
        span = {"start": found.omtm.start, "end": found.omtm.end}
        week = first_breach(
            guarded.points, side=guard.side, limit=float(guard.limit), alarms=alarms(guarded), **span
        )
        if week is None:
            continue
        value = next(point.value for point in guarded.points if point.start == week)
        limit = limit_words(metric, guard.side, guard.limit, with_unit=False)
        words = f"{metric.name} broke its limit: {telling.show(value, metric)} in the "
        words += f"{formatting.week_words(week)}, {limit} was agreed."
        told.append({"name": metric.name, "slug": metric.slug, "week": week.isoformat(), "words": words})
    return told


def alarms(guarded: Guarded) -> set[date]:
    """The weeks outside the natural limits of the metric on the side that the guardrail watches."""
    side = "high" if guarded.guard.side == "at_most" else "low"
    marks = guarded.signal.marks if guarded.signal else ()
    return {mark.week for mark in marks if mark.rule == 1 and mark.side == side}


def limit_words(metric: Metric, side: str, limit: Any, *, with_unit: bool = True) -> str:
    """ "at most 9 contacts", "at least 30%"; beside a value that has it the unit word can go."""
    plain = with_unit or formatting.is_percent(metric.unit, metric.kind)
    shown = telling.show(limit, metric) if plain else formatting.show(limit, decimals=metric.decimals)
    return f"{side.replace('_', ' ')} {shown}"


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


def _cone(forecast: Forecast, terms: Terms) -> tuple[Cone, ...]:
    """Week by week; of a total only its end is foreseen."""
    if not terms.is_total:
        return forecast.cone
    bands = (forecast.low80, forecast.low50, forecast.high50, forecast.high80)
    return (Cone(forecast.due, forecast.mean, *bands),)


def _summed(points: Sequence[Point], terms: Terms) -> list[Point]:
    """Nothing the week before it begins, then the sum after each week; the running one with what it has."""
    inside = [p for p in points if terms.start < p.start + WEEK and p.start <= terms.end]
    before = [Point(inside[0].start - WEEK, 0.0, note="before it began")] if inside else []
    found, so_far = before, 0.0
    for place, point in enumerate(inside, 1):
        if point.complete:
            so_far = total_of(inside[:place], start=terms.start, end=terms.end, weights=terms.weights).value
            found.append(replace(point, value=None if point.value is None else so_far))
        elif point.value is not None:
            found.append(replace(point, value=so_far + point.value))
    return found


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
