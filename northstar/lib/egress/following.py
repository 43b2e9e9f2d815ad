"""Redirects, followed one checked hop at a time (reliability R35)."""

from __future__ import annotations

import httpx

from northstar.lib.egress.errors import EgressDenied

#: Headers that may go to any host; all others may hold a secret, whatever they are called.
HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "user-agent"})
STATUSES = frozenset({301, 302, 303, 307, 308})


def follow(client: httpx.Client, request: httpx.Request, *, most: int = 0) -> httpx.Response:
    """The complete answer to `request`, after at most `most` redirects; the last one where it is 0.

    Every hop is checked where it connects, as any address is. Only a GET is sent on; headers that may hold a
    secret stay with the first host; https never becomes http. Raises EgressDenied, and what a client raises.
    """
    response = client.send(request)
    if not most:
        return response
    for _ in range(most + 1):
        if response.status_code not in STATUSES or "location" not in response.headers:
            return response
        request = _next(request, response.headers["location"])
        response = client.send(request)
    raise EgressDenied(f"Blocked: the address leads on more than {most} times. Type the final address.")


def _next(request: httpx.Request, location: str) -> httpx.Request:
    try:
        url = request.url.join(location)
        assert url.host is not None  # a host that is no punycode cannot be shown, nor then reached
    except (httpx.InvalidURL, UnicodeError):
        raise EgressDenied("Blocked: the address leads on to something that is no address.") from None
    if request.method != "GET":
        raise EgressDenied(
            "Blocked: the address leads on, but only a GET is sent on. Type the final address."
        )
    if url.scheme not in ("https", "http"):
        raise EgressDenied(f"Blocked: the address leads on to {url.scheme[:20]!r}, which is not opened.")
    if request.url.scheme == "https" and url.scheme == "http":
        raise EgressDenied(
            f"Blocked: the address leads on from https to plain http ({url.host}). Type the final address."
        )
    same = (url.host, url.port) == (request.url.host, request.url.port) and url.scheme == request.url.scheme
    headers = [
        (name, value)
        for name, value in request.headers.items()
        if name != "host" and (same or name in HARMLESS)
    ]
    return httpx.Request("GET", url, headers=headers, extensions=request.extensions)
