"""The monitoring servers of the shop, each started for the first test that asks for it."""

from __future__ import annotations

import pytest

from tests.metrics.connectors.monitoring import shop
from tests.services import graphite, influxdb, prometheus, victoriametrics
from tests.services.prometheus import Server


@pytest.fixture(scope="session")
def prometheus_server() -> Server:
    return prometheus.start_server(shop.samples())


@pytest.fixture(scope="session")
def victoriametrics_server() -> Server:
    return victoriametrics.start_server(shop.samples())


@pytest.fixture(scope="session")
def influxdb_server() -> Server:
    return influxdb.start_server(shop.samples())


@pytest.fixture(scope="session")
def graphite_server() -> Server:
    return graphite.start_server(shop.samples(), now=shop.NOW)


@pytest.fixture(params=["prometheus", "victoriametrics"])
def server(request: pytest.FixtureRequest) -> Server:
    """Both servers that speak PromQL, one after the other."""
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found
