"""A preset keeps the contract of connectors, against the replayed Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from metrics.connectors import registry
from metrics.connectors.contract import ConnectorContract
from tests.metrics.connectors.presets.billing import STRIPE_SERVICE
from tests.metrics.connectors.presets.replay import LeadingEgress, Server


class TestStripe(ConnectorContract):
    connector = registry.connector_class("stripe")
    settings = STRIPE_SERVICE.settings
    secrets = dict(STRIPE_SERVICE.secrets)
    query = {"metric": "payments", "currency": "eur"}
    start, end = date(2026, 11, 2), date(2026, 11, 16)

    @pytest.fixture(autouse=True)
    def _server(self) -> Iterator[None]:
        server = Server()
        self.egress = LeadingEgress(server.port)
        with server.serving(STRIPE_SERVICE):
            yield
        server.close()
