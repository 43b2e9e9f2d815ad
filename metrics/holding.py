"""What only the holder of a source's lease may do: a worker that comes back too late writes nothing (R20)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Exists, OuterRef

from metrics.models import Breaker, Pull, Source
from metrics.models.pull import UNFINISHED


class StaleLease(Exception):
    """Somebody else holds the source now; what this run still wanted to write is dropped."""


@contextmanager
def fenced(pull: Pull) -> Iterator[Source]:
    """A transaction that only the holder of the lease may write in, with the locked row of its source.

    The row says also whether other pulls wait for it (`others`) and whether its host failed lately (`shaky`).
    Raises StaleLease.
    """
    others = Pull.objects.filter(source=OuterRef("pk"), state__in=UNFINISHED).exclude(pk=pull.pk)
    shaky = Breaker.objects.filter(key=OuterRef("breaker_key"), failures__gt=0)
    rows = Source.objects.annotate(others=Exists(others), shaky=Exists(shaky))
    with transaction.atomic():
        held = rows.select_for_update(of=("self",)).filter(pk=pull.source_id, lease_token=pull.token)
        source = held.first() if pull.token else None
        if source is None:
            raise StaleLease
        yield source
