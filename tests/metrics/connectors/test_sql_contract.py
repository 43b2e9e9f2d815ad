"""SQL kinds with a real server, file or counterpart keep the contract that plug-ins are held to."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest

from metrics.connectors.base import Connector
from metrics.connectors.contract import ConnectorContract
from metrics.connectors.files.kinds import SqliteFile
from metrics.connectors.mysql import MysqlConnector
from northstar.lib.egress import Egress
from tests.metrics.connectors import foreign_database
from tests.services import mariadb


class Weekly(ConnectorContract):
    egress = foreign_database.OPEN
    grain = "week"
    start, end = date(2026, 11, 2), date(2026, 11, 16)


class TestMysql(Weekly):
    connector = MysqlConnector
    secrets = {"password": foreign_database.PASSWORD}
    query = {
        "sql": "select date(at) - interval weekday(at) day, sum(amount) from sales "
        "where at >= :period_start and at < :period_end group by 1"
    }

    @pytest.fixture(autouse=True)
    def _server(self, foreign: mariadb.Server) -> None:
        self.settings = {
            "host": foreign.host, "port": foreign.port, "database": foreign_database.DATABASE,
            "user": foreign_database.READER,
        }  # fmt: skip


class TestSqliteFile(Weekly):
    connector = SqliteFile
    settings = {"file": "shop.db"}
    query = {
        "sql": "select date(at, '-6 days', 'weekday 1'), sum(amount) from sales "
        "where at >= :period_start and at < :period_end group by 1"
    }

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _file(cls, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder = tmp_path_factory.mktemp("contract")
        connection = sqlite3.connect(folder / "shop.db")
        connection.execute("create table sales (at text, amount numeric)")
        connection.execute(
            "insert into sales values ('2026-11-02', 1.5), ('2026-11-08', 2), ('2026-11-09', 4)"
        )
        connection.commit()
        connection.close()
        cls.folder = folder

    folder: Path

    def opened(self, egress: Egress | None = None) -> Connector:
        source = super().opened(egress)
        source.environment = {"SOURCE_FILES_DIR": str(self.folder)}
        return source
