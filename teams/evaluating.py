"""After data changed, and once a day: how every OMTM stands, and the charts that show it.

Rows say what to do: `MetricChange` is written with the data and deleted here after the work, so that a lost
message or a killed worker only means that the next run does it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from metrics import drawing, series
from metrics.analysis import health as judging
from metrics.analysis.health import Health
from metrics.analysis.points import Point
from metrics.analysis.terms import Terms
from metrics.models import ChartDocument, Company, Metric, MetricChange, NorthStar
from northstar.lib import periods
from teams import charting
from teams.models import HealthSnapshot, Omtm

log = logging.getLogger(__name__)

STATES = ("committed", "active", "in_review")
HISTORY = timedelta(weeks=60)
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
    for first in range(0, len(rows), 500):
        MetricChange.objects.filter(pk__in=[pk for pk, _ in rows[first : first + 500]]).delete()
    return len(due)


def evaluate_these(omtm_ids: Iterable[int], *, now: datetime) -> None:
    """Evaluate these; one that fails is logged and keeps none of the others waiting."""
    company = Company.current()
    for omtm_id in omtm_ids:
        _guarded(f"OMTM {omtm_id}", lambda number=omtm_id: evaluate_one(number, company=company, now=now))


def evaluate_one(omtm_id: int, *, company: Company, now: datetime) -> HealthSnapshot | None:
    """Judge one OMTM, store a snapshot if its inputs are new, draw its chart; None if it is over."""
    with transaction.atomic():
        # The lock comes before the data is read: of two runs, the later one to draw has seen the newer data.
        wanted = Omtm.objects.select_for_update(of=("self",)).select_related("metric", "team")
        omtm = wanted.filter(pk=omtm_id, state__in=STATES).first()
        if omtm is None:
            return None
        found = look_at(omtm, company=company, now=now)
        charting.draw(found)
        return None if omtm.state == "committed" else _snapshot(found)


def look_at(omtm: Omtm, *, company: Company, now: datetime) -> charting.Evaluated:
    """Points, health, guardrails and notes of one OMTM, in five queries."""
    today = periods.local_day(now, company.zone)
    guards = list(omtm.guardrails.select_related("metric").order_by("id"))
    metrics = {metric.pk: metric for metric in (omtm.metric, *(guard.metric for guard in guards))}
    points = series.weekly(metrics.values(), company=company, now=now, since=omtm.start - HISTORY)
    own = points[omtm.metric_id]
    first = omtm.start - charting.BEFORE + charting.TO_SUNDAY
    notes = charting.notes_for(omtm.metric, first=first, last=min(today, omtm.end))
    beside = [(guard, points[guard.metric_id]) for guard in guards]
    return charting.Evaluated(omtm, own, judge(omtm, own, today=today), beside, notes, today)


def judge(omtm: Omtm, points: Sequence[Point], *, today: date) -> Health:
    """The health of an OMTM on its frozen terms."""
    terms = Terms(
        kind=omtm.metric.kind,
        start=omtm.start,
        end=omtm.end,
        k=omtm.outcome_weeks,
        baseline=_float(omtm.baseline),
        target=_float(omtm.target),
        low=_float(omtm.low),
        high=_float(omtm.high),
        unit=omtm.unit,
        decimals=omtm.metric.decimals,
        min_den=omtm.metric.min_den,
    )
    return judging.evaluate(points, terms, today=today)


def _due_omtms(changed: set[int], today: date) -> list[int]:
    """Those that read a changed metric, and those whose chart was not drawn today."""
    drawn = ChartDocument.objects.filter(key__startswith="omtm:", drawn_on=today).values_list(
        "key", flat=True
    )
    fresh = [_number(key) for key in drawn]
    touched = Q(metric__in=changed) | Q(guardrails__metric__in=changed)
    running = Omtm.objects.filter(state__in=STATES).filter(touched | ~Q(pk__in=fresh))
    return sorted(set(running.values_list("pk", flat=True)))


def _snapshot(found: charting.Evaluated) -> HealthSnapshot:
    """The newest row of the week if it says the same, else a new one: what is over never changes."""
    omtm, health = found.omtm, found.health
    last = charting.newest([p for p in found.points if p.start >= omtm.start], omtm)
    week = last.start if last else omtm.start
    digest = _digest(found)
    rows = HealthSnapshot.objects.filter(omtm=omtm, as_of_week=week)
    latest = rows.order_by("-id").first()
    if latest is not None and latest.inputs_hash.startswith(digest):
        return latest
    numbers = ("reading", "pace", "progress", "expected", "gap", "z")
    return HealthSnapshot.objects.create(
        omtm=omtm,
        as_of_week=week,
        state=health.state,
        reason=health.reason[:300],
        # The count tells a value that came back from the same value before.
        inputs_hash=f"{digest}{rows.count() % 0xFFFF:04x}",
        **{name: getattr(health, name) for name in numbers},
    )


def _digest(found: charting.Evaluated) -> str:
    omtm, health = found.omtm, found.health
    terms = (omtm.baseline, omtm.target, omtm.low, omtm.high, omtm.start, omtm.end, omtm.outcome_weeks)
    values = [(p.start, p.value, p.denominator) for p in found.points if p.complete and p.start <= omtm.end]
    text = repr((terms, values, health.state, health.reason))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _draw_company(changed: set[int], *, today: date, now: datetime) -> None:
    """The North Star where a metric of its page changed, and every metric that changed; all once a day."""
    documents = dict(ChartDocument.objects.values_list("key", "drawn_on"))
    old = {_number(key) for key, day in documents.items() if key.startswith("metric:") and day < today}
    for metric in Metric.objects.listed().filter(pk__in=changed | old):
        _guarded(f"metric {metric.pk}", lambda each=metric: drawing.draw_metric(each, now))
    star = NorthStar.current()
    if star is not None and (_metrics_of(star) & changed or documents.get("north-star", date.min) < today):
        _guarded("North Star", lambda: drawing.draw_north_star(now))


def _metrics_of(star: NorthStar) -> set[int]:
    versions, drivers = star.versions.all(), star.drivers.exclude(metric=None)
    return set(versions.values_list("metric_id", flat=True)) | set(
        drivers.values_list("metric_id", flat=True)
    )


def _guarded(what: str, work: Callable[[], Any]) -> None:
    """One that cannot be drawn must not keep the others from it; it is tried again with new data
    or on the next day, an OMTM at the next run."""
    try:
        with transaction.atomic():
            work()
    except Exception:
        log.exception("%s could not be evaluated", what)


def _number(key: str) -> int:
    return int(key.partition(":")[2])


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
