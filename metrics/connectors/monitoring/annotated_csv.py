"""The annotated CSV in which InfluxDB 2 answers Flux: tables of typed columns, one below the other. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from metrics.connectors.base import ConnectorError
from metrics.connectors.monitoring.spans import number_of

MOST_ROWS = 1000
_NUMBERS = frozenset({"double", "long", "unsignedLong"})
_OWN = frozenset({"", "result", "table", "_start", "_stop", "_time", "_value", "_field", "_measurement"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it came, its type, and by which labels it was told from others."""

    text: str
    type: str
    labels: str

    def number(self, *, label: str) -> Decimal | None:
        """The number; None where the cell is empty or NaN. Raises ConnectorError("schema")."""
        if self.text == "":
            return None
        if self.type not in _NUMBERS:
            raise _wrong(
                f"{label}: _value is of type {self.type[:40]}, not a number. Use count(), or toFloat()."
            )
        return number_of(self.text, label=label)


def values(text: str) -> list[Cell]:
    """The column `_value` of every row of all tables. Raises ConnectorError, also for an error in it."""
    found: list[Cell] = []
    for types, defaults, names, cells in _records(text):
        row = {name: cell or default for name, cell, default in zip(names, cells, defaults, strict=False)}
        if "error" in row and "_value" not in row:
            raise ConnectorError("query", f"InfluxDB says: {row['error'][:200]}", permanent=True)
        if "_value" not in row:
            shown = ", ".join(name for name in names if name not in ("", "result", "table"))[:200]
            raise _wrong(f"The answer has no column _value; it has {shown}. Rename the one that counts.")
        labels = ", ".join(f"{name}={value}" for name, value in row.items() if name not in _OWN)
        found.append(Cell(row["_value"], types[names.index("_value")], labels[:120]))
        if len(found) > MOST_ROWS:
            raise _wrong(f"The answer has more than {MOST_ROWS} rows. Aggregate it to one, such as |> sum().")
    return found


def _records(text: str) -> Iterator[tuple[list[str], list[str], list[str], list[str]]]:
    """Types, defaults, names and cells of every row; a table begins with annotations and its header."""
    types: list[str] = []
    defaults: list[str] = []
    names: list[str] = []
    for cells in _read(text):
        if not any(cells):
            names = []
        elif cells[0].startswith("#"):
            names = []
            if cells[0] == "#datatype":
                types = cells
            elif cells[0] == "#default":
                defaults = cells
        elif not names:
            names = cells
            types = types if len(types) == len(names) else ["string"] * len(names)
            defaults = defaults if len(defaults) == len(names) else [""] * len(names)
        elif len(cells) != len(names):
            raise _wrong("The answer of InfluxDB is not complete: a row is shorter than its header.")
        else:
            # The first cell belongs to annotations, whose names would else be taken for defaults.
            yield types, ["", *defaults[1:]], names, cells


def _read(text: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error:
        raise _wrong("The answer is not the annotated CSV of InfluxDB. Check the address.") from None


def _wrong(sentence: str) -> ConnectorError:
    return ConnectorError("schema", sentence, permanent=True)
