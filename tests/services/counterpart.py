"""A web server in this process that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived; `form` holds the fields of its address and of a posted form."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Counterpart:
    """Answers with `answer(asked)`: a text (status 200, JSON), or status, content type and text."""

    answer: Callable[[Asked], str | tuple[int, str, str]]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(answer: Callable[[Asked], str | tuple[int, str, str]]) -> Iterator[Counterpart]:
    """A Counterpart on a free port of 127.0.0.1."""
    known = Counterpart(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, *arguments: object) -> None:
            pass

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            address = urlsplit(self.path)
            posted = body.decode() if "form" in self.headers.get("content-type", "") else ""
            fields = parse_qs(f"{address.query}&{posted}", keep_blank_values=True)
            form = {name: values[-1] for name, values in fields.items()}
            asked = Asked(self.command, address.path, dict(self.headers.items()), form, body)
            known.asked.append(asked)
            said = known.answer(asked)
            status, content_type, text = (200, "application/json", said) if isinstance(said, str) else said
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    known.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
