from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import Ask, ConnectorError, Row
from metrics.connectors.sql_dialects import POSTGRESQL
from metrics.connectors.sql_rows import Column, Family, Table, rows_of, single_row

INT, NUMERIC, DOUBLE, TEXT, BOOL, BYTES = "exact", "exact", "double", "text", "bool", "bytes"
DATE, STAMP, INSTANT = "date", "moment", "instant"


def _ask(**changes: Any) -> Ask:
    values: dict[str, Any] = {
        "metric": "m", "kind": "flow_sum", "grain": "week", "query": {}, "start": date(2026, 9, 28),
        "end": date(2026, 11, 23), "zone": "Europe/Berlin", "now": datetime(2026, 11, 18, 10, tzinfo=UTC),
    }  # fmt: skip
    return Ask(**{**values, **changes})


def _table(
    *rows: tuple[str | None, ...], names: str = "period value", types: tuple[Family, ...] = (DATE, NUMERIC)
) -> Table:
    return Table(tuple(Column(n, t) for n, t in zip(names.split(), types, strict=True)), rows)


def _refusal(table: Table, ask: Ask) -> str:
    with pytest.raises(ConnectorError) as refused:
        rows_of(table, ask, dialect=POSTGRESQL)
    assert (refused.value.code, refused.value.permanent) == ("schema", True)
    return refused.value.message


def test_rows_come_in_the_order_of_their_periods() -> None:
    rows, notes = rows_of(_table(("2026-11-09", "2.50"), ("2026-11-02", "1")), _ask(), dialect=POSTGRESQL)
    assert rows == (Row(date(2026, 11, 2), value=Decimal(1)), Row(date(2026, 11, 9), value=Decimal("2.5")))
    assert notes == ()


def test_a_null_is_a_missing_period_and_not_zero() -> None:
    rows, _ = rows_of(_table(("2026-11-09", None)), _ask(), dialect=POSTGRESQL)
    assert rows == (Row(date(2026, 11, 9)),)
    assert rows[0].is_missing


@pytest.mark.parametrize(
    ("kind", "names", "cells", "row"),
    [
        (
            "ratio",
            "numerator denominator period",
            ("1", "4", "2026-11-09"),
            {"numerator": 1, "denominator": 4},
        ),
        ("ratio", "week wins games", ("2026-11-09", "1", "4"), {"numerator": 1, "denominator": 4}),
        ("average", "week value weight", ("2026-11-09", "7", "4"), {"value": 7, "denominator": 4}),
        ("unique", "extra value period more", ("x", "7", "2026-11-09", "y"), {"value": 7}),
        ("flow_sum", "total PERIOD", ("7", "2026-11-09"), {"value": 7}),
        ("quantile", "a b", ("2026-11-09", "7"), {"value": 7}),
    ],
)
def test_columns_are_found_by_name_or_by_order(
    kind: str, names: str, cells: tuple[str, ...], row: dict[str, int]
) -> None:
    types = tuple(DATE if cell.startswith("2026") else TEXT for cell in cells)
    rows, _ = rows_of(_table(cells, names=names, types=types), _ask(kind=kind), dialect=POSTGRESQL)
    assert rows == (Row(date(2026, 11, 9), **{k: Decimal(v) for k, v in row.items()}),)


@pytest.mark.parametrize(
    ("names", "kind", "sentence"),
    [
        ("a", "flow_sum", "The query returns 1 column, but 2 are needed: period, value."),
        ("a b c", "flow_sum", "The query returns 3 columns, but 2 are needed: period, value."),
        ("a b", "ratio", "The query returns 2 columns, but 3 are needed: period, numerator, denominator."),
        ("period value value", "flow_sum", "The query returns two columns called value."),
    ],
)
def test_wrong_columns_are_refused_even_without_a_row(names: str, kind: str, sentence: str) -> None:
    table = _table(names=names, types=(DATE,) * len(names.split()))
    assert _refusal(table, _ask(kind=kind)).startswith(sentence)


@pytest.mark.parametrize(
    ("cell", "family", "sentence"),
    [
        (
            "2026-11-18",
            DATE,
            "Row 1: 2026-11-18 is a Wednesday; weeks start on Monday. Use date_trunc('week', …).",
        ),
        ("2026-11-16 14:30:00", STAMP, "Row 1: 2026-11-16 14:30:00 is not the start of a day."),
        ("2026-11-16 00:00:00+00", INSTANT, "Row 1: 2026-11-16 00:00:00+00 is not the start of a day."),
        ("infinity", DATE, "Row 1: 'infinity' is not a date. Return a date such as 2026-11-16."),
        ("0044-03-15 BC", DATE, "Row 1: '0044-03-15 BC' is not a date."),
        ("9999-12-31 23:30:00-12", INSTANT, "Row 1: '9999-12-31 23:30:00-12' is not a date."),
        ("16/11/2026", TEXT, "Row 1: '16/11/2026' is not a date."),
        ("7", INT, "Row 1: the column 'period' holds a number; the period has to be a date"),
        (None, DATE, "Row 1: the period is empty."),
    ],
)
def test_a_wrong_period_is_named_with_its_row(cell: str | None, family: Family, sentence: str) -> None:
    assert _refusal(_table((cell, "1"), types=(family, INT)), _ask()).startswith(sentence)


def test_months_start_on_their_first_day() -> None:
    sentence = _refusal(_table(("2026-11-02", "1")), _ask(grain="month"))
    assert sentence == "Row 1: 2026-11-02 is not the first day of a month. Use date_trunc('month', …)."


@pytest.mark.parametrize(
    ("cell", "family"),
    [
        ("2026-10-26", DATE),
        ("2026-10-26 00:00:00", STAMP),
        ("2026-10-26 00:00:00+01", INSTANT),
        ("2026-10-25 23:00:00+00", INSTANT),
        ("2026-10-26", TEXT),
        ("2026-10-26T00:00:00+01:00", TEXT),
    ],
)
def test_a_period_may_be_a_date_a_moment_or_text(cell: str, family: Family) -> None:
    rows, _ = rows_of(_table((cell, "1"), types=(family, INT)), _ask(), dialect=POSTGRESQL)
    assert [row.period_start for row in rows] == [date(2026, 10, 26)]


def test_a_day_whose_midnight_does_not_exist_starts_later() -> None:
    ask = _ask(grain="day", zone="America/Sao_Paulo", start=date(2018, 11, 1), end=date(2018, 11, 30))
    rows, _ = rows_of(_table(("2018-11-04 01:00:00-02", "1"), types=(INSTANT, INT)), ask, dialect=POSTGRESQL)
    assert [row.period_start for row in rows] == [date(2018, 11, 4)]


def test_two_rows_of_a_period_are_refused() -> None:
    table = _table(("2026-11-09", "1"), ("2026-11-02", "1"), ("2026-11-09", "1"))
    assert _refusal(table, _ask()).startswith("Row 3: 2026-11-09 is there twice (first in row 1).")


def test_rows_outside_the_range_and_in_the_future_are_left_out_with_a_note() -> None:
    table = _table(("2026-09-21", "1"), ("2026-11-16", "2"), ("2026-11-23", "3"), ("2026-11-30", "4"))
    rows, notes = rows_of(table, _ask(), dialect=POSTGRESQL)
    assert [row.value for row in rows] == [2]
    assert notes == ("1 row outside the asked range left out.", "2 rows in the future left out.")


@pytest.mark.parametrize(
    ("cell", "family", "sentence"),
    [
        ("NaN", NUMERIC, "Row 1: NaN is not a number that can be kept."),
        ("Infinity", DOUBLE, "Row 1: Infinity is not a number that can be kept."),
        (
            "0.33333333333333333333",
            NUMERIC,
            "Row 1: 0.33333333333333333333 has 20 significant digits; at most 15",
        ),
        ("12,5", TEXT, "Row 1: '12,5' is not a number: write 12.5."),
        ("t", BOOL, "Row 1: the column 'value' holds true or false, not a number. Cast it."),
        ("\\xff", BYTES, "Row 1: the column 'value' holds bytes, not a number."),
        ("{1,2}", "other", "Row 1: the column 'value' holds a type that is not known here, not a number."),
        ("$1.00", "money", "Row 1: the column 'value' holds an amount of type money, not a number."),
        ("2026-11-09", DATE, "Row 1: the column 'value' holds a date, not a number."),
        ("2026-11-09 00:00:00", STAMP, "Row 1: the column 'value' holds a moment, not a number."),
    ],
)
def test_a_wrong_value_is_named_with_its_row(cell: str, family: Family, sentence: str) -> None:
    assert _refusal(_table(("2026-11-09", cell), types=(DATE, family)), _ask()).startswith(sentence)


def test_a_double_keeps_its_15_true_digits() -> None:
    rows, _ = rows_of(
        _table(("2026-11-09", "0.30000000000000004"), types=(DATE, DOUBLE)), _ask(), dialect=POSTGRESQL
    )
    assert rows[0].value == Decimal("0.3")


def test_one_number_is_the_value_of_its_period() -> None:
    start = date(2026, 11, 9)
    table = _table(("5",), names="count", types=(INT,))
    assert single_row(table, start, kind="unique", empty_is_zero=False) == Row(start, value=Decimal(5))


@pytest.mark.parametrize("rows", [(), ((None,),)])
def test_no_number_is_missing_or_zero_as_chosen(rows: tuple[tuple[None, ...], ...]) -> None:
    start = date(2026, 11, 9)
    table = _table(*rows, names="count", types=(INT,))
    assert single_row(table, start, kind="unique", empty_is_zero=False).is_missing
    assert single_row(table, start, kind="unique", empty_is_zero=True).value == 0


def test_two_rows_are_not_one_number() -> None:
    table = _table(("5",), ("6",), names="count", types=(INT,))
    with pytest.raises(ConnectorError, match="more than one row"):
        single_row(table, date(2026, 11, 9), kind="unique", empty_is_zero=False)
