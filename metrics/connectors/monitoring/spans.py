"""Periods as the exact instants that a monitoring system is asked about. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from metrics.connectors.base import Ask, ConnectorError
from metrics.connectors.numbers import NumberError, from_driver
from northstar.lib.periods import first_instant, next_start, starts

_PLACEHOLDER = re.compile(r"\$(?:__)?[A-Za-z_]\w*")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """One local period as the half-open range of instants begins..ends, in UTC; `ends` is no later than now.

    A day has 23 or 25 hours where clocks change; the period under way ends now.
    """

    start: date
    begins: datetime
    ends: datetime

    @property
    def seconds(self) -> int:
        return int((self.ends - self.begins).total_seconds())


def spans_of(ask: Ask) -> tuple[Span, ...]:
    """The periods asked for that have begun, oldest first."""
    found = []
    for start in starts(ask.start, ask.end, ask.grain):
        begins = first_instant(start, ask.zone)
        ends = min(first_instant(next_start(start, ask.grain), ask.zone), ask.now)
        # A date that a zone left out lasts no time at all, and one that just began says nothing yet.
        if start >= ask.start and (ends - begins).total_seconds() >= 1:
            found.append(Span(start, begins, ends))
    return tuple(found)


def filled(template: str, values: Mapping[str, str], *, field: str) -> str:
    """The expression with its placeholders ($__period) replaced. Raises ConnectorError for unknown ones."""

    def value(found: re.Match[str]) -> str:
        if found[0] in values:
            return values[found[0]]
        known = ", ".join(values)
        raise ConnectorError(
            "config", f"There is no placeholder {found[0][:40]} here. There are: {known}.",
            permanent=True, field=field,
        )  # fmt: skip

    return _PLACEHOLDER.sub(value, template)


def number_of(value: object, *, label: str) -> Decimal | None:
    """The number that a monitoring system sent, at the 15 digits a double carries; None for NaN and null.

    Raises ConnectorError("schema") for infinities and whatever else is no number.
    """
    if value is None:
        return None
    try:
        if not isinstance(value, str):
            return from_driver(float(value) if isinstance(value, Decimal) else value, label=label)
        if value.lower() == "nan":
            return None
        if _INFINITE.fullmatch(value):
            raise NumberError(
                f"{label}: the answer is {value}, so something was divided by zero. Guard the divisor, "
                "or ask for numerator and denominator apart."
            )
        return from_driver(float(value) if _NUMBER.fullmatch(value) else value, label=label)
    except (NumberError, OverflowError) as error:
        raise ConnectorError("schema", str(error), permanent=True) from None
