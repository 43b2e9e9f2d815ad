"""The kinds of web sources keep the contract of connectors, against the chaos source at its best."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from metrics.connectors.contract import MARKER, ConnectorContract
from metrics.connectors.http.file_kind import FileConnector
from metrics.connectors.http.google_sheets import GoogleSheetsConnector
from metrics.connectors.http.json_kind import JsonConnector
from tests.metrics.connectors.asking import HERE
from tests.services.chaos import Chaos

QUESTION = {"path": "cursor", "params": "start = {start}\nend = {end}", "rows": "data", "period": "day"}


@pytest.fixture(scope="module")
def chaos() -> Iterator[Chaos]:
    with Chaos() as source:
        source.series = {date(2026, 10, 12) + timedelta(days=n): f"{n}.5" for n in range(30)}
        yield source


class TestJson(ConnectorContract):
    connector = JsonConnector
    secrets = {"token": MARKER}
    query = QUESTION | {"paging": "cursor", "next": "next", "page_param": "after"}
    egress = HERE

    @pytest.fixture(autouse=True)
    def _at(self, chaos: Chaos) -> None:
        self.settings = {"address": chaos.url, "auth": "bearer", "try_path": "series"}


class TestFile(ConnectorContract):
    connector = FileConnector
    secrets = {"token": MARKER}
    query = {"period": "day"}
    egress = HERE

    @pytest.fixture(autouse=True)
    def _at(self, chaos: Chaos) -> None:
        self.settings = {"address": f"{chaos.url}/csv", "auth": "header"}


class TestGoogleSheets(ConnectorContract):
    connector = GoogleSheetsConnector
    query = {"period": "day"}
    egress = HERE

    @pytest.fixture(autouse=True)
    def _at(self, chaos: Chaos, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(GoogleSheetsConnector, "docs_address", chaos.url)
        self.settings = {"sheet_link": "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"}
