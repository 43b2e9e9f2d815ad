from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from metrics.formatting import (
    day_words,
    period_words,
    show,
    show_change,
    show_share,
    show_short,
    week_words,
)

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "given", "text"),
    [
        (4871, {"kind": "unique"}, "4,871"),
        (4871, {"unit": "crews"}, f"4,871{NBSP}crews"),
        (0.24, {"kind": "ratio", "decimals": 1}, "24.0%"),
        (0.24, {"kind": "ratio", "decimals": 1, "unit": "%"}, "24.0%"),
        (24, {"kind": "average", "decimals": 1, "unit": "%"}, "24.0%"),
        (2.5, {"kind": "ratio", "decimals": 1, "unit": "jobs"}, f"2.5{NBSP}jobs"),
        (12345, {"unit": "£"}, "£12,345"),
        (-12345.6, {"unit": "€", "decimals": 2}, f"{MINUS}€12,345.60"),
        (1.613, {"unit": "s", "decimals": 2}, f"1.61{NBSP}s"),
        (-12, {}, f"{MINUS}12"),
        (12, {"sign": True}, "+12"),
        (0, {"sign": True}, "0"),
        (-0.04, {"decimals": 1}, "0.0"),
        (2.675, {"decimals": 2}, "2.68"),
        (Decimal("0.245"), {"kind": "ratio", "decimals": 1}, "24.5%"),
        (Decimal("1E+3"), {}, "1,000"),
        (None, {"unit": "s"}, "\N{EN DASH}"),
        (123456789012345, {}, "123,456,789,012,345"),
    ],
)
def test_a_value_with_its_unit(value, given, text):
    assert show(value, **given) == text


def test_no_number_is_too_long_to_be_shown():
    assert show(1e25, decimals=3) == "10,000,000,000,000,000,000,000,000.000"


def test_differences_of_percentages_are_points():
    assert show_change(0.004, kind="ratio", decimals=1) == f"+0.4{NBSP}pp"
    assert show_change(-0.6, kind="average", unit="%", decimals=1) == f"{MINUS}0.6{NBSP}pp"
    assert show_change(96, unit="crews") == f"+96{NBSP}crews"
    assert show_change(None) == "\N{EN DASH}"


def test_shares():
    assert show_share(0.57) == "57%"
    assert show_share(0.031, decimals=1, sign=True) == "+3.1%"
    assert show_share(-0.2) == f"{MINUS}20%"


@pytest.mark.parametrize(
    ("value", "given", "text"),
    [
        (4900, {"step": 100}, "4.9k"),
        (4850, {"step": 50}, "4.85k"),
        (10000, {"step": 1000}, "10k"),
        (0, {"step": 500}, "0"),
        (1200000, {"step": 100000}, "1.2M"),
        (0.24, {"kind": "ratio", "step": 0.02}, "24%"),
        (0.025, {"kind": "ratio", "step": 0.005}, "2.5%"),
        (5000, {"unit": "£", "step": 1000}, "£5k"),
        (-500, {"step": 100}, f"{MINUS}500"),
        (1.5, {"unit": "s", "step": 0.5}, "1.5"),
    ],
)
def test_axis_labels_are_short(value, given, text):
    assert show_short(value, **given) == text


def test_dates_name_the_year_only_where_it_matters():
    today = date(2026, 11, 22)
    assert day_words(date(2026, 1, 17), today) == "17 Jan"
    assert day_words(date(2027, 1, 17), today) == "17 Jan 2027"
    assert day_words(date(2026, 1, 17)) == "17 Jan 2026"


def test_periods_in_words():
    assert period_words(date(2026, 11, 9)) == "9 to 15 Nov 2026"
    assert period_words(date(2026, 10, 26)) == "26 Oct to 1 Nov 2026"
    assert period_words(date(2026, 12, 28)) == "28 Dec 2026 to 3 Jan 2027"
    assert period_words(date(2026, 11, 1), "month") == "Nov 2026"
    assert week_words(date(2026, 11, 9), date(2026, 11, 22)) == "week to Sun 15 Nov"
