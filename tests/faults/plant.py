"""A running product with a source that can be held up: what the fault tests break."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.services.postgres import Server
from tests.services.product import Product

LEASE_SECONDS = 6
TICK_SECONDS = 1
WEEKS = 4
# The pg_sleep makes the source as slow as the gate says; each week has one value.
QUERY = (
    "select d::date as period, 10 as value "
    "from generate_series(date '2026-10-19', date '2026-11-09', '7 days') d, "
    "(select pg_sleep((select seconds from gate))) held where d >= :period_start and d < :period_end"
)
SET_UP = """
from datetime import date
from metrics import connecting
from metrics.models import Company, Metric, Source
from northstar.lib import clock
Company.objects.get_or_create(id=1, defaults={{"zone": "Europe/Berlin"}})
for number in range({sources}):
    source = Source(name=f"Slow {{number}}", slug=f"slow-{{number}}", kind="postgresql")
    source.schedule = {{"kind": "every", "minutes": 1440}}
    source.settings = {{"host": "{host}", "port": {port}, "database": "gated", "user": "gatekeeper",
                       "sslmode": "disable", "allow_strong_role": False}}
    source.secrets = connecting.seal(source, {{"password": "gate"}})
    source.save()
    Metric.objects.create(name=f"Orders {{number}}", slug=f"orders-{{number}}",
                          kind="flow_sum", source=source,
                          query={{"sql": {query!r}, "shape": "rows"}}, history_from=date(2026, 10, 19))
"""


@dataclass
class Plant:
    """The product, its database, and the gate of its source."""

    product: Product
    database: Server | None
    warehouse: Server

    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run SQL on the product's own database, past the product; `?` stands for a value."""
        if self.database:
            with psycopg.connect(self.database.dsn("northstar_faults"), autocommit=True) as connection:
                cursor = connection.execute(statement.replace("?", "%s").encode(), values)
                return cursor.fetchall() if cursor.description else []
        with sqlite3.connect(self.product.data_dir / "northstar.sqlite3", timeout=20) as file:
            return file.execute(statement, values).fetchall()

    def prepare(self, *, sources: int = 1) -> None:
        """Sources and metrics that nothing was pulled for yet, not due before somebody says so."""
        code = SET_UP.format(sources=sources, host=self.warehouse.host, port=self.warehouse.port, query=QUERY)
        done = self.product.run_command("shell", "-v0", "-c", code)
        assert done.returncode == 0, done.stderr

    def forget(self) -> None:
        """No pulls, no values: as after `prepare`."""
        for table in ("observation", "observationrevision", "metricchange", "pullitem", "pull"):
            self.ask(f"delete from metrics_{table}")
        self.ask("update metrics_source set next_due_at = null, lease_until = null, lease_token = ''")

    def make_due(self) -> None:
        moment = "now()" if self.database else "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
        self.ask(f"update metrics_source set next_due_at = {moment}, next_scheduled_at = {moment}")

    def hold(self, seconds: int) -> None:
        """From now on the source takes this long to answer."""
        self.warehouse.run(f"update gate set seconds = {seconds}", database="gated")

    def asking(self) -> int:
        """How many questions the source is working on."""
        words = "select count(*) from pg_stat_activity where usename = 'gatekeeper' and state = 'active'"
        return int(str(self.warehouse.run(words, database="gated")[0][0]))

    def values(self) -> int:
        return int(self.ask("select count(*) from metrics_observation where status = 'value'")[0][0])

    def pulls(self) -> list[tuple[str, int]]:
        """(state, attempt) of every pull, in order."""
        return [
            (str(state), int(n))
            for state, n in self.ask("select state, attempt from metrics_pull order by id")
        ]

    def last_tick(self) -> str:
        found = self.ask("select at from metrics_heartbeat where name = 'beat'")
        return str(found[0][0]) if found else ""


def open_gate(warehouse: Server) -> None:
    """A database with a gate and a role that may read it."""
    warehouse.create("gated")
    warehouse.run(
        "create table gate (seconds integer)",
        "insert into gate values (0)",
        "revoke create on schema public from public",
        "drop role if exists gatekeeper",
        "create role gatekeeper login password 'gate'",
        "grant select on gate to gatekeeper",
        database="gated",
    )
