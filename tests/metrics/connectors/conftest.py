"""The foreign databases that the tests of SQL sources read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.metrics.connectors.foreign_database import DATABASE, PASSWORD, READER, WRITER
from tests.metrics.connectors.mysql_database import made_database
from tests.services import mariadb
from tests.services.postgres import Server


@pytest.fixture(scope="module")
def server(postgres_server: Server) -> Iterator[Server]:
    postgres_server.create(DATABASE)
    quoted = PASSWORD.replace("'", "''")
    postgres_server.run(
        "create table sales (at timestamptz not null, amount numeric, note text)",
        "set timezone = 'Europe/Berlin'",
        f"drop role if exists {READER}",
        f"create role {READER} login password '{quoted}'",
        f"drop role if exists {WRITER}",
        f"create role {WRITER} login password '{quoted}'",
        "revoke create on schema public from public",
        f"grant select on sales to {READER}, {WRITER}",
        f"grant insert on sales to {WRITER}",
        "create table hidden (x int)",
        "insert into sales values ('2026-11-02 00:00+01', 1.5), ('2026-11-08 23:59:59+01', 2)",
        "insert into sales values ('2026-11-09 00:00+01', 4)",
        database=DATABASE,
    )
    yield postgres_server
    postgres_server.drop(DATABASE)
    postgres_server.run(f"drop role {READER}", f"drop role {WRITER}")


@pytest.fixture(scope="module")
def foreign(mariadb_server: mariadb.Server) -> Iterator[mariadb.Server]:
    yield from made_database(mariadb_server)
