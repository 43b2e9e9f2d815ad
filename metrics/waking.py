"""Waking a worker up once the transaction is committed; a broker that is gone never breaks a request."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
EXPIRES_SECONDS = 900


def wake(task: str, *args: int) -> None:
    """Send the task by its name after COMMIT. The rows are the jobs: a lost message only makes them wait."""
    transaction.on_commit(lambda: _send(task, args))


def _send(task: str, args: tuple[int, ...]) -> None:
    try:
        current_app.send_task(task, args=args, expires=EXPIRES_SECONDS, retry=False)
    except (OperationalError, OSError):
        log.warning("the broker takes no messages; %s waits", task)
