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
BATCH = 8
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
    ids = pulling.claim_due(clock.now())
    size = BATCH if len(ids) > BATCH else 1
    stream = iter(ids)
    while batch := list(islice(stream, size)):
        publish(batch)


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
    for place, pull_id in enumerate(ids, start=1):
        pulling.run(pull_id)
        if monotonic() - began > SLOW_SECONDS:
            for rest in ids[place:]:
                publish([rest])
            break
    wake("teams.tasks.evaluate")
    claim()  # others may have waited for these to end: for the same source, the same host, or any place


@shared_task(name="metrics.tasks.run_trial", time_limit=120, soft_time_limit=90)
def run_trial(trial_id: int) -> None:
    trying.run(trial_id)
