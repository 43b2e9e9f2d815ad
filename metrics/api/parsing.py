"""JSON as strict as the facts: no NaN, exact numbers, small, flat; measured while it is read."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from metrics.api.errors import ApiError

LIMIT_BYTES = 1024 * 1024
DEEPEST = 5
LONGEST_NUMBER = 60
WIDEST_EXPONENT = 1000
# A string that never ends is taken as one up to the end: tried again from each quote it would take hours.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Numbers become Decimal as they stand in the text, so 0.1 is 0.1."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        """The value. Raises ApiError 413 over the limit, ParseError for what is no such JSON."""
        try:
            return loads(_read(stream).decode("utf-8"))
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8.") from None


def loads(text: str) -> Any:
    """The value of the text. Raises ParseError with a sentence."""
    _check_depth(text)
    try:
        return json.loads(
            text,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is no JSON: {error.msg} at line {error.lineno}.") from None


def _read(stream: IO[bytes]) -> bytes:
    body = stream.read(LIMIT_BYTES + 1)
    if len(body) > LIMIT_BYTES:
        raise ApiError(413, "The body is larger than 1 MiB. Send it in parts.")
    return body


def _check_depth(text: str) -> None:
    """Before any parsing: deep nesting would use up the stack."""
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > DEEPEST:
            raise ParseError(f"The body is nested deeper than {DEEPEST} levels.")


def _number(text: str) -> Decimal | str:
    """Exact; what is too large to calculate with stays text, and is refused where it stands."""
    try:
        number = Decimal(text) if len(text) <= LONGEST_NUMBER else None
    except InvalidOperation:
        return text
    return text if number is None or abs(number.adjusted()) > WIDEST_EXPONENT else number


def _no_constant(name: str) -> NoReturn:
    raise ParseError(f"{name} is not a number that can be kept. Send null where there is no value.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ParseError(f"The name {name[:40]!r} stands twice in one object.")
        if _HALF_CHARACTERS.search(name):
            raise ParseError(f"The name {name[:40]!r} is no text: half a character stands in it.")
        found[name] = value
    return found
