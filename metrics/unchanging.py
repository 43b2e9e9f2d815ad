"""Sources whose numbers stand still: they answer, and yet somebody may have forgotten to fill them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min

from metrics.connectors.registry import connector_class
from metrics.models import Observation, Source
from northstar.lib.periods import WEEK

WEEKS = 3
#: So many equal values in that time are no accident of rare periods.
LEAST = 3


def unchanged(sources: Iterable[Source], now: datetime) -> dict[int, int]:
    """By source id: for how many weeks, at least, no value of any of its metrics has changed. One query."""
    pulled = [source.pk for source in sources if connector_class(source.kind).pulls]
    # The newest period may be an open one, so that it reaches a little further back.
    since = now.date() - WEEKS * WEEK - timedelta(days=6)
    rows = Observation.objects.filter(
        metric__source__in=pulled, metric__archived_at=None, status="value", period_start__gte=since
    )
    spans = rows.values("metric__source", "metric").annotate(
        low=Min("value"), high=Max("value"), count=Count("pk")
    )
    still: dict[int, bool] = {}
    for each in spans:
        same = each["count"] >= LEAST and each["low"] == each["high"]
        still[each["metric__source"]] = still.get(each["metric__source"], True) and same
    return {pk: WEEKS for pk, same in still.items() if same}
