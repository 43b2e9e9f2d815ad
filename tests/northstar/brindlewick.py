"""The demo company for tests: loaded for a file or a folder, on a day of its own, and then rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import time_machine
from django.db import transaction

from northstar.demo import loading
from northstar.lib import clock
from teams.models import User

MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
FIRST_OF_MARCH = datetime(2027, 3, 1, 6, 30, tzinfo=UTC)
# No password opens it; who wants to sign in sets one.
UNUSABLE = "!unusable"


@contextmanager
def loaded(moment: datetime, blocker: Any) -> Iterator[None]:
    """The clock stands at `moment`; everything in the block is undone."""
    with blocker.unblock(), time_machine.travel(moment, tick=False), undone():
        assert loading.load(clock.now(), hashed=UNUSABLE)
        yield


@contextmanager
def undone() -> Iterator[None]:
    """What happens in the block is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def person(key: str) -> User:
    return User.objects.get(email=f"{key}@brindlewick.example")
