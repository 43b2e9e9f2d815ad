"""Celery's doors into `metrics`: each loads ids and calls one function."""

from __future__ import annotations

import logging
from itertools import islice
from time import monotonic

from celery import shared_task
from kombu.exceptions import OperationalError

from metrics import pulling, trying
from metrics.models import Heartbeat, Pull, Source
from metrics.waking import wake
from northstar.lib import clock, leases
from northstar.lib.version import VERSION

log = logging.getLogger(__name__)
#: Where more than MANY are claimed at once, a message holds so many; else each has a message of its own.
BATCH, MANY = 32, 64
#: A batch is for quick pulls: they share one time limit, and a slow one must not use up that of the others.
SLOW_SECONDS = 10.0


@shared_task(name="metrics.tasks.tick")
def tick() -> None:
    """Claim what is due and wake workers up for it."""
    Heartbeat.beat("beat", clock.now(), version=VERSION)
    trying.forget(clock.now())
    claim()


@shared_task(name="metrics.tasks.claim")
def claim() -> None:
    """The same without beat: sent when somebody asks for a pull, which then waits for no tick."""
    claim_and_publish(1)


def claim_and_publish(few: int) -> int:
    """Claim what is due and send it, in messages of `few` where there are not many; how many there are.

    A pull that has lost its worker once goes alone: it may do so again, and must take no others with it.
    """
    ids = pulling.claim_due(clock.now())
    lost = set(Pull.objects.filter(pk__in=ids, attempt__gt=0).values_list("pk", flat=True))
    for pull_id in lost:
        publish([pull_id])
    stream = iter([pull_id for pull_id in ids if pull_id not in lost])
    while batch := list(islice(stream, BATCH if len(ids) > MANY else few)):
        publish(batch)
    return len(ids)


def publish(ids: list[int]) -> None:
    """Send the ids; if the broker is gone the leases are let go at once, and the next tick tries again."""
    try:
        pull.apply_async([ids], retry=False)
    except (OperationalError, OSError):
        log.warning("the broker takes no messages; %s pulls wait for the next tick", len(ids))
        for waiting in Pull.objects.filter(pk__in=ids):
            leases.release(Source, waiting.source_id, waiting.token)


@shared_task(name="metrics.tasks.pull")
def pull(ids: list[int]) -> None:
    began = monotonic()
    with pulling.round_of(ids) as ours:
        for place, pull_id in enumerate(ids, start=1):
            ours.run(pull_id)
            if monotonic() - began > SLOW_SECONDS:
                for rest in ids[place:]:
                    publish([rest])
                break
    # Others may have waited for these to end: for the same source, the same host, or any place.
    if not claim_and_publish(len(ids)) and not Source.objects.held(clock.now()).exists():
        wake("teams.tasks.evaluate")


@shared_task(name="metrics.tasks.run_trial", time_limit=120, soft_time_limit=90)
def run_trial(trial_id: int) -> None:
    trying.run(trial_id)
