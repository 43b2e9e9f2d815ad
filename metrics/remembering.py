"""What was known when: the series as it stood at a moment, worked out from the revisions.

Every accepted change is kept for ever (R2), so a former day is replayed, not stored: the newest accepted
revision of each period that had arrived by then, rolled up by the rules that pages use today. One query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet

from metrics import rolling, series
from metrics.analysis.noise import sigma_w
from metrics.analysis.points import Point
from metrics.models import Company, Metric, ObservationRevision
from northstar.lib import periods
from northstar.lib.localtime import first_instant
from northstar.lib.periods import A_DAY

#: History on demand goes back three years; weekday shares of the first weeks need half a year more.
REACH = timedelta(weeks=157)
RUN_UP = timedelta(weeks=27)
#: Of these weeks restatements are looked for when a metric is drawn.
LOOKED_THROUGH = timedelta(weeks=26)
MORE_THAN_SHARE, MORE_THAN_SIGMA = 0.01, 0.5


@dataclass(frozen=True, slots=True)
class Restatement:
    """A complete period whose value changed later; values in the unit of the metric, `share` of the former.

    `how` is pulled, sent, typed, from a file or imported; `who` and `reason` where a person did it.
    """

    start: date
    at: datetime
    before: float
    after: float
    how: str
    who: str = ""
    reason: str = ""

    @property
    def share(self) -> float | None:
        return (self.after - self.before) / abs(self.before) if abs(self.before) > 1e-9 else None

    @property
    def fact(self) -> dict[str, Any]:
        """As JSON, for the document of the metric."""
        names = ("before", "after", "how", "who", "reason")
        return {name: getattr(self, name) for name in names} | {
            "start": self.start.isoformat(),
            "at": self.at.isoformat(),
        }


def end_of(day: date, zone: str) -> datetime:
    """The last moment of the company's `day`."""
    return first_instant(day + A_DAY, zone) - timedelta(microseconds=1)


def as_seen(metric: Metric, at: datetime, *, company: Company, since: date | None = None) -> list[Point]:
    """The weekly (or monthly) points that a reader saw at that moment, oldest first; one query."""
    first = since or periods.local_day(at, company.zone) - REACH
    known = observed(metric, at, since=first - RUN_UP)
    weeks = rolling.in_weeks(metric, known) if metric.grain == "day" else known
    points = series.whole(metric, weeks, company=company, now=at)
    return [point for point in points if point.start >= first]


def observed(metric: Metric, at: datetime, *, since: date | None = None) -> dict[date, Point]:
    """The stored periods (days where days are delivered) as they were known at that moment; one query."""
    current = _accepted(metric, since).filter(received_at__lte=at).order_by().values("period_start")
    newest = current.annotate(newest=Max("id")).values("newest")
    rows = ObservationRevision.objects.filter(pk__in=newest).order_by("period_start")
    fields = ("period_start", "value", "numerator", "denominator")
    return {start: rolling.as_point(start, *numbers) for start, *numbers in rows.values_list(*fields)}


def first_known(metric: Metric, *, company: Company, now: datetime) -> list[Point]:
    """The weekly (or monthly) points with the values that stood when each period was first read to its end.

    What a reader of then knew, for forecasts that are replayed; later restatements are left out. One query.
    """
    grain, settled, known = series.grain_of(metric), set[date](), dict[date, Point]()
    fields = ("period_start", "value", "numerator", "denominator", "received_at")
    for start, *numbers, received in _accepted(metric, None).order_by("id").values_list(*fields):
        if start in settled:
            continue
        known[start] = rolling.as_point(start, *numbers)
        end = periods.next_start(periods.period_start(start, grain), grain)
        if received >= first_instant(end, company.zone) + metric.latency:
            settled.add(start)
    weeks = rolling.in_weeks(metric, known) if metric.grain == "day" else known
    return series.whole(metric, weeks, company=company, now=now)


def restatements(
    metric: Metric, points: Sequence[Point], *, company: Company, now: datetime
) -> list[Restatement]:
    """Complete periods of the last 26 weeks that changed by over 1% and over half the weekly noise.

    Oldest first. A period counts as known once a look came after its end; what completes it is no
    restatement. Two queries.
    """
    first = periods.period_start(
        periods.local_day(now, company.zone) - LOOKED_THROUGH, series.grain_of(metric)
    )
    start = first_instant(first, company.zone)
    known = observed(metric, start, since=first - RUN_UP)
    fields = ("id", "period_start", "value", "numerator", "denominator", "received_at", "origin", "reason",
              "actor__name")  # fmt: skip
    rows = _accepted(metric, first - RUN_UP).filter(received_at__gt=start).order_by("id").values(*fields)
    replay = _Replay(metric, known, look=start, company=company)
    found = [each for batch in _batches(rows) for each in replay.take(batch)]
    noise = sigma_w(points) or 0.0
    return [each for each in found if each.start >= first and _counts(each, noise)]


def _counts(each: Restatement, noise: float) -> bool:
    moved = abs(each.after - each.before)
    return moved > MORE_THAN_SHARE * abs(each.before) and moved > MORE_THAN_SIGMA * noise


class _Replay:
    """The periods as they come in, batch by batch."""

    def __init__(self, metric: Metric, known: dict[date, Point], *, look: datetime, company: Company) -> None:
        self.metric, self.known, self.look, self.company = metric, known, look, company
        self.grain, self.over = series.grain_of(metric), dict[date, datetime]()

    def take(self, batch: list[dict[str, Any]]) -> list[Restatement]:
        """Add what arrived at one moment; the periods that were known to their end and changed by it."""
        at = batch[0]["received_at"]
        settled = [row for row in batch if self._was_settled(row["period_start"])]
        before = self._shown(settled)
        for row in batch:
            day = row["period_start"]
            self.known[day] = rolling.as_point(day, row["value"], row["numerator"], row["denominator"])
        after = self._shown(settled)
        self.look = max(self.look, at)
        told = {self._start(row["period_start"]): row for row in settled}
        return [
            Restatement(start, at, old, new, row["origin"], row["actor__name"] or "", row["reason"])
            for start, row in sorted(told.items())
            if (old := before[start]) is not None and (new := after[start]) is not None and old != new
        ]

    def _was_settled(self, day: date) -> bool:
        """Whether there was a value, and a look after the end of the period that it belongs to."""
        known = self.known.get(day)
        if known is None or known.value is None:
            return False
        start = self._start(day)
        if start not in self.over:
            end = periods.next_start(start, self.grain)
            self.over[start] = first_instant(end, self.company.zone) + self.metric.latency
        return self.look >= self.over[start]

    def _shown(self, rows: list[dict[str, Any]]) -> dict[date, float | None]:
        """The values of the weeks that hold these days."""
        starts = {self._start(row["period_start"]) for row in rows}
        if not starts:
            return {}
        if self.metric.grain != "day":
            return {start: self.known[start].value for start in starts}
        first, last = min(starts) - RUN_UP, max(starts) + timedelta(days=6)
        near = {day: point for day, point in self.known.items() if first <= day <= last}
        weeks = rolling.in_weeks(self.metric, near)
        return {start: weeks[start].value if weeks[start].complete else None for start in starts}

    def _start(self, day: date) -> date:
        return periods.period_start(day, self.grain)


def _batches(rows: Any) -> list[list[dict[str, Any]]]:
    """What arrived at the same moment belongs together."""
    found: list[list[dict[str, Any]]] = []
    for row in rows:
        if found and found[-1][0]["received_at"] == row["received_at"]:
            found[-1].append(row)
        else:
            found.append([row])
    return found


def _accepted(metric: Metric, since: date | None) -> QuerySet[ObservationRevision]:
    rows = metric.revisions.filter(grain=metric.grain, suppressed=False, outdated=False)
    return rows.filter(period_start__gte=since) if since else rows
