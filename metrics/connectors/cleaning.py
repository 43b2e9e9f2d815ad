"""Typed fields of a connector's settings and queries, and what may stand in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from metrics.connectors.errors import ConnectorError

MAX_LINE = 255
MAX_TEXT = 20_000
_TRUE = {"true", "on", "yes", "1"}
_FALSE = {"false", "off", "no", "0", ""}


@dataclass(frozen=True, slots=True)
class Field:
    """One input. `identity`: changing it asks for the secrets again. `kind`: text, integer, password, choice,
    sql, textarea or flag. `choices` are pairs (value, label). `when`: the name of a choice and those of its
    values for which this field matters; for others it is not shown, and not required. What is
    no field beside it is an input of the form around them, such as the kind of a metric."""

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    secret: bool = False
    identity: bool = False
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    low: int | None = None
    high: int | None = None
    when: tuple[str, ...] = ()

    def matters(self, values: Mapping[str, Any]) -> bool:
        """Whether the choice it depends on has been made so, or is not known."""
        return not self.when or values.get(self.when[0]) in (None, "", *self.when[1:])


def clean(fields: tuple[Field, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of all fields by name, typed. Raises ConnectorError("config") naming the field."""
    known = {field.name for field in fields}
    for name in values:
        if name not in known:
            raise ConnectorError("config", f"There is no setting called '{str(name)[:60]}'.", permanent=True)
    # What is left empty becomes its default, and what depends on it follows that.
    chosen = {field.name: values.get(field.name) or field.default for field in fields}
    # Of what depends on an input elsewhere, only the form that has it can say whether it is required.
    required = {
        field.name: field.required and (not field.when or field.when[0] in known) and field.matters(chosen)
        for field in fields
    }
    return {
        field.name: _clean_one(field, values.get(field.name), required=required[field.name])
        for field in fields
    }


def clean_secrets(
    fields: tuple[Field, ...], values: Mapping[str, Any], *, kept: Collection[str] = ()
) -> dict[str, str]:
    """The secrets typed in `values`; those left empty are left out. Raises if a required one is nowhere."""
    typed: dict[str, str] = {}
    for field in fields:
        value = values.get(field.name)
        if value is None or value == "":
            if field.required and field.matters(values) and field.name not in kept:
                raise _wrong(field, "is required.")
            continue
        if not isinstance(value, str) or len(value) > MAX_TEXT or "\x00" in value:
            raise _wrong(field, "has to be text without null characters.")
        typed[field.name] = value
    return typed


def _clean_one(field: Field, value: Any, *, required: bool) -> Any:
    if field.kind == "flag":
        return _flag(field, value)
    if isinstance(value, str) and field.kind != "password":
        value = value.strip()
    if value is None or value == "":
        if field.default is not None:
            return field.default
        if required:
            raise _wrong(field, "is required.")
        return None if field.kind == "integer" else ""
    if field.kind == "integer":
        return _integer(field, value)
    if field.kind == "choice":
        return _choice(field, value)
    return _text(field, value)


def _flag(field: Field, value: Any) -> bool:
    if value is None:
        return bool(field.default)
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise _wrong(field, "has to be yes or no.")


def _integer(field: Field, value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise _wrong(field, "has to be a whole number, such as 5432.")
    number = int(text)
    if field.low is not None and number < field.low or field.high is not None and number > field.high:
        raise _wrong(field, f"has to lie between {field.low} and {field.high}.")
    return number


def _choice(field: Field, value: Any) -> str:
    allowed = [key for key, _ in field.choices]
    if value not in allowed:
        shown = ", ".join(allowed[:12])
        raise _wrong(field, f"has to be one of: {shown}.")
    return str(value)


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(field, "has to be text.")
    long = field.kind in {"sql", "textarea"}
    if len(value) > (MAX_TEXT if long else MAX_LINE):
        raise _wrong(field, f"is too long: at most {MAX_TEXT if long else MAX_LINE} characters.")
    allowed = "\n\r\t" if long else ""
    if any(not c.isprintable() and c not in allowed and not c.isspace() for c in value) or (
        not long and any(c in value for c in "\n\r\t")
    ):
        raise _wrong(field, "holds a line break or control character: remove it.")
    return value


def _wrong(field: Field, rest: str) -> ConnectorError:
    return ConnectorError("config", f"{field.label} {rest}", permanent=True, field=field.name)
