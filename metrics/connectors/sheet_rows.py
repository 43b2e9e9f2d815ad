"""An Excel workbook (XLSX) as a table of text: dates as ISO dates, numbers with their digits. Pure.

No formula is computed: of a cell with one, what Excel stored last is read. The file is looked through before
it is opened: what unpacks to too much, or declares entities, is refused (reliability R31, S46).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from typing import Any

from metrics.connectors import tables
from metrics.connectors.tables import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Record, Table, TableError, numbered

MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_PARTS = 2000
MAGIC = b"PK\x03\x04"
_STEP = 256 * 1024
_RATIO_COUNTS_FROM = 1024 * 1024
_NO_WORKBOOK = "The file is no Excel workbook (XLSX). Save it as XLSX or as CSV UTF-8."


def sheet_table(data: bytes, *, sheet: str = "", skip: int = 0) -> Table:
    """The table on a sheet, the first one where none is named, below the first `skip` rows.

    Example: `csv_text.read_table(sheet_table(data), kind="flow_sum", grain="week")`. Raises TableError.
    """
    _look_through(data)
    found = _rows(data, sheet)
    for _ in range(skip):
        next(found, None)
    try:
        header = next(found)
    except StopIteration:
        raise TableError("The sheet is empty.") from None
    while header and not header[-1].strip():
        header.pop()
    if not header:
        raise TableError("The first line is empty: name the columns there.")
    return tables.checked(header, _below(header, found, skip=skip))


def sheet_names(data: bytes) -> tuple[str, ...]:
    """The names of the sheets of a workbook, in their order. Raises TableError."""
    _look_through(data)
    with closing(_opened(data)) as book:
        return tuple(one.title for one in book.worksheets)


def is_workbook(data: bytes) -> bool:
    """Whether the bytes begin as an XLSX file does."""
    return data[:4] == MAGIC


def _below(header: list[str], found: Iterator[list[str]], *, skip: int) -> Iterator[Record]:
    for number, cells in numbered(_with(header, found), first=skip + 1):
        # A sheet is as wide as its widest row; empty cells on the right are no cells of the table.
        if any(cell.strip() for cell in cells[len(header) :]):
            raise TableError(
                f"Row {number} has something to the right of the last named column. Name every column."
            )
        yield number, [*cells[: len(header)], *[""] * (len(header) - len(cells))]


def _with(header: list[str], found: Iterator[list[str]]) -> Iterator[list[str]]:
    yield header
    yield from found


def _look_through(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise TableError(f"The file has {len(data) / 1024 / 1024:.1f} MiB; at most 10 MiB are read.")
    if not is_workbook(data):
        raise TableError(_NO_WORKBOOK)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            size = sum(part.file_size for part in parts)
            if len(parts) > MAX_PARTS or size > MAX_UNPACKED:
                raise TableError(
                    "The workbook unpacks to more than 50 MiB. Save only the sheet that is needed."
                )
            if size > max(_RATIO_COUNTS_FROM, len(data) * MAX_RATIO):
                raise TableError(f"The workbook unpacks to more than {MAX_RATIO} times its size.")
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _look_at(packed, part)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, OSError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError(_NO_WORKBOOK) from None


def _look_at(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a part that declares a document type: workbooks have none, and entities can be bombs."""
    tail = b""
    with packed.open(part) as stream:
        while step := stream.read(_STEP):
            seen = tail + step
            # In another encoding than UTF-8 the words below could not be seen.
            if b"\x00" in step or b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                raise TableError("The workbook holds declarations that no workbook needs. It is not opened.")
            tail = step[-16:]


def _opened(data: bytes) -> Any:
    # Loading it takes a third of a second, which only those who read workbooks should wait.
    from openpyxl import load_workbook

    try:
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception:
        # Whatever a damaged file makes of the library: it is no workbook to us.
        raise TableError(_NO_WORKBOOK) from None


def _rows(data: bytes, sheet: str) -> Iterator[list[str]]:
    book = _opened(data)
    try:
        names = [one.title for one in book.worksheets]
        if sheet and sheet not in names:
            shown = ", ".join(names[:12])
            raise TableError(f"There is no sheet called '{sheet[:60]}'. There are: {shown}.")
        if not names:
            raise TableError("The workbook has no sheet with cells.")
        page = book[sheet] if sheet else book.worksheets[0]
        yield from _texts(page)
    finally:
        book.close()


def _texts(page: Any) -> Iterator[list[str]]:
    found = page.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1, max_row=MAX_ROWS + 200)
    while True:
        try:
            cells = next(found)
        except StopIteration:
            return
        except Exception:
            raise TableError("A sheet of the workbook is damaged. Save it anew.") from None
        yield [_text(cell) for cell in cells]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return format(cell, ".15g")  # the digits that a double truly carries
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, (date, time)) else str(cell)
