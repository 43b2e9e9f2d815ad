"""Gathering what is known of the newest complete period of metrics, for the rule in analysis.trust.

Five or six queries however many metrics: sources, observations of the period, backfills under way, changed
questions, redefinitions, and the oldest look at what was stored before a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min, Q

from metrics import awaiting, series
from metrics.analysis import trust
from metrics.analysis.points import Point
from metrics.analysis.trust import Facts, Trust
from metrics.connectors.registry import connector_class
from metrics.models import (
    AuditRow,
    Company,
    Metric,
    NorthStarVersion,
    Observation,
    Pull,
    Source,
)
from metrics.models.pull import UNFINISHED
from northstar.lib import periods
from northstar.lib.localtime import first_instant

#: How far back a forecast reads most of what it says: a change of meaning before that counts no more.
REMEMBERED = timedelta(weeks=26)

Window = tuple[date, date]


@dataclass(frozen=True, slots=True)
class _Look:
    """One stored piece of a period."""

    start: date
    as_of: datetime
    has_value: bool
    pinned: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything that was fetched, by metric or source id."""

    sources: Mapping[int, Source]
    looks: Mapping[int, list[_Look]]
    backfills: Mapping[int, Window]
    changes: Mapping[int, datetime]
    redefined: Mapping[int, date]
    oldest: Mapping[int, datetime]
    windowed: bool


def trust_of(
    metrics: Iterable[Metric],
    *,
    points: Mapping[int, Sequence[Point]],
    company: Company,
    now: datetime,
    window: Window | None = None,
) -> dict[int, Trust]:
    """By metric id: what its newest complete period is worth, in a constant number of queries.

    `points` are those of `series.weekly`. With a window (first and last day) the newest period that ends
    inside it counts, and a change of meaning after its first day blocks.
    """
    wanted = list(metrics)
    if not wanted:
        return {}
    spans = {
        each.pk: _newest(each, points.get(each.pk, ()), company=company, now=now, window=window)
        for each in wanted
    }
    since = window[0] if window else periods.local_day(now, company.zone) - REMEMBERED
    known = _gather(wanted, spans, since=since, windowed=window is not None, company=company)
    found = {}
    for metric in wanted:
        facts = _facts(metric, points.get(metric.pk, ()), spans[metric.pk], known, company=company, now=now)
        found[metric.pk] = trust.judge(facts)
    return found


def newest_period(metric: Metric, *, company: Company, now: datetime, window: Window | None = None) -> Window:
    """First and last day of the newest complete period, in a window the newest one inside it."""
    grain = series.grain_of(metric)
    start = periods.period_start(periods.local_day(now, company.zone), grain)
    while not periods.is_complete(start, grain, now=now, zone=company.zone, latency=metric.latency):
        start = periods.next_start(start, grain, -1)
    while window and window[0] <= start and periods.last_day(start, grain) > window[1]:
        start = periods.next_start(start, grain, -1)
    return start, periods.last_day(start, grain)


def _newest(
    metric: Metric, points: Sequence[Point], *, company: Company, now: datetime, window: Window | None
) -> Window:
    """The newest complete period, but for one that waits for a look that is not overdue."""
    span, grain = newest_period(metric, company=company, now=now, window=window), series.grain_of(metric)
    open_ones = {point.start for point in points if not point.complete}
    while span[0] in open_ones and not (window and span[0] <= window[0]):
        start = periods.next_start(span[0], grain, -1)
        span = (start, periods.last_day(start, grain))
    return span


def _gather(
    metrics: list[Metric], spans: Mapping[int, Window], *, since: date, windowed: bool, company: Company
) -> _Known:
    ids = [metric.pk for metric in metrics]
    changes = _changes(ids, since)
    return _Known(
        sources=Source.objects.in_bulk({metric.source_id for metric in metrics}),
        looks=_looks(ids, spans),
        backfills=_backfills(ids, since),
        changes=changes,
        redefined=_redefined(ids, since),
        oldest=_oldest(changes, since, company),
        windowed=windowed,
    )


def _looks(ids: list[int], spans: Mapping[int, Window]) -> dict[int, list[_Look]]:
    first, last = min(span[0] for span in spans.values()), max(span[1] for span in spans.values())
    rows = Observation.objects.filter(metric_id__in=ids, period_start__range=(first, last))
    found: dict[int, list[_Look]] = {pk: [] for pk in ids}
    fields = ("metric_id", "period_start", "as_of", "status", "pinned_at")
    for metric_id, start, as_of, status, pinned_at in rows.values_list(*fields):
        if spans[metric_id][0] <= start <= spans[metric_id][1]:
            found[metric_id].append(_Look(start, as_of, status == "value", pinned_at is not None))
    return found


def _backfills(ids: list[int], since: date) -> dict[int, Window]:
    """First and last day of what is being fetched again and counts."""
    rows = Pull.objects.filter(kind="backfill", state__in=UNFINISHED, metric_id__in=ids, end__gt=since)
    found: dict[int, Window] = {}
    for metric_id, start, end in rows.values_list("metric_id", "start", "end"):
        first, last = found.get(metric_id, (start, end - timedelta(days=1)))
        found[metric_id] = (min(first, start), max(last, end - timedelta(days=1)))
    return found


def _changes(ids: list[int], since: date) -> dict[int, datetime]:
    """When the question to the source was last changed."""
    rows = AuditRow.objects.filter(
        object_type=Metric._meta.label_lower, object_id__in=[str(pk) for pk in ids], at__date__gte=since
    )
    changed = rows.filter(action="metric.redefined", after__has_key="query").order_by("id")
    return {int(number): at for number, at in changed.values_list("object_id", "at")}


def _redefined(ids: list[int], since: date) -> dict[int, date]:
    """When the North Star, measured by one of these, last got another meaning."""
    rows = NorthStarVersion.objects.filter(
        metric_id__in=ids, change_type="redefinition", effective_from__gt=since
    )
    return dict(rows.order_by("effective_from").values_list("metric_id", "effective_from"))


def _oldest(changes: Mapping[int, datetime], since: date, company: Company) -> dict[int, datetime]:
    """The oldest look among the values that were there before a change of the question."""
    before = Q(pk__in=())
    for metric_id, at in changes.items():
        day = periods.local_day(at, company.zone)
        before |= Q(metric_id=metric_id, period_start__gte=since, period_start__lt=day)
    rows = Observation.objects.filter(before, pinned_at=None).values("metric_id")
    return dict(rows.annotate(first=Min("as_of")).values_list("metric_id", "first"))


def _facts(
    metric: Metric,
    points: Sequence[Point],
    span: Window,
    known: _Known,
    *,
    company: Company,
    now: datetime,
) -> Facts:
    source, grain, looks = known.sources[metric.source_id], series.grain_of(metric), known.looks[metric.pk]
    point = next((each for each in reversed(points) if each.start == span[0]), None)
    failing = _failing(metric, source)
    return Facts(
        now=now.astimezone(company.tz),
        way=_way(source),
        source=source.name,
        period=span[0],
        grain=grain,
        has_values=any(each.value is not None for each in points),
        expected=(span[1] - span[0]).days + 1 if metric.grain == "day" else 1,
        seen=len(looks),
        valued=sum(look.has_value for look in looks),
        lacks_value=point is None or (point.value is None and point.denominator != 0),
        estimated=bool(point and point.estimated),
        unsettled=_unsettled(metric, looks, company),
        silent=_silent(points, span[0]),
        good=_good(metric, points, source, company=company, now=now, until=span[0]),
        last_look=_local(metric.last_ok_at, company),
        interval=awaiting.interval(source),
        latency=metric.latency,
        error=failing,
        failing_since=_local(source.failing_since if source.failures else metric.last_ok_at, company),
        paused=bool(source.paused_at or metric.paused_at),
        next_look=_local(source.next_due_at or source.next_scheduled_at, company),
        backfill=known.backfills.get(metric.pk),
        **_meaning(metric, known, company, blocks=known.windowed),
    )


def _way(source: Source) -> str:
    if connector_class(source.kind).pulls:
        return "pull"
    return "push" if source.kind == "push" else "typed"


def _failing(metric: Metric, source: Source) -> str | None:
    if source.failures:
        return source.last_error_code or "unexpected"
    return (metric.last_error_code or "unexpected") if metric.failures else None


def _unsettled(metric: Metric, looks: list[_Look], company: Company) -> datetime | None:
    """The newest look at a piece that was not over, with the time that its source needs."""
    open_then = [
        look.as_of
        for look in looks
        if not look.pinned
        and not periods.is_complete(
            look.start, metric.grain, now=look.as_of, zone=company.zone, latency=metric.latency
        )
    ]
    return _local(max(open_then, default=None), company)


def _silent(points: Sequence[Point], period: date) -> int:
    """How many complete periods up to `period` have no value, counted from the newest; 0 of 0 is one."""
    count = 0
    for point in reversed([each for each in points if each.start <= period]):
        if point.value is not None or point.denominator == 0:
            return count
        count += 1
    return count


def _good(
    metric: Metric, points: Sequence[Point], source: Source, *, company: Company, now: datetime, until: date
) -> date | None:
    """The last day of the newest complete period with a value that a look has seen to its end."""
    grain = series.grain_of(metric)
    look = (metric.last_ok_at or source.last_ok_at or now) if _way(source) == "pull" else now
    for point in reversed(points):
        over = first_instant(periods.next_start(point.start, grain), company.zone) + metric.latency
        if point.complete and point.value is not None and point.start <= until and over <= look:
            return periods.last_day(point.start, grain)
    return None


def _meaning(metric: Metric, known: _Known, company: Company, *, blocks: bool) -> dict[str, Any]:
    """Whether what is counted changed, and whether old and new stand side by side."""
    star, changed = known.redefined.get(metric.pk), known.changes.get(metric.pk)
    if star is not None:
        return {"redefined_on": star, "mixed": blocks}
    if changed is None:
        return {}
    oldest = known.oldest.get(metric.pk)
    mixed = oldest is not None and oldest < changed
    return {"redefined_on": periods.local_day(changed, company.zone), "mixed": mixed}


def _local(moment: datetime | None, company: Company) -> datetime | None:
    return None if moment is None else moment.astimezone(company.tz)
