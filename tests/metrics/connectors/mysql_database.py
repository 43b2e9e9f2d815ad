"""A MariaDB database of somebody else, and connectors to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from metrics.connectors import base
from metrics.connectors.base import Answer, ConnectorError
from metrics.connectors.mysql import MysqlConnector
from tests.metrics.connectors.foreign_database import DATABASE, OPEN, PASSWORD, READER, WRITER, asking
from tests.services.mariadb import Server


class Quick(MysqlConnector):
    deadline_seconds = 1.0


def connector(
    server: Server,
    *,
    made: type[MysqlConnector] = MysqlConnector,
    password: str = PASSWORD,
    egress: base.Egress = OPEN,
    **changes: Any,
) -> MysqlConnector:
    place = {"host": server.host, "port": server.port, "database": DATABASE, "user": READER}
    return made(made.clean_settings({**place, **changes}), {"password": password}, egress=egress)


def fetched(server: Server, sql: str, **changes: Any) -> Answer:
    with connector(server) as source:
        return source.fetch(asking(sql, **changes))


def refusal(source: MysqlConnector, sql: str, **changes: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused, source:
        source.fetch(asking(sql, **changes))
    assert PASSWORD not in refused.value.message
    return refused.value


def wait_for_no_session(server: Server) -> None:
    mine = f"select count(*) from information_schema.processlist where user in ('{READER}', '{WRITER}')"
    until = time.monotonic() + 5
    while server.run(mine)[0][0] and time.monotonic() < until:
        time.sleep(0.05)
    assert server.run(mine)[0][0] == 0


def made_database(server: Server) -> Iterator[Server]:
    quoted = PASSWORD.replace("\\", "\\\\").replace("'", "''")
    server.run(
        f"drop database if exists {DATABASE}",
        f"create database {DATABASE} character set utf8mb4",
        f"use {DATABASE}",
        "set time_zone = 'Europe/Berlin'",
        "create table sales (at timestamp not null, amount decimal(12,2), note text)",
        "create table hidden (x int)",
        f"create or replace user '{READER}'@'%' identified by '{quoted}'",
        f"create or replace user '{WRITER}'@'%' identified by '{quoted}'",
        f"grant select on {DATABASE}.sales to '{READER}'@'%', '{WRITER}'@'%'",
        f"grant insert, create, drop on {DATABASE}.* to '{WRITER}'@'%'",
        "insert into sales values ('2026-11-02 00:00', 1.5, ''), ('2026-11-08 23:59:59', 2, '')",
        "insert into sales values ('2026-11-09 00:00', 4, 'café 🦊')",
    )
    yield server
    server.run(f"drop database {DATABASE}", f"drop user '{READER}'@'%'", f"drop user '{WRITER}'@'%'")
