"""Weeks and months from days: kept in a table that can be dropped and rebuilt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Case, DateField, OuterRef, Q, Subquery, Value, When

from metrics.analysis.points import Point
from metrics.analysis.reading import roll_up
from metrics.models import Metric, Observation, Rollup
from northstar.lib import periods

# The weekday shares that complete a week with a missing day come from the 26 weeks before it.
RUN_UP = timedelta(weeks=27)


def refresh(touched: Iterable[tuple[Metric, date, date]]) -> None:
    """Work out again the weeks and months that touch first..last of each metric that delivers days.

    Three queries, however many metrics.
    """
    wanted = {metric.pk: (metric, first, last) for metric, first, last in touched if metric.grain == "day"}
    if not wanted:
        return
    reaches = _reaches(wanted)
    days = _days(reaches)
    rows: list[Rollup] = []
    for pk, reach in reaches.items():
        for grain, (start, after) in reach.spans.items():
            through = min(reach.newest, after - timedelta(days=1))
            known = {day: point for day, point in days[pk].items() if start - RUN_UP <= day < after}
            metric = wanted[pk][0]
            rolled = roll_up(known, metric.kind, grain=grain, missing_policy=metric.missing, through=through)
            rows += _rows(metric, grain, [point for point in rolled if start <= point.start < after], known)
    _write(rows)


@dataclass(frozen=True, slots=True)
class _Reach:
    """What changes with some days: by grain the first day of the first period and that after the last."""

    spans: Mapping[str, tuple[date, date]]
    newest: date

    @classmethod
    def of(cls, first: date, last: date, newest: date) -> _Reach:
        """From the first to the last day whose weeks and months change."""
        spans = {}
        for grain in ("week", "month"):
            after = periods.next_start(periods.period_start(last, grain), grain)
            spans[grain] = (periods.period_start(first, grain), after)
        return cls(spans, newest)

    @property
    def days(self) -> tuple[date, date]:
        starts, ends = zip(*self.spans.values(), strict=True)
        return min(starts) - RUN_UP, max(ends)


def rebuild(metric: Metric) -> None:
    """Drop and work out everything again, from the observations alone."""
    metric.rollups.all().delete()
    span = metric.observations.order_by("period_start").values_list("period_start", flat=True)
    if span:
        refresh([(metric, span[0], span[len(span) - 1])])


def _reaches(wanted: Mapping[int, tuple[Metric, date, date]]) -> dict[int, _Reach]:
    """The days whose weeks and months change when first..last do, and the newest day of all.

    Before: the last period that had a day, which is whole only now. After: estimates stand on the weekdays of
    26 weeks, and carried values on the day before.
    """
    firsts = Case(
        *[When(pk=pk, then=Value(first)) for pk, (_, first, _) in wanted.items()], output_field=DateField()
    )
    own = Observation.objects.filter(metric=OuterRef("pk"), grain="day").order_by("-period_start")
    earlier = own.filter(period_start__lt=OuterRef("since"))
    rows = Metric.objects.filter(pk__in=wanted).annotate(
        since=firsts,
        newest=Subquery(own.values("period_start")[:1]),
        before=Subquery(earlier.values("period_start")[:1]),
    )
    found = {}
    for pk, newest, before in rows.values_list("pk", "newest", "before"):
        _, first, last = wanted[pk]
        newest = max(newest or last, last)
        found[pk] = _Reach.of(before or first, min(last + RUN_UP, newest), newest)
    return found


def _days(reaches: Mapping[int, _Reach]) -> dict[int, dict[date, Point]]:
    which = Q(pk__in=())
    for pk, reach in reaches.items():
        since, until = reach.days
        which |= Q(metric=pk, period_start__gte=since, period_start__lt=until)
    rows = Observation.objects.filter(which, grain="day")
    fields = ("metric_id", "period_start", "value", "numerator", "denominator")
    found: dict[int, dict[date, Point]] = {pk: {} for pk in reaches}
    for pk, start, *numbers in rows.values_list(*fields):
        found[pk][start] = as_point(start, *numbers)
    return found


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
