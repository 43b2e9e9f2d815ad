"""The HTTP client against real servers on this machine."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from northstar.lib.egress import (
    Egress,
    EgressDenied,
    EgressError,
    EgressTimeout,
    EgressTooLarge,
    EgressUnreachable,
    Limits,
    read_capped,
)
from tests.lib.answering import MIB, Server
from tests.lib.certifying import self_signed

REAL_LOOK_UP = socket.getaddrinfo


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the name server answers; each look-up of a name with several answers takes the next one."""
    known: dict[str, list[str]] = {}

    def look_up(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        found = known.get(host)
        if found:
            host = found.pop(0) if len(found) > 1 else found[0]
        return list(REAL_LOOK_UP(host, port, *args, **(more | {"flags": socket.AI_NUMERICHOST})))

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def client(**limits: Any) -> httpx.Client:
    return Egress("admin", loopback=True).http_client(limits=Limits(**limits))


def get(server: Server, path: str, **limits: Any) -> httpx.Response:
    with client(**limits) as http:
        return http.get(f"http://127.0.0.1:{server.port}/{path}")


def test_a_name_is_connected_to_by_its_checked_address_and_stays_in_host(
    server: Server, names: dict[str, list[str]]
) -> None:
    names["crm.internal"] = ["127.0.0.1"]
    with client() as http:
        answer = http.get(f"http://crm.internal:{server.port}/hello")
    assert (answer.status_code, answer.text) == (200, "hello")
    path, headers = server.seen[0]
    assert headers["Host"] == f"crm.internal:{server.port}"
    assert headers["User-Agent"] == "Northstar"
    assert headers["Accept-Encoding"] == "gzip"


def test_headers_of_the_caller_are_sent(server: Server) -> None:
    with Egress("admin", loopback=True).http_client(headers={"X-Key": "abc"}) as http:
        http.get(f"http://127.0.0.1:{server.port}/hello")
    assert server.seen[0][1]["X-Key"] == "abc"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{}/hello",
        "http://2130706433:{}/hello",
        "http://[::ffff:127.0.0.1]:{}/hello",
        "http://0:{}/",
    ],
)
def test_a_refused_address_is_never_connected_to(
    server: Server, names: dict[str, list[str]], url: str
) -> None:
    with Egress("admin").http_client() as http, pytest.raises(EgressDenied):
        http.get(url.format(server.port))
    assert server.seen == []


def test_rebinding_between_look_ups_gains_nothing(server: Server, names: dict[str, list[str]]) -> None:
    egress = Egress("admin", ["8.8.8.8"])
    names["rebinding.example"] = ["8.8.8.8", "127.0.0.1"]
    assert egress.resolve("rebinding.example", server.port) == ["8.8.8.8"]
    with egress.http_client() as http, pytest.raises(EgressDenied, match="127.0.0.1 .loopback."):
        http.get(f"http://rebinding.example:{server.port}/hello")
    assert server.seen == []


def test_a_name_without_address_is_unreachable(names: dict[str, list[str]]) -> None:
    with client() as http, pytest.raises(EgressUnreachable):
        http.get("http://gone.example/")


def test_redirects_are_not_followed(server: Server) -> None:
    assert get(server, f"away/{server.port}").status_code == 302
    assert len(server.seen) == 1


def test_a_redirect_that_a_caller_follows_is_checked_again(server: Server) -> None:
    other = Server()
    try:
        egress = Egress("admin", [f"127.0.0.1:{server.port}"])
        with egress.http_client() as http, pytest.raises(EgressDenied):
            http.get(f"http://127.0.0.1:{server.port}/away/{other.port}", follow_redirects=True)
        assert other.seen == []
    finally:
        other.stop()


def test_proxies_of_the_environment_are_ignored(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert get(server, "hello").text == "hello"


def test_an_address_with_a_user_name_is_refused(server: Server) -> None:
    with client() as http, pytest.raises(EgressDenied, match="holds a user name"):
        http.get(f"http://user:pw@127.0.0.1:{server.port}/hello")
    assert server.seen == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/", "dict://127.0.0.1/"]
)
def test_other_schemes_are_refused(url: str) -> None:
    with client() as http, pytest.raises(EgressDenied, match="use https or http"):
        http.get(url)


def test_the_next_address_is_tried_where_one_does_not_answer(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        addresses = ["127.0.0.2", "127.0.0.1"] if host == "two.internal" else [host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with client() as http:
        assert http.get(f"http://two.internal:{server.port}/hello").text == "hello"


def test_a_closed_port_is_a_connection_error(server: Server) -> None:
    with socket.socket() as bound, client() as http:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(httpx.ConnectError):
            http.get(f"http://127.0.0.1:{bound.getsockname()[1]}/")


@pytest.mark.parametrize("path", ["drip", "slowhead"])
def test_a_slow_drip_ends_at_the_total_deadline(server: Server, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(EgressTimeout, match="took longer than 0.3 seconds"):
        get(server, path, total=0.3)
    assert time.monotonic() - began < 2


def test_a_drip_below_the_slowest_speed_ends_long_before_the_deadline(server: Server) -> None:
    began = time.monotonic()
    with pytest.raises(EgressTimeout, match="drips in at less than 1,024 bytes a second"):
        get(server, "drip", total=20, slowest=1024, patience=0.2)
    assert time.monotonic() - began < 2
    assert get(server, "hello", total=20, slowest=1024, patience=0.2).content == b"hello"


def test_a_silence_at_the_end_of_the_deadline_counts_as_the_deadline(server: Server) -> None:
    with pytest.raises(EgressTimeout):
        get(server, "silent", total=0.2)


def test_a_silence_before_the_deadline_is_a_read_timeout(server: Server) -> None:
    with pytest.raises(httpx.ReadTimeout):
        get(server, "silent", silence=0.1)


def test_every_request_has_the_whole_deadline(server: Server) -> None:
    with client(total=0.5) as http:
        for _ in range(3):
            assert http.get(f"http://127.0.0.1:{server.port}/hello").text == "hello"
            time.sleep(0.2)


@pytest.mark.parametrize("path", ["big", "undeclared"])
def test_an_answer_above_the_wire_limit_is_refused(server: Server, path: str) -> None:
    assert len(get(server, path, wire=3000).content) == 3000
    with pytest.raises(EgressTooLarge, match="larger than 2999 bytes"):
        get(server, path, wire=2999)


def test_an_answer_that_claims_too_much_is_not_read(server: Server) -> None:
    with pytest.raises(EgressTooLarge, match="larger than 10 MiB"):
        get(server, "claims")
    with client() as http:
        assert http.head(f"http://127.0.0.1:{server.port}/claims").status_code == 200


def test_a_packed_answer_arrives_unpacked(server: Server) -> None:
    answer = get(server, "packed")
    assert answer.text == "one two"
    assert "content-encoding" not in answer.headers
    assert get(server, "empty").content == b""


def test_a_bomb_is_refused_before_it_fills_memory(server: Server) -> None:
    with pytest.raises(EgressTooLarge, match="unpacks to more than 100 times its size"):
        get(server, "bomb")
    with pytest.raises(EgressTooLarge, match="larger than 1 MiB"):
        get(server, "bomb", body=MIB)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("cut", "in the middle of its compressed data"),
        ("damaged", "is damaged"),
        ("brotli", "packed as 'br'"),
    ],
)
def test_a_packed_answer_that_cannot_be_read_is_refused(server: Server, path: str, sentence: str) -> None:
    with pytest.raises(EgressError, match=sentence):
        get(server, path)


def test_read_capped_gives_the_body_up_to_its_limit(server: Server) -> None:
    url = f"http://127.0.0.1:{server.port}/big"
    with client() as http:
        with http.stream("GET", url) as answer:
            assert len(read_capped(answer, limit=3000, deadline=time.monotonic() + 5)) == 3000
        with http.stream("GET", url) as answer, pytest.raises(EgressTooLarge, match="larger than 100 bytes"):
            read_capped(answer, limit=100)
        with http.stream("GET", url) as answer, pytest.raises(EgressTimeout, match="still arriving"):
            read_capped(answer, deadline=time.monotonic() - 1)


def test_tls_is_checked_against_the_name_that_was_typed(
    server: Server, names: dict[str, list[str]], tmp_path: Path
) -> None:
    certificate = self_signed(tmp_path, "crm.internal")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    names["crm.internal"] = names["other.internal"] = ["127.0.0.1"]
    trust = ssl.create_default_context(cafile=str(certificate))
    with Egress("admin", loopback=True).http_client(ssl_context=trust) as http:
        assert http.get(f"https://crm.internal:{server.port}/hello").text == "hello"
        with pytest.raises(httpx.ConnectError, match="Hostname mismatch"):
            http.get(f"https://other.internal:{server.port}/hello")
    assert asked == ["crm.internal", "other.internal"]
