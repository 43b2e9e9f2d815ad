"""From the table a query gave to the rows of a metric, whatever database gave it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from metrics.connectors import asked
from metrics.connectors.base import Ask, ConnectorError, Row
from metrics.connectors.numbers import NumberError, from_driver
from metrics.connectors.period_text import grain_fault
from metrics.connectors.sql_dialects import Dialect
from northstar.lib.periods import first_instant, local_day

#: Exact and double are numbers; a moment is a local clock time, an instant has an offset.
Family = Literal[
    "exact", "double", "text", "date", "moment", "instant", "bool", "bytes", "bits", "money", "json", "time",
    "other",
]  # fmt: skip

_FAMILY_WORDS: dict[Family, str] = {
    "exact": "a number",
    "double": "a number",
    "text": "text",
    "date": "a date",
    "moment": "a moment",
    "instant": "a moment",
    "bool": "true or false",
    "bytes": "bytes",
    "bits": "bits",
    "money": "an amount of type money",
    "json": "JSON",
    "time": "a time of day",
    "other": "a type that is not known here",
}

# What a row carries beside its period, by the kind of metric.
_PARTS = {"ratio": ("numerator", "denominator"), "average": ("value", "weight")}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer: its name and the family of its type."""

    name: str
    family: Family


@dataclass(frozen=True, slots=True)
class Table:
    """What a query gave, as text; None is NULL."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str | None, ...], ...]


def parts_of(kind: str) -> tuple[str, ...]:
    """The number columns that a metric of this kind needs."""
    return _PARTS.get(kind, ("value",))


def rows_of(table: Table, ask: Ask, *, dialect: Dialect) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Rows by period, oldest first, and notes. Raises ConnectorError("schema")."""
    truncation = dialect.truncation(ask.grain)
    places = _places(table.columns, ("period", *parts_of(ask.kind)))
    today = local_day(ask.now, ask.zone)
    rows: dict[date, Row] = {}
    seen: dict[date, int] = {}
    outside = future = 0
    for number, cells in enumerate(table.rows, start=1):
        start = _period(
            cells[places[0]], table.columns[places[0]], ask=ask, label=f"Row {number}", truncation=truncation
        )
        if start in seen:
            raise _wrong(
                f"Row {number}: {start} is there twice (first in row {seen[start]}). "
                "Group the query by its period."
            )
        seen[start] = number
        if start > today:
            future += 1
        elif not ask.start <= start < ask.end:
            outside += 1
        else:
            rows[start] = _row(
                start, table.columns, cells, places=places[1:], kind=ask.kind, label=f"Row {number}"
            )
    return tuple(rows[start] for start in sorted(rows)), tuple(_left_out(outside, future))


def single_row(table: Table, start: date, *, kind: str, empty_is_zero: bool) -> Row:
    """The row of one period from a query that gives one number. Raises ConnectorError("schema")."""
    label = f"Period {start}"
    places = _places(table.columns, parts_of(kind))
    if len(table.rows) > 1:
        raise _wrong(f"{label}: the query gave more than one row. Make it give one number, or choose rows.")
    zero = Row(start, value=Decimal(0)) if empty_is_zero and kind not in _PARTS else Row(start)
    if not table.rows:
        return zero
    row = _row(start, table.columns, table.rows[0], places=places, kind=kind, label=label)
    return zero if row.is_missing else row


def mapping_of(columns: tuple[Column, ...], needed: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """By which column each needed part is read, in words. Raises ConnectorError("schema")."""
    return asked.read_from(needed, [columns[place].name for place in _places(columns, needed)])


def _places(columns: tuple[Column, ...], needed: tuple[str, ...]) -> tuple[int, ...]:
    """Where each needed column stands: by its name, the rest by their order."""
    names = [column.name.lower() for column in columns]
    for name in needed:
        if names.count(name) > 1:
            raise _wrong(f"The query returns two columns called {name}. Rename one of them.", columns)
    free = [place for place, name in enumerate(names) if name not in needed]
    unnamed = [name for name in needed if name not in names]
    if len(columns) < len(needed) or (unnamed and len(free) != len(unnamed)):
        raise _wrong(
            f"The query returns {_counted(len(columns), 'column')}, but {len(needed)} are needed: "
            f"{', '.join(needed)}. Return just these, or give them these names.",
            columns,
        )
    waiting = iter(free)
    return tuple(names.index(name) if name in names else next(waiting) for name in needed)


def _row(
    start: date,
    columns: tuple[Column, ...],
    cells: tuple[str | None, ...],
    *,
    places: tuple[int, ...],
    kind: str,
    label: str,
) -> Row:
    numbers = [_number(cells[place], columns[place], label=label) for place in places]
    if None in numbers:
        return Row(start)
    if kind == "ratio":
        return Row(start, numerator=numbers[0], denominator=numbers[1])
    return Row(start, value=numbers[0], denominator=numbers[1] if kind == "average" else None)


def _number(cell: str | None, column: Column, *, label: str) -> Decimal | None:
    if cell is None:
        return None
    try:
        if column.family == "exact":
            return from_driver(Decimal(cell), label=label)
        if column.family == "double":
            return from_driver(float(cell), label=label)
        if column.family == "text":
            return from_driver(cell, label=label)
    except NumberError as error:
        raise _wrong(str(error)) from None
    except (ArithmeticError, ValueError):
        raise _wrong(f"{label}: '{cell[:40]}' is not a number.") from None
    raise _wrong(
        f"{label}: the column {_named(column)} holds {_FAMILY_WORDS[column.family]}, not a number. Cast it."
    )


def _period(cell: str | None, column: Column, *, ask: Ask, label: str, truncation: str) -> date:
    if cell is None:
        raise _wrong(f"{label}: the period is empty. Leave such rows out of the query.")
    if column.family not in ("date", "moment", "instant", "text"):
        raise _wrong(
            f"{label}: the column {_named(column)} holds {_FAMILY_WORDS[column.family]}; "
            "the period has to be a date such as 2026-11-16."
        )
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901
    # The ends of the calendar have no neighbours to compare with.
    if not 1900 <= moment.year <= 2200:
        raise _wrong(f"{label}: '{cell[:40]}' is not a date. Return a date such as 2026-11-16.")
    day = _day_that_starts(moment, ask.zone)
    if day is None:
        raise _wrong(f"{label}: {cell[:32]} is not the start of a day. {truncation}")
    if fault := grain_fault(day, ask.grain):
        raise _wrong(f"{label}: {fault}. {truncation}")
    return day


def _day_that_starts(moment: datetime, zone: str) -> date | None:
    """The local date whose first moment this is; None if it is no such moment."""
    if moment.tzinfo is None:
        return moment.date() if moment == datetime(moment.year, moment.month, moment.day) else None  # noqa: DTZ001
    day = moment.astimezone(ZoneInfo(zone)).date()
    return day if first_instant(day, zone) == moment else None


def _left_out(outside: int, future: int) -> Iterator[str]:
    if outside:
        yield f"{_counted(outside, 'row')} outside the asked range left out."
    if future:
        yield f"{_counted(future, 'row')} in the future left out."


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _named(column: Column) -> str:
    return f"'{column.name[:63]}'"


def _wrong(sentence: str, columns: tuple[Column, ...] = ()) -> ConnectorError:
    names = tuple(column.name for column in columns)
    return ConnectorError("schema", sentence, permanent=True, columns=names)
