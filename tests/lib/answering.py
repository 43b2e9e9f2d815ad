"""A web server on this machine that answers well or badly, by path, and notes what it was asked."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MIB = 1024 * 1024


class Answering(BaseHTTPRequestHandler):
    """Answers by path, and notes what it was asked on the server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers))  # type: ignore[attr-defined]
        getattr(self, "answer_" + self.path.strip("/").split("/")[0])()

    do_HEAD = do_GET

    def send(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def answer_hello(self) -> None:
        self.send(b"hello")

    def answer_away(self) -> None:
        self.send(b"", status=302, Location=f"http://127.0.0.1:{self.path.split('/')[2]}/hello")

    def answer_big(self) -> None:
        self.send(b"x" * 3000)

    def answer_undeclared(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * 3000)

    def answer_claims(self) -> None:
        self.send(b"", Content_Length=str(11 * MIB))

    def answer_packed(self) -> None:
        self.send(gzip.compress(b"one ") + gzip.compress(b"two"), Content_Encoding="gzip")

    def answer_bomb(self) -> None:
        self.send(gzip.compress(b"\0" * (60 * MIB)), Content_Encoding="gzip")

    def answer_cut(self) -> None:
        self.send(gzip.compress(b"one two three")[:-6], Content_Encoding="gzip")

    def answer_damaged(self) -> None:
        self.send(b"no gzip at all", Content_Encoding="gzip")

    def answer_brotli(self) -> None:
        self.send(b"....", Content_Encoding="br")

    def answer_empty(self) -> None:
        self.send(b"", Content_Encoding="gzip")

    def answer_drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.drip()

    def answer_slowhead(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        self.drip()

    def drip(self) -> None:
        self.close_connection = True
        while not self.server.stopping.wait(0.02):  # type: ignore[attr-defined]
            try:
                self.wfile.write(b"x")
            except OSError:
                return

    def answer_silent(self) -> None:
        self.close_connection = True
        self.server.stopping.wait(5)  # type: ignore[attr-defined]

    def log_message(self, *args: Any) -> None: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.seen: list[Any] = []
        self.stopping = threading.Event()
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, *args: Any) -> None:
        """Clients that hang up are what these tests are about."""

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
