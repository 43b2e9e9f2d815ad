"""A service that is allowed leads on to every hostile address, by every status that redirects."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from northstar.lib import egress
from tests.hostile.conftest import Ambush
from tests.hostile.targets import Target, corpus

STATUSES = (301, 302, 303, 307, 308)
TLS = ssl.create_default_context()


class Leading(BaseHTTPRequestHandler):
    """Leads on to `server.to`, in one connection after the other as long as somebody asks."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked += 1  # type: ignore[attr-defined]
        # Not by send_header: a header of two lines is among what is tried.
        location = self.server.to.encode("utf-8", "surrogateescape")  # type: ignore[attr-defined]
        status = self.server.status  # type: ignore[attr-defined]
        self.wfile.write(b"HTTP/1.1 %d Go\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % (status, location))

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def leader(ambush: Ambush) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Leading)
    server.daemon_threads = True
    server.asked, server.status, server.to = 0, 302, ""
    ambush.listener.let_through.add(server.server_port)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=pytest.mark.long) for turn in (1, 2, 3, 4))])
def test_no_redirect_leads_to_a_hostile_address(ambush: Ambush, leader: Any, turn: int) -> None:
    rules = egress.Egress("admin", [f"127.0.0.1:{leader.server_port}"], private=False)
    start, led = f"http://127.0.0.1:{leader.server_port}/data", 0
    for place, target in enumerate(corpus(), start=turn):
        if target.wide and target.host and target.port:
            continue  # addresses that only some settings shut: see the test below
        ambush.lay(target)
        ambush.names.turn = 1
        leader.to, leader.status = target.as_url(), STATUSES[place % len(STATUSES)]
        with rules.http_client(ssl_context=TLS) as http:
            refused(http, start)
        led += 1
        assert (str(target), ambush.meant) == (str(target), [])
    assert leader.asked >= led >= 300
    assert ambush.visits() == 0


def test_no_redirect_leads_to_the_products_own_parts_and_to_unfit_ports(ambush: Ambush, leader: Any) -> None:
    targets = [target for target in corpus() if target.wide and target.port]
    ambush.lay(targets[0])
    rules = egress.for_admins()
    for target in targets:
        ambush.lay(target)
        leader.to = target.as_url()
        with rules.http_client(ssl_context=TLS) as http:
            refused(http, f"http://127.0.0.1:{leader.server_port}/data")
        assert (str(target), ambush.meant) == (str(target), [])
    assert leader.asked == len(targets)


def refused(http: egress.Client, url: str) -> None:
    with pytest.raises((egress.EgressError, egress.HTTPError, egress.InvalidURL)):
        answer = egress.follow(http, http.build_request("GET", url), most=5)
        assert answer.is_redirect  # a Location that is none is an answer like any other
        raise egress.EgressError


def test_keeping_a_connection_open_gains_nothing(ambush: Ambush, leader: Any) -> None:
    """A connection is reused for its own host only; the next one is checked again."""
    ambush.lay(Target("", "twice.example", answers=(("127.0.0.1",), ("10.0.0.5",))))
    rules = egress.Egress("admin", [f"127.0.0.1:{leader.server_port}"], private=False)
    address = f"http://twice.example:{leader.server_port}/data"
    with rules.http_client() as http:
        assert http.get(address).status_code == 302
        ambush.names.turn = 1
        assert http.get(address).status_code == 302
        assert ambush.names.asked.count("twice.example") == 1
        with pytest.raises(egress.EgressDenied):
            http.get(f"http://twice.example:{leader.server_port + 1}/data")
    with rules.http_client() as http, pytest.raises(egress.EgressDenied):
        http.get(address)
    assert ambush.visits() == 0


def test_no_unix_socket_is_opened(ambush: Ambush, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    real = socket.socket.connect

    def watch(sock: socket.socket, address: Any) -> None:
        if sock.family == socket.AF_UNIX:
            opened.append(address)
        real(sock, address)

    monkeypatch.setattr(socket.socket, "connect", watch)
    with egress.Egress("admin", private=False).http_client() as http:
        for target in corpus():
            ambush.lay(target)
            if "/" in target.host + target.url:
                refused(http, target.url or f"http+unix://{target.host}")
    assert opened == []
