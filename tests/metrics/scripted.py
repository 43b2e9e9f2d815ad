"""A source whose answers a test writes: it has a host and a sign-in, and remembers who was asked when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from metrics import connecting, pulling
from metrics.connectors import registry
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field, Row
from metrics.models import Metric, Source
from northstar.lib import clock, periods

EVERY_HOUR = {"kind": "every", "minutes": 60}


class Scripted(Connector):
    """Says `value` for each period; `failures` are raised first, by host or for all ("")."""

    kind: ClassVar[str] = "scripted"
    label: ClassVar[str] = "Scripted"
    description: ClassVar[str] = "For tests."
    initials: ClassVar[str] = "Sc"
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("host", "Host", identity=True),
        Field("port", "Port", kind="number", default=443, identity=True),
        Field("user", "User", identity=True, required=False),
        Field("password", "Password", secret=True, required=False),
    )
    asked: ClassVar[list[tuple[datetime, str, Ask]]] = []
    failures: ClassVar[dict[str, ConnectorError]] = {}
    values: ClassVar[dict[date, Decimal]] = {}
    since: ClassVar[date | None] = None

    def check(self) -> tuple[str, ...]:
        self._fail()
        return ()

    def fetch(self, ask: Ask) -> Answer:
        type(self).asked.append((clock.now(), self.settings["host"], ask))
        self._fail()
        last = min(ask.end, periods.local_day(ask.now, ask.zone) + timedelta(days=1))
        days = periods.starts(ask.start, last, ask.grain)
        kept = [day for day in days if day >= max(ask.start, self.since or ask.start)]
        return Answer(tuple(Row(day, value=self.values.get(day, Decimal(1))) for day in kept))

    def _fail(self) -> None:
        for place in (self.settings["host"], ""):
            if place in self.failures:
                raise self.failures[place]


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Scripted]]:
    monkeypatch.setitem(registry.KINDS, "scripted", f"{__name__}.Scripted")
    _forget()
    yield Scripted
    _forget()


def _forget() -> None:
    Scripted.asked, Scripted.failures, Scripted.values, Scripted.since = [], {}, {}, None
    Scripted.most_at_once = 0


def source_of(name: str, *, host: str = "one.example", secret: str = "", **fields: Any) -> Source:
    """A due source of that host, pulled every hour unless said otherwise."""
    user = fields.pop("user", "reader")
    made = Source(
        name=name,
        slug=name.lower().replace(" ", "-"),
        kind="scripted",
        settings={"host": host, "port": 443, "user": user},
        host_key=f"{host}:443",
        **({"schedule": EVERY_HOUR, "next_due_at": clock.now(), "next_scheduled_at": clock.now()} | fields),
    )
    if secret:
        made.secrets = connecting.seal(made, {"password": secret})
    made.save()
    return made


def metric_of(source: Source, name: str = "", **fields: Any) -> Metric:
    """A daily metric of it, asked since the 9th of November."""
    name = name or f"Orders of {source.name}"
    defaults = {"kind": "flow_sum", "grain": "day", "history_from": date(2026, 11, 9), "restate_days": 3}
    return Metric.objects.create(
        name=name, slug=name.lower().replace(" ", "-"), source=source, **(defaults | fields)
    )


def pull_due() -> list[int]:
    """One round: claim what there is room for, and run it."""
    ids = pulling.claim_due(clock.now())
    with pulling.round_of(ids) as ours:
        for pull_id in ids:
            ours.run(pull_id)
    return ids


def pull_all() -> int:
    """Rounds until nothing is due; the number of pulls."""
    count = 0
    while ids := pull_due():
        count += len(ids)
    return count
