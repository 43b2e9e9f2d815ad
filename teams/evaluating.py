"""After data changed, and once a day: how every OMTM stands, and the charts that show it.

Rows say what to do: `MetricChange` is written with the data and deleted here after the work, so that a lost
message or a killed worker only means that the next run does it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from metrics import drawing, foreseeing, signalling
from metrics.analysis.forecast import Forecast
from metrics.analysis.health import Health
from metrics.models import ChartDocument, Company, Metric, MetricChange, NorthStar
from northstar.lib import periods
from teams import calibrating, charting, looking, telling
from teams.models import HealthSnapshot, Omtm

log = logging.getLogger(__name__)

STATES = ("committed", "active", "in_review")
WEEK = timedelta(weeks=1)
#: OMTMs that are read together and written in one transaction: more would keep other writers waiting.
AT_ONCE = 50
#: Changes taken up in one run; the next run takes the rest.
MOST_CHANGES = 2000


def evaluate(now: datetime) -> int:
    """Bring health and charts of all that changed up to `now`; returns the number of OMTMs evaluated.

    1. Read the change rows. 2. Evaluate the OMTMs that read those metrics, and those whose chart is of
    another day. 3. Draw the North Star and the metrics. 4. Delete the rows that were read, and only those.
    A second run at the same time does the same work with the same result.
    """
    company = Company.current()
    today = periods.local_day(now, company.zone)
    rows = list(MetricChange.objects.order_by("id").values_list("id", "metric_id")[:MOST_CHANGES])
    changed = {metric_id for _, metric_id in rows}
    due = _due_omtms(changed, today)
    evaluate_these(due, now=now)
    _draw_company(changed, today=today, now=now)
    _guarded("Forecasts", lambda: calibrating.score(now))
    for first in range(0, len(rows), 500):
        MetricChange.objects.filter(pk__in=[pk for pk, _ in rows[first : first + 500]]).delete()
    return len(due)


def evaluate_these(omtm_ids: Iterable[int], *, now: datetime) -> None:
    """Evaluate these, many at once; one that fails is logged and keeps none of the others waiting."""
    company, ids = Company.current(), list(omtm_ids)
    for first in range(0, len(ids), AT_ONCE):
        part = ids[first : first + AT_ONCE]
        if not _guarded(f"OMTMs {part[0]} to {part[-1]}", lambda some=part: _together(some, company, now)):
            for omtm_id in part:
                _guarded(f"OMTM {omtm_id}", lambda one=omtm_id: _together([one], company, now))


def evaluate_one(omtm_id: int, *, company: Company, now: datetime) -> HealthSnapshot | None:
    """Judge one OMTM, keep what is new, draw its chart; returns how it stands, None where nothing is kept."""
    _together([omtm_id], company, now)
    return HealthSnapshot.objects.filter(omtm=omtm_id).order_by("-as_of_week", "-id").first()


def look_at(omtm: Omtm, *, company: Company, now: datetime) -> charting.Evaluated:
    """Points, health by week, guardrails, trust, signals and notes of one OMTM; keeps nothing."""
    return looking.judged(omtm, looking.see([omtm], company=company, now=now))


def _together(omtm_ids: Sequence[int], company: Company, now: datetime) -> None:
    with transaction.atomic():
        # The locks come before the data is read: of two runs, the later one to draw has seen the newer data.
        locked = Omtm.objects.select_for_update(of=("self",)).filter(pk__in=omtm_ids, state__in=STATES)
        omtms = list(locked.select_related("metric", "team").order_by("pk"))
        seen = looking.see(omtms, company=company, now=now)
        for omtm in omtms:
            _guarded(f"OMTM {omtm.pk}", lambda each=omtm: _judge(each, seen))


def _judge(omtm: Omtm, seen: looking.Seen) -> None:
    """Draw one OMTM, and keep its health and its forecasts where its window has begun."""
    found = looking.judged(omtm, seen)
    if omtm.state != "committed":
        HealthSnapshot.objects.bulk_create([row for row, _ in found.new])
        newest = found.health.week
        for later in (False, True):
            some = [pair for pair in found.new if (pair[0].as_of_week != newest) is later]
            keep_forecasts(found, some, now=seen.now, replayed=later)
    else:
        found = replace(found, new=())
    charting.draw(found, telling.facts_of(found))


def keep_forecasts(
    found: charting.Evaluated,
    rows: Iterable[tuple[HealthSnapshot, Health]],
    *,
    now: datetime,
    replayed: bool,
) -> None:
    """Keep the forecasts of these weeks; `replayed` if nobody saw them at the time."""
    subject, metric, target = charting.key_of(found.omtm), found.omtm.metric, found.terms.target
    kept = [
        foreseeing.Kept(subject, metric, health.forecast, target, row.as_of_week, row.inputs_hash)
        for row, health in rows
        if isinstance(health.forecast, Forecast) and row.as_of_week + WEEK <= health.forecast.due
    ]
    if kept:
        foreseeing.keep_many(kept, now=now, replayed=replayed)


def _due_omtms(changed: set[int], today: date) -> list[int]:
    """Those that read a changed metric, and those whose chart was not drawn today."""
    drawn = ChartDocument.objects.filter(key__startswith="omtm:", drawn_on=today).values_list(
        "key", flat=True
    )
    fresh = [_number(key) for key in drawn]
    touched = Q(metric__in=changed) | Q(guardrails__metric__in=changed)
    running = Omtm.objects.filter(state__in=STATES).filter(touched | ~Q(pk__in=fresh))
    return sorted(set(running.values_list("pk", flat=True)))


def _draw_company(changed: set[int], *, today: date, now: datetime) -> None:
    """The North Star where a metric of its page changed, and every metric that changed; all once a day."""
    documents = dict(ChartDocument.objects.values_list("key", "drawn_on"))
    old = {_number(key) for key, day in documents.items() if key.startswith("metric:") and day < today}
    for metric in Metric.objects.listed().filter(pk__in=changed | old):
        _guarded(f"metric {metric.pk}", lambda each=metric: drawing.draw_metric(each, now))
        _guarded(f"signals of metric {metric.pk}", lambda each=metric: signalling.redraw(each, now))
    star = NorthStar.current()
    if star is not None and (_metrics_of(star) & changed or documents.get("north-star", date.min) < today):
        _guarded("North Star", lambda: drawing.draw_north_star(now))


def _metrics_of(star: NorthStar) -> set[int]:
    versions, drivers = star.versions.all(), star.drivers.exclude(metric=None)
    return set(versions.values_list("metric_id", flat=True)) | set(
        drivers.values_list("metric_id", flat=True)
    )


def _guarded(what: str, work: Callable[[], Any]) -> bool:
    """Whether it could be done. One that cannot be drawn must not keep the others from it; it is tried again
    with new data or on the next day, an OMTM at the next run."""
    try:
        with transaction.atomic():
            work()
    except Exception:
        log.exception("%s could not be evaluated", what)
        return False
    return True


def _number(key: str) -> int:
    return int(key.partition(":")[2])
