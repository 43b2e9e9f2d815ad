"""The HTTP client: connects to checked addresses, ends at its deadline, reads no more than its limits."""

from __future__ import annotations

import functools
import os
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from northstar.lib.egress.capping import ACCEPTED, BODY_LIMIT, WIRE_LIMIT, CappedBody, too_large
from northstar.lib.egress.errors import EgressDenied, EgressTimeout

Resolve = Callable[[str, int], list[str]]
SCHEMES = ("http", "https")
PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, for a next byte, and for all of an answer; bytes on the wire and decoded. Where
    `slowest` is set, an answer that drips in at fewer bytes a second for `patience` seconds is given up."""

    connect: float = 5.0
    silence: float = 30.0
    total: float = 120.0
    wire: int = WIRE_LIMIT
    body: int = BODY_LIMIT
    slowest: int = 0
    patience: float = 10.0


def build(
    resolve: Resolve, *, headers: Mapping[str, str] | None, limits: Limits, ssl_context: ssl.SSLContext | None
) -> httpx.Client:
    """The client described at Egress.http_client."""
    return _Client(
        transport=_Transport(resolve, limits=limits, ssl_context=ssl_context or _trusted(*_named_trust())),
        headers={"User-Agent": "Northstar", "Accept-Encoding": ACCEPTED} | dict(headers or {}),
        timeout=httpx.Timeout(limits.silence, connect=limits.connect),
        follow_redirects=False,
        trust_env=False,
    )


def _named_trust() -> tuple[str | None, str | None]:
    return os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")


@functools.cache
def _trusted(file: str | None, folder: str | None) -> ssl.SSLContext:
    """The authorities that are trusted, read once: reading them takes longer than many a request."""
    return httpx.create_ssl_context()


class _Client(httpx.Client):
    """Hosts that are no punycode raise UnicodeError where httpx shows them, also in a Location."""

    def build_request(self, *args: Any, **more: Any) -> httpx.Request:
        try:
            return super().build_request(*args, **more)
        except UnicodeError:
            raise httpx.InvalidURL("the host name is not punycode") from None

    def send(self, *args: Any, **more: Any) -> httpx.Response:
        try:
            return super().send(*args, **more)
        except UnicodeError:
            raise httpx.InvalidURL("the host name is not punycode") from None


class _Watch:
    """The deadline of the request under way. Timeouts of single reads never fire on a slow drip (R30)."""

    def __init__(self, limits: Limits) -> None:
        self._total = self._limit = limits.total
        self._slowest, self._patience = limits.slowest, limits.patience
        self._since: float | None = None
        self._last = 0.0
        self._size = 0
        self._until = float("inf")

    def start(self, seconds: float | None = None) -> None:
        self._limit = self._total if seconds is None else min(seconds, self._total)
        self._until = time.monotonic() + self._limit
        self._since = None

    def received(self, size: int) -> None:
        """Count what came in. A pause is no drip: the other side thinks, and `silence` ends it."""
        now = time.monotonic()
        if not self._slowest or not size:
            return
        if self._since is None or now - self._last > PAUSE:
            self._since, self._size = now, 0
        self._last = now
        self._size += size
        if now - self._since >= self._patience:
            if self._size < self._slowest * self._patience:
                raise EgressTimeout(f"The answer drips in at less than {self._slowest:,} bytes a second.")
            self._since, self._size = now, 0

    def shorten(self, timeout: float | None) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise EgressTimeout(f"The whole answer took longer than {self._limit:.3g} seconds.")
        return left if timeout is None else min(timeout, left)


class _Transport(httpx.HTTPTransport):
    def __init__(self, resolve: Resolve, *, limits: Limits, ssl_context: ssl.SSLContext) -> None:
        super().__init__(verify=ssl_context, trust_env=False)
        self._limits = limits
        self._watch = _Watch(limits)
        # httpx has no argument for the network backend; a test proves that this one is in use.
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context, network_backend=_Backend(resolve, self._watch), max_connections=10
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme not in SCHEMES:
            raise EgressDenied(
                f"Blocked: {request.url.scheme[:20]!r} addresses are not opened; use https or http."
            )
        if request.url.userinfo:
            raise EgressDenied(
                "Blocked: the address holds a user name. Enter sign-in details in their own fields."
            )
        # A caller whose own deadline is nearer says so request by request.
        self._watch.start(request.extensions.get("seconds"))
        response = super().handle_request(request)
        try:
            return self._capped(request, response)
        except BaseException:
            response.close()
            raise

    def _capped(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        length = response.headers.get("content-length", "")
        if (
            request.method != "HEAD"
            and length.isascii()
            and length.isdigit()
            and int(length) > self._limits.wire
        ):
            raise too_large(self._limits.wire)
        encoding = response.headers.pop("content-encoding", "")
        if encoding:
            response.headers.pop("content-length", None)
        assert isinstance(response.stream, httpx.SyncByteStream)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=CappedBody(response.stream, encoding, wire=self._limits.wire, body=self._limits.body),
            extensions=response.extensions,
        )


class _Backend(httpcore.NetworkBackend):
    def __init__(self, resolve: Resolve, watch: _Watch) -> None:
        self._resolve, self._watch, self._sockets = resolve, watch, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self._resolve(host, port):
            limit = self._watch.shorten(timeout)
            try:
                stream = self._sockets.connect_tcp(address, port, limit, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._watch)
        raise failure or httpcore.ConnectError("no address")


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, watch: _Watch) -> None:
        self._stream, self._watch = stream, watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            received = self._stream.read(max_bytes, self._watch.shorten(timeout))
        except httpcore.ReadTimeout:
            self._watch.shorten(timeout)
            raise
        self._watch.received(len(received))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._watch.shorten(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._watch.shorten(timeout))
        return _Stream(secured, self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
