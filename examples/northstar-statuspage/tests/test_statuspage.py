"""The status page kind keeps Northstar's contract, against a page in this process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from northstar_statuspage import StatuspageConnector

from metrics.connectors.base import ConnectorError
from metrics.connectors.contract import ConnectorContract
from northstar.lib.egress import Egress

TOKEN = "a-token-of-the-page"


def incident(at: str, impact: str = "minor") -> dict[str, str]:
    return {"id": at, "name": "Slow answers", "impact": impact, "created_at": at}


INCIDENTS = [
    incident("2026-11-01T23:30:00Z", "critical"),  # 2 November in Berlin
    incident("2026-10-28T08:00:00.000Z", "major"),
    incident("2026-10-28T07:00:00Z"),
    incident("2026-10-20T12:00:00+02:00", "none"),
]


@pytest.fixture
def page() -> Iterator[dict[str, Any]]:
    """What the page lists and answers, to be changed by a test; its address under "url"."""
    said: dict[str, Any] = {"status": 200, "incidents": INCIDENTS}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said["asked"] = (self.path, self.headers.get("Authorization"))
            body = json.dumps({"incidents": said["incidents"]}).encode()
            self.send_response(said["status"])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    said["url"] = f"http://127.0.0.1:{server.server_port}/"
    yield said
    server.shutdown()
    server.server_close()


class TestStatuspage(ConnectorContract):
    connector = StatuspageConnector
    secrets = {"token": TOKEN}
    query = {"impact": "minor"}
    egress = Egress("admin", loopback=True)
    start, end = date(2026, 10, 19), date(2026, 11, 3)

    @pytest.fixture(autouse=True)
    def _page(self, page: dict[str, Any]) -> None:
        self.page, self.settings = page, {"url": page["url"]}

    def counted(self, **changes: Any) -> dict[str, int]:
        return {f"{row.period_start}": int(row.value or 0) for row in self.fetched(**changes).rows}

    def test_incidents_are_counted_on_their_local_day(self) -> None:
        found = self.counted()
        assert len(found) == 15
        assert {day: number for day, number in found.items() if number} == {"2026-10-28": 2, "2026-11-02": 1}

    def test_only_incidents_as_bad_as_chosen_count(self) -> None:
        found = self.counted(query={"impact": "major"}, grain="week")
        assert found == {"2026-10-19": 0, "2026-10-26": 1, "2026-11-02": 1}

    def test_before_a_full_list_nothing_is_known(self) -> None:
        self.page["incidents"] = INCIDENTS[:1] + [INCIDENTS[2]] * 49
        assert min(self.counted()) == "2026-10-29"

    def test_the_token_signs_in_and_is_never_quoted(self) -> None:
        self.page["status"] = 401
        with pytest.raises(ConnectorError) as refused:
            self.fetched()
        assert self.page["asked"] == ("/api/v2/incidents.json", f"OAuth {TOKEN}")
        assert refused.value.code == "auth"
        assert TOKEN not in refused.value.message

    def test_a_page_of_something_else_is_told(self) -> None:
        self.page["incidents"] = None
        with pytest.raises(ConnectorError) as refused:
            self.fetched()
        assert refused.value.message == "The answer lists no incidents. Check the address."

    def test_the_future_is_not_counted(self) -> None:
        assert max(self.counted(now=datetime(2026, 10, 30, tzinfo=UTC))) == "2026-10-30"
