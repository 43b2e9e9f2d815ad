"""Whether a connector class says all that the product shows and stores of it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from metrics.connectors.base import GROUPS, Connector, Field, Suggestion

KIND = re.compile(r"[a-z][a-z0-9_]{1,29}")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
FIELD_KINDS = frozenset({"text", "integer", "password", "choice", "sql", "textarea", "flag"})
_DOCS = re.compile(r"(?:[a-z0-9_-]+(?:\.md)?)?(?:#[a-z0-9_-]+)?")
_LONGEST = {
    "label": 60, "description": 200, "initials": 2, "needs": 300, "docs": 120, "driver": 40,
    "driver_module": 120, "needs_setting": 60,
}  # fmt: skip
_MAY_BE_EMPTY = frozenset({"needs", "docs", "driver", "driver_module", "needs_setting"})
METRIC_KINDS = frozenset({"flow_sum", "ratio", "snapshot_stock", "unique", "average", "quantile"})


def kind_fault(kind: str) -> str:
    """Why this cannot be the name of a kind; empty if it can."""
    if KIND.fullmatch(kind):
        return ""
    return (
        f"the kind '{kind[:40]}' is not well-formed: 2 to 30 lower-case letters, digits and underscores, "
        "beginning with a letter"
    )


def faults(found: Any, kind: str) -> tuple[str, ...]:
    """What is wrong with the class of a kind, each as the rest of a sentence; empty where nothing is."""
    if not isinstance(found, type) or not issubclass(found, Connector):
        return ("what it names is not a Connector class",)
    return tuple(_faults(found, kind))


def _faults(found: type[Connector], kind: str) -> Iterator[str]:
    if fault := kind_fault(kind):
        yield fault
    if getattr(found, "kind", None) != kind:
        yield f"the class says kind = {str(getattr(found, 'kind', None))[:40]!r} instead of {kind[:40]!r}"
    if inspect.isabstract(found):
        yield f"the class does not define {', '.join(sorted(found.__abstractmethods__))}"
    for name, longest in _LONGEST.items():
        yield from _text_faults(name, getattr(found, name, None), longest=longest)
    if isinstance(found.docs, str) and not _DOCS.fullmatch(found.docs):
        yield "docs has to name a page or a heading of docs/"
    if found.group not in GROUPS:
        yield f"group is {str(found.group)[:40]!r}, which is none of: {', '.join(GROUPS)}"
    if type(found.restate_days) is not int or not 1 <= found.restate_days <= 400:
        yield "restate_days has to be a whole number from 1 to 400"
    for name in ("pulls", "gives_rows"):
        if type(getattr(found, name)) is not bool:
            yield f"{name} has to be True or False"
    if type(found.most_at_once) is not int or found.most_at_once < 0:
        yield "most_at_once has to be a whole number, 0 for no limit of its own"
    for place in ("settings_fields", "query_fields"):
        yield from _fields_faults(place, getattr(found, place))
    yield from _suggestions_faults(found)


def _suggestions_faults(found: type[Connector]) -> Iterator[str]:
    suggestions = found.suggestions
    if not isinstance(suggestions, tuple) or not all(isinstance(one, Suggestion) for one in suggestions):
        yield "suggestions has to be a tuple of Suggestion"
        return
    for one in suggestions:
        texts = (one.key, one.name, one.definition, one.unit)
        fits = one.kind in METRIC_KINDS and one.grain in ("day", "week", "month")
        fits = fits and one.direction in ("up", "down", "range") and one.decimals in range(7)
        if not fits or not all(isinstance(text, str) for text in texts) or not isinstance(one.query, Mapping):
            yield f"the suggestion {str(one.key)[:40]!r} is no metric that can be defined"


def _text_faults(name: str, value: Any, *, longest: int) -> Iterator[str]:
    if not isinstance(value, str) or (not value.strip() and name not in _MAY_BE_EMPTY):
        yield f"the class does not say its {name}"
    elif len(value) > longest:
        yield f"its {name} is longer than {longest} characters"
    elif not all(sign.isprintable() for sign in value):
        yield f"its {name} holds a line break or control character"


def _fields_faults(place: str, fields: Any) -> Iterator[str]:
    if not isinstance(fields, tuple) or not all(isinstance(field, Field) for field in fields):
        yield f"{place} has to be a tuple of Field"
        return
    names = [field.name for field in fields]
    for field in fields:
        if not isinstance(field.name, str) or not FIELD_NAME.fullmatch(field.name):
            yield f"{place} has a field with the name {str(field.name)[:40]!r}, which is not well-formed"
        elif names.count(field.name) > 1:
            yield f"{place} has two fields called {field.name}"
        else:
            yield from _field_faults(field, place)


def _field_faults(field: Field, place: str) -> Iterator[str]:
    said = f"the field '{field.name}'"
    if not isinstance(field.label, str) or not field.label.strip():
        yield f"{said} has no label"
    if field.kind not in FIELD_KINDS:
        yield f"{said} is of the unknown kind {str(field.kind)[:40]!r}"
    if field.kind == "password" and not field.secret:
        yield f"{said} is a password and has to be secret"
    if field.secret and field.kind not in ("password", "textarea"):
        yield f"{said} is secret and has to be a password or a textarea"
    if field.secret and place == "query_fields":
        yield f"{said} is a secret in a metric's question, which is not stored as one"
    if not isinstance(field.help, str) or not _are_texts(field.when):
        yield f"{said} has a help or a when that is not text"
    if not isinstance(field.choices, tuple) or not all(
        _are_texts(pair) and len(pair) == 2 for pair in field.choices
    ):
        yield f"{said} has choices that are not pairs of texts"
    if bool(field.choices) != (field.kind == "choice"):
        yield f"{said} has to have choices if, and only if, it is a choice"


def _are_texts(found: Any) -> bool:
    return isinstance(found, tuple) and all(isinstance(text, str) for text in found)
