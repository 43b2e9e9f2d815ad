"""Leases: work is claimed by a conditional UPDATE, so that two who look at the same row cannot both get it.

A model takes part with `next_due_at`, `lease_until`, `lease_token` and `attempt`. Works alike on PostgreSQL
and SQLite; no SKIP LOCKED is needed.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Model, Q, QuerySet


def claim(queryset: QuerySet[Any], *, now: datetime, seconds: int) -> list[tuple[int, str]]:
    """Claim each row that is still due and free; (primary key, token) of those that were won.

    The count of attempts rises with the claim, before any work is done.
    """
    until = now + timedelta(seconds=seconds)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    rows = queryset.model._default_manager
    won = []
    for pk in list(queryset.values_list("pk", flat=True)):
        token = secrets.token_hex(16)
        changed = rows.filter(free, pk=pk, next_due_at__lte=now).update(
            lease_until=until, lease_token=token, attempt=F("attempt") + 1
        )
        if changed == 1:
            won.append((pk, token))
    return won


def held(model: type[Model], pk: int, token: str) -> bool:
    """Whether this token still holds the row; locks it until the end of the transaction that must be open."""
    rows = model._default_manager.select_for_update().filter(pk=pk, lease_token=token)
    return bool(token) and bool(rows.values_list("pk", flat=True))


def release(model: type[Model], pk: int, token: str, **changes: Any) -> bool:
    """Let go and write `changes` in one UPDATE, only if the token still holds; True if it did."""
    rows = model._default_manager.filter(pk=pk, lease_token=token)
    return bool(token) and rows.update(lease_until=None, lease_token="", **changes) == 1
