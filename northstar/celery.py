"""The Celery application. Beat holds a handful of static entries; due moments are rows."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_ready, worker_shutting_down
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "northstar.settings")

app = Celery("northstar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 20
MOST_SKEW_SECONDS = 30
_stopping = threading.Event()


@worker_ready.connect
def begin(**_: Any) -> None:
    """Refuse to work with a wrong clock, then say every few seconds that this worker lives."""
    from django.db import DatabaseError

    from northstar.watching import clock_skew

    try:
        skew = clock_skew()
    except DatabaseError:
        log.warning("the database does not answer yet; its clock was not compared with this one")
        skew = 0.0
    if abs(skew) > MOST_SKEW_SECONDS:
        log.critical(
            "the clock of this worker is %.0f s off the database's: set it right; not starting", skew
        )
        os._exit(78)
    threading.Thread(target=_live, name="heartbeat", daemon=True).start()


@beat_init.connect
def tick_at_once(**_: Any) -> None:
    """Beat would wait a whole interval first; what became due while it was away is due now."""
    try:
        app.send_task("metrics.tasks.tick", expires=HEARTBEAT_SECONDS, retry=False)
    except (OperationalError, OSError):
        log.warning("the broker takes no messages yet; the first tick comes with the next interval")


@worker_shutting_down.connect
def end(**_: Any) -> None:
    _stopping.set()


def _live() -> None:
    from django.db import DatabaseError, close_old_connections

    from northstar.watching import worker_lives

    while True:
        try:
            worker_lives()
        except DatabaseError:
            log.warning("the database does not answer; no sign of life was written")
        close_old_connections()
        if _stopping.wait(HEARTBEAT_SECONDS):
            return
