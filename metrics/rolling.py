"""Weeks and months from days: kept in a table that can be dropped and rebuilt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from metrics.analysis.points import Point
from metrics.analysis.reading import roll_up
from metrics.models import Metric, Rollup
from northstar.lib import periods

# The weekday shares that complete a week with a missing day come from the 26 weeks before it.
RUN_UP = timedelta(weeks=27)


def refresh(metric: Metric, first: date, last: date) -> None:
    """Work out again the weeks and months that touch first..last; nothing to do unless days are delivered."""
    if metric.grain != "day":
        return
    first, last, newest = _reach(metric, first, last)
    spans = {grain: _span(first, last, grain) for grain in ("week", "month")}
    since, until = min(start for start, _ in spans.values()), max(after for _, after in spans.values())
    days = _days(metric, since=since - RUN_UP, until=until)
    rows = []
    for grain, (start, after) in spans.items():
        through = min(newest, after - timedelta(days=1))
        known = {day: point for day, point in days.items() if start - RUN_UP <= day < after}
        rolled = roll_up(known, metric.kind, grain=grain, missing_policy=metric.missing, through=through)
        rows += _rows(metric, grain, [point for point in rolled if start <= point.start < after], known)
    _write(rows)


def _span(first: date, last: date, grain: str) -> tuple[date, date]:
    """The first day of the first period, and that of the one after the last."""
    after = periods.next_start(periods.period_start(last, grain), grain)
    return periods.period_start(first, grain), after


def rebuild(metric: Metric) -> None:
    """Drop and work out everything again, from the observations alone."""
    metric.rollups.all().delete()
    span = metric.observations.order_by("period_start").values_list("period_start", flat=True)
    if span:
        refresh(metric, span[0], span[len(span) - 1])


def _reach(metric: Metric, first: date, last: date) -> tuple[date, date, date]:
    """The days whose weeks and months change when first..last do, and the newest day of all.

    Before: the last period that had a day, which is whole only now. After: estimates stand on the weekdays of
    26 weeks, and carried values on the day before.
    """
    known = metric.observations.filter(grain="day").order_by("period_start")
    starts = known.values_list("period_start", flat=True)
    newest = max(starts.last() or last, last)
    before = starts.filter(period_start__lt=first).last() or first
    return before, min(last + RUN_UP, newest), newest


def _days(metric: Metric, *, since: date, until: date) -> dict[date, Point]:
    found = metric.observations.filter(grain="day", period_start__gte=since, period_start__lt=until)
    fields = ("period_start", "value", "numerator", "denominator")
    return {start: as_point(start, *numbers) for start, *numbers in found.values_list(*fields).iterator()}


def in_weeks(metric: Metric, days: Mapping[date, Point]) -> dict[date, Point]:
    """The weeks of these days as the table would hold them and pages read them, by their Monday; pure."""
    found = {}
    for point in roll_up(days, metric.kind, missing_policy=metric.missing):
        inside = [point.start + timedelta(days=n) for n in range(7)]
        count = sum(day in days and days[day].value is not None for day in inside)
        found[point.start] = replace(point, note="" if point.complete else f"{count} of 7 days")
    return found


def as_point(start: date, value: object, numerator: object = None, denominator: object = None) -> Point:
    """A stored observation for analysis, in float64."""
    return Point(start, _number(value), _number(numerator), _number(denominator))


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def _rows(metric: Metric, grain: str, points: list[Point], days: dict[date, Point]) -> Iterator[Rollup]:
    for point in points:
        end = periods.next_start(point.start, grain)
        length = (end - point.start).days
        inside = [point.start + timedelta(days=n) for n in range(length)]
        yield Rollup(
            metric=metric,
            grain=grain,
            period_start=point.start,
            value=point.value,
            numerator=point.numerator,
            denominator=point.denominator,
            days=sum(day in days and days[day].value is not None for day in inside),
            expected_days=length,
            estimated=point.estimated,
            complete=point.complete,
        )


def _write(rows: list[Rollup]) -> None:
    Rollup.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["metric", "grain", "period_start"],
        update_fields=["value", "numerator", "denominator", "days", "expected_days", "estimated", "complete"],
    )
