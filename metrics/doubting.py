"""When the worth of numbers may have changed though no value did: they are judged and drawn again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from metrics import trusting
from metrics.models import Company, Metric, MetricChange
from northstar.lib import clock, periods
from northstar.lib.localtime import first_instant


def doubt(metrics: QuerySet[Metric]) -> None:
    """Have these judged and drawn again: what they are worth may have changed, though no value did."""
    day = periods.local_day(clock.now(), Company.current().zone)
    MetricChange.objects.bulk_create(
        MetricChange(metric_id=pk, first_period=day) for pk in metrics.values_list("pk", flat=True)
    )


def has_ended_since(metric: Metric, last: datetime | None, now: datetime, *, company: Company) -> bool:
    """Whether the newest complete period, with the time its source needs, ended after the `last` look."""
    if last is None:
        return True
    end = trusting.newest_period(metric, company=company, now=now)[1] + timedelta(days=1)
    return last < first_instant(end, company.zone) + metric.latency
