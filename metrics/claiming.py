"""Who is pulled next: due sources are claimed within the limits of their hosts and of the installation (R29).

The limits are counted in the database, so they hold however many workers there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from metrics import breakers
from metrics.connectors.registry import connector_class
from metrics.models import Heartbeat, Metric, Pull, Source
from metrics.models.pull import UNFINISHED
from metrics.waking import wake
from northstar.lib import clock, leases

PRIORITY = Case(
    When(kind="requested", then=Value(0)),
    When(kind="live", then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)
#: The row that one claim at a time holds: two at once would both see the same free places.
LOCK = "claims"


def claim_due(now: datetime, *, among: QuerySet[Source] | None = None) -> list[int]:
    """Claim due sources (`among` some) that nobody holds, oldest first; ids of the pulls, one a source.

    1. Count what is held: by host and in all. 2. Take the oldest due ones for whom there is room and whose
    host answers, or is to be tried again. 3. Hold them, and give each the pull that its lease is for. The
    number of queries depends neither on how many are due nor on how many are taken.
    """
    with transaction.atomic():
        Heartbeat.objects.select_for_update().get_or_create(name=LOCK, defaults={"at": now})
        chosen = _choose(_waiting(now, among), room=_room(now), closed=breakers.not_closed(), now=now)
        tokens = leases.claim_all(Source, chosen.ids, now=now, seconds=settings.PULL_LEASE_SECONDS)
        breakers.probe({key: tokens[pk] for key, pk in chosen.probes.items() if pk in tokens})
        return _assign(tokens, now)


def request(source: Source, *, actor: Any = None, metric: Metric | None = None) -> Pull:
    """Pull as soon as a worker is free: what the button "Pull now" does."""
    with transaction.atomic():
        unfinished = source.pulls.filter(kind="requested", metric=metric, state__in=UNFINISHED).first()
        pull = unfinished or Pull.objects.create(
            source=source, kind="requested", metric=metric, requested_by=actor
        )
        Source.objects.filter(pk=source.pk).update(next_due_at=clock.now())
        wake("metrics.tasks.claim")
    return pull


def more_waits(now: datetime) -> bool:
    """Whether a source waits for which there is room now that others have ended: it follows at once."""
    return bool(_choose(_waiting(now, None), room=_room(now), closed=breakers.not_closed(), now=now).ids)


@dataclass(slots=True)
class _Room:
    """How many more may be held: in all, and by host."""

    left: int
    hosts: Counter[str]
    tokens: frozenset[str]

    def takes(self, kind: str, host: str) -> bool:
        if not host:
            return True
        most = connector_class(kind).most_at_once or settings.PULLS_PER_HOST
        return self.hosts[host] < min(most, settings.PULLS_PER_HOST)


@dataclass(slots=True)
class _Chosen:
    """Sources to hold, and of them those that try a host again, by the key of its breaker."""

    ids: list[int] = field(default_factory=list)
    probes: dict[str, int] = field(default_factory=dict)


def _room(now: datetime) -> _Room:
    held = list(Source.objects.held(now).values_list("host_key", "lease_token"))
    return _Room(
        left=settings.PULLS_AT_ONCE - len(held),
        hosts=Counter(host for host, _ in held),
        tokens=frozenset(token for _, token in held),
    )


def _waiting(now: datetime, among: QuerySet[Source] | None) -> Iterable[tuple[Any, ...]]:
    """Due and free sources, oldest first, without those that were asked to wait, unless a person asks."""
    asked = Pull.objects.filter(source=OuterRef("pk"), kind="requested", state__in=UNFINISHED)
    due = Source.objects.due(now).annotate(asked=Exists(asked))
    due = due.filter(Q(wait_until=None) | Q(wait_until__lte=now) | Q(asked=True))
    if among is not None:
        due = due.filter(pk__in=among.values("pk"))
    return due.values_list("pk", "kind", "host_key", "breaker_key", "asked").iterator()


def _choose(
    waiting: Iterable[tuple[Any, ...]], *, room: _Room, closed: Mapping[str, breakers.State], now: datetime
) -> _Chosen:
    chosen = _Chosen()
    for pk, kind, host, key, asked in waiting:
        if room.left <= 0:
            break
        if not room.takes(kind, host):
            continue
        state = closed.get(key)
        if state is not None:
            rests = state.open_until > now or state.probe_token in room.tokens or key in chosen.probes
            if rests and not asked:
                continue
            chosen.probes[key] = pk
        chosen.ids.append(pk)
        room.left -= 1
        room.hosts[host] += 1
    return chosen


def _assign(tokens: Mapping[int, str], now: datetime) -> list[int]:
    """The pull each lease is for: left over by a lost worker, asked for, or the scheduled one."""
    if not tokens:
        return []
    first: dict[int, Pull] = {}
    waiting = Pull.objects.filter(source_id__in=tokens, state__in=UNFINISHED).order_by(PRIORITY, "id")
    for pull in waiting:
        first.setdefault(pull.source_id, pull)
    kept, made = [], []
    plans = Source.objects.filter(pk__in=tokens).values_list(
        "pk", "paused_at", "next_scheduled_at", "failures"
    )
    for pk, paused_at, slot, failures in plans:
        pull, slot_due = first.get(pk), paused_at is None and slot is not None and slot <= now
        if pull is None and paused_at is not None:
            leases.release(Source, pk, tokens[pk], next_due_at=None)
        elif pull is None and slot is not None and slot > now and not failures:
            # What it was due for was taken back meanwhile: a backfill that somebody paused.
            leases.release(Source, pk, tokens[pk], next_due_at=slot)
        elif pull is None or (slot_due and pull.kind == "backfill"):
            made.append(Pull(source_id=pk, kind="live", token=tokens[pk]))
        else:
            pull.token, pull.state = tokens[pk], "waiting"
            kept.append(pull)
    Pull.objects.bulk_update(kept, ["token", "state"])
    Pull.objects.bulk_create(made)
    order = {pk: place for place, pk in enumerate(tokens)}
    return [pull.pk for pull in sorted([*kept, *made], key=lambda pull: order[pull.source_id])]
