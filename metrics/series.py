"""Weekly series for pages and evaluation: two queries, however many metrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from metrics.analysis.nowcast import nowcast
from metrics.analysis.points import FLOW_SUM, Point
from metrics.analysis.reading import fill_missing
from metrics.analysis.rolling import FACTOR_WEEKS
from metrics.awaiting import Looks
from metrics.models import Company, Metric, Observation, Rollup
from metrics.rolling import as_point
from northstar.lib import periods


def weekly(
    metrics: Iterable[Metric], *, company: Company, now: datetime, since: date | None = None
) -> dict[int, list[Point]]:
    """Points by metric id, oldest first, gaps as points without a value; the running week comes last.

    A metric that its source delivers by the month has monthly points.
    """
    wanted = list(metrics)
    found: dict[int, dict[date, Point]] = {metric.pk: {} for metric in wanted}
    fine = [metric.pk for metric in wanted if metric.grain == "day"]
    coarse = [metric.pk for metric in wanted if metric.grain != "day"]
    for row in _observations(coarse, since):
        found[row[0]][row[1]] = as_point(*row[1:])
    for metric_id, start, value, numerator, denominator, days, expected, estimated, complete in _rollups(
        fine, since
    ):
        point = as_point(start, value, numerator, denominator)
        note = "" if complete else f"{days} of {expected} days"
        found[metric_id][start] = replace(point, estimated=estimated, complete=complete, note=note)
    looks = Looks(wanted, company=company, now=now)
    return {
        metric.pk: whole(metric, found[metric.pk], company=company, now=now, looks=looks) for metric in wanted
    }


def of(metric: Metric, *, company: Company, now: datetime) -> list[Point]:
    """The weekly (or monthly) points of one metric."""
    return weekly([metric], company=company, now=now)[metric.pk]


def nowcast_of(metric: Metric, points: Sequence[Point]) -> float | None:
    """What the running week of a sum is likely to come to; None where nobody can tell. At most one query."""
    running = next((point for point in points if not point.complete and point.value is not None), None)
    if running is None or metric.kind != FLOW_SUM or metric.grain != "day":
        return None
    since = running.start - timedelta(weeks=FACTOR_WEEKS)
    rows = _observations([metric.pk], since).values_list("period_start", "value")
    days = {start: float(value) for start, value in rows if value is not None}
    return nowcast(days, metric.kind, start=running.start)


def grain_of(metric: Metric) -> str:
    """The grain in which pages show the metric."""
    return "month" if metric.grain == "month" else "week"


def whole(
    metric: Metric,
    points: dict[date, Point],
    *,
    company: Company,
    now: datetime,
    looks: Looks | None = None,
) -> list[Point]:
    """These weeks (or months) as pages read them at `now`: gaps filled by the rule, open ones marked.

    With `looks` a week that is over stays open until its source was read once more, as long as that is not
    overdue.
    """
    if not points:
        return []
    grain = grain_of(metric)
    today = periods.local_day(now, company.zone)
    newest = max(points)
    last = min(today, max(newest, _newest_complete(metric, grain, company=company, now=now)))
    policy = metric.missing if metric.grain != "day" else "gap"
    if policy == "zero":
        # Nobody has asked for later periods yet: they are unknown, and unknown is not zero (R6).
        filled = fill_missing(points, policy, first=min(points), last=newest, grain=grain)
        filled += fill_missing({}, "gap", first=periods.next_start(newest, grain), last=last, grain=grain)
    else:
        filled = fill_missing(points, policy, first=min(points), last=last, grain=grain)
    judged = [_judged(metric, point, grain, company=company, now=now) for point in filled]
    if looks is None:
        return judged
    return [_waiting(point) if looks.waits(metric, point.start, grain) else point for point in judged]


def _waiting(point: Point) -> Point:
    return replace(point, complete=False, note="waits for its source")


def _newest_complete(metric: Metric, grain: str, *, company: Company, now: datetime) -> date:
    start = periods.period_start(periods.local_day(now, company.zone), grain)
    while not periods.is_complete(start, grain, now=now, zone=company.zone, latency=metric.latency):
        start = periods.next_start(start, grain, -1)
    return start


def _judged(metric: Metric, point: Point, grain: str, *, company: Company, now: datetime) -> Point:
    """Whether the period is over; a week that is over but lacks its last days has no value."""
    over = periods.is_complete(point.start, grain, now=now, zone=company.zone, latency=metric.latency)
    if over and not point.complete:
        return replace(point, value=None, complete=True, note=f"only {point.note}")
    if over:
        return point
    done = periods.days_done(point.start, grain, now=now, zone=company.zone)
    length = (periods.next_start(point.start, grain) - point.start).days
    return replace(point, complete=False, note=point.note or f"{done} of {length} days")


def _observations(ids: list[int], since: date | None) -> Any:
    rows = Observation.objects.filter(metric_id__in=ids)
    if since:
        rows = rows.filter(period_start__gte=since)
    return rows.values_list("metric_id", "period_start", "value", "numerator", "denominator")


def _rollups(ids: list[int], since: date | None) -> Any:
    rows = Rollup.objects.filter(metric_id__in=ids, grain="week")
    if since:
        rows = rows.filter(period_start__gte=since)
    fields = ("metric_id", "period_start", "value", "numerator", "denominator")
    return rows.values_list(*fields, "days", "expected_days", "estimated", "complete")
