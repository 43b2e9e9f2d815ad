"""When a source is due next: by its schedule, after a failure, when its service allows it (R22, R27, R28)."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from metrics.connectors.base import ConnectorError
from metrics.models import Company, Source
from northstar.lib import schedules

GIVE_UP_AFTER = 8
#: However long a service asks to be left alone: an answer may be wrong, or meant for somebody else.
LONGEST_WAIT = 24 * 3600.0


def next_slot(source: Source, now: datetime, *, company: Company | None = None) -> datetime | None:
    """When the schedule asks for the next pull; None without a schedule."""
    if not source.schedule:
        return None
    zone = (company or Company.current()).zone
    return schedules.next_due(schedules.Schedule.from_dict(source.schedule), now, zone)


def due_at(source: Source, slot: datetime | None, *, company: Company | None = None) -> datetime | None:
    """When the pull of a slot begins: a little after it, each source by another while."""
    if slot is None or not source.schedule:
        return slot
    schedule, zone = schedules.Schedule.from_dict(source.schedule), (company or Company.current()).zone
    return slot + schedules.jitter(schedule, str(source.uid), slot, zone=zone)


def next_due(
    source: Source,
    changes: Mapping[str, Any],
    now: datetime,
    *,
    others: bool,
    rest_until: datetime | None,
    company: Company,
) -> datetime | None:
    """The earliest of: other pulls that wait, a retry after a passing failure, the schedule.

    Not before the moment that the service named, nor while its host is left alone. `changes` are those that a
    pull has just made to the source.
    """
    if changes.get("paused_at") or source.paused_at:
        return None
    slot = due_at(source, changes.get("next_scheduled_at", source.next_scheduled_at), company=company)
    failures, wait_until = changes["failures"], changes.get("wait_until")
    if failures and failures <= GIVE_UP_AFTER:
        retry = wait_until or now + back_off(failures)
        slot = min(slot, retry) if slot else retry
    elif others:
        slot = now
    return max(filter(None, (slot, wait_until, rest_until))) if slot else None


def back_off(failures: int) -> timedelta:
    """Full jitter: up to 30 s after the first failure, doubling, at most 30 minutes; at least 5 s (R27)."""
    return timedelta(seconds=max(5.0, random.uniform(0, min(1800.0, 30.0 * 2 ** (failures - 1)))))


def asked_to_wait(failure: ConnectorError) -> timedelta | None:
    """How long the service asked to be left alone, at most a day; None where it did not or said nonsense."""
    seconds = failure.retry_after
    if seconds is None or not math.isfinite(seconds) or seconds <= 0:
        return None
    return timedelta(seconds=min(seconds, LONGEST_WAIT))
