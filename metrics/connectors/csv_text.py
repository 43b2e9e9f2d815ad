"""The rows of an uploaded CSV or Excel table, or what is wrong with it, row by row. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics.connectors import tables
from metrics.connectors.base import Row
from metrics.connectors.numbers import NumberError, parse
from metrics.connectors.period_text import grain_fault
from metrics.connectors.tables import ENCODINGS, Table, TableError

__all__ = ["ENCODINGS", "Csv", "CsvError", "read", "read_table"]

CsvError = TableError
MAX_ERRORS = 50

_DELIMITERS = (",", ";", "\t")
_PERIOD_NAMES = ("period", "date", "day", "week", "month")
_NUMBER_NAMES = {"ratio": ("numerator", "denominator"), "average": ("value", "weight")}
_ISO_WEEK = re.compile(r"(\d{4})-?W(\d{2})", re.ASCII)
_ISO_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Csv:
    """Rows oldest first, and the faults of single rows ("Row 3: …", the header is row 1).

    With faults, store nothing. `faults` holds at most 50 sentences; a last one counts the rest.
    """

    rows: tuple[Row, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...]


def read(data: bytes, *, kind: str, grain: str, encoding: str = "utf-8") -> Csv:
    """The rows for a metric of this kind and grain. Raises CsvError where no row can be read at all."""
    text = tables.decoded(data, encoding)
    line = tables.first_line(text)
    for delimiter in _DELIMITERS:
        header = next(tables.records(line, delimiter))
        if _has_all(header, kind):
            break
    else:
        said = "".join(c if c.isprintable() else " " for c in line[:80])
        raise CsvError(_needed(kind, f"divided by comma, semicolon or tab. It says: {said}"))
    rows = tables.numbered(tables.records(text, delimiter))
    return read_table(tables.checked(header, rows), kind=kind, grain=grain)


def read_table(table: Table, *, kind: str, grain: str) -> Csv:
    """The rows of a table whose columns are called as they have to be. Raises CsvError otherwise."""
    header, wanted = table.names, _NUMBER_NAMES.get(kind, ("value",))
    _check_header(table, kind)
    places = [_place(header, _PERIOD_NAMES), *(_place(header, (name,)) for name in wanted)]
    found: dict[date, Row] = {}
    first_seen: dict[date, int] = {}
    faults: list[str] = []
    for number, cells in table.rows:
        label = f"Row {number}"
        try:
            row = _row(cells, header, places=places, kind=kind, grain=grain, label=label)
        except ValueError as fault:
            if isinstance(fault, TableError):
                raise
            faults.append(str(fault))
            continue
        if row.period_start in found:
            earlier = first_seen[row.period_start]
            faults.append(f"{label}: {row.period_start} is there twice (first in row {earlier}).")
            continue
        found[row.period_start], first_seen[row.period_start] = row, number
    if not found and not faults:
        raise CsvError("The file has no rows below its first line.")
    ignored = [name for place, name in enumerate(header) if place not in places and name]
    notes = (f"Columns left out: {', '.join(ignored[:10])}.",) if ignored else ()
    return Csv(tuple(found[start] for start in sorted(found)), _shortened(faults), notes)


def _has_all(header: Sequence[str], kind: str) -> bool:
    names = {tables.plain(name) for name in header}
    return set(_NUMBER_NAMES.get(kind, ("value",))) <= names and bool(names & set(_PERIOD_NAMES))


def _check_header(table: Table, kind: str) -> None:
    names = table.names
    if not _has_all(names, kind):
        said = "".join(c if c.isprintable() else " " for c in ", ".join(table.header)[:80])
        raise CsvError(_needed(kind, f"It says: {said}"))
    if name := tables.twice(names, (*_PERIOD_NAMES, *_NUMBER_NAMES.get(kind, ("value",)))):
        raise CsvError(f"Two columns are called {name}. Rename one of them.")
    if len(both := [name for name in _PERIOD_NAMES if name in names]) > 1:
        raise CsvError(f"Both {both[0]} and {both[1]} could be the period. Remove one of these columns.")


def _needed(kind: str, rest: str) -> str:
    wanted = ", ".join(("period", *_NUMBER_NAMES.get(kind, ("value",))))
    return f"The first line has to name the columns {wanted}, {rest}".replace(", It says", ". It says")


def _place(header: list[str], names: Sequence[str]) -> int:
    return next(place for place, name in enumerate(header) if name in names)


def _row(
    cells: Sequence[str], header: list[str], *, places: list[int], kind: str, grain: str, label: str
) -> Row:
    if len(cells) != len(header):
        raise ValueError(f"{label}: the first line has {len(header)} columns, this row has {len(cells)}.")
    start = _start(cells[places[0]].strip(), grain, label=label)
    texts = [cells[place] for place in places[1:]]
    if not any(texts):
        return Row(start)
    numbers: list[Decimal] = []
    for place, text in zip(places[1:], texts, strict=True):
        try:
            numbers.append(parse(text, label=label))
        except NumberError as fault:
            # With one number column the row says enough.
            raise ValueError(
                str(fault).replace(label, f"{label}, {header[place]}", 1) if len(texts) > 1 else str(fault)
            ) from None
    if kind == "ratio":
        return Row(start, numerator=numbers[0], denominator=numbers[1])
    return Row(start, value=numbers[0], denominator=numbers[1] if kind == "average" else None)


def _start(text: str, grain: str, *, label: str) -> date:
    if not text:
        raise ValueError(f"{label}: the period is empty.")
    day = _day(text, grain)
    if day is None:
        raise ValueError(f"{label}: '{text[:40]}' is not a {grain}. Write {_EXAMPLES[grain]}.")
    if fault := grain_fault(day, grain):
        raise ValueError(f"{label}: {fault}. Write the first day of the {grain}.")
    return day


_EXAMPLES = {
    "day": "2026-11-16",
    "week": "its Monday, such as 2026-11-16, or 2026-W47",
    "month": "2026-11-01 or 2026-11",
}


def _day(text: str, grain: str) -> date | None:
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
        if grain == "week" and (found := _ISO_WEEK.fullmatch(text)):
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
        if grain == "month" and (found := _ISO_MONTH.fullmatch(text)):
            return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None
    return None


def _shortened(faults: list[str]) -> tuple[str, ...]:
    if len(faults) <= MAX_ERRORS:
        return tuple(faults)
    return (*faults[:MAX_ERRORS], f"And {len(faults) - MAX_ERRORS} more rows with faults.")
