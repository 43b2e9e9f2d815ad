"""A real server on this machine that plays every chat service from its documented answers.

It keeps all it was sent and does as it is told: `receivers.script("slack", "down for repair", "accept")`.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "123456789:AAquillfeather-token-of-a-bot"
PATHS = {
    "slack": "/services/T0QUILL/B0FEATHER/quillfeatherquillfeather",
    "msteams": "/workflows/quillfeather/triggers/manual/paths/invoke?api-version=1&sig=quillfeather",
    "mattermost": "/hooks/quillfeatherquillfeather",
    "discord": "/api/webhooks/1234567890/quillfeather-quillfeather",
    "telegram": f"/bot{TOKEN}/sendMessage",
    "webhook": "/northstar?key=quillfeather",
}
PLAIN, JSON = "text/plain", "application/json"
Said = tuple[int, str, str, dict[str, str]]


def _said(status: int, body: Any = "", **headers: str) -> Said:
    kind, text = (PLAIN, body) if isinstance(body, str) else (JSON, json.dumps(body))
    return status, kind, text, {name.replace("_", "-"): value for name, value in headers.items()}


def _telegram(code: int, words: str, **more: Any) -> Said:
    said = {"ok": False, "error_code": code, "description": words}
    return _said(code, said | ({"parameters": more} if more else {}))


_LIMITED = {"message": "You are being rate limited.", "retry_after": 7.5, "global": False}
#: By service: how it takes a message, how it says that it is gone, and that it wants to be left alone.
ANSWERS: dict[str, dict[str, Said]] = {
    "slack": {
        "accept": _said(200, "ok"),
        "gone": _said(404, "no_service"),
        "invalid token": _said(200, "invalid_token"),
        "limited": _said(429, "rate_limited", Retry_After="30"),
    },
    "msteams": {
        "accept": _said(202),
        "gone": _said(400, {"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "state 'Deleted'"}}),
        "limited": _said(429, {"error": {"code": "TooManyRequests"}}, Retry_After="30"),
        "wrapped": _said(
            200,
            "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 "
            "with ContextId tcid=0",
        ),
        "wrapped limit": _said(200, "Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0"),
    },
    "mattermost": {
        "accept": _said(200, "ok"),
        "gone": _said(
            400,
            {
                "id": "web.incoming_webhook.invalid.app_error",
                "message": "Invalid webhook.",
                "status_code": 400,
            },
        ),
        "limited": _said(429, "limit exceeded", Retry_After="30"),
    },
    "discord": {
        "accept": _said(200, {"id": "1", "content": ""}),
        "gone": _said(404, {"message": "Unknown Webhook", "code": 10015}),
        "limited": _said(429, _LIMITED, Retry_After="8"),
    },
    "telegram": {
        "accept": _said(200, {"ok": True, "result": {"message_id": 1}}),
        "gone": _telegram(401, "Unauthorized"),
        "limited": _telegram(429, "Too Many Requests: retry after 30", retry_after=30),
        "blocked": _telegram(403, "Forbidden: bot was blocked by the user"),
        "no such chat": _telegram(400, "Bad Request: chat not found"),
        "moved": _telegram(
            400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1001234
        ),
        "false with 200": _said(200, {"ok": False, "error_code": 401, "description": "Unauthorized"}),
    },
    "webhook": {
        "accept": _said(204),
        "gone": _said(410, "gone"),
        "limited": _said(429, "", Retry_After="30"),
    },
}
#: What any of them may do.
ANYBODY: dict[str, Said] = {
    "forbidden": _said(403, "forbidden"),
    "unauthorised": _said(401, "unauthorised"),
    "not understood": _said(400, "invalid_payload"),
    "down for repair": _said(503, "<html>maintenance</html>"),
    "redirect": _said(302, "", Location="http://127.0.0.1:9/elsewhere"),
    "web page": _said(200, "<html>Sign in to the guest network</html>"),
}


@dataclass(frozen=True, slots=True)
class Got:
    """One message as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """Everything that was sent, as text with its real letters."""
        return json.dumps(self.json, ensure_ascii=False)


@dataclass(slots=True)
class Receivers:
    """What was sent to whom; each service accepts unless a script says otherwise."""

    port: int = 0
    kept: dict[str, list[Got]] = field(default_factory=lambda: {kind: [] for kind in PATHS})
    scripts: dict[str, list[str]] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def address(self, kind: str) -> str:
        """The whole secret address of a service."""
        return self.url + PATHS[kind]

    def script(self, kind: str, *answers: str) -> None:
        """The next answers, the last one for good: a name in ANSWERS or ANYBODY, "reset" or "slow"."""
        self.scripts[kind] = list(answers)

    def got(self, kind: str) -> list[Got]:
        """What the service was sent, answered or not."""
        return self.kept[kind]

    def secrets(self, kind: str) -> dict[str, str]:
        """What a person would enter for it."""
        if kind == "telegram":
            return {"token": TOKEN}
        return {"address": self.address(kind)} | (
            {"key": "quillfeather-signs-it"} if kind == "webhook" else {}
        )

    def settings(self, kind: str) -> dict[str, str]:
        """What is kept in clear."""
        return {"chat": "-1001234567890", "server": self.url} if kind == "telegram" else {}

    def next(self, kind: str) -> str:
        """The answer that is due."""
        left = self.scripts.get(kind) or ["accept"]
        return left.pop(0) if len(left) > 1 else left[0]


def _kind_of(path: str) -> str:
    plain = path.partition("?")[0]
    return next((kind for kind, known in PATHS.items() if known.partition("?")[0] == plain), "")


@contextmanager
def receiving() -> Iterator[Receivers]:
    """The receivers, listening on a free port of 127.0.0.1."""
    known = Receivers()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            kind = _kind_of(self.path)
            if not kind:
                self._say(_said(404, "nothing here"))
                return
            known.kept[kind].append(Got(self.path, dict(self.headers.items()), body))
            due = known.next(kind)
            if due == "reset":
                # Closed with unsent bytes dropped: the other side reads a reset.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
            elif due == "slow":
                known.released.wait(30)
                self.close_connection = True
            else:
                self._say(ANSWERS[kind].get(due) or ANYBODY[due])

        def _say(self, said: Said) -> None:
            status, kind, text, headers = said
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(text.encode()))}.items():
                self.send_header(name, value)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    known.port = server.server_port
    try:
        yield known
    finally:
        known.released.set()
        server.shutdown()
        server.server_close()
