"""A web source that answers well or as badly as can be, and remembers everything it ever served.

    with Chaos() as chaos:                       # http://127.0.0.1:<port>, ended with the block
        chaos.series = {date(2026, 11, 16): "12.5"}
        ...pull from chaos.url + "/series"...
        assert stored == chaos.last_served()     # {date: "12.5"}: what went over the wire, the newest of each

Well-behaved, each taking start and end (local dates, end exclusive) as parameters:
  /series               {"data": [{"id", "day", "value"}, …], "warnings": [...]}; `chaos.warnings` fills these
  /pages?page=&size=    the same by page numbers; /offset?offset=&size= by offset; /cursor?after=&size= by a
                        token in "next"; /next by an address in "next"; /links by a Link header
  /overlap?page=&size=  pages of which each repeats the last row of the one before
  /shrinking?page=      pages that are smaller than asked for, down to one row
  /csv, /xlsx           a table with the columns day and value (`chaos.header` renames them)
  /number               {"value": the sum of start..end}
  /echo                 what was asked, headers and body, as JSON
  /token                OAuth: gives tokens, takes each refresh token once and hands out the next one;
                        /locked is /series for whoever brings such a token
  /spreadsheets, /v4    Google Sheets: the export by link, and the values API for tokens of /token; a sheet
                        called private sends to a sign-in page
Badly:
  /loop                 a cursor that leads back to itself; /away: a next page on another host
  /hang                 takes the request, never answers; /drip: a byte every 20 ms; /infinite: no end
  /bomb/gzip|br|zip     little on the wire, 60 MiB unpacked; /deep: 100,000 brackets; /parts: 600,000 lists
  /raw/<name>           bodies of `RAW`: nan, infinity, 1e400, latin-1, utf-16, nul, html, truncated, …
  /value/<json>         one row whose value is that JSON text
  /status/<code>        that status; /wait/<status>/<Retry-After>: with that header (url-quoted)
  /reset                the connection is reset; /half: the answer ends in the middle
  /redirect/<kind>      loop, chain-<n>, file, private, metadata, plain, nowhere, user; other and cross lead
                        to /csv and /echo of `chaos.other`
  /secret-echo          401 that repeats the Authorization header in its message
`chaos.faults.append("status/500")` lets the next request, whatever it is for, meet that fault first.
`chaos.asked` holds every request (method, path, query, headers, body) in order, `chaos.served` every
(sequence, day, value). `Chaos(tls=certificate)` speaks TLS with a PEM file of tests/lib/certifying.py,
`Chaos(tls=…, oldest=True)` only TLS 1.0/1.1.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import gzip
import io
import json
import socket
import ssl
import struct
import threading
import warnings
import zipfile
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

MIB = 1024 * 1024
_ROW = '{"data": [{"day": "2026-11-16", "value": %s, "name": "Köln"}]}'
_JSON = "application/json"
#: Bodies with the content type they come with.
RAW: dict[str, tuple[bytes, str]] = {
    "nan": ((_ROW % "NaN").encode(), _JSON),
    "infinity": ((_ROW % "-Infinity").encode(), _JSON),
    "1e400": ((_ROW % "1e400").encode(), _JSON),
    "exponent": ((_ROW % "1e9999999999999999999999").encode(), _JSON),
    "latin-1": ((_ROW % "1").encode("latin-1"), _JSON),
    "declared": ((_ROW % "1").encode("latin-1"), f"{_JSON}; charset=ISO-8859-1"),
    "utf-16": ((_ROW % "1").encode("utf-16"), _JSON),
    "nul": ((_ROW % "1\x00").encode(), _JSON),
    "unknown": (b"{}", f"{_JSON}; charset=klingon"),
    "html": (b"<!doctype html><title>Sign in</title>", "text/html; charset=utf-8"),
    "truncated": (b'{"data": [{"day": "2026-11-16", "va', _JSON),
    "empty": (b"", _JSON),
    "no-rows": (b'{"data": []}', _JSON),
    "moved": (b'{"items": [], "total": 0}', _JSON),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str


@dataclass(slots=True)
class Chaos:
    """The source; see the module's docstring."""

    tls: Path | None = None
    oldest: bool = False
    series: dict[date, str] = field(default_factory=dict)
    header: tuple[str, str] = ("day", "value")
    warnings: list[str] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    other: str = ""
    asked: list[Asked] = field(default_factory=list)
    served: list[tuple[int, date, str]] = field(default_factory=list)
    refresh_token: str = "refresh-0"
    tokens: set[str] = field(default_factory=set)
    token_life: int = 3600
    stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: Any = None

    def __enter__(self) -> Self:
        self._server = _Server(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def last_served(self) -> dict[date, str]:
        """The newest value that went over the wire for each day."""
        return {day: value for _, day, value in self.served}

    def serve(self, days: list[date]) -> list[dict[str, Any]]:
        """Rows of these days, noted as served."""
        with self._lock:
            for day in days:
                self.served.append((len(self.served) + 1, day, self.series[day]))
        names = self.header
        return [
            {"id": f"d{day:%Y%m%d}", names[0]: day.isoformat(), names[1]: Decimal(self.series[day])}
            for day in days
        ]

    def exchange(self, grant: str, token: str) -> dict[str, Any] | None:
        """The answer to a request for a token; None for a refresh token that was used up."""
        with self._lock:
            if grant == "refresh_token":
                if token != self.refresh_token:
                    return None
                self.refresh_token = f"refresh-{len(self.tokens) + 1}"
            access = f"access-{len(self.tokens) + 1}"
            self.tokens.add(access)
            answer = {"access_token": access, "expires_in": self.token_life, "token_type": "Bearer"}
            return answer | ({"refresh_token": self.refresh_token} if grant == "refresh_token" else {})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, chaos: Chaos) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.chaos = chaos
        if chaos.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            if chaos.oldest:
                context.set_ciphers("ALL:@SECLEVEL=0")
                with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                    context.minimum_version = ssl.TLSVersion.TLSv1
                    context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.load_cert_chain(chaos.tls)
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, *args: Any) -> None:
        """Clients that hang up are what this is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.query = {
            name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()
        }
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length).decode("utf-8", "replace")
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.chaos.asked.append(Asked(self.command, parts.path, self.query, headers, self.body))
        path = parts.path.strip("/")
        with contextlib.suppress(IndexError):
            path = self.chaos.faults.popleft()
        name, _, self.rest = path.partition("/")
        answer = getattr(self, f"answer_{name.replace('-', '_')}", None)
        with contextlib.suppress(OSError):
            answer() if answer else self.send(b'{"message": "no such path"}', status=404)

    do_POST = do_GET

    @property
    def chaos(self) -> Chaos:
        return self.server.chaos

    # What is well-behaved

    def answer_series(self) -> None:
        self.send_json({"data": self.chaos.serve(self.days()), "warnings": self.chaos.warnings})

    def answer_number(self) -> None:
        days = self.days()
        self.chaos.serve(days)
        self.send_json({"value": sum((Decimal(self.chaos.series[day]) for day in days), Decimal(0))})

    def answer_pages(self) -> None:
        page, size = int(self.query["page"]), int(self.query.get("size", 3))
        days = self.days()[(page - 1) * size : page * size]
        self.send_json({"data": self.chaos.serve(days)})

    def answer_offset(self) -> None:
        first, size = int(self.query["offset"]), int(self.query.get("size", 3))
        self.send_json({"data": self.chaos.serve(self.days()[first : first + size])})

    def answer_shrinking(self) -> None:
        # Page 1 holds five rows, page 2 four, … : a short page is not the last one.
        page, days = int(self.query["page"]), self.days()
        first = sum(max(1, 6 - one) for one in range(1, page))
        self.send_json({"data": self.chaos.serve(days[first : first + max(1, 6 - page)])})

    def answer_overlap(self) -> None:
        page, size, days = int(self.query["page"]), int(self.query.get("size", 3)), self.days()
        first = (page - 1) * (size - 1)
        shown = days[first : first + size] if first < len(days) - 1 or page == 1 else []
        self.send_json({"data": self.chaos.serve(shown)})

    def answer_cursor(self) -> None:
        days, following = self.part(self.query.get("after", ""))
        self.send_json({"data": self.chaos.serve(days), "next": following})

    def answer_next(self) -> None:
        days, following = self.part(self.query.get("after", ""))
        address = f"{self.chaos.url}/next?{self.span()}&after={following}" if following else None
        self.send_json({"data": self.chaos.serve(days), "next": address})

    def answer_links(self) -> None:
        days, following = self.part(self.query.get("after", ""))
        link = f'<{self.chaos.url}/links?{self.span()}&after={following}>; rel="next", </first>; rel="first"'
        self.send_json({"data": self.chaos.serve(days)}, **({"Link": link} if following else {}))

    def answer_csv(self) -> None:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(self.chaos.header)
        writer.writerows((row[self.chaos.header[0]], row[self.chaos.header[1]]) for row in self.rows())
        self.send(text.getvalue().encode(), Content_Type="text/csv; charset=utf-8")

    def answer_xlsx(self) -> None:
        from openpyxl import Workbook

        book = Workbook()
        book.active.append(list(self.chaos.header))
        for row in self.rows():
            book.active.append(
                [date.fromisoformat(row[self.chaos.header[0]]), float(row[self.chaos.header[1]])]
            )
        packed = io.BytesIO()
        book.save(packed)
        self.send(packed.getvalue(), Content_Type="application/octet-stream")

    def answer_echo(self) -> None:
        asked = self.chaos.asked[-1]
        self.send_json({"headers": dict(asked.headers), "query": dict(asked.query), "body": asked.body})

    def answer_token(self) -> None:
        fields = {name: values[-1] for name, values in parse_qs(self.body).items()}
        found = self.chaos.exchange(fields.get("grant_type", ""), fields.get("refresh_token", ""))
        if found is None:
            self.send_json({"error": "invalid_grant", "error_description": "The token was used."}, status=400)
        else:
            self.send_json(found)

    def answer_locked(self) -> None:
        """As /series, for whoever brings a token that /token gave."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token in self.chaos.tokens:
            self.answer_series()
        else:
            self.send_json({"message": "unknown token"}, status=401)

    def answer_spreadsheets(self) -> None:
        if "private" in self.rest:
            self.send(b"<!doctype html><title>Sign in</title>", Content_Type="text/html")
        else:
            self.answer_xlsx()

    def answer_v4(self) -> None:
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.chaos.tokens:
            self.send_json({"error": {"message": "The caller does not have permission"}}, status=403)
        elif "/values/" not in self.rest:
            self.send_json({"sheets": [{"properties": {"title": "Teo's sales"}}]})
        else:
            # As UNFORMATTED_VALUE gives them: dates as days since 1899-12-30, no empty cells at the end.
            zero, (day, value) = date(1899, 12, 30), self.chaos.header
            rows = [[(date.fromisoformat(row[day]) - zero).days, row[value]] for row in self.rows()]
            self.send_json({"values": [[day, value, "note"], *rows]})

    # What is not

    def answer_loop(self) -> None:
        self.send_json({"data": self.chaos.serve(self.days()[:1]), "next": "again"})

    def answer_away(self) -> None:
        self.send_json({"data": self.chaos.serve(self.days()[:1]), "next": f"{self.chaos.other}/next"})

    def answer_hang(self) -> None:
        self.close_connection = True
        self.chaos.stopping.wait(30)

    def answer_drip(self) -> None:
        self.head("100000")
        while not self.chaos.stopping.wait(0.02):
            self.wfile.write(b" ")

    def answer_infinite(self) -> None:
        self.close_connection = True
        self.head("")
        while not self.chaos.stopping.is_set():
            self.wfile.write(b'{"day": "2026-11-16", "value": 1}, ' * 2000)

    def answer_bomb(self) -> None:
        packed, headers = _bomb(self.rest)
        self.send(packed, **headers)

    def answer_deep(self) -> None:
        self.send(b"[" * 100_000 + b"]" * 100_000)

    def answer_parts(self) -> None:
        self.send(b'{"data": [' + b"[]," * 600_000 + b"[]]}")

    def answer_raw(self) -> None:
        body, content_type = RAW[self.rest]
        self.send(body, Content_Type=content_type)

    def answer_value(self) -> None:
        self.send(b'{"data": [{"day": "2026-11-16", "value": %s}]}' % unquote(self.rest).encode())

    def answer_status(self) -> None:
        self.send(b'{"error": {"message": "It is what it is."}}', status=int(self.rest))

    def answer_wait(self) -> None:
        status, _, wait = self.rest.partition("/")
        self.send(b"{}", status=int(status), Retry_After=unquote(wait))

    def answer_reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def answer_half(self) -> None:
        self.head("1000")
        self.wfile.write(b'{"data": [')

    def answer_secret_echo(self) -> None:
        said = f"Bad sign-in: {self.headers.get('Authorization')} {self.headers.get('X-Key')}"
        self.send_json({"message": said}, status=401)

    def answer_redirect(self) -> None:
        port = self.chaos.port
        kind, _, count = self.rest.partition("-")
        here = f"127.0.0.1:{port}"
        to = {
            "loop": "/redirect/loop",
            "chain": f"/redirect/chain-{int(count) - 1}"
            if count and int(count) > 1
            else f"/csv?{self.span()}",
            "file": "file:///etc/passwd",
            "private": "http://10.1.2.3/csv",
            "metadata": "http://169.254.169.254/latest/meta-data/",
            "other": f"{self.chaos.other}/csv?{self.span()}",
            "plain": f"http://{here}/csv",
            "nowhere": "http://[oops/",
            "cross": f"{self.chaos.other}/echo",
            "user": f"http://somebody:word@{here}/csv",
        }[kind]
        self.send(b"", status=302, Location=to)

    # How it is said

    def days(self) -> list[date]:
        start, end = self.query.get("start", "0001-01-01"), self.query.get("end", "9999-12-31")
        return [day for day in sorted(self.chaos.series) if start <= day.isoformat() < end]

    def rows(self) -> list[dict[str, Any]]:
        return self.chaos.serve(self.days())

    def span(self) -> str:
        return "&".join(
            f"{name}={self.query[name]}" for name in ("start", "end", "size") if name in self.query
        )

    def part(self, after: str) -> tuple[list[date], str]:
        days = [day for day in self.days() if day.isoformat() > after]
        shown = days[: int(self.query.get("size", 3))]
        return shown, shown[-1].isoformat() if len(shown) < len(days) else ""

    def send_json(self, value: Any, *, status: int = 200, **headers: str) -> None:
        # Exact for up to 15 digits, which is what is kept.
        body = json.dumps(value, default=float)
        self.send(body.encode(), status=status, **headers)

    def send(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        standing = {"Content_Type": "application/json", "Content_Length": str(len(body))}
        for name, value in (standing | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def head(self, length: str) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if length:
            self.send_header("Content-Length", length)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """The requests are in `asked`."""


@functools.cache
def _bomb(kind: str) -> tuple[bytes, dict[str, str]]:
    if kind == "gzip":
        return gzip.compress(b" " * (60 * MIB)), {"Content_Encoding": "gzip"}
    if kind == "br":
        import brotli

        return brotli.compress(b" " * (60 * MIB), quality=1), {"Content_Encoding": "br"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (60 * MIB))
    return packed.getvalue(), {"Content_Type": "application/octet-stream"}
