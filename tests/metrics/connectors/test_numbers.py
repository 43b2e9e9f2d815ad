from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.connectors.numbers import NumberError, from_driver, parse


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ("12.5", "12.5"),
        ("12.500", "12.5"),
        ("-0", "0"),
        ("0012", "12"),
        ("1e3", "1000"),
        ("-2.5E-3", "-0.0025"),
        ("1e15", "1000000000000000"),
        ("999999999999999", "999999999999999"),
        ("0.000000000000001", "0.000000000000001"),
        (7, "7"),
        (Decimal("12.50000000000000000000"), "12.5"),
        (Decimal("1E+3"), "1000"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
    ],
)
def test_a_number_is_kept_exactly_without_trailing_zeros(given_value: object, expected: str) -> None:
    assert format(parse(given_value, label="Row 3"), "f") == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("12,5", "Row 3: '12,5' is not a number: write 12.5."),
        ("12,345", "Row 3: '12,345' is not a number: write 12345 or 12.345."),
        ("1,234,567", "Row 3: '1,234,567' is not a number: write 1234567."),
        ("1,234.5", "Row 3: '1,234.5' is not a number: write 1234.5."),
        (" 5 ", "Row 3: ' 5 ' is not a number: remove the spaces around 5."),
        ("1_000", "Row 3: '1_000' is not a number: write 1000."),
        ("", "Row 3: the value is empty."),
        ("twelve", "Row 3: 'twelve' is not a number. Use digits and a point, such as 12.5."),
        (True, "Row 3: true is not a number. Write 1 or 0."),
        (None, "Row 3: an empty value is not a number."),
        ([1], "Row 3: a list is not a number."),
        ({}, "Row 3: an object is not a number."),
        (float("nan"), "Row 3: NaN is not a number that can be kept."),
        (float("-inf"), "Row 3: -Infinity is not a number that can be kept."),
        (Decimal("NaN"), "Row 3: NaN is not a number that can be kept."),
        (
            "0.1234567890123456",
            "Row 3: '0.1234567890123456' is not a number. Use digits and a point, such as 12.5.",
        ),
        (
            "12345678901234567890",
            "Row 3: 12345678901234567890 is too large: at most 1e15 is kept.",
        ),
        (
            "1.1234567890123456",
            "Row 3: '1.1234567890123456' is not a number. Use digits and a point, such as 12.5.",
        ),
        (
            "12.12345678901234",
            "Row 3: 12.12345678901234 has 16 significant digits; at most 15 are kept. "
            "Round it, such as round(value, 4).",
        ),
        ("1e-16", "Row 3: 1E-16 has 16 decimals; at most 15 are kept. Round it."),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: object, sentence: str) -> None:
    with pytest.raises(NumberError) as refused:
        parse(text, label="Row 3")
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "bad",
    ["NaN", "inf", "Infinity", "-Infinity", "1e400", "1e999", "٣", "1٫5", "+5", ".5", "5.", "0x10", "1e1000",
     "1 000", "12,5 ", "\n5", "5\n", "5\x00", "½", "--5", "1e", "9" * 31, 10**400, -(10**16), 1e16, 1e300,
     Fraction(1, 2), b"5"],
)  # fmt: skip
def test_what_python_or_a_database_might_take_is_refused_all_the_same(bad: Any) -> None:
    with pytest.raises(NumberError):
        parse(bad, label="Value")


def test_json_infinity_by_overflow_is_refused() -> None:
    with pytest.raises(NumberError):
        parse(json.loads("1e400"), label="Value")


def test_a_long_text_is_cut_and_its_control_characters_are_hidden() -> None:
    with pytest.raises(NumberError) as refused:
        parse("\x1b[31m" + "x" * 500, label="Value")
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 120


def test_a_double_from_a_driver_is_read_at_its_15_true_digits() -> None:
    assert from_driver(0.1 + 0.2, label="Row 1") == Decimal("0.3")
    with pytest.raises(NumberError):
        parse(0.1 + 0.2, label="Row 1")


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 15))
def test_every_number_of_15_digits_comes_back_as_written(digits: int, decimals: int) -> None:
    number = Decimal(digits).scaleb(-decimals)
    kept = parse(format(number, "f"), label="Value")
    assert kept == number
    assert "+" not in str(kept)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_sentence(text: str) -> None:
    try:
        kept = parse(text, label="Value")
    except NumberError as refused:
        assert str(refused).startswith("Value: ")
    else:
        assert abs(kept) <= 10**15


def test_an_exponent_beyond_all_arithmetic_is_too_large_and_no_crash() -> None:
    with pytest.raises(NumberError, match="too large"):
        parse(Decimal("1e999999999999"), label="Row 3")
