"""The example query of a kind's documentation works on a real server or file."""

from __future__ import annotations

import re
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics.connectors.files.kinds import DuckdbFile, SqliteFile
from northstar.lib import doctext
from tests.metrics.connectors import foreign_database, mysql_database
from tests.metrics.connectors.foreign_database import DATABASE, OPEN, READER, asking
from tests.services import mariadb, postgres

DOCS = Path(__file__).resolve().parents[3] / "docs" / "sources.md"
ORDERS = "('2026-11-02 10:00'), ('2026-11-08 23:59'), ('2026-11-09 00:00')"


def example(kind: str) -> str:
    """The query among the indented lines of the kind's part."""
    text = doctext.section(DOCS.read_text("utf-8"), kind)
    blocks = re.findall(r"(?:^    .*$\n?)+", text, re.MULTILINE)
    return next(block for block in blocks if re.search(":(period|utc)_start", block))


def counted(source: Any, kind: str) -> list[tuple[int, int]]:
    with source:
        return [(r.period_start.day, int(r.value)) for r in source.fetch(asking(example(kind))).rows]


def test_of_postgresql(server: postgres.Server) -> None:
    server.run(
        "create table orders (at timestamptz)", "set timezone = 'Europe/Berlin'",
        f"insert into orders values {ORDERS}", f"grant select on orders to {READER}", database=DATABASE,
    )  # fmt: skip
    assert counted(foreign_database.connector(server), "postgresql") == [(2, 2), (9, 1)]


def test_of_mysql(foreign: mariadb.Server) -> None:
    foreign.run(
        "create table orders (at timestamp)", "set time_zone = 'Europe/Berlin'",
        f"insert into orders values {ORDERS}", f"grant select on orders to '{READER}'@'%'", database=DATABASE,
    )  # fmt: skip
    assert counted(mysql_database.connector(foreign), "mysql") == [(2, 2), (9, 1)]


def test_the_suggestions_of_mysql_count_the_last_hour_too(foreign: mariadb.Server) -> None:
    """A TIMESTAMP is compared in the session's zone, where an instant in UTC would be an hour off."""
    foreign.run(
        "create table events (account_id int, created_at timestamp)", "set time_zone = 'Europe/Berlin'",
        "insert into events values (1, '2026-11-02 00:00'), (2, '2026-11-08 23:30'), (3, '2026-11-09 00:00')",
        f"grant select on events to '{READER}'@'%'", database=DATABASE,
    )  # fmt: skip
    source = mysql_database.connector(foreign)
    (active, *_) = source.suggestions
    week = {"start": date(2026, 11, 2), "end": date(2026, 11, 9), "kind": active.kind}
    with source:
        rows = source.fetch(asking(active.query["sql"], **week)).rows
    assert [(r.period_start.day, r.value) for r in rows] == [(2, 2)]


@pytest.mark.parametrize(("made", "column"), [(SqliteFile, "text"), (DuckdbFile, "timestamp")])
def test_of_files(tmp_path: Path, made: type[SqliteFile | DuckdbFile], column: str) -> None:
    opening: Any = sqlite3.connect if made is SqliteFile else duckdb.connect
    connection = opening(str(tmp_path / "shop"))
    connection.execute(f"create table orders (sold {column})")
    connection.execute(f"insert into orders values {ORDERS}")
    connection.commit()
    connection.close()
    source = made(made.clean_settings({"file": "shop"}), {}, egress=OPEN)
    source.environment = {"SOURCE_FILES_DIR": str(tmp_path)}
    assert counted(source, made.kind) == [(2, 2), (9, 1)]
