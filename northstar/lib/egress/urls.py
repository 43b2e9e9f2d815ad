"""Whole addresses, read by the parser that will connect; what another one might read otherwise is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from northstar.lib.egress.errors import EgressDenied
from northstar.lib.egress.looking_up import clean_host

SCHEMES = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a web address leads to; `host` as it is looked up."""

    scheme: str
    host: str
    port: int


def read_url(text: str) -> Origin:
    """The origin of a web address. Raises EgressDenied with a sentence for anything else: other schemes, user
    names, and whatever two parsers could read as two hosts."""
    start = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
    if any(not sign.isprintable() for sign in text) or any(sign in " \\" for sign in start):
        raise _refused(text)
    scheme = text.partition(":")[0].lower()
    if scheme not in SCHEMES:
        raise EgressDenied(f"Blocked: {scheme[:20]!r} addresses are not opened; use https or http.")
    try:
        url, other = httpx.URL(text), urlsplit(text)
        host, port = url.raw_host.decode("ascii"), url.port or SCHEMES[scheme]
        same = (other.port or SCHEMES[scheme]) == port and (other.hostname or "").isascii()
    except (httpx.InvalidURL, ValueError):
        raise _refused(text) from None
    if url.userinfo or "@" in other.netloc:
        raise EgressDenied(
            "Blocked: the address holds a user name. Enter sign-in details in their own fields."
        )
    if not same or (other.hostname or "") != host.lower():
        raise _refused(text)
    return Origin(scheme, clean_host(host), port)


def _refused(text: str) -> EgressDenied:
    return EgressDenied(
        f"Blocked: {text[:80]!r} is no web address. Write it like https://api.example.com/path."
    )
