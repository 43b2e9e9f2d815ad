"""What a weekly review looks back on: weeks, months and days of many metrics up to one Sunday."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from metrics import series
from metrics.analysis.box_score import Score, box_score, first_day, months_of, total
from metrics.analysis.points import (
    AVERAGE,
    FLOW_SUM,
    NOT_ADDITIVE,
    RATIO,
    Point,
    complete_points,
    next_start,
)
from metrics.analysis.reading import YEAR_SHIFT, fill_missing
from metrics.models import Company, Metric, Observation, Rollup
from metrics.rolling import as_point
from northstar.lib import periods
from northstar.lib.periods import A_DAY

WEEKS, MONTHS = 6, 12
SUNDAY = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Look:
    """One metric up to the Sunday of a week.

    `points` are the weeks (or months, by `grain`) of its pages: complete ones, then the running one where it
    has begun. `parts` are its finest periods, `months` the complete months and the one to date.
    """

    metric: Metric
    week: date
    points: Sequence[Point]
    parts: Sequence[Point]
    months: Sequence[Point]

    @property
    def grain(self) -> str:
        return series.grain_of(self.metric)

    @property
    def parts_grain(self) -> str:
        return self.metric.grain

    @property
    def summed(self) -> bool:
        """Whether a month is the sum of its days, so that it needs an axis of its own."""
        return self.metric.kind == FLOW_SUM and self.metric.grain == "day"

    @property
    def newest(self) -> Point | None:
        """The newest complete period that has a value."""
        known = (point for point in reversed(self.points) if point.complete and point.value is not None)
        return next(known, None)

    def scores(self, plan: Mapping[date, float] | None = None) -> tuple[Score, ...]:
        """The box score: see `metrics.analysis.box_score`."""
        return box_score(
            self.points,
            self.parts,
            kind=self.metric.kind,
            grain=self.grain,
            parts_grain=self.parts_grain,
            plan=plan,
        )

    def trailing_weeks(self) -> tuple[list[Point], list[Point]]:
        """(the newest six complete weeks and the running one, the same weeks 364 days before)."""
        if self.grain == "month":
            return [], []
        complete = complete_points(self.points)
        shown = complete[-WEEKS:] + [point for point in self.points if not point.complete]
        return shown, _before(self.points, shown, "week")

    def trailing_months(self) -> tuple[list[Point], list[Point]]:
        """(the newest twelve complete months and the one to date, the same months a year before)."""
        complete = complete_points(self.months)
        shown = complete[-MONTHS:] + [point for point in self.months if not point.complete]
        return shown, _before(self.months, shown, "month")


def looks(
    metrics: Iterable[Metric], *, week: date, company: Company, now: datetime, replayed: bool = False
) -> dict[int, Look]:
    """What was known of each metric by the Sunday of `week`; at most four queries however many.

    `replayed`: the week is looked back on later, so nothing after it is shown as running.
    """
    wanted = list({metric.pk: metric for metric in metrics}.values())
    shown = series.weekly(wanted, company=company, now=now)
    since = first_day(week + SUNDAY, "year").replace(year=(week + SUNDAY).year - 1)
    daily = [metric for metric in wanted if metric.grain == "day"]
    days, months = _days(daily, since, week + SUNDAY), _months(daily, week)
    found = {}
    for metric in wanted:
        points = _until(shown[metric.pk], week, series.grain_of(metric), replayed=replayed)
        if metric.grain == "day":
            parts = days[metric.pk]
            whole = [*months[metric.pk], *_month_to_date(parts, metric.kind, week)]
        else:
            parts = complete_points(points)
            whole = list(points) if metric.grain == "month" else _months_of_weeks(points, metric.kind, week)
        found[metric.pk] = Look(metric, week, points, parts, whole)
    return found


def _until(points: Sequence[Point], week: date, grain: str, *, replayed: bool) -> list[Point]:
    last = week + SUNDAY
    kept = [p for p in points if p.complete and next_start(p.start, grain) - A_DAY <= last]
    if replayed:
        return kept
    return kept + [p for p in points if not p.complete and p.value is not None and p.start > week]


def _days(metrics: Sequence[Metric], first: date, last: date) -> dict[int, list[Point]]:
    rows = Observation.objects.filter(metric__in=metrics, grain="day", period_start__range=(first, last))
    fields = ("metric_id", "period_start", "value", "numerator", "denominator")
    found: dict[int, dict[date, Point]] = {metric.pk: {} for metric in metrics}
    for metric_id, start, *numbers in rows.values_list(*fields).iterator():
        found[metric_id][start] = as_point(start, *numbers)
    return {metric.pk: _filled(found[metric.pk], metric) for metric in metrics}


def _filled(points: dict[date, Point], metric: Metric) -> list[Point]:
    """Every day from the first to the newest one that was asked for, by the metric's rule for gaps."""
    if not points:
        return []
    policy = "gap" if metric.missing == "zero" and metric.kind in (RATIO, AVERAGE) else metric.missing
    return fill_missing(points, policy, first=min(points), last=max(points))


def _months(metrics: Sequence[Metric], week: date) -> dict[int, list[Point]]:
    """The months that were over by the Sunday of `week`; one that lacks its last days has no value."""
    rows = Rollup.objects.filter(metric__in=metrics, grain="month", period_start__lte=week + SUNDAY)
    fields: tuple[str, ...] = ("metric_id", "period_start", "value", "numerator", "denominator", "complete")
    found: dict[int, list[Point]] = {metric.pk: [] for metric in metrics}
    for metric_id, start, *numbers, complete in rows.order_by("period_start").values_list(*fields):
        if next_start(start, "month") - A_DAY <= week + SUNDAY:
            point = as_point(start, *numbers)
            found[metric_id].append(point if complete else Point(start, None))
    return found


def _month_to_date(days: Sequence[Point], kind: str, week: date) -> list[Point]:
    last = week + SUNDAY
    first = first_day(last, "month")
    if next_start(first, "month") - A_DAY == last or kind in NOT_ADDITIVE:
        return []
    inside = [first + place * A_DAY for place in range((last - first).days + 1)]
    value = total({day.start: day for day in days}, inside, kind)
    length = (next_start(first, "month") - first).days
    note = f"{len(inside)} of {length} days"
    return [] if value is None else [Point(first, value, complete=False, note=note)]


def _months_of_weeks(points: Sequence[Point], kind: str, week: date) -> list[Point]:
    """Months by the weeks that end in them; the one that the newest Sunday has not ended is in progress."""
    last = week + SUNDAY
    found: list[Point] = []
    for point in months_of(points, kind):
        goes_on = next_start(point.start, "month") > last + 7 * A_DAY
        note = "weeks so far" if goes_on else ""
        found.append(Point(point.start, point.value, complete=not goes_on, note=note))
    return found


def _before(points: Sequence[Point], shown: Sequence[Point], grain: str) -> list[Point]:
    """The same periods of the year before, as stored; None as a value where there is none."""
    known = {point.start: point for point in points if point.complete}

    def earlier(start: date) -> date:
        return start - YEAR_SHIFT if grain == "week" else start.replace(year=start.year - 1)

    return [known.get(earlier(p.start), Point(earlier(p.start), None)) for p in shown]


def is_asked_for(metric: Metric, *, company: Company, now: datetime) -> bool:
    """Whether its source was asked after the newest complete period ended and had the time that it needs."""
    grain = series.grain_of(metric)
    start = periods.period_start(periods.local_day(now, company.zone), grain)
    while not periods.is_complete(start, grain, now=now, zone=company.zone, latency=metric.latency):
        start = periods.next_start(start, grain, -1)
    over = periods.first_instant(periods.next_start(start, grain), company.zone) + metric.latency
    return metric.last_ok_at is not None and metric.last_ok_at >= over


def stored_values(wanted: Iterable[tuple[Metric, date]]) -> dict[tuple[int, date], float]:
    """What is stored today for (metric, first day of a week or month); two queries at most."""
    pairs = [(metric.pk, metric.grain, series.grain_of(metric), start) for metric, start in wanted]
    found: dict[tuple[int, date], float] = {}
    for model, grain, ids in (
        (Rollup, "week", {pk for pk, stored, _, _ in pairs if stored == "day"}),
        (Observation, "", {pk for pk, stored, _, _ in pairs if stored != "day"}),
    ):
        starts = {start for pk, _, _, start in pairs if pk in ids}
        if not ids:
            continue
        manager: Any = model._default_manager
        rows = manager.filter(metric_id__in=ids, period_start__in=starts, value__isnull=False)
        rows = rows.filter(grain=grain) if grain else rows
        for metric_id, start, value in rows.values_list("metric_id", "period_start", "value"):
            found[metric_id, start] = float(value)
    return found
