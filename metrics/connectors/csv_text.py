"""The rows of an uploaded CSV file, or what is wrong with it, row by row. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics.connectors.base import Row
from metrics.connectors.numbers import NumberError, parse
from metrics.connectors.period_text import grain_fault

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 100_000
MAX_CELL_BYTES = 64 * 1024
MAX_COLUMNS = 100
MAX_ERRORS = 50
ENCODINGS = (("utf-8", "UTF-8"), ("latin-1", "Latin-1 (older Excel)"))

_DELIMITERS = (",", ";", "\t")
_PERIOD_NAMES = ("period", "date", "day", "week", "month")
_NUMBER_NAMES = {"ratio": ("numerator", "denominator"), "average": ("value", "weight")}
_ISO_WEEK = re.compile(r"(\d{4})-?W(\d{2})", re.ASCII)
_ISO_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class CsvError(ValueError):
    """The file as a whole cannot be read; the text is a sentence for a human."""


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
    text = _decoded(data, encoding)
    header, delimiter = _header(text, needed=_NUMBER_NAMES.get(kind, ("value",)))
    wanted = _NUMBER_NAMES.get(kind, ("value",))
    places = [_place(header, _PERIOD_NAMES), *(_place(header, (name,)) for name in wanted)]
    found: dict[date, Row] = {}
    first_seen: dict[date, int] = {}
    faults: list[str] = []
    for number, cells in _records(text, delimiter):
        label = f"Row {number}"
        try:
            row = _row(cells, header, places=places, kind=kind, grain=grain, label=label)
        except ValueError as fault:
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


def _decoded(data: bytes, encoding: str) -> str:
    if len(data) > MAX_BYTES:
        raise CsvError(f"The file has {len(data) / 1024 / 1024:.1f} MiB; at most 10 MiB are read.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CsvError("The file is UTF-16. Save it as CSV UTF-8.")
    if b"\x00" in data:
        raise CsvError("The file holds null characters, so it is not text. Save it as CSV UTF-8.")
    if encoding not in dict(ENCODINGS):
        raise CsvError("The encoding has to be UTF-8 or Latin-1.")
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else "cp1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        advice = "Save it as CSV UTF-8" + (", or choose Latin-1." if encoding == "utf-8" else ".")
        raise CsvError(f"Line {line} of the file is not {dict(ENCODINGS)[encoding]} text. {advice}") from None


def _header(text: str, *, needed: Sequence[str]) -> tuple[list[str], str]:
    """The names of the columns and the delimiter with which all needed ones are there."""
    line = text.split("\n", 1)[0].rstrip("\r")
    if not line.strip():
        raise CsvError(
            "The file is empty." if not text.strip() else "The first line is empty: name the columns there."
        )
    for delimiter in _DELIMITERS:
        names = [name.strip().lower() for name in next(_reader(line, delimiter))]
        if set(needed) <= set(names) and set(names) & set(_PERIOD_NAMES):
            break
    else:
        said = "".join(c if c.isprintable() else " " for c in line[:80])
        raise CsvError(
            f"The first line has to name the columns period, {', '.join(needed)}, "
            f"divided by comma, semicolon or tab. It says: {said}"
        )
    if len(names) > MAX_COLUMNS:
        raise CsvError(f"The file has {len(names)} columns; at most {MAX_COLUMNS} are read.")
    for name in (*_PERIOD_NAMES, *needed):
        if names.count(name) > 1:
            raise CsvError(f"Two columns are called {name}. Rename one of them.")
    if len(both := [name for name in _PERIOD_NAMES if name in names]) > 1:
        raise CsvError(f"Both {both[0]} and {both[1]} could be the period. Remove one of these columns.")
    return names, delimiter


def _place(header: list[str], names: Sequence[str]) -> int:
    return next(place for place, name in enumerate(header) if name in names)


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise CsvError(
            f"The file is not well-formed CSV: {error}. Look for an open quotation mark."
        ) from None


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with something in them, by their number in the file; the header is row 1."""
    for number, cells in enumerate(_reader(text, delimiter), start=1):
        if number > MAX_ROWS + 1:
            raise CsvError("The file has more than 100,000 rows. Aggregate it to one row a period.")
        for cell in cells:
            if len(cell) > MAX_CELL_BYTES // 4 and len(cell.encode()) > MAX_CELL_BYTES:
                raise CsvError(f"Row {number}: a cell has more than 64 KiB.")
        if number > 1 and any(cell.strip() for cell in cells):
            yield number, cells


def _row(cells: list[str], header: list[str], *, places: list[int], kind: str, grain: str, label: str) -> Row:
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
