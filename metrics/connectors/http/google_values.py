"""What the values API of Google Sheets answers, as a table of text. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from metrics.connectors import tables
from metrics.connectors.base import ConnectorError
from metrics.connectors.tables import Table, TableError

# Day 0 of sheets, so that 1 is 1899-12-31.
_DAY_ZERO = date(1899, 12, 30)


def first_title(answer: Any) -> str:
    """The name of the first sheet. Raises ConnectorError("schema")."""
    try:
        return str(answer["sheets"][0]["properties"]["title"])
    except (KeyError, IndexError, TypeError):
        raise ConnectorError("schema", "The spreadsheet tells no sheet.", permanent=True) from None


def values_table(answer: Any) -> Table:
    """The table in a range of values. Raises TableError."""
    found = answer.get("values") if isinstance(answer, dict) else None
    if not isinstance(found, list) or not found or not all(isinstance(row, list) for row in found):
        raise TableError("The sheet is empty.")
    header = [_text(cell) for cell in found[0]]
    if not any(name.strip() for name in header):
        raise TableError("The first line is empty: name the columns there.")
    width = len(header)
    # Empty cells at the end of a row do not arrive.
    filled = ([*(_text(cell) for cell in row), *[""] * (width - len(row))] for row in found)
    return tables.checked(header, tables.numbered(filled))


def dated(table: Table, period: str) -> Table:
    """The table with day numbers in the column of the period written as dates."""
    place = next((at for at, name in enumerate(table.names) if name == tables.plain(period)), None)
    if place is None:
        return table
    return Table(table.header, _with_dates(table, place))


def _with_dates(table: Table, place: int) -> Iterator[tables.Record]:
    for number, cells in table.rows:
        if (
            len(cells) > place
            and cells[place].isascii()
            and cells[place].isdigit()
            and len(cells[place]) == 5
        ):
            day = _DAY_ZERO + timedelta(days=int(cells[place]))
            cells = [*cells[:place], day.isoformat(), *cells[place + 1 :]]
        yield number, cells


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return format(cell.normalize(), "f") if isinstance(cell, Decimal) else str(cell)
