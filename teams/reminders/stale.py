"""Numbers that have stopped arriving (domain §8, M7): which, since when, and who answers for them.

A metric is stale when, a period and the time of its source after its newest complete value, another day has
passed without one. Whatever its source is asked for counts, and of typed and sent numbers those that steer
something: the metric of a running focus, of a North Star, their guardrails and drivers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery

from metrics import awaiting
from metrics.connectors.registry import connector_class
from metrics.models import Company, Driver, Metric, NorthStarVersion, Observation, Source, StarGuardrail
from northstar.lib import periods
from northstar.lib.localtime import first_instant, local_day
from teams.models import Guardrail, Omtm
from teams.models.omtm import RUNNING

GRACE = timedelta(hours=24)
LENGTHS = {"day": timedelta(days=1), "week": timedelta(weeks=1), "month": timedelta(days=28)}


@dataclass(frozen=True, slots=True)
class Stale:
    """A metric without new values: the last day that its values reach, and the day since it is stale."""

    metric: Metric
    until: date
    on: date

    @property
    def source(self) -> Source:
        return self.metric.source


def stale_metrics(*, company: Company, now: datetime) -> dict[int, Stale]:
    """By metric id those that are stale now. One query."""
    found = {}
    for metric in _watched():
        stale = _judged(metric, company=company, now=now)
        if stale is not None:
            found[metric.pk] = stale
    return found


def _watched() -> list[Metric]:
    newest = Observation.objects.filter(
        metric=OuterRef("pk"), grain=OuterRef("grain"), status="value"
    ).order_by("-period_start")
    mine = OuterRef("pk")
    steers = (
        Q(Exists(Omtm.objects.filter(metric=mine, state__in=RUNNING)))
        | Q(Exists(Guardrail.objects.filter(metric=mine, omtm__state__in=RUNNING)))
        | Q(
            Exists(
                NorthStarVersion.objects.filter(metric=mine, north_star__state="active", effective_to=None)
            )
        )
        | Q(Exists(StarGuardrail.objects.filter(metric=mine, north_star__state="active")))
        | Q(Exists(Driver.objects.filter(metric=mine, north_star__state="active")))
    )
    rows = (
        Metric.objects.pulled()
        .filter(source__archived_at=None)
        .annotate(
            newest=Subquery(newest.values("period_start")[:1]),
            seen_at=Subquery(newest.values("as_of")[:1]),
            steers=steers,
        )
    )
    related = rows.select_related("source__owner__preference", "source__backup_owner__preference")
    return [metric for metric in related.order_by("id") if metric.newest is not None]


def _judged(metric: Metric, *, company: Company, now: datetime) -> Stale | None:
    pulls = connector_class(metric.source.kind).pulls
    every = awaiting.interval(metric.source) if pulls else None
    if every is None and not metric.steers:  # type: ignore[attr-defined]
        return None
    last = _last_complete(metric, pulls=pulls, zone=company.zone)
    due = first_instant(periods.next_start(last, metric.grain, 2), company.zone) + metric.latency
    limit = due + GRACE + max(timedelta(0), (every or timedelta(0)) - LENGTHS[metric.grain])
    if now < limit:
        return None
    return Stale(metric, periods.last_day(last, metric.grain), local_day(limit, company.zone))


def _last_complete(metric: Metric, *, pulls: bool, zone: str) -> date:
    """The first day of the newest period with a value that was looked at when it was over.

    Where no row means none, a look that brought none brought a zero.
    """
    newest: date = metric.newest  # type: ignore[attr-defined]
    seen_at: datetime = metric.seen_at  # type: ignore[attr-defined]
    if not pulls:
        return newest
    if seen_at < first_instant(periods.next_start(newest, metric.grain), zone) + metric.latency:
        newest = periods.next_start(newest, metric.grain, -1)
    if metric.missing == "zero" and metric.last_ok_at is not None:
        looked = periods.period_start(local_day(metric.last_ok_at - metric.latency, zone), metric.grain)
        newest = max(newest, periods.next_start(looked, metric.grain, -1))
    return newest
