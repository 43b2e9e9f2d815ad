"""How each kind of source is given an address: a new kind that takes one adds a row to the table here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from metrics.connectors.base import Connector, Field
from metrics.connectors.registry import connector_class, kinds
from tests.hostile.targets import Target

Typed = dict[str, str]

#: Names of settings that decide which machine is spoken to.
LEADS = re.compile(
    r"(^|_)(host|hostname|server|address|url|uri|endpoint|base|site|domain|subdomain|instance)($|_)"
)
DUMMIES = {"database": "northstar"}


def by_host(name: str = "host", port: str = "port") -> Callable[[Target], Typed]:
    """A kind with a host and a port of its own."""

    def typed(target: Target) -> Typed:
        host = target.url or target.host
        return {name: host} | ({port: str(target.port)} if target.port else {})

    return typed


def by_url(name: str = "url") -> Callable[[Target], Typed]:
    """A kind that takes a whole address."""
    return lambda target: {name: target.as_url()}


#: Kind of source → what is typed for a target. The registry's other kinds open no address that was typed.
ROWS: dict[str, Callable[[Target], Typed]] = {
    "postgresql": by_host(),
    "prometheus": by_url(),
}


def without_a_row() -> list[str]:
    """Kinds with a setting that sounds like an address, and no row in the table."""
    return [k for k in kinds() if k not in ROWS and _sounds_like_an_address(connector_class(k))]


def kinds_with_an_address() -> list[str]:
    """Kinds of the registry that the table can lead to a target."""
    return [kind for kind in kinds() if kind in ROWS]


def _sounds_like_an_address(cls: type[Connector]) -> bool:
    return any(LEADS.search(field.name) for field in cls.settings_fields if not field.secret)


def typed(kind: str, target: Target, *, secret: str = "typed-secret") -> Typed:
    """All settings and secrets of a kind as a form posts them, leading to the target."""
    filled = {field.name: _dummy(field, secret) for field in connector_class(kind).settings_fields}
    return {name: text for name, text in (filled | ROWS[kind](target)).items() if text is not None}


def split(cls: type[Connector], values: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings and the secrets among typed values, not cleaned: as they might stand in a row."""
    names = set(cls.secret_names())
    numbers = {field.name for field in cls.settings_fields if field.kind == "integer"}
    plain = {
        name: int(text) if name in numbers else text for name, text in values.items() if name not in names
    }
    return plain, {name: text for name, text in values.items() if name in names}


def _dummy(field: Field, secret: str) -> Any:
    if field.secret:
        return secret
    if field.kind == "flag":
        return None
    if field.default is not None:
        return str(field.default)
    if field.kind == "choice":
        return field.choices[0][0]
    return DUMMIES.get(field.name, ("7" if field.kind == "integer" else "example") if field.required else "")
