"""A table of text as files hold it: a line of names, then rows; and the same read from CSV. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 100_000
MAX_CELL_BYTES = 64 * 1024
MAX_COLUMNS = 100
ENCODINGS = (("utf-8", "UTF-8"), ("latin-1", "Latin-1 (older Excel)"))
DELIMITERS = (",", ";", "\t", "|")
_CODECS = {"utf-8": "utf-8-sig", "latin-1": "cp1252"}

Record = tuple[int, Sequence[str]]


class TableError(ValueError):
    """The file as a whole cannot be read; the text is a sentence for a human."""


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns as they stand there, and the rows below by their number in the file, each as
    it is read: iterate once. Raises TableError while iterating."""

    header: tuple[str, ...]
    rows: Iterable[Record]

    @property
    def names(self) -> list[str]:
        """The names as they are compared: without spaces around, in small letters."""
        return [plain(name) for name in self.header]


def plain(name: str) -> str:
    """The name of a column as it is compared."""
    return name.strip().lower()


def decoded(data: bytes, encoding: str) -> str:
    """The text of a file. Raises TableError."""
    if len(data) > MAX_BYTES:
        raise TableError(f"The file has {len(data) / 1024 / 1024:.1f} MiB; at most 10 MiB are read.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise TableError("The file is UTF-16. Save it as CSV UTF-8.")
    if b"\x00" in data:
        raise TableError("The file holds null characters, so it is not text. Save it as CSV UTF-8.")
    if encoding not in _CODECS:
        raise TableError("The encoding has to be UTF-8 or Latin-1.")
    try:
        return data.decode(_CODECS[encoding])
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        advice = "Save it as CSV UTF-8" + (", or choose Latin-1." if encoding == "utf-8" else ".")
        raise TableError(
            f"Line {line} of the file is not {dict(ENCODINGS)[encoding]} text. {advice}"
        ) from None


def csv_table(data: bytes, *, encoding: str = "utf-8", delimiter: str = "", skip: int = 0) -> Table:
    """The table of a CSV file whose names stand in the line after the first `skip` ones.

    Without a delimiter, the one that gives the most columns. Raises TableError.
    """
    text = decoded(data, encoding)
    for _ in range(skip):
        text = text.partition("\n")[2]
    line = first_line(text)
    delimiter = delimiter or max(DELIMITERS, key=lambda one: len(next(records(line, one))))
    return checked(next(records(line, delimiter)), _below(text, delimiter, skip=skip))


def first_line(text: str) -> str:
    """The line that names the columns. Raises TableError where it is empty."""
    line = text.split("\n", 1)[0].rstrip("\r")
    if not line.strip():
        raise TableError(
            "The file is empty." if not text.strip() else "The first line is empty: name the columns there."
        )
    return line


def checked(header: Sequence[str], rows: Iterable[Record]) -> Table:
    """The table, if it has not too many columns. Raises TableError."""
    if len(header) > MAX_COLUMNS:
        raise TableError(f"The file has {len(header)} columns; at most {MAX_COLUMNS} are read.")
    return Table(tuple(header), rows)


def records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The records of a CSV text. Raises TableError."""
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise TableError(
            f"The file is not well-formed CSV: {error}. Look for an open quotation mark."
        ) from None


def numbered(found: Iterable[Sequence[str]], *, first: int = 1) -> Iterator[Record]:
    """Rows with something in them below the first, which names the columns and has the number `first`."""
    for number, cells in enumerate(found, start=first):
        if number - first > MAX_ROWS:
            raise TableError("The file has more than 100,000 rows. Aggregate it to one row a period.")
        for cell in cells:
            if len(cell) > MAX_CELL_BYTES // 4 and len(cell.encode()) > MAX_CELL_BYTES:
                raise TableError(f"Row {number}: a cell has more than 64 KiB.")
        if number > first and any(cell.strip() for cell in cells):
            yield number, cells


def twice(names: Sequence[str], wanted: Collection[str]) -> str:
    """A name of `wanted` that two columns have; empty if none."""
    return next((name for name in wanted if names.count(name) > 1), "")


def _below(text: str, delimiter: str, *, skip: int) -> Iterator[Record]:
    return numbered(records(text, delimiter), first=skip + 1)
