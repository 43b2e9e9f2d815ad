"""A database of somebody else, on a real server, and connectors to it."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics.connectors import base
from metrics.connectors.base import Answer, Ask, ConnectorError
from metrics.connectors.postgresql import PostgresqlConnector
from northstar.lib.egress import Egress
from tests.services.postgres import Server

# Roles belong to the whole server, which the processes of a parallel run share.
_RUN = os.environ.get("PYTEST_XDIST_WORKER", "alone")
DATABASE = f"connector_source_{_RUN}"
READER = f"connector_reader_{_RUN}"
WRITER = f"connector_writer_{_RUN}"
PASSWORD = "a reader's 'secret' \\ %s"


# As on one machine: the foreign server of the tests listens on loopback.
OPEN = Egress("admin", loopback=True)


class Quick(PostgresqlConnector):
    deadline_seconds = 2.0


def connector(
    server: Server,
    *,
    made: type[PostgresqlConnector] = PostgresqlConnector,
    password: str = PASSWORD,
    egress: base.Egress = OPEN,
    **changes: Any,
) -> PostgresqlConnector:
    settings = {
        "host": server.host,
        "port": server.port,
        "database": DATABASE,
        "user": READER,
        **changes,
    }
    return made(made.clean_settings(settings), {"password": password}, egress=egress)


def asking(sql: str, **changes: Any) -> Ask:
    shape = {key: changes.pop(key) for key in ("shape", "empty") if key in changes}
    values: dict[str, Any] = {
        "metric": "m", "kind": "flow_sum", "grain": "week", "query": {"sql": sql, **shape},
        "start": date(2026, 11, 2), "end": date(2026, 11, 23), "zone": "Europe/Berlin",
        "now": datetime(2026, 11, 18, 10, tzinfo=UTC),
    }  # fmt: skip
    return Ask(**{**values, **changes})


def fetched(server: Server, sql: str, **changes: Any) -> Answer:
    with connector(server) as source:
        return source.fetch(asking(sql, **changes))


def refusal(source: PostgresqlConnector, sql: str, **changes: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused, source:
        source.fetch(asking(sql, **changes))
    assert PASSWORD not in refused.value.message
    return refused.value


def count_sales(server: Server) -> int:
    return int(str(server.run("select count(*) from sales", database=DATABASE)[0][0]))


def backends(server: Server) -> int:
    """Sessions in the foreign database (this question runs in another one)."""
    rows = server.run(f"select count(*) from pg_stat_activity where datname = '{DATABASE}'")
    return int(str(rows[0][0]))


def wait_for_no_backend(server: Server) -> None:
    until = time.monotonic() + 5
    while backends(server) and time.monotonic() < until:
        time.sleep(0.05)
    assert backends(server) == 0
