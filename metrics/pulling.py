"""Pulling: what was claimed is run and stored. The row is the job; a message only wakes somebody up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db.models import F

from metrics import breakers, connecting, finishing
from metrics.claiming import claim_due, request
from metrics.connectors.base import Ask, Connector, ConnectorError
from metrics.holding import StaleLease
from metrics.keeping import Keeper
from metrics.models import Company, Metric, Pull, Source
from northstar.lib import clock, periods

__all__ = ["MOST_STARTS", "StaleLease", "ask_for", "claim_due", "request", "run"]

log = logging.getLogger(__name__)

MOST_STARTS = 3
DEFAULT_HISTORY = timedelta(weeks=104)


def run(pull_id: int, *, company: Company | None = None) -> None:
    """Run one pull from start to end; a second message for the same pull does nothing.

    1. start: counted before any work, so that a pull which kills its worker is found out;
    2. ask the source for each metric, outside of any transaction;
    3. store each metric by itself, fenced by the lease;
    4. with the last one also the result, the next due moment and the release of the lease.
    """
    pull = _start(pull_id)
    if pull is None:
        return
    if pull.attempt > MOST_STARTS:
        finishing.dead(pull)
        return
    keeper, failure = Keeper(pull, company or Company.current()), None
    try:
        with _opened(pull.source) as connector:
            _run_metrics(pull, connector, keeper)
    except ConnectorError as error:
        failure = error
    except StaleLease:
        finishing.stale(pull)
        return
    if not keeper.concluded:
        finishing.finish(pull, failure, company=keeper.company)


def _start(pull_id: int) -> Pull | None:
    """The pull, now running, its lease counted anew; None if it runs already or another holds the source."""
    now = clock.now()
    pull = Pull.objects.select_related("source", "metric").filter(pk=pull_id, state="waiting").first()
    if pull is None or not pull.token:
        return None
    lease = now + timedelta(seconds=settings.PULL_LEASE_SECONDS)
    held = Source.objects.filter(pk=pull.source_id, lease_token=pull.token)
    if not held.update(lease_until=lease):
        return None
    started = Pull.objects.filter(pk=pull_id, state="waiting", token=pull.token)
    if not started.update(state="running", attempt=F("attempt") + 1, started_at=now, as_of=now):
        return None
    pull.state, pull.attempt, pull.started_at, pull.as_of = "running", pull.attempt + 1, now, now
    return pull


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


def _run_metrics(pull: Pull, connector: Connector, keeper: Keeper) -> None:
    """Every metric in turn, until an error concerns the whole source."""
    wanted = [pull.metric] if pull.metric else list(pull.source.metrics.pulled().order_by("id"))
    if not wanted:
        connector.check()  # nothing to ask for yet, but whether it can be asked is worth knowing
    for place, metric in enumerate(wanted, start=1):
        last = place == len(wanted)
        try:
            ask = ask_for(metric, company=keeper.company, now=clock.now(), span=_span(pull))
            answer = connector.fetch(ask)
        except ConnectorError as error:
            whole = error.code in finishing.SOURCE_CODES or error.retry_after is not None
            keeper.fail(metric, error, failure=error if whole else None, last=last or whole)
            if whole:
                return
        else:
            keeper.store(metric, ask, answer, last=last)


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
