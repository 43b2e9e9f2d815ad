"""Pulling: what was claimed is run and stored. The row is the job; a message only wakes somebody up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.db.models import F

from metrics import breakers, connecting, drifting, finishing, storing
from metrics.claiming import claim_due, request
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError
from metrics.models import Company, Metric, Pull, PullItem, Source
from northstar.lib import clock, leases, periods

__all__ = ["MOST_STARTS", "StaleLease", "ask_for", "claim_due", "request", "run"]

log = logging.getLogger(__name__)

MOST_STARTS = 3
DEFAULT_HISTORY = timedelta(weeks=104)


class StaleLease(Exception):
    """Somebody else holds the source now; what this run still wanted to write is dropped."""


def run(pull_id: int) -> None:
    """Run one pull from start to end; a second message for the same pull does nothing.

    1. start: counted before any work, so that a pull which kills its worker is found out;
    2. ask the source for each metric, outside of any transaction;
    3. store each metric by itself, fenced by the lease;
    4. finish: result, next due moment and release of the lease in one transaction.
    """
    pull = _start(pull_id)
    if pull is None:
        return
    if pull.attempt > MOST_STARTS:
        finishing.dead(pull)
        return
    failure: ConnectorError | None = None
    try:
        with _opened(pull.source) as connector:
            failure = _run_metrics(pull, connector)
    except ConnectorError as error:
        failure = error
    except StaleLease:
        Pull.objects.filter(pk=pull.pk, token=pull.token).update(state="stale", finished_at=clock.now())
        log.warning("pull %s: stale_lease, its late result was dropped", pull.pk)
        return
    finishing.finish(pull, failure)


def _start(pull_id: int) -> Pull | None:
    now = clock.now()
    with transaction.atomic():
        pull = Pull.objects.select_related("source").filter(pk=pull_id, state="waiting").first()
        if pull is None or not leases.held(Source, pull.source_id, pull.token):
            return None
        started = Pull.objects.filter(pk=pull_id, state="waiting", token=pull.token).update(
            state="running", attempt=F("attempt") + 1, started_at=now, as_of=now
        )
        if not started:
            return None
        lease = now + timedelta(seconds=settings.PULL_LEASE_SECONDS)
        Source.objects.filter(pk=pull.source_id).update(lease_until=lease)
    return Pull.objects.select_related("source", "metric").get(pk=pull_id)


@contextmanager
def _opened(source: Source) -> Iterator[Connector]:
    """The open connector; whatever goes wrong inside becomes a ConnectorError, but for a lost lease."""
    try:
        with connecting.connector_for(source) as connector:
            source.breaker_key = source.breaker_key or breakers.key_of(
                type(connector), source.settings, connector.secrets
            )
            yield connector
    except (ConnectorError, StaleLease):
        raise
    except SoftTimeLimitExceeded:
        seconds = settings.PULL_SOFT_LIMIT_SECONDS
        raise ConnectorError(
            "timeout", f"The pull took longer than {seconds} seconds and was stopped."
        ) from None
    except Exception:
        log.exception("source %s: unexpected error", source.pk)
        raise ConnectorError(
            "unexpected", "Unexpected error. The log of the worker has the details."
        ) from None


def _run_metrics(pull: Pull, connector: Connector) -> ConnectorError | None:
    """Every metric in turn; the error that concerns the whole source, if one does."""
    company = Company.current()
    wanted = [pull.metric] if pull.metric else list(pull.source.metrics.pulled().order_by("id"))
    if not wanted:
        connector.check()  # nothing to ask for yet, but whether it can be asked is worth knowing
    for metric in wanted:
        try:
            ask = ask_for(metric, company=company, now=clock.now(), span=_span(pull))
            answer = connector.fetch(ask)
        except ConnectorError as error:
            _fail_item(pull, metric, error)
            if error.code in finishing.SOURCE_CODES:
                return error
            continue
        _store_item(pull, metric, ask, answer)
    return None


def _span(pull: Pull) -> tuple[date, date] | None:
    return (pull.start, pull.end) if pull.start and pull.end else None


def ask_for(metric: Metric, *, company: Company, now: datetime, span: tuple[date, date] | None = None) -> Ask:
    """What to ask: the span, or everything since the newest value and no less than the restatement window."""
    today = periods.local_day(now, company.zone)
    end = periods.next_start(periods.period_start(today, metric.grain), metric.grain)
    if span:
        # Whole periods only: half a week would be stored as if it were the week.
        last = periods.period_start(span[1] - timedelta(days=1), metric.grain)
        start, end = span[0], min(periods.next_start(last, metric.grain), end)
    else:
        start = _since(metric, today)
    return Ask(
        metric=metric.slug,
        kind=metric.kind,
        grain=metric.grain,
        query=metric.query,
        start=periods.period_start(start, metric.grain),
        end=end,
        zone=company.zone,
        now=now,
    )


def _since(metric: Metric, today: date) -> date:
    # Not the newest value: one that was typed, or fetched by a backfill, says nothing of the time before it.
    pulled = metric.revisions.filter(origin="pull").exclude(pull__kind="backfill")
    newest = pulled.order_by("-period_start").values_list("period_start", flat=True).first()
    if newest is None:
        return metric.history_from or today - DEFAULT_HISTORY
    return min(newest, today - timedelta(days=metric.restate_days))


def _fail_item(pull: Pull, metric: Metric, error: ConnectorError) -> None:
    error, drift = drifting.explained(metric, error)
    with _fenced(pull):
        if not _stands(metric):
            _cancel_item(pull, metric)
            return
        PullItem.objects.update_or_create(
            pull=pull,
            metric=metric,
            defaults={
                "state": "failed",
                "error_code": error.code,
                "error_message": error.message,
                "drift": drift,
            },
        )
        finishing.note_failure(metric, error)


def _store_item(pull: Pull, metric: Metric, ask: Ask, answer: Answer) -> None:
    try:
        with _fenced(pull):
            if not _stands(metric):
                _cancel_item(pull, metric)
                return
            asked = answer.covers or (ask.start, ask.end)
            done = storing.store(metric, answer.rows, origin="pull", pull=pull, as_of=pull.as_of, asked=asked)
            notes = [*answer.notes, *_vanished(metric, done.vanished)]
            PullItem.objects.update_or_create(
                pull=pull,
                metric=metric,
                defaults={
                    "state": "ok",
                    "rows": len(answer.rows),
                    "added": done.added,
                    "changed": done.changed,
                    "missing": done.missing,
                    "note": " ".join(notes)[:300],
                    "drift": drifting.remember(metric, answer.columns),
                },
            )
            finishing.note_success(metric, pull)
    except storing.StoreError as error:
        _fail_item(pull, metric, ConnectorError("schema", str(error), columns=answer.columns))


def _stands(metric: Metric) -> bool:
    """Whether the metric still asks what was asked: it may be deleted, archived or redefined by now (F66)."""
    asks = ("kind", "grain", "query")
    rows = Metric.objects.select_for_update().filter(pk=metric.pk, archived_at=None)
    return rows.values(*asks).first() == {name: getattr(metric, name) for name in asks}


def _cancel_item(pull: Pull, metric: Metric) -> None:
    if Metric.objects.filter(pk=metric.pk).exists():
        PullItem.objects.update_or_create(pull=pull, metric=metric, defaults={"state": "cancelled"})


@contextmanager
def _fenced(pull: Pull) -> Iterator[None]:
    """A transaction that only the holder of the lease may write in."""
    with transaction.atomic():
        if not leases.held(Source, pull.source_id, pull.token):
            raise StaleLease
        yield


def _vanished(metric: Metric, starts: list[date]) -> list[str]:
    if not starts:
        return []
    count = "1 period" if len(starts) == 1 else f"{len(starts)} periods"
    return [f"The source no longer returns {count} since {starts[0]:%Y-%m-%d}; the values known before stay."]
