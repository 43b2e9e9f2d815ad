"""A shop whose orders come, change and go while it is pulled: what is stored is what it served last."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from metrics import pulling, sealing
from metrics.connectors.base import Answer, Ask
from metrics.connectors.sql_connector import SqlConnector
from metrics.models import Company, Metric, Pull, Source
from northstar.lib import clock as now_of
from tests.metrics.connectors.foreign_database import DATABASE, PASSWORD, READER
from tests.services import mariadb, postgres

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

TODAY = date(2026, 11, 18)
QUERY = {
    "postgresql": "select date_trunc('day', at) as period, sum(amount) as value",
    "mysql": "select date(at) as period, sum(amount) as value",
}
RANGE = "from orders where at >= :period_start and at < :period_end group by 1"


class Shop:
    """Orders in a foreign database, and the same kept here; `served` is a ledger of all it ever answered."""

    def __init__(self, run: Callable[..., Any]) -> None:
        self.run = run
        self.orders: dict[int, tuple[datetime, Decimal]] = {}
        self.served: list[tuple[date, Decimal]] = []
        self.asked: list[tuple[date, date]] = []
        self._chance = random.Random(20261118)
        self._due: list[str] = []
        run(
            "drop table if exists orders",
            "create table orders (id int, at timestamp(0), amount numeric(12, 2))",
        )

    def put(self, number: int, *, days_ago: int) -> None:
        moment = datetime(2026, 11, 18, self._chance.randrange(9)) - timedelta(days=days_ago)
        amount = Decimal(self._chance.randrange(1, 1_000_000)) / 100
        statement = f"insert into orders values ({number}, '{moment}', {amount})"
        if number in self.orders:
            statement = f"update orders set at = '{moment}', amount = {amount} where id = {number}"
        self.orders[number] = (moment, amount)
        self._due.append(statement)

    def drop(self, number: int) -> None:
        del self.orders[number]
        self._due.append(f"delete from orders where id = {number}")

    def save(self) -> None:
        """Tell the database what happened since."""
        self.run(*self._due)
        self._due.clear()

    def live(self) -> None:
        """Some orders come, some change, some go, also whole days."""
        for _ in range(12):
            some = self._chance.choice(sorted(self.orders))
            chance = self._chance.random()
            if chance < 0.4:
                self.put(max(self.orders) + 1, days_ago=self._chance.randrange(20))
            elif chance < 0.7:
                self.put(some, days_ago=self._chance.randrange(20))
            elif len(self.orders) > 10:
                self.drop(some)

    def answer(self, start: date, end: date) -> None:
        """Write down what a question for this range is answered with."""
        self.asked.append((start, end))
        sums: dict[date, Decimal] = {}
        for moment, amount in self.orders.values():
            if start <= moment.date() < end and moment.date() <= TODAY:
                sums[moment.date()] = sums.get(moment.date(), Decimal(0)) + amount
        self.served += sorted(sums.items())


@pytest.fixture(params=["postgresql", "mysql"])
def shop(
    request: pytest.FixtureRequest, company: Company, settings: Settings, monkeypatch: pytest.MonkeyPatch,
    clock: time_machine.Coordinates,
) -> Shop:  # fmt: skip
    kind = request.param
    host: postgres.Server | mariadb.Server = request.getfixturevalue(
        "server" if kind == "postgresql" else "foreign"
    )
    shop = Shop(lambda *statements: host.run(*statements, database=DATABASE))
    grantee = READER if kind == "postgresql" else f"'{READER}'@'%'"
    shop.run(f"grant select on orders to {grantee}")
    settings.EGRESS_LOOPBACK = True
    _make_metric(kind, host)
    fetch = SqlConnector.fetch

    def noted(self: SqlConnector, ask: Ask) -> Answer:
        shop.answer(ask.start, ask.end)
        return fetch(self, ask)

    monkeypatch.setattr(SqlConnector, "fetch", noted)
    return shop


def _make_metric(kind: str, host: postgres.Server | mariadb.Server) -> None:
    source = Source.objects.create(
        name="Shop", slug="shop", kind=kind, schedule={"kind": "every", "minutes": 60},
        settings={"host": host.host, "port": host.port, "database": DATABASE, "user": READER},
        next_due_at=now_of.now(), next_scheduled_at=now_of.now(),
    )  # fmt: skip
    source.secrets = sealing.seal(source, {"password": PASSWORD})
    source.save()
    Metric.objects.create(
        name="Revenue", slug="revenue", kind="flow_sum", grain="day", source=source,
        history_from=date(2026, 10, 26), query={"sql": f"{QUERY[kind]} {RANGE}"},
    )  # fmt: skip


def _pull() -> None:
    for number in pulling.claim_due(now_of.now()):
        pulling.run(number)
    assert Pull.objects.latest("id").state == "ok", Pull.objects.latest("id").error_message


def test_stored_points_equal_the_ledger_through_changes_and_deletions(
    shop: Shop, clock: time_machine.Coordinates
) -> None:
    for number in range(40):
        shop.put(number, days_ago=number % 20)
    for _ in range(4):
        shop.save()
        _pull()
        shop.live()
        clock.shift(timedelta(hours=1, minutes=2))
    shop.save()
    _pull()
    stored = Metric.objects.get().observations.filter(status="value").values_list("period_start", "value")
    assert dict(stored) == dict(shop.served)
    assert len(shop.asked) == 5
    assert len({value for day, value in shop.served if day == TODAY - timedelta(days=1)}) > 1
