"""A web server that answers as a test says, with any status and headers, and remembers what it served."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from metrics.connectors.base import Answer, ConnectorError
from metrics.connectors.warehouses.asking import Warehouse
from tests.metrics.connectors.foreign_database import asking


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived; header names in lower case, `body` decoded if it is JSON."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Says:
    """An answer: a JSON value or text, a status, more headers; `late` seconds after the request."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    late: float = 0.0


@dataclass(slots=True)
class Served:
    """A running server; `answer` may be exchanged while it runs."""

    answer: Callable[[Asked], Says]
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of(self, method: str, path: str = "") -> list[Asked]:
        """The requests of this method whose path begins so."""
        return [one for one in self.asked if one.method == method and one.path.startswith(path)]


@contextmanager
def serving(answer: Callable[[Asked], Says]) -> Iterator[Served]:
    """A server on a free port of 127.0.0.1."""
    known = Served(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            is_json = "json" in self.headers.get("content-type", "")
            address = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(raw) if is_json and raw else raw.decode()
            asked = Asked(self.command, address.path, dict(parse_qsl(address.query)), headers, body)
            known.asked.append(asked)
            said = known.answer(asked)
            known.over.wait(said.late)
            text = said.body if isinstance(said.body, str) else json.dumps(said.body)
            kind = "text/plain; charset=UTF-8" if isinstance(said.body, str) else "application/json"
            self.send_response(said.status)
            for name, value in {"Content-Type": kind, **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_DELETE = _any

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    known.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield known
    finally:
        known.over.set()
        server.shutdown()
        server.server_close()


def fetched(source: Warehouse, sql: str, **changes: Any) -> Answer:
    with source:
        return source.fetch(asking(sql, **changes))


def refusal(source: Warehouse, sql: str = "select 1, 2", **changes: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused:
        fetched(source, sql, **changes)
    for secret in source.secrets.values():
        assert secret not in refused.value.message
    return refused.value
