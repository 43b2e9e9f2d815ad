"""How a pull ends: its result, what the source and its metrics remember, and when the next one is due."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from metrics import backfilling, breakers, doubting
from metrics.auditing import record
from metrics.connectors.base import ConnectorError
from metrics.models import Company, Metric, Pull, Source, SourceEvent
from metrics.models.pull import UNFINISHED
from northstar.lib import clock, leases, schedules

PAUSE_AFTER = 3
GIVE_UP_AFTER = 8
#: A first failure is often gone with the next try.
TOLD_AFTER = 2
# These are about the connection: the other metrics of the source would fail alike.
SOURCE_CODES = frozenset(
    {
        "auth", "config", "tls", "egress_denied", "connection", "timeout", "role", "driver", "rate_limited",
    }
)  # fmt: skip
#: However long a service asks to be left alone: an answer may be wrong, or meant for somebody else (R27).
LONGEST_WAIT = 24 * 3600.0
KILLED = (
    "The worker was killed three times while it ran this source, probably because it needed too much memory. "
    "The source is paused. Ask for less at once, then resume it."
)


def finish(pull: Pull, failure: ConnectorError | None) -> None:
    """Write the result, count failures, plan the next pull and let go of the source, all or nothing."""
    now = clock.now()
    with transaction.atomic():
        if not leases.held(Source, pull.source_id, pull.token):
            Pull.objects.filter(pk=pull.pk, token=pull.token).update(state="stale", finished_at=now)
            return
        source = Source.objects.get(pk=pull.source_id)
        if pull.source.version == source.version:
            source.breaker_key = pull.source.breaker_key
        again = failure is not None and _worth_repeating(pull, failure, source)
        Pull.objects.filter(pk=pull.pk).update(
            state="waiting" if again else _result(pull, failure),
            attempt=0 if again else F("attempt"),
            finished_at=None if again else now,
            error_code=failure.code if failure else "",
            error_message=failure.message if failure else "",
        )
        changes = _failed(source, failure, now) if failure else _succeeded(source, now)
        changes["breaker_key"] = source.breaker_key
        rest_until = breakers.note(source, failure, now)
        if not again:
            backfilling.settle(pull)
        if pull.kind == "live" or source.next_scheduled_at is None:
            changes["next_scheduled_at"] = next_slot(source, now)
        changes["next_due_at"] = _next_due(source, changes, now, rest_until=rest_until)
        leases.release(Source, source.pk, pull.token, attempt=0, **changes)
        _tell(pull, source, failures=changes["failures"], over=not again)


def _tell(pull: Pull, source: Source, *, failures: int, over: bool) -> None:
    """What its numbers are worth changes without a new value: they are judged and drawn again."""
    if failures == TOLD_AFTER or (source.failures and not failures):
        doubting.doubt(source.metrics.pulled())
    elif pull.kind == "backfill" and over:
        doubting.doubt(Metric.objects.filter(pk=pull.metric_id))


def _result(pull: Pull, failure: ConnectorError | None) -> str:
    states = set(pull.items.values_list("state", flat=True))
    if failure is not None:
        return "partly" if "ok" in states else "failed"
    if "failed" in states:
        return "partly" if "ok" in states else "failed"
    return "cancelled" if states == {"cancelled"} else "ok"


def _worth_repeating(pull: Pull, failure: ConnectorError, source: Source) -> bool:
    return pull.kind == "backfill" and not failure.permanent and source.failures + 1 < GIVE_UP_AFTER


def _succeeded(source: Source, now: datetime) -> dict[str, Any]:
    if source.failing_since is not None and _in_outage(source):
        SourceEvent.objects.create(source=source, kind="healed", at=now)
    return {
        "failures": 0,
        "failing_since": None,
        "last_ok_at": now,
        "last_error_code": "",
        "last_error_message": "",
        "wait_until": None,
    }


def _failed(source: Source, failure: ConnectorError, now: datetime) -> dict[str, Any]:
    failures = source.failures + 1
    changes: dict[str, Any] = {
        "failures": failures,
        "failing_since": source.failing_since or now,
        "last_error_code": failure.code,
        "last_error_message": failure.message,
    }
    wait = _asked_to_wait(failure)
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


def _asked_to_wait(failure: ConnectorError) -> timedelta | None:
    """How long the service asked to be left alone, at most a day; None where it did not or said nonsense."""
    seconds = failure.retry_after
    if seconds is None or not math.isfinite(seconds) or seconds <= 0:
        return None
    return timedelta(seconds=min(seconds, LONGEST_WAIT))


def next_slot(source: Source, now: datetime) -> datetime | None:
    """When the schedule asks for the next pull; None without a schedule."""
    if not source.schedule:
        return None
    return schedules.next_due(schedules.Schedule.from_dict(source.schedule), now, Company.current().zone)


def due_at(source: Source, slot: datetime | None) -> datetime | None:
    """When the pull of a slot begins: a little after it, each source by another while."""
    if slot is None or not source.schedule:
        return slot
    schedule = schedules.Schedule.from_dict(source.schedule)
    return slot + schedules.jitter(schedule, str(source.uid), slot, zone=Company.current().zone)


def _next_due(
    source: Source, changes: dict[str, Any], now: datetime, *, rest_until: datetime | None
) -> datetime | None:
    """The earliest of: other pulls that wait, a retry after a passing failure, the schedule.

    Not before the moment that the service named, nor while its host is left alone.
    """
    if changes.get("paused_at") or source.paused_at:
        return None
    slot = due_at(source, changes.get("next_scheduled_at", source.next_scheduled_at))
    failures = changes["failures"]
    earliest = max(filter(None, (changes.get("wait_until"), rest_until)), default=None)
    if failures and failures <= GIVE_UP_AFTER:
        retry = changes.get("wait_until") or now + _back_off(failures)
        slot = min(slot, retry) if slot else retry
    elif source.pulls.filter(state__in=UNFINISHED).exists():
        slot = now
    return max(slot, earliest) if slot and earliest else slot


def _back_off(failures: int) -> timedelta:
    """Full jitter: up to 30 s after the first failure, doubling, at most 30 minutes; at least 5 s (R27)."""
    return timedelta(seconds=max(5.0, random.uniform(0, min(1800.0, 30.0 * 2 ** (failures - 1)))))


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


def note_success(metric: Metric, pull: Pull) -> None:
    """Remember the look; one that is the first after a period was over is news even with the same values."""
    changes: dict[str, Any] = {"failures": 0, "last_error_code": "", "last_error_message": ""}
    if pull.kind != "backfill":
        changes["last_ok_at"] = now = clock.now()
        if metric.failures or doubting.has_ended_since(metric, metric.last_ok_at, now):
            doubting.doubt(Metric.objects.filter(pk=metric.pk))
    Metric.objects.filter(pk=metric.pk).update(**changes)


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
