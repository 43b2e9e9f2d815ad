"""Why a web service gave nothing: by its status, and by what went wrong on the way (R27, R36)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from metrics.connectors.base import ConnectorError
from metrics.connectors.masking import hider
from northstar.lib.egress import (
    ConnectError,
    EgressDenied,
    EgressError,
    EgressTimeout,
    EgressTooLarge,
    HTTPError,
    TimeoutException,
    tls_fault,
)

LONGEST_WAIT = 24 * 3600.0
_QUOTED = 200
#: How Salesforce, GitHub and Google say with a 403 that too many requests came.
_TOO_MANY = (b"REQUEST_LIMIT_EXCEEDED", b"secondary rate limit", b"rateLimitExceeded")
_SAYS = (
    "message",
    "error_description",
    "detail",
    "details",
    "title",
    "reason",
    "error",
    "errors",
    "description",
)


def on_status(status: int, headers: Mapping[str, str], body: bytes, *, host: str, now: datetime,
              secrets: Iterable[str] = ()) -> ConnectorError:  # fmt: skip
    """The error for an answer that is no success."""
    said = quoted(body, headers.get("content-type", ""), secrets=secrets)
    wait = retry_after(headers, now)
    if status == 429 or (status == 403 and (wait is not None or _says_too_many(headers, body))):
        return ConnectorError(
            "rate_limited", f"{host} asks to wait{_time(wait)}: too many requests (status {status}).{said}",
            retry_after=wait,
        )  # fmt: skip
    if status in (401, 403):
        words = "does not accept the sign-in" if status == 401 else "does not allow this to the sign-in"
        advice = (
            "Type the secret anew." if status == 401 else "Give it the right to read, or use another one."
        )
        return ConnectorError(
            "auth", f"{host} {words} (status {status}). {advice}{said}", permanent=True
        )  # fmt: skip
    if status == 503 and wait is not None:
        return ConnectorError(
            "rate_limited", f"{host} asks to wait{_time(wait)} (status 503).{said}", retry_after=wait
        )
    if status >= 500 or status in (408, 425):
        return ConnectorError("connection", f"{host} has trouble of its own (status {status}).{said}")
    if status == 404:
        return _query(f"{host} has nothing at this address (status 404). Check the path.{said}")
    if 300 <= status < 400:
        return _query(
            f"{host} sends us on to another address (status {status}), which is not followed. "
            "Type the final address."
        )
    return _query(f"{host} refuses the question (status {status}). Check path, parameters and body.{said}")


def _says_too_many(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a 403 is about the number of requests and not about rights."""
    spent = headers.get("x-ratelimit-remaining") == "0"
    return spent or any(word in body[:20_000] for word in _TOO_MANY)


def on_the_way(error: Exception, *, host: str, seconds: float) -> ConnectorError:
    """The error for a request that got no answer; never the library's own text."""
    if isinstance(error, EgressDenied):
        return ConnectorError("egress_denied", str(error), permanent=True)
    if isinstance(error, EgressTooLarge):
        return ConnectorError("too_large", f"{error} Nothing was stored.", permanent=True)
    if isinstance(error, EgressTimeout):
        return ConnectorError("timeout", f"{host}: {_lowered(str(error))}")
    if isinstance(error, EgressError):
        return ConnectorError("connection", str(error))
    if isinstance(error, TimeoutException):
        return ConnectorError("timeout", f"{host} did not answer within {seconds:g} seconds.")
    if reason := tls_fault(error):
        return ConnectorError("tls", f"No safe connection to {host}: {reason}", permanent=True)
    if isinstance(error, ConnectError):
        return ConnectorError(
            "connection", f"Nothing answers at {host}. Check host and port, and that it may be reached."
        )
    if isinstance(error, HTTPError):
        return ConnectorError(
            "connection", f"The connection to {host} broke off in the middle of an answer. Look there why."
        )
    return ConnectorError("config", "This is no address that can be opened.", permanent=True)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the service asks to wait, 0 to 24 h; None where it says nothing that can be read."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST_WAIT)
    until: datetime | None = None
    reset = headers.get("x-ratelimit-reset", "").strip()
    try:
        if text:
            until = parsedate_to_datetime(text)
        elif reset.isascii() and reset.isdigit() and len(reset) == 10:
            until = datetime.fromtimestamp(int(reset), UTC)
    except (ValueError, OverflowError):
        return None
    if until is None:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_WAIT)


def quoted(body: bytes, content_type: str, *, secrets: Iterable[str]) -> str:
    """What the service itself says, as " It says: …", short and without our secrets; or empty."""
    said = _said(body[:20_000], content_type)
    if not said:
        return ""
    shown = "".join(c if c.isprintable() else " " for c in redacted(said, secrets))
    shown = " ".join(shown.split())
    return f" It says: “{shown[:_QUOTED]}{'…' if len(shown) > _QUOTED else ''}”" if shown else ""


def redacted(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret, as it is or as addresses and headers write it, replaced."""
    return hider(secrets)(text)


def _said(body: bytes, content_type: str) -> str:
    if "json" in content_type.lower() or body.lstrip()[:1] in (b"{", b"["):
        try:
            return _message(json.loads(body))
        except (ValueError, RecursionError):
            return ""
    if content_type.lower().startswith("text/plain"):
        return body[:1000].decode("utf-8", "replace")
    return ""


def _message(value: object, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if depth > 3:
        return ""
    if isinstance(value, list):
        return _message(value[0], depth + 1) if value else ""
    if isinstance(value, dict):
        return next((found for key in _SAYS if (found := _message(value.get(key), depth + 1))), "")
    return ""


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return f" {seconds:.0f} seconds"
    return f" {seconds / 60:.0f} minutes" if seconds < 5400 else f" {seconds / 3600:.0f} hours"


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _query(sentence: str) -> ConnectorError:
    return ConnectorError("query", sentence, permanent=True)
