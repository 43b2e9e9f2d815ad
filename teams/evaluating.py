"""After data changed, and once a day: how every OMTM stands, and the charts that show it.

Rows say what to do: `MetricChange` is written with the data and deleted here after the work, so that a lost
message or a killed worker only means that the next run does it.

Nothing is judged or drawn inside a transaction: pushes and sign-ins would wait for it. What another run wrote
meanwhile is found out when writing, and done again, so that the newer data wins.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from metrics import drawing, foreseeing, funnelling, signalling
from metrics.analysis.forecast import Forecast
from metrics.analysis.health import Health
from metrics.models import ChartDocument, Company, Metric, MetricChange, NorthStar
from metrics.models.chart import Stamp
from northstar.lib import periods
from northstar.lib.periods import WEEK
from teams import calibrating, charting, ledger, looking, proving, telling
from teams.alerts import watching
from teams.models import HealthSnapshot, Omtm

log = logging.getLogger(__name__)

STATES = ("committed", "active", "in_review")
#: OMTMs that are read together and written in one transaction.
AT_ONCE = 50
#: Changes taken up in one run; the next run takes the rest.
MOST_CHANGES = 2000
#: How often a chart is drawn again because another run drew it too.
MOST_TRIES = 3
#: An OMTM and its chart as they are kept: the fields of the one, the stamp of the other.
AsKept = tuple[dict[str, Any], Stamp | None]


@dataclass(frozen=True, slots=True)
class Result:
    """One OMTM judged and drawn, not written yet."""

    found: charting.Evaluated
    document: ChartDocument


def evaluate(now: datetime) -> int:
    """Bring health and charts of all that changed up to `now`; returns the number of OMTMs evaluated.

    1. Read the change rows. 2. Evaluate the OMTMs that read those metrics, and those whose chart is of
    another day. 3. Draw the North Star and the metrics, hold forecasts and predictions against what came.
    4. Delete the rows that were read, and only those.
    A second run at the same time does the same work with the same result.
    """
    company = Company.current()
    today = periods.local_day(now, company.zone)
    rows = list(MetricChange.objects.order_by("id").values_list("id", "metric_id")[:MOST_CHANGES])
    changed = {metric_id for _, metric_id in rows}
    due = _due_omtms(changed, today)
    _guarded("Goal-posts", lambda: ledger.note_redefinitions(Omtm.objects.filter(pk__in=due)))
    evaluate_these(due, now=now)
    _draw_company(changed, today=today, now=now)
    _guarded("Forecasts", lambda: calibrating.score(now))
    _guarded("Effects", lambda: proving.judge_due(now))
    _guarded("Alerts", lambda: watching.watch(changed, now=now))
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


def look_at(omtm: Omtm, *, company: Company, now: datetime) -> charting.Evaluated:
    """Points, health by week, guardrails, trust, signals and notes of one OMTM; keeps nothing."""
    return looking.judged(omtm, looking.see([omtm], company=company, now=now))


def _together(omtm_ids: Sequence[int], company: Company, now: datetime) -> None:
    """1. Note what is kept. 2. Read, judge and draw. 3. Write, in one short transaction, those that are still
    as noted. 4. The others one by one, under their lock: another run may have seen newer data.
    """
    before = _as_kept(omtm_ids)
    results = _judged(omtm_ids, company, now)
    with transaction.atomic():
        still = _as_kept(omtm_ids, lock=True)
        for omtm_id, result in results.items():
            if still.get(omtm_id) == before.get(omtm_id):
                _guarded(f"OMTM {omtm_id}", lambda each=result: _write(each, now))
    for omtm_id in results:
        if still.get(omtm_id) != before.get(omtm_id):
            _guarded(f"OMTM {omtm_id}", lambda pk=omtm_id: _locked(pk, company, now))


def _locked(omtm_id: int, company: Company, now: datetime) -> None:
    """The lock comes before the data is read: of two runs, the later one to write has seen the newer data."""
    with transaction.atomic():
        _as_kept([omtm_id], lock=True)
        for result in _judged([omtm_id], company, now).values():
            _write(result, now)


def _as_kept(omtm_ids: Iterable[int], *, lock: bool = False) -> dict[int, AsKept]:
    rows = Omtm.objects.filter(pk__in=list(omtm_ids), state__in=STATES).order_by("pk")
    kept = {row["id"]: row for row in (rows.select_for_update() if lock else rows).values()}
    stamps = ChartDocument.objects.stamps(f"omtm:{pk}" for pk in kept)
    return {pk: (row, stamps.get(f"omtm:{pk}")) for pk, row in kept.items()}


def _judged(omtm_ids: Iterable[int], company: Company, now: datetime) -> dict[int, Result]:
    """By id; one that cannot be judged is logged and left out."""
    rows = Omtm.objects.filter(pk__in=list(omtm_ids), state__in=STATES)
    omtms = list(rows.select_related("metric__source", "team").order_by("pk"))
    seen = looking.see(omtms, company=company, now=now)
    results: dict[int, Result] = {}
    for omtm in omtms:
        _guarded(f"OMTM {omtm.pk}", lambda each=omtm: results.update({each.pk: _judge(each, seen)}))
    return results


def _judge(omtm: Omtm, seen: looking.Seen) -> Result:
    found = looking.judged(omtm, seen)
    if omtm.state == "committed":
        found = replace(found, new=())
    return Result(found, charting.drawn(found, telling.facts_of(found)))


def _write(result: Result, now: datetime) -> None:
    """Keep health and forecasts, where the window has begun, and the chart: all of it or nothing."""
    found = result.found
    with transaction.atomic():
        HealthSnapshot.objects.bulk_create([row for row, _ in found.new])
        for later in (False, True):
            some = [pair for pair in found.new if (pair[0].as_of_week != found.health.week) is later]
            keep_forecasts(found, some, now=now, replayed=later)
        ChartDocument.objects.keep(result.document)


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
    """What reads a metric that changed: the metric itself, the North Star, funnels; all once a day."""
    documents = dict(ChartDocument.objects.values_list("key", "drawn_on"))
    old = {_number(key) for key, day in documents.items() if key.startswith("metric:") and day < today}
    for metric in Metric.objects.listed().filter(pk__in=changed | old):
        _draw(f"metric:{metric.pk}", lambda each=metric: drawing.draw_metric(each, now))
        _draw(f"signals:{metric.pk}", lambda each=metric: signalling.redraw(each, now))
    for star in NorthStar.objects.filter(state="active").order_by("scope", "pk"):
        key = drawing.key_of(star)
        if _metrics_of(star) & changed or documents.get(key, date.min) < today:
            _draw(key, lambda each=star: drawing.draw_star(each, now))
    for funnel in funnelling.stale(changed, today=today):
        _draw(funnelling.key_of(funnel), lambda each=funnel: funnelling.draw(each, now=now))


def _draw(key: str, work: Callable[[], ChartDocument | None]) -> None:
    """Draw and keep one document; again where another run kept one meanwhile, perhaps of newer data."""

    def drawn_alone() -> bool:
        before = ChartDocument.objects.stamps([key]).get(key)
        document = work()
        return document is None or document.replaced == before

    _guarded(key, lambda: any(drawn_alone() for _ in range(MOST_TRIES)))


def _metrics_of(star: NorthStar) -> set[int]:
    rows = (star.versions.all(), star.drivers.exclude(metric=None), star.guardrails.all())
    return {pk for each in rows for pk in each.values_list("metric_id", flat=True)}


def _guarded(what: str, work: Callable[[], Any]) -> bool:
    """Whether it could be done. One that cannot be drawn must not keep the others from it; it is tried again
    with new data or on the next day, an OMTM at the next run."""
    try:
        work()
    except Exception:
        log.exception("%s could not be evaluated", what)
        return False
    return True


def _number(key: str) -> int:
    return int(key.partition(":")[2])
