"""Whether a period that is over still waits for the look at its source that will complete it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from metrics.connectors.registry import connector_class
from metrics.models import Company, Metric, Source
from northstar.lib import periods
from northstar.lib.localtime import first_instant
from northstar.lib.periods import A_DAY

SCHEDULED = {"daily": timedelta(days=1), "weekly": timedelta(weeks=1), "monthly": timedelta(days=31)}
#: A look may be missed once; after that the number is in doubt, and `trusting` says so.
LOOKS = 2


def interval(source: Source) -> timedelta | None:
    """How often the source is asked; None where nobody said."""
    kind = source.schedule.get("kind", "")
    if kind == "every":
        return timedelta(minutes=int(source.schedule.get("minutes", 60)))
    return SCHEDULED.get(kind)


class Looks:
    """When the sources of some metrics are looked at next; a query only where a period is over and unread."""

    def __init__(self, metrics: Iterable[Metric], *, company: Company, now: datetime) -> None:
        self.company, self.now = company, now
        self.unread = {metric.pk: self._unread_from(metric) for metric in metrics if metric.last_ok_at}
        this_week = periods.period_start(periods.local_day(now, company.zone), "week")
        open_ones = [
            metric
            for metric in metrics
            if metric.pk in self.unread
            and self.unread[metric.pk]
            < periods.period_start(this_week, "month" if metric.grain == "month" else "week")
        ]
        self.graces = self._graces(open_ones)

    def waits(self, metric: Metric, start: date, grain: str) -> bool:
        """Whether the period that begins on `start` is over, and the look that completes it still to come."""
        grace = self.graces.get(metric.pk)
        if grace is None or start < self.unread[metric.pk]:
            return False
        over = first_instant(periods.next_start(start, grain), self.company.zone) + metric.latency
        return over <= self.now < over + grace

    def _unread_from(self, metric: Metric) -> date:
        """The first period that was not over when its source was last read."""
        assert metric.last_ok_at is not None
        day = periods.local_day(metric.last_ok_at - metric.latency, self.company.zone)
        return periods.period_start(day, "month" if metric.grain == "month" else "week")

    def _graces(self, metrics: list[Metric]) -> Mapping[int, timedelta]:
        if not metrics:
            return {}
        found = Source.objects.only("kind", "schedule").in_bulk({metric.source_id for metric in metrics})
        graces = {}
        for metric in metrics:
            source = found[metric.source_id]
            every = interval(source) if connector_class(source.kind).pulls else None
            if every is not None:
                graces[metric.pk] = min(LOOKS * every, every + A_DAY)
        return graces
