"""Rows as jobs: claimed by conditional UPDATE, held by a token, let go by its holder (reliability R18-R20).

For models with next_due_at, lease_until, lease_token (text, empty when free) and attempt. Losing every
message in the broker loses nothing here, and two schedulers at once claim nothing twice.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

READ = ("pk", "next_due_at", "lease_until", "lease_token", "attempt")
FREE: dict[str, Any] = {"lease_until": None, "lease_token": ""}


def claim(queryset: QuerySet[Any], *, now: datetime, seconds: float) -> list[tuple[Any, str]]:
    """The (primary key, token) of every due and free row of `queryset` that is now held, for `seconds`.

    1. Read the rows that are due and whose lease is absent or over.
    2. Take each by an UPDATE that only matches the state that was read: of two claims at once, one matches.
    3. The same UPDATE counts the attempt, before any work starts, so that work that kills its process counts.
    """
    due = queryset.filter(next_due_at__lte=now) if not queryset.query.is_sliced else queryset
    claimed = []
    for pk, next_due_at, lease_until, lease_token, attempt in due.values_list(*READ):
        if next_due_at is None or next_due_at > now or (lease_until is not None and lease_until >= now):
            continue
        token = secrets.token_hex(16)
        as_read = Q(pk=pk, next_due_at=next_due_at, lease_token=lease_token, attempt=attempt)
        as_read &= Q(lease_until=lease_until)
        won = (
            _unsliced(queryset)
            .filter(as_read)
            .update(lease_until=now + timedelta(seconds=seconds), lease_token=token, attempt=attempt + 1)
        )
        if won == 1:
            claimed.append((pk, token))
    return claimed


def claim_all(model: type[Model], ids: list[Any], *, now: datetime, seconds: float) -> dict[Any, str]:
    """Hold all of `ids` that nobody holds, in two queries; the token of each that is ours, in their order.

    Their condition counts again in the UPDATE: of two claims at once each row goes to one.
    """
    if not ids:
        return {}
    batch = secrets.token_hex(10)
    rows = model._default_manager.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk__in=ids)
    rows.filter(next_due_at__lte=now).update(
        lease_until=now + timedelta(seconds=seconds),
        lease_token=Concat(Value(f"{batch}."), Cast("pk", CharField())),
        attempt=F("attempt") + 1,
    )
    ours = model._default_manager.filter(pk__in=ids, lease_token__startswith=batch)
    tokens = dict(ours.values_list("pk", "lease_token"))
    return {pk: tokens[pk] for pk in ids if pk in tokens}


def release(model: type[Model], pk: Any, token: str, **updates: Any) -> bool:
    """Let the row go and write `updates` in the same UPDATE. False, and nothing written, where `token` holds
    it no more: a worker that comes back after its lease was given to another changes nothing."""
    if not token:
        return False
    held_rows = model._default_manager.filter(pk=pk, lease_token=token)
    return held_rows.update(**(FREE | updates)) == 1


def held(model: type[Model], pk: Any, token: str) -> bool:
    """Whether `token` holds the row, which stays locked until the transaction ends.

    Call it first in the transaction that stores the work. SQLite has no row locks and needs none: its
    transactions are IMMEDIATE, so there is one writer at a time.
    """
    if not token:
        return False
    rows = model._default_manager.select_for_update().filter(pk=pk, lease_token=token)
    return list(rows.values_list("pk", flat=True)) != []


def _unsliced(queryset: QuerySet[Any]) -> QuerySet[Any]:
    # The caller's conditions count again at the UPDATE, but a queryset cut to a length takes no more of them.
    return queryset.model._default_manager.all() if queryset.query.is_sliced else queryset.order_by()
