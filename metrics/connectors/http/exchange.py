"""One request after the other, within a deadline and at the pace that the service allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from metrics.connectors.base import ConnectorError, Egress
from metrics.connectors.http import faults
from metrics.connectors.http.request import Request
from northstar.lib.egress import (
    Client,
    EgressError,
    HTTPError,
    InvalidURL,
    Limits,
    Response,
    SSLContext,
    follow,
)

#: Below the soft limit of a pull, so that the error is ours and says what to do.
DEADLINE = 200.0
SHORT_WAIT = 20.0
_MOST_WAITS = 3
_BREATH = 1.0


@dataclass(slots=True)
class Pace:
    """When the next request may leave; shared by the exchanges of one source, which keep it together."""

    next: float = 0.0


class Exchange:
    """An open client. Example: `with Exchange(egress, now=ask.now) as web: web.send(request)`.

    `sleep` and `limits` are arguments, so that tests neither wait nor fill memory.
    """

    def __init__(
        self,
        egress: Egress,
        *,
        now: datetime | None = None,
        per_minute: int = 0,
        pace: Pace | None = None,
        deadline: float = DEADLINE,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        sleep: Callable[[float], None] = time.sleep,
        ssl_context: SSLContext | None = None,
    ) -> None:
        self._client: Client = egress.http_client(limits=limits, ssl_context=ssl_context)
        self._limits, self._sleep = limits, sleep
        self._began = time.monotonic()
        self._until = self._began + deadline
        self.deadline = deadline
        self._now = now or datetime.now(UTC)
        self._pause = 60 / per_minute if per_minute else 0.0
        self._pace = pace or Pace()
        self._answered = False
        #: Whatever must never be quoted; grows as tokens are fetched.
        self.secrets: set[str] = set()

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def now(self) -> datetime:
        """The moment of the question, moved on by the time that has passed since."""
        return self._now + timedelta(seconds=time.monotonic() - self._began)

    def has_time(self, *, for_another: int) -> bool:
        """Whether one more request fits in before the deadline, judged by the `for_another` ones so far."""
        each = max((time.monotonic() - self._began) / for_another, self._pause)
        return self._left() > 2 * each

    def send(self, request: Request, *, redirects: int = 0, secrets: Iterable[str] = ()) -> Response:
        """The complete answer, status 2xx. Raises ConnectorError.

        A short wait that the service asks for is waited out here; a longer one is the caller's. Among many
        requests one that fails in passing is sent once more, so that the others were not for nothing.
        """
        self.secrets |= set(secrets)
        again = self._answered
        for waits in range(_MOST_WAITS + 1):
            try:
                response = self._checked(request, redirects=redirects)
            except ConnectorError as error:
                wait = error.retry_after
                if wait is None and again and error.code == "connection":
                    wait, again = _BREATH, False
                if wait is None or wait > min(SHORT_WAIT, self._left()) or waits == _MOST_WAITS:
                    raise
                self._sleep(max(wait, 0.1))
            else:
                self._answered = True
                return response
        raise AssertionError("unreachable")

    def _checked(self, request: Request, *, redirects: int) -> Response:
        self._keep_pace(request)
        response = self._once(request, redirects=redirects)
        if response.is_success:
            return response
        raise faults.on_status(
            response.status_code, response.headers, response.content,
            host=response.url.host, now=self.now, secrets=self.secrets,
        )  # fmt: skip

    def _once(self, request: Request, *, redirects: int) -> Response:
        content, content_type = request.content()
        headers = {**request.headers, **({"Content-Type": content_type} if content_type else {})}
        seconds = min(self._limits.total, self._left())
        if seconds <= 0:
            raise self._late()
        host = request.url
        try:
            made = self._client.build_request(
                request.method, request.address(), content=content, headers=headers,
                extensions={"seconds": seconds},
            )  # fmt: skip
            host = made.url.host
            response = follow(self._client, made, most=redirects)
        except (EgressError, HTTPError, InvalidURL) as error:
            raise faults.on_the_way(error, host=host, seconds=self._limits.silence) from None
        return response

    def _keep_pace(self, request: Request) -> None:
        wait = self._pace.next - time.monotonic()
        if wait > self._left():
            raise self._late()
        if wait > 0:
            self._sleep(wait)
        self._pace.next = max(self._pace.next, time.monotonic()) + self._pause

    def _left(self) -> float:
        return self._until - time.monotonic()

    def _late(self) -> ConnectorError:
        return ConnectorError(
            "timeout",
            f"The answers were still coming in after {self.deadline:g} seconds. "
            "Ask for less at a time: a shorter range, or bigger pages.",
        )
