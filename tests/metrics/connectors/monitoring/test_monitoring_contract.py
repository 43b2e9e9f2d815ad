"""The monitoring kinds keep the contract against real servers."""

from __future__ import annotations

import pytest

from metrics.connectors.contract import ConnectorContract
from metrics.connectors.monitoring.graphite import GraphiteConnector
from metrics.connectors.monitoring.influxdb import InfluxdbConnector
from metrics.connectors.monitoring.prometheus import PrometheusConnector
from tests.metrics.connectors.monitoring import shop
from tests.services import influxdb
from tests.services.prometheus import Server


class TestPrometheus(ConnectorContract):
    connector = PrometheusConnector
    query = {"query": "sum(sum_over_time(orders[$__period]))"}
    egress = shop.OPEN

    @pytest.fixture(autouse=True)
    def _server(self, prometheus_server: Server) -> None:
        self.settings = {"url": prometheus_server.url}


class TestInfluxdb(ConnectorContract):
    connector = InfluxdbConnector
    secrets = {"secret": influxdb.PASSWORD}
    query = {"query": "SELECT sum(value) FROM orders WHERE $timeFilter"}
    egress = shop.OPEN

    @pytest.fixture(autouse=True)
    def _server(self, influxdb_server: Server) -> None:
        self.settings = {
            "url": influxdb_server.url, "database": influxdb.DATABASE,
            "sign_in": "basic", "user": influxdb.USER,
        }  # fmt: skip


class TestGraphite(ConnectorContract):
    connector = GraphiteConnector
    query = {"query": "sumSeries(orders.*)"}
    egress = shop.OPEN

    @pytest.fixture(autouse=True)
    def _server(self, graphite_server: Server) -> None:
        self.settings = {"url": graphite_server.url}
