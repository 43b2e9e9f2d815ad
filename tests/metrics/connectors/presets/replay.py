"""A server of this machine that answers as the services document it, and the way that leads presets there.

The way is an egress of the tests: whatever host a preset names, the connection goes to this server, which
looks at the Host header. No setting can do that.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import httpx

from metrics.connectors.base import Ask
from northstar.lib.egress import Client, Egress

ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # a Wednesday
MONDAYS = (date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16))


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    host: str
    method: str
    path: str
    params: dict[str, str]
    headers: Mapping[str, str]
    body: Any
    address: str


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: JSON unless `body` is bytes."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class WrongRequestError(AssertionError):
    """The request is not as the service documents it."""


def must(condition: object, sentence: str) -> None:
    """What the service demands of a request."""
    if not condition:
        raise WrongRequestError(sentence)


@dataclass(frozen=True, slots=True)
class Case:
    """A metric of a preset with what it gives for the three weeks (or the days) asked for."""

    metric: str
    expected: Mapping[str, Any]
    kind: str = "flow_sum"
    grain: str = "week"
    inputs: Mapping[str, str] = field(default_factory=dict)
    start: date = MONDAYS[0]
    end: date = date(2026, 11, 23)
    requests: int = 0

    def ask(self) -> Ask:
        """The question of this case."""
        query = {"metric": self.metric, **self.inputs}
        return Ask("m", self.kind, self.grain, query, self.start, self.end, ZONE, NOW, preview=True)


@dataclass(frozen=True, slots=True)
class Service:
    """A service as its documentation describes it.

    `signed` tells whether a request carries the sign-in; `answers` is asked only then, and told whether it is
    to have nothing. `refusal` and `limit` are its own answers to a wrong sign-in and to too many requests;
    `wait` is what the latter asks for.
    """

    kind: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    hosts: tuple[str, ...]
    signed: Callable[[Asked], bool]
    answers: Callable[[Asked, bool], Told]
    cases: tuple[Case, ...]
    refusal: Told
    limit: Told
    wait: float | None
    unsigned_paths: tuple[str, ...] = ()


class Server:
    """Serves one service at a time; `log` keeps what was asked, `faults` what was wrong with it."""

    def __init__(self) -> None:
        self.service: Service | None = None
        self.mode = "full"
        self.log: list[Asked] = []
        self.faults: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.handle(self)

            def do_POST(self) -> None:
                server.handle(self)

            def log_message(self, *_: object) -> None:
                return None

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    @contextmanager
    def serving(self, service: Service, mode: str = "full") -> Iterator[Server]:
        """`mode`: full, empty (the service has nothing), limited, or moved (nothing there)."""
        self.service, self.mode, self.log, self.faults = service, mode, [], []
        yield self
        assert self.faults == []

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        asked = _asked(handler)
        self.log.append(asked)
        told = self._told(asked)
        content = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
        handler.send_response(told.status)
        for name, value in {"Content-Type": "application/json", **told.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _told(self, asked: Asked) -> Told:
        service = self.service
        assert service is not None
        if asked.host not in service.hosts:
            self.faults.append(f"{asked.host} was asked")
            return Told({}, 404)
        if asked.path not in service.unsigned_paths and not service.signed(asked):
            return service.refusal
        if self.mode == "limited" and asked.path not in service.unsigned_paths:
            return service.limit
        try:
            return service.answers(asked, self.mode == "empty")
        except (WrongRequestError, KeyError) as error:
            self.faults.append(f"{asked.method} {asked.path}: {error!r}")
            return Told({"message": str(error)}, 400)


def _asked(handler: BaseHTTPRequestHandler) -> Asked:
    parts = urlsplit(handler.path)
    content = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    kind = handler.headers.get("Content-Type", "")
    body: Any = None
    if "json" in kind:
        body = json.loads(content)
    elif content:
        body = dict(parse_qsl(content.decode()))
    return Asked(
        host=handler.headers["Host"],
        method=handler.command,
        path=parts.path,
        params={name: values[0] for name, values in parse_qs(parts.query).items()},
        headers={name.lower(): value for name, value in handler.headers.items()},
        body=body,
        address=handler.path,
    )


class Led(httpx.BaseTransport):
    """Sends everything to one port of this machine, with the Host that was meant."""

    def __init__(self, below: httpx.BaseTransport, port: int) -> None:
        self._below, self._port = below, port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        led = httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return self._below.handle_request(led)

    def close(self) -> None:
        self._below.close()


#: Nothing here speaks TLS, and loading the trusted roots takes longer than a test.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class LeadingEgress(Egress):
    """The admins' egress, with all addresses led to one port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__("admin", loopback=True)
        self._led_to = port

    def http_client(self, **given: Any) -> Client:
        client = super().http_client(**given | {"ssl_context": _NO_TLS})
        client._transport = Led(client._transport, self._led_to)
        return client


def at(text: str) -> int:
    """Unix seconds of a moment in the company's zone: "11-02 09:00"."""
    local = datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(ZONE))
    return int(local.timestamp())


def iso(text: str, pattern: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    """The same moment in UTC as text."""
    return datetime.fromtimestamp(at(text), UTC).strftime(pattern)


#: The range that every case of weeks asks for.
START, END = at("11-02 00:00"), at("11-23 00:00")
UTC_START, UTC_END = "2026-11-01T23:00:00Z", "2026-11-22T23:00:00Z"
