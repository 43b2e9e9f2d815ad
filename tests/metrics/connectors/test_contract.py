"""Every kind of source keeps the contract that plug-ins are held to (metrics/connectors/contract.py)."""

from __future__ import annotations

from datetime import date

import pytest

from metrics.connectors import registry
from metrics.connectors.contract import ConnectorContract, DeclaredContract
from metrics.connectors.declaring import METRIC_KINDS
from metrics.connectors.demo import DemoConnector
from metrics.connectors.postgresql import PostgresqlConnector
from metrics.models.metric import KINDS
from tests.metrics.connectors import foreign_database
from tests.metrics.connectors.monitoring import shop
from tests.services import postgres


def test_the_contract_knows_the_kinds_of_metrics_that_there_are() -> None:
    assert set(KINDS) == METRIC_KINDS


class TestEveryKind(DeclaredContract):
    @pytest.fixture(autouse=True, params=registry.kinds())
    def _kind(self, request: pytest.FixtureRequest) -> None:
        self.connector = registry.connector_class(request.param)


class TestDemo(ConnectorContract):
    connector = DemoConnector
    settings = {}
    query = {"series": "activation"}
    egress = shop.OPEN
    metric_kind = "ratio"


@pytest.mark.one_database
class TestPostgresql(ConnectorContract):
    connector = PostgresqlConnector
    secrets = {"password": foreign_database.PASSWORD}
    query = {
        "sql": "select date_trunc('week', at)::date, sum(amount) from sales "
        "where at >= :utc_start and at < :utc_end group by 1"
    }
    egress = shop.OPEN
    grain = "week"
    start, end = date(2026, 11, 2), date(2026, 11, 16)

    @pytest.fixture(autouse=True)
    def _server(self, server: postgres.Server) -> None:
        self.settings = {
            "host": server.host, "port": server.port, "database": foreign_database.DATABASE,
            "user": foreign_database.READER,
        }  # fmt: skip
