"""Values that programs send: the keys they use, and what becomes of a batch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from metrics import storing
from metrics.auditing import record
from metrics.connectors import numbers
from metrics.connectors.base import Row
from metrics.models import Company, EventToken, Metric, PushToken, Source
from metrics.storing import Stored, StoreError
from metrics.waking import wake
from northstar.lib import clock, periods

MOST_ROWS = 1000
USED_EVERY = timedelta(minutes=1)
PARTS = {"ratio": ("numerator", "denominator"), "average": ("value", "weight")}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence, and where in the batch: "observations[3].value"."""

    path: str
    message: str
    index: int = -1


@dataclass(slots=True)
class Batch:
    """Rows that can be stored, by their place in what was sent, and what is wrong with the others."""

    rows: dict[int, Row] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parts_of(kind: str) -> tuple[str, ...]:
    """The numbers that a row of a metric of this kind has."""
    return PARTS.get(kind, ("value",))


def issue(source: Source, label: str, *, days: int, actor: Any) -> tuple[PushToken, str]:
    """A new key and its text, which nobody can read again."""
    with transaction.atomic():
        expires_at = clock.now() + timedelta(days=days)
        token, text = PushToken.issue(source, label, created_by=actor, expires_at=expires_at)
        record("token.created", source, actor=actor, after={"key": str(token), "expires": expires_at.date()})
    return token, text


def revoke(token: PushToken, *, actor: Any) -> None:
    """The key works no more, from this moment on."""
    with transaction.atomic():
        if PushToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=clock.now()):
            record("token.revoked", token.source, actor=actor, after={"key": str(token)})


def note_use(token: PushToken | EventToken, now: datetime) -> None:
    """Remember when the key was last used, at most once a minute."""
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    type(token).objects.filter(stale, pk=token.pk).update(last_used_at=now)


def read(metric: Metric, items: Sequence[Any], *, today: date) -> Batch:
    """What was sent as rows of this metric; every wrong one gets a sentence and its path."""
    batch, seen = Batch(), dict[date, int]()
    for index, item in enumerate(items):
        path = f"observations[{index}]"
        try:
            row = _row(metric, item)
            storing.check(metric, [row], today=today)
        except _Wrong as error:
            batch.problems.append(Problem(f"{path}{error.at}", str(error), index))
        except StoreError as error:
            batch.problems.append(Problem(path, " ".join(error.problems), index))
        else:
            if row.period_start in seen:
                sentence = (
                    f"{row.period_start} stands here and in row {seen[row.period_start]}. Send it once."
                )
                batch.problems.append(Problem(f"{path}.period_start", sentence, index))
            else:
                seen[row.period_start] = index
                batch.rows[index] = row
    return batch


def store(metric: Metric, batch: Batch, *, token: PushToken) -> Stored:
    """Store the good rows of the batch, all in one transaction; returns after COMMIT. Raises StoreError."""
    now = clock.now()
    with transaction.atomic():
        stored = storing.store(
            metric, batch.rows.values(), origin="push", as_of=now, reason=f"Pushed with the key {token}"
        )
        Metric.objects.filter(pk=metric.pk).update(
            last_ok_at=now, failures=0, last_error_code="", last_error_message=""
        )
        Source.objects.filter(pk=metric.source_id).update(last_ok_at=now)
        wake("teams.tasks.evaluate")
    return stored


def today() -> date:
    """The company's date: no later period can be sent."""
    return periods.local_day(clock.now(), Company.current().zone)


class _Wrong(ValueError):
    """A row that cannot be understood; `at` continues its path."""

    def __init__(self, at: str, sentence: str) -> None:
        super().__init__(sentence)
        self.at = at


def _row(metric: Metric, item: Any) -> Row:
    if not isinstance(item, Mapping):
        raise _Wrong("", "Each observation is an object with period_start and a value.")
    parts = parts_of(metric.kind)
    for name in item:
        if name not in ("period_start", *parts):
            wanted = " and ".join(parts)
            raise _Wrong(f".{name[:40]}", f"{metric.name} takes period_start, {wanted}; not {name[:40]!r}.")
    start = _day(item.get("period_start"))
    given = {name: _number(item, name, start) for name in parts}
    if all(value is None for value in given.values()):
        if any(name in item for name in parts):
            return Row(start)
        raise _Wrong(
            f".{parts[0]}", f"{start}: {' and '.join(parts)} is missing. Send null where there is none."
        )
    for name, value in given.items():
        if value is None:
            raise _Wrong(
                f".{name}", f"{start}: {name} is missing; {metric.name} needs {' and '.join(parts)}."
            )
    if "weight" in given:
        given["denominator"] = given.pop("weight")
    return Row(start, **given)


def _day(text: Any) -> date:
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    shown = "missing" if text is None else f"{str(text)[:40]!r}, which is no date"
    raise _Wrong(
        ".period_start", f"period_start is {shown}. Write the first day of the period, such as 2026-11-16."
    )


def _number(item: Mapping[str, Any], name: str, start: date) -> Any:
    value = item.get(name)
    if value is None:
        return None
    try:
        return numbers.parse(value, label=f"{start}")
    except numbers.NumberError as error:
        raise _Wrong(f".{name}", str(error)) from None
