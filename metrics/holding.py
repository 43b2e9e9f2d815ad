"""What only the holder of a source's lease may do: a worker that comes back too late writes nothing (R20)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

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
    with transaction.atomic():
        source = fence_all([pull]).get(pull.pk)
        if source is None:
            raise StaleLease
        yield source


def fence_all(pulls: Sequence[Pull]) -> dict[int, Source]:
    """By id of the pull: the locked rows of the sources whose leases are theirs, as `fenced` gives them.

    For a transaction that is open already. The rows are locked in the order of their ids: two who want some
    of the same never wait for each other.
    """
    held = Q(pk__in=())
    for pull in pulls:
        if pull.token:
            held |= Q(pk=pull.source_id, lease_token=pull.token)
    ours = [pull.pk for pull in pulls]
    others = Pull.objects.filter(source=OuterRef("pk"), state__in=UNFINISHED).exclude(pk__in=ours)
    shaky = Breaker.objects.filter(key=OuterRef("breaker_key"), failures__gt=0)
    # Lock first, look then: a statement that waited for its lock sees the other tables as they were before.
    rows = Source.objects.select_for_update().filter(held).order_by("pk")
    locked = list(rows.values_list("pk", flat=True))
    seen = Source.objects.annotate(others=Exists(others), shaky=Exists(shaky)).filter(pk__in=locked)
    by_id = {source.pk: source for source in seen}
    return {pull.pk: by_id[pull.source_id] for pull in pulls if pull.source_id in by_id}
