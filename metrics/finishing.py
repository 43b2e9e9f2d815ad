"""How a pull ends: its result, what the source and its metrics remember, and when the next one is due."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from metrics import backfilling, breakers, doubting, planning
from metrics.auditing import record
from metrics.connectors.base import ConnectorError
from metrics.holding import StaleLease, fenced
from metrics.models import Company, Metric, Pull, Source, SourceEvent
from northstar.lib import clock, leases

log = logging.getLogger(__name__)

PAUSE_AFTER = 3
#: A first failure is often gone with the next try.
TOLD_AFTER = 2
# These are about the connection: the other metrics of the source would fail alike.
SOURCE_CODES = frozenset(
    {
        "auth", "config", "tls", "egress_denied", "connection", "timeout", "role", "driver", "rate_limited",
    }
)  # fmt: skip
NO_ERROR: dict[str, Any] = {"error_code": "", "error_message": ""}
LAST_ERROR: dict[str, Any] = {"last_error_code": "", "last_error_message": ""}
KILLED = (
    "The worker was killed three times while it ran this source, probably because it needed too much memory. "
    "The source is paused. Ask for less at once, then resume it."
)


def finish(pull: Pull, failure: ConnectorError | None, *, company: Company | None = None) -> None:
    """End a pull: see `conclude`; nothing is written where another one holds the source by now."""
    try:
        with fenced(pull) as source:
            conclude(pull, source, failure, company=company or Company.current())
    except StaleLease:
        stale(pull)


def conclude(
    pull: Pull,
    source: Source,
    failure: ConnectorError | None,
    *,
    company: Company,
    states: Collection[str] | None = None,
) -> None:
    """Write the result, count failures, plan the next pull and let go of the source, in a fenced transaction.

    `source` is the row that `fenced` locked, `states` are those of the items where the caller knows them.
    """
    now = clock.now()
    if pull.source.version == source.version:
        source.breaker_key = pull.source.breaker_key
    again = failure is not None and _worth_repeating(pull, failure, source)
    ended = {"attempt": 0, "finished_at": None} if again else {"finished_at": now}
    Pull.objects.filter(pk=pull.pk).update(
        state="waiting" if again else _result(pull, failure, states),
        error_code=failure.code if failure else "",
        error_message=failure.message if failure else "",
        **ended,
    )
    changes = _failed(source, failure, now) if failure else _succeeded(source, now)
    changes["breaker_key"] = source.breaker_key
    rest_until = breakers.note(source, failure, now) if failure or source.shaky else None
    if not again:
        backfilling.settle(pull)
    if pull.kind == "live" or source.next_scheduled_at is None:
        changes["next_scheduled_at"] = planning.next_slot(source, now, company=company)
    changes["next_due_at"] = planning.next_due(
        source, changes, now, others=source.others or again, rest_until=rest_until, company=company
    )
    asked = source.pulls.filter(kind="requested", state="waiting").exclude(pk=pull.pk)
    if changes["next_due_at"] is None and source.others and asked.exists():
        # Paused: nothing by itself, but what a person asked for is still done.
        changes["next_due_at"] = now
    leases.release(Source, source.pk, pull.token, attempt=0, **changes)
    _tell(pull, source, failures=changes["failures"], over=not again)


def conclude_well(done: Sequence[tuple[Pull, Source]], *, company: Company) -> None:
    """The same for several pulls that went well, of sources that had not failed: three queries in all."""
    now = clock.now()
    Pull.objects.filter(pk__in=[pull.pk for pull, _ in done]).update(state="ok", finished_at=now, **NO_ERROR)
    sources = [source for _, source in done]
    for pull, source in done:
        if pull.source.version == source.version:
            source.breaker_key = pull.source.breaker_key
        if pull.kind == "live" or source.next_scheduled_at is None:
            source.next_scheduled_at = planning.next_slot(source, now, company=company)
        source.next_due_at = planning.next_due(
            source, {"failures": 0}, now, others=source.others, rest_until=None, company=company
        )
    Source.objects.bulk_update(sources, ["breaker_key", "next_scheduled_at", "next_due_at"])
    let_go = leases.FREE | {"attempt": 0, "last_ok_at": now, "wait_until": None} | LAST_ERROR
    Source.objects.filter(pk__in=[source.pk for source in sources]).update(**let_go)


def stale(pull: Pull) -> None:
    """Note that its result came too late and was dropped."""
    Pull.objects.filter(pk=pull.pk, token=pull.token).update(state="stale", finished_at=clock.now())
    log.warning("pull %s: stale_lease, its late result was dropped", pull.pk)


def _tell(pull: Pull, source: Source, *, failures: int, over: bool) -> None:
    """What its numbers are worth changes without a new value: they are judged and drawn again."""
    if failures == TOLD_AFTER or (source.failures and not failures):
        doubting.doubt(source.metrics.pulled())
    elif pull.kind == "backfill" and over:
        doubting.doubt(Metric.objects.filter(pk=pull.metric_id))


def _result(pull: Pull, failure: ConnectorError | None, known: Collection[str] | None) -> str:
    states = set(pull.items.values_list("state", flat=True) if known is None else known)
    if failure is not None:
        return "partly" if "ok" in states else "failed"
    if "failed" in states:
        return "partly" if "ok" in states else "failed"
    return "cancelled" if states == {"cancelled"} else "ok"


def _worth_repeating(pull: Pull, failure: ConnectorError, source: Source) -> bool:
    if pull.kind != "backfill" or failure.permanent:
        return False
    # It failed before and its source has worked since: the pulls between would set the count back for ever.
    own_fault = bool(pull.error_code) and not source.failures
    return not own_fault and source.failures + 1 < planning.GIVE_UP_AFTER


def _succeeded(source: Source, now: datetime) -> dict[str, Any]:
    if source.failing_since is not None and _in_outage(source):
        SourceEvent.objects.create(source=source, kind="healed", at=now)
    return {
        "failures": 0,
        "failing_since": None,
        "last_ok_at": now,
        "wait_until": None,
        **LAST_ERROR,
    }


def _failed(source: Source, failure: ConnectorError, now: datetime) -> dict[str, Any]:
    failures = source.failures + 1
    changes: dict[str, Any] = {
        "failures": failures,
        "failing_since": source.failing_since or now,
        "last_error_code": failure.code,
        "last_error_message": failure.message,
    }
    wait = planning.asked_to_wait(failure)
    if wait is not None:
        changes["wait_until"] = now + wait
    if (failure.permanent or failures >= TOLD_AFTER) and not _in_outage(source):
        _note(source, "failing", failure.code, failure.message, now)
    if failure.permanent and failures >= PAUSE_AFTER and source.paused_at is None:
        changes |= {
            "paused_at": now,
            "paused_reason": f"Paused after {failures} failures. {failure.message}"[:300],
        }
        record("source.paused", source, after={"reason": failure.message})
        _note(source, "paused", failure.code, failure.message, now)
    return changes


def _note(source: Source, kind: str, code: str, message: str, now: datetime) -> None:
    SourceEvent.objects.create(source=source, kind=kind, at=now, code=code, message=message)


def _in_outage(source: Source) -> bool:
    """Whether its last event is one of failure: one outage is one event, however long it lasts."""
    newest = source.events.order_by("-id").values_list("kind", flat=True).first()
    return newest in ("failing", "paused")


def dead(pull: Pull) -> None:
    """A pull that ended its worker three times: never tried again by itself."""
    now = clock.now()
    with transaction.atomic():
        Pull.objects.filter(pk=pull.pk).update(
            state="dead", finished_at=now, error_code="unexpected", error_message=KILLED
        )
        record("source.paused", pull.source, after={"reason": KILLED})
        _note(pull.source, "paused", "unexpected", KILLED, now)
        backfilling.settle(pull)
        leases.release(
            Source,
            pull.source_id,
            pull.token,
            attempt=0,
            paused_at=now,
            paused_reason=KILLED[:300],
            next_due_at=None,
            failures=F("failures") + 1,
            failing_since=Coalesce(F("failing_since"), Value(now)),
            last_error_code="unexpected",
            last_error_message=KILLED,
        )


def note_success(metric: Metric, pull: Pull, *, company: Company | None = None) -> None:
    """Remember the look; a backfill says nothing of the newest values."""
    if pull.kind == "backfill":
        Metric.objects.filter(pk=metric.pk).update(failures=0, **LAST_ERROR)
    else:
        note_successes([metric], company=company or Company.current())


def note_successes(metrics: Sequence[Metric], *, company: Company) -> None:
    """Remember the looks; one that is the first after a period was over is news even with the same values."""
    now = clock.now()
    news = [
        metric.pk
        for metric in metrics
        if metric.failures or doubting.has_ended_since(metric, metric.last_ok_at, now, company=company)
    ]
    if news:
        doubting.doubt(Metric.objects.filter(pk__in=news))
    looked = Metric.objects.filter(pk__in=[metric.pk for metric in metrics])
    looked.update(failures=0, last_ok_at=now, **LAST_ERROR)


def note_failure(metric: Metric, error: ConnectorError) -> None:
    """Remember it; a query that cannot work pauses its metric after the third time, not its source."""
    changes: dict[str, Any] = {
        "failures": metric.failures + 1,
        "last_error_code": error.code,
        "last_error_message": error.message,
    }
    own_fault = error.permanent and error.code not in SOURCE_CODES
    if own_fault and metric.failures + 1 >= PAUSE_AFTER:
        changes |= {"paused_at": clock.now(), "paused_reason": error.message[:300]}
    Metric.objects.filter(pk=metric.pk).update(**changes)
