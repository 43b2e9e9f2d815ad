"""From one page to the next, without running in a circle or off to another host (F40)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from metrics.connectors.base import ConnectorError
from metrics.connectors.http.expressions import Expression
from metrics.connectors.http.request import Request
from metrics.connectors.recipe import Paging

MAX_PAGES = 1000
_LINK = re.compile(r"<([^<>]+)>((?:\s*;[^,<]*)?)")
_NEXT = re.compile(r"rel\s*=\s*\"?[^\";]*\bnext\b", re.IGNORECASE)
KINDS = ("none", "next_url", "link_header", "cursor", "last_item", "page", "offset")


class Pages:
    """Which request follows which. One object serves one run of pages."""

    def __init__(self, paging: Paging) -> None:
        """Raises ConnectorError("config") for a paging that cannot work."""
        self._paging = paging
        if paging.kind not in KINDS:
            raise _config(f"There is no paging called '{paging.kind[:40]}'.")
        if paging.kind in ("cursor", "last_item", "page", "offset") and not paging.param:
            raise _config("This paging needs the name of the parameter that asks for the next page.")
        if paging.kind in ("next_url", "cursor", "last_item") and not paging.next:
            raise _config("This paging needs an expression that leads to the next page.")
        self._next = Expression(paging.next, name="the next page") if paging.next else None
        self._more = Expression(paging.more, name="whether there is more") if paging.more else None
        self._seen: set[str] = set()
        self._page, self._offset = paging.first, 0

    def first(self, request: Request) -> Request:
        """The first request: numbered pages say so from the start."""
        if self._paging.kind == "page":
            return request.with_param(self._paging.param, self._page, place=self._paging.place)
        if self._paging.kind == "offset":
            return request.with_param(self._paging.param, 0, place=self._paging.place)
        return request

    def after(
        self, request: Request, answer: Any, rows: Sequence[Any], *, headers: Mapping[str, str], number: int
    ) -> Request | None:
        """The request for the page after this one, the `number`th; None where it was the last."""
        paging = self._paging
        if paging.kind == "none" or (self._more is not None and not _true(self._more.find(answer))):
            return None
        following = self._following(request, answer, rows, headers=headers)
        if following is not None and number >= MAX_PAGES:
            raise ConnectorError(
                "too_large",
                f"There are more than {MAX_PAGES:,} pages. Ask for a shorter range or bigger pages.",
                permanent=True,
            )
        return following

    def _following(
        self, request: Request, answer: Any, rows: Sequence[Any], *, headers: Mapping[str, str]
    ) -> Request | None:
        paging = self._paging
        if paging.kind == "next_url":
            assert self._next is not None
            return self._to(request, self._next.find(answer))
        if paging.kind == "link_header":
            return self._to(request, _next_link(headers.get("link", "")))
        if paging.kind == "cursor":
            assert self._next is not None
            return self._with(request, self._next.find(answer))
        if not rows:
            return None
        if paging.kind == "last_item":
            assert self._next is not None
            return self._with(request, self._next.find(rows[-1]))
        # Numbered pages cannot loop by their numbers, but a service may answer every number alike.
        self._once(hashlib.sha256(json.dumps(rows, default=str).encode()).hexdigest())
        self._page, self._offset = self._page + 1, self._offset + len(rows)
        value = self._page if paging.kind == "page" else self._offset
        return request.with_param(paging.param, value, place=paging.place)

    def _with(self, request: Request, token: Any) -> Request | None:
        if token in (None, "", False):
            return None
        if not isinstance(token, (str, int)) or len(str(token)) > 4000:
            raise ConnectorError(
                "schema", "What leads to the next page is no text and no number.", permanent=True
            )
        self._once(str(token))
        following = request.without_param(self._paging.first_only) if self._paging.first_only else request
        return following.with_param(self._paging.param, token, place=self._paging.place)

    def _to(self, request: Request, address: Any) -> Request | None:
        if address in (None, "", False):
            return None
        if not isinstance(address, str) or any(not c.isprintable() or c == "\\" for c in address):
            raise ConnectorError("schema", "What leads to the next page is no address.", permanent=True)
        url = urljoin(request.url, address)
        if _origin(url) != _origin(request.url):
            raise ConnectorError(
                "query",
                f"The next page lies on another host ({urlsplit(url).netloc[:80]}), to which the sign-in is "
                "not sent. Nothing was stored.",
                permanent=True,
            )
        self._once(url)
        return request.at(url)

    def _once(self, key: str) -> None:
        if key in self._seen:
            raise ConnectorError(
                "query",
                "The pages run in a circle: the same next page came twice. Check the paging; "
                "nothing was stored.",
                permanent=True,
            )
        self._seen.add(key)


def _next_link(header: str) -> str | None:
    """The address of rel="next" (RFC 8288)."""
    for found in _LINK.finditer(header[:16_000]):
        if _NEXT.search(found[2]):
            return found[1]
    return None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return ("", None, None)
    return ("" if "@" in parts.netloc else parts.scheme, parts.hostname, port)


def _true(value: Any) -> bool:
    return value not in (None, False, "", 0) and value != [] and value != {}


def _config(sentence: str) -> ConnectorError:
    return ConnectorError("config", sentence, permanent=True)
