"""All that the evaluation of OMTMs reads, for many of them at once: a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import F, Q

from metrics import series, signalling, trusting
from metrics.analysis import health as judging
from metrics.analysis.points import Point
from metrics.analysis.rolling import FACTOR_WEEKS
from metrics.analysis.seasonal import day_weights, holiday_share, weekday_factors
from metrics.analysis.terms import Terms
from metrics.analysis.trust import Trust
from metrics.charts.spec import Note
from metrics.models import Annotation, Company, Metric, Observation, ObservationRevision
from northstar.lib import periods, workdays
from northstar.lib.periods import A_DAY, WEEK
from teams import charting, ledger, linting, recording
from teams.charting import Evaluated, Guarded
from teams.judging import terms_of, weighs_days
from teams.linting import Finding
from teams.models import GoalChange, Guardrail, Omtm

#: As much as a forecast reads (domain 6.5).
HISTORY = timedelta(weeks=104)
#: So that values carried forward into the first week are the same whoever is looked at together.
MARGIN = timedelta(weeks=4)
#: A year, so that the holidays of the window have been there once.
YEAR = timedelta(weeks=53)
MOST_NOTES = 12
Window = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read for a number of OMTMs."""

    company: Company
    now: datetime
    today: date
    points: dict[int, list[Point]]
    guards: dict[int, list[Guardrail]]
    notes: list[Annotation]
    team_notes: dict[int, list[Annotation]]
    kept: dict[int, recording.Kept]
    trust: dict[tuple[int, Window], Trust]
    days: dict[int, dict[date, float]]
    signals: dict[int, signalling.Seen]
    moves: dict[int, list[GoalChange]]
    segments: dict[int, list[Metric]]
    typed: dict[int, list[tuple[date, int | None]]]


def see(omtms: Sequence[Omtm], *, company: Company, now: datetime) -> Seen:
    """Read everything about these OMTMs; trust takes its queries once for each different window."""
    today = periods.local_day(now, company.zone)
    guards: dict[int, list[Guardrail]] = defaultdict(list)
    for guard in Guardrail.objects.filter(omtm__in=omtms).select_related("metric").order_by("id"):
        guards[guard.omtm_id].append(guard)
    metrics = {omtm.metric_id: omtm.metric for omtm in omtms}
    metrics |= {guard.metric_id: guard.metric for each in guards.values() for guard in each}
    first = min((omtm.start for omtm in omtms), default=today)
    since = first - HISTORY - MARGIN
    segments = _segments(omtms)
    parts = {part.pk: part for each in segments.values() for part in each}
    points = series.weekly((metrics | parts).values(), company=company, now=now, since=since)
    return Seen(
        company=company,
        now=now,
        today=today,
        points=points,
        guards=guards,
        notes=_notes(omtms),
        team_notes=_team_notes(omtms),
        kept=recording.kept_of(omtms),
        trust=_trust(omtms, points, company=company, now=now),
        days=_days([omtm for omtm in omtms if weighs_days(omtm)]),
        signals=signalling.look_many(metrics.values(), points),
        moves=_moves(omtms),
        segments=segments,
        typed=_typed(omtms, first),
    )


def judged(omtm: Omtm, seen: Seen) -> Evaluated:
    """How an OMTM stands, from what was read: its weeks so far, and what is new to be kept of them."""
    points = _since(seen.points[omtm.metric_id], omtm)
    terms = terms_of(omtm, weights_of(omtm, seen.days.get(omtm.pk, {}), seen.company.country))
    digests, kept = recording.Digests(points, terms), seen.kept[omtm.pk]
    trust = seen.trust.get((omtm.metric_id, (omtm.start, omtm.end)))
    weeks = judging.weekly(
        points, terms, today=seen.today, remembered=recording.remembered(kept, digests), cone=True
    )
    weeks = recording.doubted(weeks, trust, newest=_newest(points, omtm), today=seen.today)
    return Evaluated(
        omtm=omtm,
        points=points,
        terms=terms,
        weeks=weeks,
        new=recording.changed(omtm, weeks, kept, digests=digests, trust=trust),
        kept=kept,
        guards=[
            Guarded(guard, seen.points[guard.metric_id], seen.signals[guard.metric_id])
            for guard in seen.guards.get(omtm.pk, [])
        ],
        notes=_notes_of(omtm, seen),
        moves=seen.moves.get(omtm.pk, []),
        hints=_hints(omtm, points, terms, seen),
        trust=trust,
        signal=seen.signals[omtm.metric_id],
        today=seen.today,
    )


def weights_of(omtm: Omtm, days: dict[date, float], country: str) -> tuple[float, ...]:
    """What each day of the window counts for, by the days before it; () where the plan does not ask."""
    if not weighs_days(omtm):
        return ()
    factors = weekday_factors({day: days[day] for day in days if day >= omtm.start - FACTOR_WEEKS * WEEK})
    free = workdays.holidays_between(min(days, default=omtm.start), omtm.end, country)
    share = holiday_share(days, factors, free) if factors else None
    brought = {} if share is None else {day: share for day in free if day >= omtm.start}
    return day_weights(omtm.start, omtm.end, factors=factors, holidays=brought)


def _days(omtms: Sequence[Omtm]) -> dict[int, dict[date, float]]:
    """The daily values of the year before the windows, for the metrics that have them; one query."""
    asked = [omtm for omtm in omtms if omtm.metric.grain == "day"]
    found: dict[int, dict[date, float]] = {omtm.pk: {} for omtm in asked}
    if not asked:
        return found
    first, last = min(omtm.start for omtm in asked) - YEAR, max(omtm.start for omtm in asked)
    rows = Observation.objects.filter(
        metric__in={omtm.metric_id for omtm in asked},
        grain="day",
        period_start__range=(first, last),
        value__isnull=False,
    )
    values = list(rows.values_list("metric_id", "period_start", "value"))
    for omtm in asked:
        span = (omtm.start - YEAR, omtm.start)
        found[omtm.pk] = {
            day: float(value)
            for metric_id, day, value in values
            if metric_id == omtm.metric_id and span[0] <= day < span[1] and value is not None
        }
    return found


def _trust(
    omtms: Iterable[Omtm], points: dict[int, list[Point]], *, company: Company, now: datetime
) -> dict[tuple[int, Window], Trust]:
    """By metric and window."""
    by_window: dict[Window, dict[int, Metric]] = defaultdict(dict)
    for omtm in omtms:
        by_window[omtm.start, omtm.end][omtm.metric_id] = omtm.metric
    found = {}
    for window, metrics in by_window.items():
        known = trusting.trust_of(metrics.values(), points=points, company=company, now=now, window=window)
        found |= {(metric_id, window): trust for metric_id, trust in known.items()}
    return found


def _hints(omtm: Omtm, points: Sequence[Point], terms: Terms, seen: Seen) -> list[Finding]:
    parts = seen.segments.get(omtm.metric_id or 0, [])
    return linting.look(
        omtm,
        points,
        terms,
        moves=seen.moves.get(omtm.pk, []),
        segments={part.name: seen.points[part.pk] for part in parts},
        typed=seen.typed.get(omtm.metric_id or 0, []),
    )


def _segments(omtms: Sequence[Omtm]) -> dict[int, list[Metric]]:
    """The metrics that are segments of theirs, by the id of the whole."""
    found: dict[int, list[Metric]] = defaultdict(list)
    for part in Metric.objects.listed().filter(segment_of__in={omtm.metric_id for omtm in omtms}):
        found[part.segment_of_id or 0].append(part)
    return found


def _typed(omtms: Sequence[Omtm], since: date) -> dict[int, list[tuple[date, int | None]]]:
    """(period, who brought it) of the values that people brought, by metric, oldest first."""
    rows = ObservationRevision.objects.filter(
        metric__in={omtm.metric_id for omtm in omtms},
        origin__in=("typed", "csv"),
        period_start__gte=since,
        outdated=False,
    )
    found: dict[int, list[tuple[date, int | None]]] = defaultdict(list)
    for metric_id, day, actor in rows.order_by("id").values_list("metric_id", "period_start", "actor_id"):
        found[metric_id].append((day, actor))
    return found


def _moves(omtms: Sequence[Omtm]) -> dict[int, list[GoalChange]]:
    """The goal-posts that were moved, oldest first."""
    found: dict[int, list[GoalChange]] = defaultdict(list)
    for change in GoalChange.objects.filter(omtm__in=omtms).order_by("id"):
        found[change.omtm_id].append(change)
    return found


def _notes(omtms: Sequence[Omtm]) -> list[Annotation]:
    """The notes of the company and of these metrics that may stand on one of the charts, oldest first."""
    return list(Annotation.objects.on({omtm.metric_id for omtm in omtms}).filter(_on_charts(omtms)))


def _team_notes(omtms: Sequence[Omtm]) -> dict[int, list[Annotation]]:
    """By team: the notes that stand on its charts alone."""
    teams, found = {omtm.team_id for omtm in omtms}, defaultdict[int, list[Annotation]](list)
    rows = Annotation.objects.filter(_on_charts(omtms), of_team=True, teams__in=teams)
    for note in rows.annotate(team_id=F("teams")).order_by("day", "id"):
        found[note.team_id].append(note)
    return found


def _on_charts(omtms: Sequence[Omtm]) -> Q:
    """What begins or lasts on the days of these charts; notes may stand on days to come."""
    first = min(map(_first_day, omtms), default=date.min)
    last = max((omtm.end for omtm in omtms), default=date.min)
    return Q(day__lte=last) & (Q(day__gte=first) | Q(until__gte=first))


def _notes_of(omtm: Omtm, seen: Seen) -> list[Note]:
    """Its newest notes and the days on which its goal-posts moved, numbered from the oldest on."""
    first, last = _first_day(omtm), omtm.end
    rows = [row for row in seen.notes if row.metric_id in (None, omtm.metric_id)]
    rows += seen.team_notes.get(omtm.team_id, [])
    own = [Note(row.day, row.text, 0, row.until, row.kind) for row in rows]
    moves = seen.moves.get(omtm.pk, [])
    own += [Note(change.day, ledger.words_of(change, omtm), 0, None, "decision") for change in moves]
    shown = sorted(
        (each for each in own if each.day <= last and each.last >= first), key=lambda each: each.day
    )
    return [replace(note, number=number) for number, note in enumerate(shown[-MOST_NOTES:], start=1)]


def _first_day(omtm: Omtm) -> date:
    return omtm.start - charting.BEFORE + charting.TO_SUNDAY


def _since(points: Sequence[Point], omtm: Omtm) -> list[Point]:
    return [point for point in points if point.start >= omtm.start - HISTORY]


def _newest(points: Sequence[Point], omtm: Omtm) -> date | None:
    """The newest complete week of the window, with a value or without."""
    inside = [
        p.start for p in points if p.complete and omtm.start <= p.start and p.start + WEEK <= omtm.end + A_DAY
    ]
    return max(inside, default=None)
