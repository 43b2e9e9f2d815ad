from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.connectors.base import Row
from metrics.connectors.csv_text import Csv, CsvError, read


def _read(text: str | bytes, *, kind: str = "flow_sum", grain: str = "week", encoding: str = "utf-8") -> Csv:
    data = text.encode() if isinstance(text, str) else text
    return read(data, kind=kind, grain=grain, encoding=encoding)


def _refusal(text: str | bytes, **changes: str) -> str:
    with pytest.raises(CsvError) as refused:
        _read(text, **changes)
    return str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "period,value\n2026-11-09,2.5\n2026-11-02,1\n",
        "﻿Week;Value\r\n2026-W46;2.5\r\n2026-W45;1",
        'DATE\tvalue\n"2026-11-02"\t1\n\n2026-11-09\t2.5\n\n',
        " value , period \n1,2026-11-02\n2.5, 2026-11-09\n",
    ],
)
def test_comma_semicolon_and_tab_are_read_by_the_names_of_the_columns(text: str) -> None:
    assert _read(text) == Csv(
        (Row(date(2026, 11, 2), value=Decimal(1)), Row(date(2026, 11, 9), value=Decimal("2.5"))), (), ()
    )


def test_a_ratio_has_numerator_and_denominator() -> None:
    rows = _read("denominator,month,numerator\n200,2026-11,3\n", kind="ratio", grain="month").rows
    assert rows == (Row(date(2026, 11, 1), numerator=Decimal(3), denominator=Decimal(200)),)


def test_an_average_has_a_weight() -> None:
    rows = _read("day,value,weight\n2026-11-18,7.5,40\n", kind="average", grain="day").rows
    assert rows == (Row(date(2026, 11, 18), value=Decimal("7.5"), denominator=Decimal(40)),)


def test_an_empty_value_is_missing_and_not_zero() -> None:
    assert _read("period,value\n2026-11-02,\n").rows == (Row(date(2026, 11, 2)),)


def test_other_columns_are_left_out_with_a_note() -> None:
    assert _read("period,note,value\n2026-11-02,hm,1\n").notes == ("Columns left out: note.",)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("2026-11-02;12,5", "Row 2: '12,5' is not a number: write 12.5."),
        ("2026-11-02; 5", "Row 2: ' 5' is not a number: remove the spaces around 5."),
        ("2026-11-02;NaN", "Row 2: 'NaN' is not a number. Use digits and a point, such as 12.5."),
        (
            "2026-11-18;1",
            "Row 2: 2026-11-18 is a Wednesday; weeks start on Monday. Write the first day of the week.",
        ),
        (
            "02.11.2026;1",
            "Row 2: '02.11.2026' is not a week. Write its Monday, such as 2026-11-16, or 2026-W47.",
        ),
        (
            "2026-02-30;1",
            "Row 2: '2026-02-30' is not a week. Write its Monday, such as 2026-11-16, or 2026-W47.",
        ),
        ("2026-W54;1", "Row 2: '2026-W54' is not a week. Write its Monday, such as 2026-11-16, or 2026-W47."),
        (";1", "Row 2: the period is empty."),
        ("2026-11-02", "Row 2: the first line has 2 columns, this row has 1."),
        ("2026-11-02;1;2", "Row 2: the first line has 2 columns, this row has 3."),
    ],
)
def test_a_wrong_row_is_named_and_the_others_are_still_read(line: str, fault: str) -> None:
    found = _read(f"period;value\n{line}\n2026-11-09;3\n")
    assert found.faults == (fault,)
    assert [row.value for row in found.rows] == [3]


def test_a_wrong_part_of_a_ratio_names_its_column() -> None:
    found = _read("period,numerator,denominator\n2026-11-02,1,\n", kind="ratio")
    assert found.faults == ("Row 2, denominator: the value is empty.",)


def test_a_period_that_comes_twice_is_a_fault() -> None:
    assert _read("period,value\n2026-11-02,1\n2026-W45,1\n").faults == (
        "Row 3: 2026-11-02 is there twice (first in row 2).",
    )


def test_many_faults_are_counted_after_fifty() -> None:
    found = _read("period,value\n" + "x,1\n" * 60)
    assert len(found.faults) == 51
    assert found.faults[-1] == "And 10 more rows with faults."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty."),
        ("\n1,2", "The first line is empty: name the columns there."),
        ("period,value\n", "The file has no rows below its first line."),
        (
            "2026-11-02,1\n",
            "The first line has to name the columns period, value, divided by comma, semicolon or tab.",
        ),
        ("period,value,value\n2026-11-02,1,2\n", "Two columns are called value. Rename one of them."),
        ("date,week,value\n", "Both date and week could be the period. Remove one of these columns."),
        ('period,value\n"2026-11-02,1\n', "The file is not well-formed CSV: unexpected end of data."),
        ("period,value\n2026-11-02,\x001\n", "The file holds null characters, so it is not text."),
        (
            "period,value\n2026-11-02,é\n".encode("latin-1"),
            "Line 2 of the file is not UTF-8 text. Save it as CSV UTF-8,",
        ),
        ("period,value\n".encode("utf-16"), "The file is UTF-16. Save it as CSV UTF-8."),
        ("period,value\n" + "2026-11-02,1\n" * 100_001, "The file has more than 100,000 rows."),
        ("period,value\n2026-11-02," + "1" * 70_000, "Row 2: a cell has more than 64 KiB."),
        (
            "period,value\n2026-11-02," + "1" * 200_000,
            "The file is not well-formed CSV: field larger than field limit",
        ),
        (b"x" * (10 * 1024 * 1024 + 1), "The file has 10.0 MiB; at most 10 MiB are read."),
        ("period,value" + ",x" * 100, "The file has 102 columns; at most 100 are read."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(text: str | bytes, sentence: str) -> None:
    assert _refusal(text).startswith(sentence)


def test_latin_1_is_read_where_it_is_declared() -> None:
    data = "period,value,année\n2026-11-02,1,é\n".encode("latin-1")
    assert _read(data, encoding="latin-1").rows[0].value == 1


def test_a_ratio_without_its_columns_says_which_are_needed() -> None:
    assert "period, numerator, denominator" in _refusal("period,value\n2026-11-02,1\n", kind="ratio")


@given(st.binary(max_size=300))
def test_any_bytes_give_rows_or_a_sentence(data: bytes) -> None:
    try:
        read(b"period,value\n" + data, kind="flow_sum", grain="week")
    except CsvError as refused:
        assert str(refused)


@given(st.text(alphabet="0123456789-W,;\"\n\t ', e.", max_size=200))
def test_any_text_gives_rows_or_a_sentence(text: str) -> None:
    try:
        found = read(f"period,value\n{text}".encode(), kind="flow_sum", grain="week")
    except CsvError as refused:
        assert str(refused)
    else:
        assert all(row.period_start.weekday() == 0 for row in found.rows)
