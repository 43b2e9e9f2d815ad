"""From bytes to JSON: the charset that was declared, exact numbers, no depth that hurts (R31)."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from metrics.connectors.base import ConnectorError

MAX_DEPTH = 20
#: Objects and lists in one answer. Each takes some 200 bytes of memory, so small text could fill it.
MAX_PARTS = 500_000
CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._-]+)", re.IGNORECASE)
_KNOWN = {
    "utf-8": "utf-8-sig", "utf8": "utf-8-sig", "us-ascii": "ascii", "ascii": "ascii",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "windows-1252": "cp1252",
    "iso-8859-15": "iso-8859-15", "windows-1250": "cp1250", "windows-1251": "cp1251",
    "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
}  # fmt: skip
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NO_BRACKETS = re.compile(r"[^\[\]{}]+")


def text_of(body: bytes, content_type: str) -> str:
    """The text in the charset it was declared in, else UTF-8. Raises ConnectorError("schema")."""
    found = CHARSET.search(content_type)
    named = found[1].lower() if found else ""
    if named and named not in _KNOWN:
        raise _wrong(f"The answer is written in '{named[:30]}', which is not read here. Ask for UTF-8.")
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        named = "utf-16"
    try:
        return body.decode(_KNOWN[named or "utf-8"])
    except UnicodeDecodeError as error:
        said = f"The answer says it is {named}" if named else "The answer names no charset"
        raise _wrong(
            f"{said}, but byte {error.start + 1:,} is no {named or 'UTF-8'} text. "
            "Nothing was read, so that no garbled text is stored."
        ) from None


def json_of(body: bytes, content_type: str = "") -> Any:
    """The value of a JSON text, with its numbers as int or Decimal. Raises ConnectorError."""
    text = text_of(body, content_type)
    if not text.strip():
        raise _wrong("The answer is empty, where JSON was expected.")
    if text.count("{") + text.count("[") > MAX_PARTS:
        raise ConnectorError(
            "too_large",
            f"The answer holds more than {MAX_PARTS:,} objects and lists. Ask for less at a time, by paging.",
            permanent=True,
        )
    try:
        value = json.loads(text, parse_float=_number, parse_int=_whole, parse_constant=Decimal)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise _wrong(_no_json(text, content_type, error)) from None
    if _depth(text) > MAX_DEPTH:
        raise _too_deep()
    return value


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text[:80]


def _whole(text: str) -> int | Decimal | str:
    return int(text) if len(text) < 64 else _number(text)


def _depth(text: str) -> int:
    """How deep lists and objects nest, of a text that is known to be JSON; counting ends above the limit."""
    deepest = depth = 0
    for bracket in _NO_BRACKETS.sub("", _STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > deepest:
            deepest = depth
            if deepest > MAX_DEPTH:
                break
    return deepest


def _no_json(text: str, content_type: str, error: ValueError) -> str:
    if "html" in content_type.lower() or text.lstrip()[:1] == "<":
        return "The answer is a web page, not JSON. Check the address; it may be a sign-in page."
    where = f" at character {error.pos + 1:,}" if isinstance(error, json.JSONDecodeError) else ""
    return f"The answer is not JSON{where}. Check the address, and that the answer is complete."


def _too_deep() -> ConnectorError:
    return _wrong(f"The answer nests more than {MAX_DEPTH} levels deep, which is not read.")


def _wrong(sentence: str) -> ConnectorError:
    return ConnectorError("schema", sentence, permanent=True)
