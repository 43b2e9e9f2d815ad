"""Strict numbers: what may become a stored value, and the sentence for what may not (R5)."""

from __future__ import annotations

import re
from decimal import Decimal

MAX_DIGITS = 15
MAX_DECIMALS = 15
MAX_MAGNITUDE = Decimal(10) ** 15

# Not float(): that one takes nan, Infinity, 1_000, " 5 " and Arabic-Indic digits.
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,15})?(?:[eE][+-]?[0-9]{1,2})?")
_COMMA_DECIMAL = re.compile(r"-?[0-9]+,[0-9]+")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_UNDERSCORES = re.compile(r"-?[0-9]+(?:_[0-9]+)+(?:\.[0-9]+)?")
_SHOWN = 40


class NumberError(ValueError):
    """A value that is not a number we can keep; the text is a sentence for a human."""


def parse(value: object, *, label: str) -> Decimal:
    """The exact number without trailing zeros and positive exponents, at most 15 significant digits.

    Takes text, int, Decimal and float (by its shortest repr). `label` opens the sentence: "Row 3".
    Raises NumberError.
    """
    if isinstance(value, bool):
        raise NumberError(f"{label}: {str(value).lower()} is not a number. Write 1 or 0.")
    if isinstance(value, Decimal):
        return _checked(value, label=label)
    if isinstance(value, int):
        # The guard comes first: turning a huge int into text is slow and may be refused by Python.
        if value.bit_length() > 64:
            raise NumberError(f"{label}: the number is too large: at most 1e15 is kept.")
        return _checked(Decimal(value), label=label)
    if isinstance(value, float):
        return _checked(Decimal(repr(value)), label=label)
    if isinstance(value, str):
        return _from_text(value, label=label)
    raise NumberError(f"{label}: {_named(value)} is not a number.")


def from_driver(value: object, *, label: str) -> Decimal:
    """As `parse`, for a database driver's value: a double is read at the 15 digits it truly carries."""
    if isinstance(value, float):
        return _checked(Decimal(format(value, ".15g")), label=label)
    return parse(value, label=label)


def _from_text(text: str, *, label: str) -> Decimal:
    if _NUMBER.fullmatch(text):
        return _checked(Decimal(text), label=label)
    if text.strip() == "":
        raise NumberError(f"{label}: the value is empty.")
    raise NumberError(f"{label}: {_quoted(text)} is not a number{_advice(text)}")


def _advice(text: str) -> str:
    bare = text.strip()
    if bare != text and _NUMBER.fullmatch(bare):
        return f": remove the spaces around {_cut(bare)}."
    if _THOUSANDS.fullmatch(bare) and (bare.count(",") > 1 or "." in bare):
        return f": write {_cut(bare.replace(',', ''))}."
    if _THOUSANDS.fullmatch(bare):
        return f": write {_cut(bare.replace(',', ''))} or {_cut(bare.replace(',', '.'))}."
    if _COMMA_DECIMAL.fullmatch(bare):
        return f": write {_cut(bare.replace(',', '.'))}."
    if _UNDERSCORES.fullmatch(bare):
        return f": write {_cut(bare.replace('_', ''))}."
    return ". Use digits and a point, such as 12.5."


def _checked(number: Decimal, *, label: str) -> Decimal:
    if not number.is_finite():
        raise NumberError(f"{label}: {_special(number)} is not a number that can be kept.")
    digits, exponent = _stripped(number)
    if not digits:
        return Decimal(0)
    # The exponent comes first: arithmetic on 1e999999999999 overflows.
    if number.adjusted() > 15 or abs(number) > MAX_MAGNITUDE:
        raise NumberError(f"{label}: {_cut(str(number))} is too large: at most 1e15 is kept.")
    if len(digits) > MAX_DIGITS:
        raise NumberError(
            f"{label}: {_cut(str(number))} has {len(digits)} significant digits; "
            f"at most {MAX_DIGITS} are kept. Round it, such as round(value, 4)."
        )
    if -exponent > MAX_DECIMALS:
        raise NumberError(
            f"{label}: {_cut(str(number))} has {-exponent} decimals; "
            f"at most {MAX_DECIMALS} are kept. Round it."
        )
    sign = "-" if number.is_signed() else ""
    return Decimal(format(Decimal(f"{sign}{digits}E{exponent}"), "f"))


def _stripped(number: Decimal) -> tuple[str, int]:
    """Digits without leading and trailing zeros, and the power of ten of the last of them."""
    parts = number.as_tuple()
    text = "".join(map(str, parts.digits)).lstrip("0")
    bare = text.rstrip("0")
    return bare, int(parts.exponent) + len(text) - len(bare)


def _special(number: Decimal) -> str:
    if number.is_nan():
        return "NaN"
    return "-Infinity" if number.is_signed() else "Infinity"


def _named(value: object) -> str:
    if value is None:
        return "an empty value"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    return f"a value of type {type(value).__name__}"


def _quoted(text: str) -> str:
    shown = "".join(character if character.isprintable() else "?" for character in _cut(text))
    return f"'{shown}'"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
