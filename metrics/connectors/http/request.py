"""A request as data: what is asked, and how it is shown without any secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from metrics.connectors.base import ConnectorError
from metrics.connectors.http import placing
from metrics.connectors.masking import MASK
from metrics.connectors.recipe import Recipe

__all__ = ["MASK", "Request", "of"]
_SHOWN = 4000


@dataclass(frozen=True, slots=True)
class Request:
    """`body` is JSON for body_kind json, pairs of a form for form, text for text, or None."""

    method: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    body_kind: str = "json"

    def with_param(self, name: str, value: str | int, *, place: str = "params") -> Request:
        """The same request with one parameter set anew, in the address or in the body."""
        if place != "body":
            kept = tuple(pair for pair in self.params if pair[0] != name)
            return replace(self, params=(*kept, (name, str(value))))
        if not isinstance(self.body, Mapping):
            raise ConnectorError(
                "config", "The next page is asked for in the body, but the body is no object.", permanent=True
            )
        return replace(self, body=_set(self.body, name.split("."), value))

    def without_param(self, name: str) -> Request:
        """The same request without one parameter of the address."""
        return replace(self, params=tuple(pair for pair in self.params if pair[0] != name))

    def at(self, url: str) -> Request:
        """The same request at an address that holds its parameters already."""
        return replace(self, url=url, params=())

    def address(self) -> str:
        """The whole address, with its parameters."""
        query = urlencode(self.params)
        return f"{self.url}{'&' if '?' in self.url else '?'}{query}" if query else self.url

    def content(self) -> tuple[bytes | None, str]:
        """The bytes of the body and their content type."""
        if self.body is None:
            return None, ""
        if self.body_kind == "form":
            return urlencode(dict(self.body)).encode(), "application/x-www-form-urlencoded"
        if self.body_kind == "text":
            return str(self.body).encode(), "text/plain; charset=utf-8"
        return json.dumps(self.body, allow_nan=False).encode(), "application/json"

    def shown(self, masked: Mapping[str, str]) -> str:
        """The request as an admin reads it; `masked` are headers and fields that hold a secret."""
        query = urlencode(self.params, safe=":,[]()|*")
        url = f"{self.url}{'&' if '?' in self.url else '?'}{query}" if query else self.url
        lines = [f"{self.method} {url}"]
        lines += [f"{name}: {value}" for name, value in {**self.headers, **masked}.items()]
        body = self.content()[0]
        if body:
            pretty = self.body_kind == "json"
            lines += ["", json.dumps(self.body, indent=2, ensure_ascii=False) if pretty else body.decode()]
        return "\n".join(lines)[:_SHOWN]


def of(recipe: Recipe, names: Mapping[str, Any]) -> Request:
    """The first request of a recipe, all placeholders filled. Raises ConnectorError("config")."""
    if recipe.method not in ("GET", "POST"):
        raise ConnectorError("config", "A source is asked by GET or POST.", permanent=True)
    headers = {"Accept": "application/json"}
    headers |= {name: placing.header(name, value, names) for name, value in recipe.headers.items()}
    body = recipe.body
    if body is not None:
        body = placing.text(body, names) if recipe.body_kind == "text" else placing.structure(body, names)
    url = placing.address(recipe.url, names)
    request = Request(recipe.method, url, _params(recipe, names), headers, body, recipe.body_kind)
    paging = recipe.paging
    if paging.size_param:
        request = request.with_param(paging.size_param, paging.size, place=paging.place)
    return request


def _params(recipe: Recipe, names: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name, template in recipe.params.items():
        for one in [template] if isinstance(template, str) else list(template):
            value = placing.param(str(one), names)
            if value is not None:
                found.append((name, value))
    return tuple(found)


def _set(body: Mapping[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """A copy of `body` with the value at a dotted path."""
    if len(path) == 1:
        return {**body, path[0]: value}
    below = body.get(path[0])
    return {**body, path[0]: _set(below if isinstance(below, Mapping) else {}, path[1:], value)}
