"""A host that does not answer is left alone for a while, by all who sign in there alike (R28).

It opens after five passing failures in a row. When its time is over one source tries, the others wait for
what comes of it: a success closes it, one more failure opens it for twice as long.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F

from metrics.connectors.base import Connector, ConnectorError
from metrics.models import Breaker, Source

OPENS_AFTER = 5
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=30)
#: Failures of the way to the host. A refused sign-in or a wrong query says that it is there.
COUNTED = frozenset({"connection", "timeout"})


@dataclass(frozen=True, slots=True)
class State:
    """A breaker that is not closed: until when its host is left alone, and who tries it."""

    open_until: datetime
    probe_token: str


@dataclass(frozen=True, slots=True)
class Resting:
    """What the page says of a source whose host is left alone."""

    host: str
    failures: int
    since: datetime
    until: datetime


def key_of(cls: type[Connector], plain: Mapping[str, Any], secrets: Mapping[str, str]) -> str:
    """The key of the breaker of such a source: its host and who signs in; empty where there is no host.

    Keyed with SECRET_KEY, so that whoever reads the table cannot try out passwords against it.
    """
    host = cls.host_of(plain)
    if not host:
        return ""
    who = {field.name: plain.get(field.name) for field in cls.settings_fields if field.identity}
    text = json.dumps([host, who, dict(secrets)], sort_keys=True, default=str)
    return hmac.new(settings.SECRET_KEY.encode(), f"breaker:{text}".encode(), hashlib.sha256).hexdigest()


def of(sources: Iterable[Source], now: datetime) -> dict[int, Resting]:
    """By source id: those whose host is left alone now. One query."""
    by_key: dict[str, list[int]] = {}
    for source in sources:
        if source.breaker_key:
            by_key.setdefault(source.breaker_key, []).append(source.pk)
    found = {}
    for row in Breaker.objects.filter(key__in=by_key, open_until__gt=now):
        assert row.open_until is not None
        told = Resting(row.host, row.failures, row.opened_at or now, row.open_until)
        found |= dict.fromkeys(by_key[row.key], told)
    return found


def not_closed() -> dict[str, State]:
    """The state of each breaker that is open or waits for a probe. One query."""
    rows = Breaker.objects.exclude(open_until=None).values_list("key", "open_until", "probe_token")
    return {key: State(until, token) for key, until, token in rows}


def probe(tokens: Mapping[str, str]) -> None:
    """Write down which lease tries which host again."""
    for key, token in tokens.items():
        Breaker.objects.filter(key=key).update(probe_token=token)


def note(source: Source, failure: ConnectorError | None, now: datetime) -> datetime | None:
    """Count what came of a pull. Returns until when the host is left alone, None where it is not."""
    if not source.breaker_key:
        return None
    rows = Breaker.objects.filter(key=source.breaker_key)
    if failure is None or failure.permanent or failure.code not in COUNTED:
        # It answered, if only to refuse: the way to it is fine.
        rows.exclude(failures=0).update(failures=0, opened_at=None, open_until=None, probe_token="")
        return None
    row, made = Breaker.objects.get_or_create(
        key=source.breaker_key, defaults={"host": source.host_key, "failures": 1}
    )
    if not made:
        rows.update(failures=F("failures") + 1)
        row.refresh_from_db()
    if row.failures < OPENS_AFTER:
        return None
    until = now + min(LONGEST_REST, FIRST_REST * 2 ** min(row.failures - OPENS_AFTER, 10))
    rows.update(opened_at=row.opened_at or now, open_until=until, probe_token="")
    return until
