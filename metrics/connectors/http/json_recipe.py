"""From what an admin typed for a web service to a recipe; and what cannot be one, told at its field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from metrics.connectors.base import Ask, ConnectorError
from metrics.connectors.gathering import parts_of
from metrics.connectors.http import placing
from metrics.connectors.http.expressions import Expression
from metrics.connectors.http.pages import Pages
from metrics.connectors.http.web_connector import check_parameters, simple_auth
from metrics.connectors.moments import pattern_fault
from metrics.connectors.numbers import NumberError, parse
from metrics.connectors.recipe import Auth, Paging, Reading, Recipe

_OAUTH = ("oauth_client", "oauth_refresh")
_OWN_HEADERS = {
    "authorization", "cookie", "host", "connection", "content-length", "transfer-encoding", "accept-encoding",
    "proxy-authorization", "content-type",
}  # fmt: skip
_EXPRESSIONS = (
    "rows", "period", "value", "numerator", "denominator", "weight", "row_id", "next", "more", "warnings",
    "failure",
)  # fmt: skip


def recipe_of(settings: Mapping[str, Any], query: Mapping[str, Any], ask: Ask) -> Recipe:
    """The recipe of one metric's question."""
    each = str(query["each"])
    wanted = parts_of(ask.kind, str(query["aggregate"]))
    return Recipe(
        url="{address}/" + str(query["path"]).lstrip("/"),
        method=str(query["method"]),
        params=_params(query["params"]),
        headers=headers_of(settings),
        body=_body(query),
        auth=auth_of(settings),
        paging=paging_of(query),
        reading=Reading(
            rows=query["rows"], period="" if each == "period" else query["period"],
            date_format=query["date_format"], days=query["days"], aggregate=query["aggregate"],
            parts={part: query[part] or part for part in wanted}, scale=query["scale"], id=query["row_id"],
        ),
        # Over a range, the metric itself says what a period without a row means.
        each=each, empty=query["empty"] if each == "period" else "missing",
        warnings=query["warnings"], failure=query["failure"],
        per_minute=settings["per_minute"],
    )  # fmt: skip


def paging_of(query: Mapping[str, Any]) -> Paging:
    """How the next page is asked for."""
    if query["paging"] == "none":
        return Paging()
    return Paging(
        kind=query["paging"], next=query["next"], more=query["more"], param=query["page_param"],
        place=query["page_place"], first=query["first_page"], size_param=query["size_param"],
        size=query["page_size"],
    )  # fmt: skip


def auth_of(settings: Mapping[str, Any]) -> Auth:
    """The sign-in of the source."""
    kind = settings["auth"]
    if kind in _OAUTH:
        return Auth(kind, token_url=settings["token_url"], scope=settings["scope"])
    return Auth(kind, scope=settings["scope"]) if kind == "google" else simple_auth(settings)


def headers_of(settings: Mapping[str, Any]) -> dict[str, str]:
    """The additional headers, by name. Raises ConnectorError("config")."""
    return dict(_lines(settings["headers"], ":", field="headers"))


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raise ConnectorError("config") naming the field for what cannot work."""
    for name, value in headers_of(settings).items():
        if name.lower() in _OWN_HEADERS:
            raise _wrong(f"The header {name} is not typed here; sign-ins have their own fields.", "headers")
        # Braces stand for what is only known when it asks; what is around them can be looked at now.
        plain = value.replace("{", "").replace("}", "")
        _told("headers", lambda name=name, plain=plain: placing.header(name, plain, {}))
    if settings["auth"] in _OAUTH:
        for field in ("token_url", "client_id"):
            if not settings[field]:
                raise _wrong("This sign-in needs an address for tokens and a client.", field)
        _told("token_url", lambda: placing.base_address(settings["token_url"]))
    if settings["auth"] == "basic":
        simple_auth(settings)
    if settings["auth"] == "google" and not settings["scope"]:
        raise _wrong("This sign-in needs a scope.", "scope")


def check_query(query: Mapping[str, Any]) -> None:
    """Raise ConnectorError("config") naming the field for what cannot work."""
    for field in _EXPRESSIONS:
        if query[field]:
            _told(field, lambda field=field: Expression(query[field], name=field))
    if fault := pattern_fault(query["date_format"]):
        raise _wrong(f"How dates are written {fault}", "date_format")
    if query["each"] == "range" and not query["period"]:
        raise _wrong("The period of a row is required, unless each period is asked for alone.", "period")
    try:
        parse(query["scale"], label="Multiply values by")
    except NumberError as error:
        raise _wrong(str(error), "scale") from None
    _told(
        "params", lambda: check_parameters(name for name, _ in _lines(query["params"], "=", field="params"))
    )
    inner = query["path"].partition("?")[2]
    _told("path", lambda: check_parameters(part.partition("=")[0] for part in inner.split("&")))
    if query["paging"] != "none":
        field = "page_param" if not query["page_param"] else "next"
        _told(field, lambda: Pages(paging_of(query)))
    if query["paging"] in ("page", "offset", "last_item") and "[?" in query["rows"]:
        raise _wrong(
            "These pages are counted by their rows, so Rows must not leave any out by [?…]. "
            "Let a parameter filter, or use another kind of pages.",
            "rows",
        )
    if "://" in query["path"] or query["path"].startswith("//"):
        raise _wrong("Path goes below the base address, such as orders/daily; it holds no host.", "path")
    _body(query)


def cautions(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """What is worth saying about settings that work."""
    if settings["auth"] != "none" and settings["address"].startswith("http://"):
        return ("The address begins with http://, so the sign-in travels unencrypted.",)
    return ()


def _body(query: Mapping[str, Any]) -> Any:
    if not query["body"] or query["method"] != "POST":
        return None
    try:
        return json.loads(query["body"])
    except (ValueError, RecursionError) as error:
        where = f" (character {error.pos + 1})" if isinstance(error, json.JSONDecodeError) else ""
        raise _wrong(f"Body is not JSON{where}.", "body") from None


def _params(text: str) -> dict[str, list[str]]:
    """The values of each parameter; one may be typed on several lines."""
    found: dict[str, list[str]] = {}
    for name, value in _lines(text, "=", field="params"):
        found.setdefault(name, []).append(value)
    return found


def _lines(text: str, sign: str, *, field: str) -> Iterator[tuple[str, str]]:
    for line in filter(None, (line.strip() for line in str(text).splitlines())):
        name, found, value = line.partition(sign)
        if not found or not name.strip():
            raise _wrong(f"'{line[:60]}' is no line of the form name {sign} value.", field)
        yield name.strip(), value.strip()


def _told(field: str, check: Any) -> None:
    try:
        check()
    except ConnectorError as error:
        raise _wrong(error.message, field) from None


def _wrong(sentence: str, field: str) -> ConnectorError:
    return ConnectorError("config", sentence, permanent=True, field=field)
