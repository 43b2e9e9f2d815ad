"""One POST to a chat service, and what its status means. Of an address, only the host is ever told."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from northstar.lib.egress import (
    Egress,
    EgressDenied,
    EgressError,
    EgressTimeout,
    HTTPError,
    InvalidURL,
    Limits,
    Response,
    TimeoutException,
    read_url,
    tls_fault,
)
from teams.channels.base import ChannelError

#: A message is small and so is its answer: who needs longer has trouble.
LIMITS = Limits(connect=5.0, silence=10.0, total=15.0)
MOST_READ = 4096
ASKED_TO_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)
TOO_MANY, HTTPS = 429, 443
PASSING = frozenset({408, 409, 425})


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent where; nothing of it is shown."""

    address: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, the first 4,096 bytes as text, and how long it asked to be left."""

    host: str
    status: int
    text: str = field(default="", repr=False)
    retry_after: timedelta | None = None

    def says(self) -> dict[str, Any]:
        """The answer as a JSON object; empty where it is none."""
        try:
            said = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}


def post(request: Post, *, door: Egress, now: datetime) -> Answer:
    """The answer to one POST; redirects are not followed, as the address or the body may be a secret.

    Raises ChannelError where none came: then it is not known whether the message arrived.
    """
    host = host_of(request.address)
    try:
        read_url(request.address)
        with (
            door.http_client(limits=LIMITS) as client,
            client.stream(
                "POST", request.address, content=request.body, headers=dict(request.headers)
            ) as response,
        ):
            wait = _retry_after(response.headers.get("retry-after", ""), now)
            return Answer(host, response.status_code, _read(response), wait)
    except EgressDenied as error:
        # The sentence of the door names the host and, to admins alone, the setting; never the whole address.
        raise ChannelError(str(error) if host in str(error) else _no_address(host)) from None
    except (EgressTimeout, TimeoutException):
        raise ChannelError(
            f"{host} did not answer within {LIMITS.total:.0f} seconds, which may pass."
        ) from None
    except InvalidURL:
        raise ChannelError(_no_address(host), permanent=True, broken=True) from None
    except (EgressError, HTTPError, OSError) as error:
        raise ChannelError(_unreached(host, error)) from None


def host_of(address: str) -> str:
    """The host of an address as it may be shown; "the address" where it has none."""
    try:
        return read_url(address).host
    except EgressDenied:
        return "the address"


def place_of(address: str) -> str:
    """Where an address leads, as it may be shown and compared: host, and any port but that of https."""
    try:
        origin = read_url(address)
    except EgressDenied:
        return ""
    bare = f"[{origin.host}]" if ":" in origin.host else origin.host
    return bare if origin.port == HTTPS else f"{bare}:{origin.port}"


def judge(answer: Answer, *, service: str) -> None:
    """Raises ChannelError for a status that is no success. `service` is what people call it."""
    status, host = answer.status, answer.host
    if 200 <= status < 300:
        return
    if status == TOO_MANY:
        raise asked_to_wait(host, answer.retry_after)
    if status in (404, 410):
        raise dead(
            f"{host} does not know this address any more (status {status}): it was removed in {service}. "
            "Make a new one there and enter it here."
        )
    if status in (401, 403):
        raise dead(
            f"{host} does not let us in (status {status}). Make a new address or key in {service} and enter "
            "it here."
        )
    if 300 <= status < 400:
        raise dead(
            f"{host} sends us on to another address (status {status}), which is not followed. "
            "Enter the final address."
        )
    if status >= 500 or status in PASSING:
        if answer.retry_after is not None:
            raise asked_to_wait(host, answer.retry_after)
        raise ChannelError(f"{host} has trouble of its own (status {status}), which may pass.")
    raise ChannelError(
        f"{host} did not take the message (status {status}). Check the settings in {service}.", permanent=True
    )


def asked_to_wait(host: str, wait: timedelta | None) -> ChannelError:
    """The error for a service that has had enough for now."""
    left = min(max(wait or ASKED_TO_WAIT, timedelta(seconds=1)), LONGEST_WAIT)
    seconds = math.ceil(left.total_seconds())
    words = f"{seconds} second{'' if seconds == 1 else 's'}" if seconds < 120 else f"{seconds // 60} minutes"
    return ChannelError(f"{host} asks to wait {words}: too many messages.", retry_after=left)


def dead(sentence: str) -> ChannelError:
    """The error for a channel that somebody has to mend."""
    return ChannelError(sentence, permanent=True, broken=True)


def seconds_of(value: object) -> timedelta | None:
    """A JSON number of seconds as a duration; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 10**9:
        return None
    return timedelta(seconds=value)


def _retry_after(text: str, now: datetime) -> timedelta | None:
    """Retry-After: seconds or a date."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - now, timedelta(seconds=1))


def _read(response: Response) -> str:
    """The beginning of the answer. Where it breaks off after its status, the status counts."""
    parts, size = list[bytes](), 0
    try:
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size >= MOST_READ:
                break
    except (EgressError, HTTPError, OSError):
        pass
    return b"".join(parts)[:MOST_READ].decode("utf-8", "replace")


def _no_address(host: str) -> str:
    return f"{host} is no web address that can be used. Enter it again, beginning with https://."


def _unreached(host: str, error: Exception) -> str:
    fault = tls_fault(error)
    if fault:
        return f"{host} cannot be reached safely: {fault}"
    return f"{host} does not answer, which may pass. Check that it is there."
