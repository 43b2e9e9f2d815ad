"""Workbooks as tables: dates and numbers from cells, nothing computed, nothing that could harm opened."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from metrics.connectors.base import Row
from metrics.connectors.csv_text import read_table
from metrics.connectors.sheet_rows import sheet_table
from metrics.connectors.tables import TableError


def workbook(*rows: list[Any], title: str = "Sales") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.create_sheet("Notes").append(["day", "value"])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def with_part(data: bytes, name: str, text: bytes) -> bytes:
    """The same workbook, with one part of it replaced."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, text if part.filename == name else old.read(part))
    return packed.getvalue()


def refusal(data: bytes, **more: Any) -> str:
    with pytest.raises(TableError) as refused:
        list(sheet_table(data, **more).rows)
    return str(refused.value)


def test_cells_become_the_text_that_csv_would_hold() -> None:
    data = workbook(
        ["Day ", "Value", "Text", None],
        [date(2026, 11, 9), 0.1 + 0.2, "x", None],
        [datetime(2026, 11, 10, 12, 30), 7, True, None],
        [],
        ["2026-W46", 1e21, None, None],
    )
    table = sheet_table(data)
    assert table.header == ("Day ", "Value", "Text")
    assert [(number, list(cells)) for number, cells in table.rows] == [
        (2, ["2026-11-09", "0.3", "x"]),
        (3, ["2026-11-10T12:30:00", "7", "true"]),
        (5, ["2026-W46", "1e+21", ""]),
    ]


def test_an_upload_of_typed_values_reads_a_workbook_by_the_same_rules_as_csv() -> None:
    data = workbook(["week", "value"], [date(2026, 11, 9), 12.5], [date(2026, 11, 16), "7"])
    assert read_table(sheet_table(data), kind="flow_sum", grain="week").rows == (
        Row(date(2026, 11, 9), value=Decimal("12.5")),
        Row(date(2026, 11, 16), value=Decimal(7)),
    )
    wrong = read_table(
        sheet_table(workbook(["week", "value"], ["2026-11-09", "=1+1"])), kind="flow_sum", grain="week"
    )
    assert wrong.rows == (Row(date(2026, 11, 9)),)  # a formula that nothing has computed is no value


def test_a_sheet_is_chosen_by_name_and_lines_above_the_names_are_skipped() -> None:
    data = workbook(["Report of 2026"], ["day", "value"], ["2026-11-09", 1])
    assert list(sheet_table(data, skip=1).rows) == [(3, ["2026-11-09", "1"])]
    assert sheet_table(data, sheet="Notes").header == ("day", "value")
    assert refusal(data, sheet="Sale") == "There is no sheet called 'Sale'. There are: Sales, Notes."


@pytest.mark.parametrize(
    "data, sentence",
    [
        (b"PK\x03\x04 and then nothing", "The file is no Excel workbook (XLSX)."),
        (b"\xd0\xcf\x11\xe0 the older XLS", "The file is no Excel workbook (XLSX)."),
        (b"PK\x03\x04" + b"x" * (10 * 1024 * 1024), "The file has 10.0 MiB; at most 10 MiB are read."),
        (workbook(), "The sheet is empty."),
        (workbook(["day"], ["2026-11-09", 1]), "Row 2 has something to the right of the last named column."),
        (workbook([f"c{n}" for n in range(101)]), "The file has 101 columns; at most 100 are read."),
    ],
)
def test_what_is_no_table_is_told(data: bytes, sentence: str) -> None:
    assert refusal(data).startswith(sentence)


@pytest.mark.parametrize(
    "part",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook/>',
        b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><workbook/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><workbook/>'.encode("utf-16"),
    ],
)
def test_entities_are_never_read(part: bytes) -> None:
    data = with_part(workbook(["day", "value"]), "xl/workbook.xml", part)
    assert refusal(data) == "The workbook holds declarations that no workbook needs. It is not opened."


def test_f31_a_part_that_unpacks_to_a_hundred_times_its_size_is_refused() -> None:
    data = with_part(workbook(["day", "value"]), "xl/styles.xml", b"<a/>" + b" " * (5 * 1024 * 1024))
    assert refusal(data) == "The workbook unpacks to more than 100 times its size."
