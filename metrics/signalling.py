"""Signals: what is usual for a metric, locked once, and what stands out from it (domain 6.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from metrics import series, signal_words
from metrics.analysis import locking
from metrics.analysis.locking import Found, Judged
from metrics.analysis.points import Point, period_start
from metrics.analysis.watching import Creep, Mark, Run, Stretch, watch
from metrics.analysis.xmr import LEAST_POINTS, SETTLED_POINTS, Limits, around
from metrics.auditing import record
from metrics.formatting import is_percent
from metrics.models import ChartDocument, Company, LimitSegment, Metric, MetricChange
from metrics.models.limits import BASES
from metrics.signal_drawing import draw_signals
from metrics.signal_words import Told
from metrics.waking import wake
from northstar.lib import periods

__all__ = ["Seen", "SignallingError", "draw_signals", "facts", "look", "look_many", "redraw", "set_limits"]

A_DAY = timedelta(days=1)
FIRST = "The first stable stretch."
Segments = Sequence[LimitSegment]


class SignallingError(ValueError):
    """Limits that cannot be set; `field` names what is wrong, the sentence says why and what to do."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Seen:
    """A metric held against its limits. `segments` is empty while there are too few periods to have any.

    Values of marks and limits are those of `rows`: the metric's own (basis "level") or its changes, in its
    unit (ratios: fractions). `week` is the newest judged period, `rule` the one that it breaks (0: none).
    """

    unusual: bool
    sentence: str
    marks: tuple[Mark, ...] = ()
    segments: tuple[Stretch, ...] = ()
    basis: str = locking.LEVEL
    grain: str = "week"
    week: date | None = None
    rule: int = 0
    jumps: tuple[date, ...] = ()
    run: Run | None = None
    cusum_alarm: Creep | None = None
    suggestion: str = ""
    rows: tuple[Judged, ...] = ()


def look(
    metric: Metric, points: Sequence[Point], *, create: bool = False, segments: Segments | None = None
) -> Seen:
    """What stands out in the complete periods of `points`; one query, none with `segments` given.

    With `create` the first limits are stored as soon as 12 stable periods are there, and provisional ones
    that somebody set are settled at the twelfth: only for whoever draws, never for a page.
    """
    kept = list(LimitSegment.objects.filter(metric=metric)) if segments is None else list(segments)
    grain = series.grain_of(metric)
    basis = kept[-1].basis if kept else locking.basis_of(points, grain=grain)
    rows = locking.judged(points, basis, grain=grain)
    floor, ceiling = locking.bounds(points, basis=basis, share=is_percent(metric.unit, metric.kind))
    if kept and create:
        _settle(kept[-1], rows)
    if kept:
        stretches = _stretches(kept, rows, grain=grain, floor=floor, ceiling=ceiling)
    else:
        found = locking.first_limits(rows, grain=grain, floor=floor, ceiling=ceiling)
        stretches = _first(metric, found, rows, basis=basis, create=create)
    return _seen(Told(metric, grain, basis), rows, stretches)


def look_many(
    metrics: Iterable[Metric], points: Mapping[int, Sequence[Point]], *, create: bool = False
) -> dict[int, Seen]:
    """The same for many, by metric id, with one query for all their limits."""
    wanted = list(metrics)
    kept: dict[int, list[LimitSegment]] = {metric.pk: [] for metric in wanted}
    for segment in LimitSegment.objects.filter(metric__in=kept):
        kept[segment.metric_id].append(segment)
    return {m.pk: look(m, points.get(m.pk, ()), create=create, segments=kept[m.pk]) for m in wanted}


def redraw(metric: Metric, now: datetime) -> ChartDocument:
    """Read and draw, after the metric's own chart: that one locks limits, on values to be relied on only."""
    company = Company.current()
    points = series.of(metric, company=company, now=now)
    today = periods.local_day(now, company.zone)
    return draw_signals(metric, points, look(metric, points), today=today)


def welcome(seen: Seen | None, *, sign: int) -> bool:
    """Whether the newest period stands out on the side that is wanted: up for a `sign` above zero."""
    if seen is None or not seen.unusual:
        return False
    newest = next((mark.side for mark in reversed(seen.marks) if mark.week == seen.week), "")
    return (newest or (seen.run.side if seen.run else "")) == ("high" if sign > 0 else "low")


def facts(seen: Seen) -> dict[str, Any]:
    """What a document keeps under "signal": {"unusual", "sentence", "week" (ISO or ""), "rule", "known"}.

    "known" is False while there are too few periods for limits: then neither normal nor unusual is right.
    "words" and "side" are those of the mark on the newest period, "since" is where its run began (ISO).
    """
    newest = next((mark for mark in reversed(seen.marks) if mark.week == seen.week), None)
    return {
        "unusual": seen.unusual,
        "sentence": seen.sentence,
        "week": seen.week.isoformat() if seen.week else "",
        "rule": seen.rule,
        "known": bool(seen.segments),
        "suggestion": seen.suggestion,
        "grain": seen.grain,
        "words": newest.words if newest else "",
        "side": newest.side if newest else "",
        "since": seen.run.start.isoformat() if seen.run else "",
    }


def set_limits(
    metric: Metric, start: date, *, reason: str, actor: Any, now: datetime, basis: str = ""
) -> LimitSegment:
    """New limits from the period of `start` on, computed from its first 24 periods (at least 8).

    Limits that began on that day or later are replaced; earlier ones stay. `basis` changes what is judged
    ("level", "changes"). The charts are drawn again. Raises SignallingError.
    """
    reason = reason.strip()
    if not reason:
        raise SignallingError("Say why: what changed, and why it will stay.", "reason")
    points = series.of(metric, company=Company.current(), now=now)
    with transaction.atomic():
        Metric.objects.select_for_update().get(pk=metric.pk)
        before = list(LimitSegment.objects.filter(metric=metric))
        first, basis = period_start(start, series.grain_of(metric)), basis or _basis(metric, points, before)
        found = _limits_from(metric, points, first, basis=basis)
        LimitSegment.objects.filter(metric=metric, start__gte=first).delete()
        segment = _store(metric, Found(first, found, True), basis=basis, reason=reason, actor=actor)
        told = {"start": first, "basis": basis, "centre": found.centre, "range_mean": found.range_mean}
        record("limits.set", metric, actor=actor, before=_before(before), after=told, reason=reason)
        MetricChange.objects.create(metric=metric, first_period=first)
        # At once, so that whoever set them sees them; all that reads them, by the worker.
        transaction.on_commit(lambda: redraw(metric, now))
        wake("teams.tasks.evaluate")
    return segment


def _seen(told: Told, rows: Sequence[Judged], stretches: Sequence[Stretch]) -> Seen:
    watched = watch(rows, stretches)
    newest = watched.newest
    said = signal_words.sentence(told, watched, stretches, rows=rows)
    rule = next((each.rule for each in watched.marks if newest and each.week == newest.start), 0)
    rule = rule or (2 if watched.run else 0)
    asks = ""
    if watched.run and newest:
        asks = signal_words.suggestion(told, watched.run, stretches[-1].limits, newest=newest.start)
    limits_at = {row.start: each.limits for each in stretches for row in rows if each.first <= row.start}
    marks = tuple(_worded(told, mark, limits_at[mark.week], newest) for mark in watched.marks)
    return Seen(
        unusual=bool(rule),
        sentence=said,
        marks=marks,
        segments=tuple(stretches),
        basis=told.basis,
        grain=told.grain,
        week=newest.start if newest else None,
        rule=rule,
        jumps=watched.jumps,
        run=watched.run,
        cusum_alarm=watched.creep,
        suggestion=asks,
        rows=tuple(rows),
    )


def _worded(told: Told, mark: Mark, found: Limits, newest: Judged | None) -> Mark:
    words = signal_words.mark_words(told, mark, found, newest=newest.start if newest else mark.week)
    return Mark(mark.week, mark.value, mark.rule, mark.side, mark.since, words)


def _stretches(
    kept: Segments, rows: Sequence[Judged], *, grain: str, floor: float | None, ceiling: float | None
) -> list[Stretch]:
    """The kept limits as stretches; of another basis than the newest they cannot judge these rows."""
    if not rows:
        return []
    same = [segment for segment in kept if segment.basis == kept[-1].basis]
    ends = [*(period_start(segment.start - A_DAY, grain) for segment in kept[1:]), rows[-1].start]
    last = {segment.pk: end for segment, end in zip(kept, ends, strict=True)}
    return [
        Stretch(
            each.start,
            last[each.pk],
            around(each.centre, each.range_mean, points=each.points, floor=floor, ceiling=ceiling),
            reason=each.reason,
        )
        for each in same
        if each.start <= rows[-1].start
    ]


def _first(
    metric: Metric, found: Found | None, rows: Sequence[Judged], *, basis: str, create: bool
) -> list[Stretch]:
    if found is None:
        return []
    if create and found.lasting:
        _store(metric, found, basis=basis, reason=FIRST)
    return [Stretch(found.start, rows[-1].start, found.limits, locked=found.lasting)]


def _store(metric: Metric, found: Found, *, basis: str, reason: str, actor: Any = None) -> LimitSegment:
    segment, _ = LimitSegment.objects.get_or_create(
        metric=metric,
        start=found.start,
        defaults={
            "basis": basis,
            "points": found.limits.points,
            "centre": found.limits.centre,
            "range_mean": found.limits.range_mean,
            "reason": reason,
            "set_by": actor,
            "is_demo": metric.is_demo,
        },
    )
    return segment


def _settle(segment: LimitSegment, rows: Sequence[Judged]) -> None:
    """Provisional limits that somebody set are computed once more, from the first 12 periods."""
    if segment.points >= SETTLED_POINTS:
        return
    since = [row for row in rows if row.start >= segment.start]
    known = [row for row in since if row.value is not None]
    if len(known) < SETTLED_POINTS:
        return
    end = known[SETTLED_POINTS - 1].start
    found = locking.limits_from(
        [row for row in since if row.start <= end], segment.start, floor=None, ceiling=None
    )
    if found is not None:
        segment.points, segment.centre, segment.range_mean = found.points, found.centre, found.range_mean
        segment.save(update_fields=["points", "centre", "range_mean"])


def _limits_from(metric: Metric, points: Sequence[Point], first: date, *, basis: str) -> Limits:
    if basis not in BASES:
        raise SignallingError("Choose values or changes.", "basis")
    grain = series.grain_of(metric)
    rows = locking.judged(points, basis, grain=grain)
    known = sum(row.value is not None and row.start >= first for row in rows)
    found = locking.limits_from(rows, first, floor=None, ceiling=None)
    if found is None:
        raise SignallingError(
            f"From that day on there are {known} complete {grain}s with a value; limits need at least "
            f"{LEAST_POINTS}, most of them in a row. Choose an earlier day, or wait.",
            "start",
        )
    return found


def _basis(metric: Metric, points: Sequence[Point], kept: Segments) -> str:
    return kept[-1].basis if kept else locking.basis_of(points, grain=series.grain_of(metric))


def _before(kept: Segments) -> dict[str, Any]:
    if not kept:
        return {}
    last = kept[-1]
    told = {"start": last.start, "basis": last.basis, "centre": last.centre, "range_mean": last.range_mean}
    return told | {"segments": ", ".join(str(segment.start) for segment in kept)}
