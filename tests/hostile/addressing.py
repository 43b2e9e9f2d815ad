"""How each kind of source is given an address: a new kind that takes one adds a row to the table here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from metrics.connectors.base import Connector, Field
from metrics.connectors.preset_kinds import presets
from metrics.connectors.registry import connector_class, kinds
from tests.hostile.targets import Target

Typed = dict[str, str]

#: Names of settings that decide which machine is spoken to.
LEADS = re.compile(
    r"(^|_)(host|hostname|server|address|url|uri|endpoint|base|site|domain|subdomain|instance|account)($|_)"
)
LABEL = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
DUMMIES = {
    "auth": "bearer", "database": "northstar", "sign_in": "token", "header_name": "X-Scope-OrgID",
    "event": "Signed up", "how": "key", "sheet_link": "1mQqv3LwZCbT0m0example0000000000",
}  # fmt: skip
#: Presets by their ways to sign in: a token, a pair, OAuth; and one with an address of its own.
ENGINE = {"stripe", "zendesk", "salesforce", "gitlab"}
A_SECRET = "typed-secret"


@cache
def _private_key() -> str:
    """A key that signs: without one, nothing would be sent."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return made.private_bytes(serialization.Encoding.PEM, *form).decode()


KEYS: dict[str, Callable[[], str]] = {"private_key": _private_key, "passphrase": str}
#: Questions of kinds that take no dummy.
QUERIES = {"http_json": {"path": "/data", "rows": "data", "period": "day", "value": "value"}}


def by_host(name: str = "host", port: str = "port") -> Callable[[Target], Typed]:
    """A kind with a host and a port of its own."""

    def typed(target: Target) -> Typed:
        host = target.url or target.host
        return {name: host} | ({port: str(target.port)} if target.port else {})

    return typed


def by_url(name: str = "url", path: str = "") -> Callable[[Target], Typed]:
    """A kind that takes a whole address."""
    return lambda target: {name: target.as_url().removesuffix("/") + path}


def by_part(name: str) -> Callable[[Target], Typed]:
    """A kind whose service has its own domain, of which one part is typed."""

    def typed(target: Target) -> Typed:
        text = target.url or target.host
        # "localhost" alone would be an innocent localhost.vendor.example.
        if target.host == "public.example":
            return {name: "brindlewick"}
        return {name: f"{text}/" if LABEL.fullmatch(text.strip()) else text}

    return typed


def by_turns(*ways: Callable[[Target], Typed]) -> Callable[[Target], Typed]:
    """A kind that takes an address in several settings: one of them by turns."""
    return lambda target: ways[len(str(target)) % len(ways)](target)


#: Kind of source → what is typed for a target. The registry's other kinds open no address that was typed.
ROWS: dict[str, Callable[[Target], Typed]] = {
    "postgresql": by_host(),
    "mysql": by_host(),
    "sqlserver": by_host(),
    "redshift": by_host(),
    "clickhouse": by_host(),
    "trino": by_host(),
    "http_json": by_url("address"),
    "file_url": by_url("address"),
    "snowflake": by_part("account"),
    "prometheus": by_url(),
    "influxdb": by_url(),
    "graphite": by_url(),
    "chargebee": by_part("site"),
    "github": by_url("address", "/api/v3"),
    "gitlab": by_url("address"),
    "jira": by_part("site"),
    "jira_server": by_url("address"),
    "matomo": by_turns(by_url("address"), by_part("cloud")),
    "plausible": by_url("address"),
    "posthog": by_url("address"),
    "salesforce": by_part("domain"),
    "zendesk": by_part("subdomain"),
}


def sampled(kinds_: Iterable[str]) -> list[Any]:
    """The kinds as parameters of a test: of presets, which run through one engine, the others are long."""
    return [pytest.param(k, marks=pytest.mark.long) if is_further_preset(k) else k for k in kinds_]


def is_further_preset(kind: str) -> bool:
    """A preset whose way to sign in another one has as well."""
    return kind in presets() and kind not in ENGINE


def without_a_row() -> list[str]:
    """Kinds with a setting that sounds like an address, and no row in the table."""
    return [k for k in kinds() if k not in ROWS and _sounds_like_an_address(connector_class(k))]


def kinds_with_an_address() -> list[str]:
    """Kinds of the registry that the table can lead to a target."""
    return [kind for kind in kinds() if kind in ROWS]


def _sounds_like_an_address(cls: type[Connector]) -> bool:
    return any(LEADS.search(field.name) for field in cls.settings_fields if not field.secret)


def typed(kind: str, target: Target, *, secret: str = A_SECRET) -> Typed:
    """All settings and secrets of a kind as a form posts them, leading to the target."""
    cls = connector_class(kind)
    samples = {one.field.name: one.sample for one in cls.preset.settings} if hasattr(cls, "preset") else {}
    filled = {field.name: _dummy(field, secret, samples) for field in cls.settings_fields}
    led = ROWS[kind](target) if kind in ROWS else {}
    return {name: text for name, text in (filled | led).items() if text is not None}


def query_of(cls: type[Connector]) -> dict[str, Any]:
    """A question of this kind that is cleaned without complaint."""
    if cls.kind in QUERIES:
        return cls.clean_query(QUERIES[cls.kind])
    useful = [one.query for one in cls.suggestions if all(one.query.values())]
    if useful:
        return cls.clean_query(useful[0])
    samples = {name: one.sample for name, one in cls.preset.inputs.items()} if hasattr(cls, "preset") else {}
    dummies = {field.name: samples.get(field.name) or _dummy(field, "", {}) for field in cls.query_fields}
    return cls.clean_query(dummies)


def split(cls: type[Connector], values: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings and the secrets among typed values, not cleaned: as they might stand in a row."""
    names = set(cls.secret_names())
    numbers = {field.name for field in cls.settings_fields if field.kind == "integer"}
    plain = {
        name: int(text) if name in numbers else text for name, text in values.items() if name not in names
    }
    return plain, {name: text for name, text in values.items() if name in names}


def _dummy(field: Field, secret: str, samples: Mapping[str, str]) -> Any:
    if field.secret:
        return KEYS[field.name]() if secret == A_SECRET and field.name in KEYS else secret
    if field.kind == "flag":
        return None
    dummy = DUMMIES.get(field.name)
    if dummy and (field.kind != "choice" or dummy in dict(field.choices)):
        return dummy
    if field.default is not None:
        return str(field.default)
    if field.kind == "choice":
        return field.choices[0][0]
    if not field.required:
        return ""
    return samples.get(field.name) or ("7" if field.kind == "integer" else "example")
