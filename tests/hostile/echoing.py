"""A server that gives back whatever it was sent, with or without TLS: what a leak would come through."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from northstar.lib.egress import client
from tests.lib.certifying import self_signed

CONNECT = socket.socket.connect


class Echoing(BaseHTTPRequestHandler):
    """Every header, the body, and base64 and JSON of them, under every name that a message has."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = f"{self.path} {self.headers} {self.rfile.read(length).decode('utf-8', 'replace')}"
        again = base64.b64encode(sent.encode()).decode()
        for name, value in self.headers.items():
            if name.lower() in ("authorization", "x-api-key"):
                sent = f"{value} {sent}"
        told: dict[str, Any] = dict.fromkeys(("message", "error", "detail"), f"{sent} {again}")
        told |= {"errors": [sent], "warnings": [sent], "data": [{"day": sent, "value": sent}]}
        body = json.dumps(told).encode()
        self.send_response(self.server.status, "Said")  # type: ignore[attr-defined]
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.heard.append(sent)  # type: ignore[attr-defined]

    do_POST = do_GET

    def log_message(self, *args: Any) -> None: ...


class Echo(ThreadingHTTPServer):
    """Every connection of this process ends here, whatever it was meant for. `status` is what it answers."""

    daemon_threads = True

    def __init__(self, patched: pytest.MonkeyPatch, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Echoing)
        self.status, self.heard = 200, []  # type: ignore[var-annotated]
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self_signed(folder, "echo.example"))
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        credulous = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        credulous.check_hostname, credulous.verify_mode = False, ssl.CERT_NONE
        patched.setattr(client, "_trusted", lambda *_: credulous)
        patched.setattr(socket.socket, "connect", self._led_here())
        real = psycopg.connect
        led = {"hostaddr": "127.0.0.1", "port": self.server_port}
        patched.setattr(psycopg, "connect", lambda *args, **more: real(*args, **(more | led)))

    def finish_request(self, request: Any, address: Any) -> None:
        request.settimeout(0.5)  # drivers that wait for the server to begin
        first = request.recv(1, socket.MSG_PEEK)
        request.settimeout(5)
        if first == b"\x16":
            request = self._tls.wrap_socket(request, server_side=True)
        if first == b"\x16" or first.isalpha():
            super().finish_request(request, address)

    def handle_error(self, *args: Any) -> None:
        """Drivers that speak no HTTP hang up; that is what they are here for."""

    def _led_here(self) -> Any:
        def led(sock: socket.socket, address: Any) -> None:
            inet = sock.family in (socket.AF_INET, socket.AF_INET6)
            CONNECT(sock, ("127.0.0.1", self.server_port) if inet else address)

        return led
