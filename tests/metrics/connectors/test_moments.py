"""Dates as services write them, and the local day they mean, also where clocks change."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.moments import Dates, pattern_fault

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    "written, value, day, exact",
    [
        ("auto", "2026-11-16", "2026-11-16", True),
        ("auto", " 2026-11-16 ", "2026-11-16", True),
        ("auto", "2026-W47", "2026-11-16", True),
        ("auto", "2026-11", "2026-11-01", True),
        ("auto", "2026-11-15T23:00:00Z", "2026-11-16", True),
        ("auto", "2026-11-16T00:00:00+01:00", "2026-11-16", True),
        ("auto", "2026-11-16T00:00:00Z", "2026-11-16", False),
        ("auto", "2026-11-15T23:59:59.5Z", "2026-11-16", False),
        ("auto", "2026-11-16 08:30", "2026-11-16", False),
        ("unix", 1794178800, "2026-11-09", True),
        ("unix", "1794178800", "2026-11-09", True),
        ("unix", Decimal("1794178800.5"), "2026-11-09", False),
        ("unix_ms", 1794178800000, "2026-11-09", True),
        ("%Y%m%d", 20261116, "2026-11-16", True),
        ("%d.%m.%Y", "16.11.2026", "2026-11-16", True),
        ("%m/%Y", "11/2026", "2026-11-01", True),
        ("%Y-%m-%dT%H:%M:%S%z", "2026-11-16T00:00:00+0100", "2026-11-16", True),
    ],
)
def test_a_date_is_the_local_day_it_means(written: str, value: Any, day: str, exact: bool) -> None:
    found = Dates(written, BERLIN).read(value, label="Row 1")
    assert (found.day.isoformat(), found.exact) == (day, exact)


def test_a_moment_belongs_to_the_day_of_utc_where_that_is_chosen() -> None:
    found = Dates("auto", BERLIN, "utc").read("2026-11-15T23:30:00Z", label="Row 1")
    assert (found.day, found.exact) == (date(2026, 11, 15), False)
    assert Dates("unix", BERLIN, "utc").read(1794182400, label="Row 1").exact


@pytest.mark.parametrize(
    "zone, moment, day",
    [
        # São Paulo, 2018-11-04 has no midnight: the day begins at one.
        ("America/Sao_Paulo", "2018-11-04T03:00:00Z", date(2018, 11, 4)),
        ("Europe/Berlin", "2026-03-28T23:00:00Z", date(2026, 3, 29)),
        ("Europe/Berlin", "2026-10-25T23:00:00Z", date(2026, 10, 26)),
        ("Asia/Kathmandu", "2026-11-15T18:15:00Z", date(2026, 11, 16)),
    ],
)
def test_a_day_begins_where_its_zone_says(zone: str, moment: str, day: date) -> None:
    found = Dates("auto", zone).read(moment, label="Row 1")
    assert (found.day, found.exact) == (day, True)


@pytest.mark.parametrize(
    "written, value, sentence",
    [
        ("auto", None, "Row 1: the period is empty. Leave such rows out."),
        (
            "auto", 1795046400,
            "Row 1: '1795046400' is not a date such as 2026-11-16. "
            "If it is Unix time, choose that as the date format.",
        ),
        ("auto", "20261116", "Row 1: '20261116' is not a date such as 2026-11-16. If it is Unix time,"),
        ("auto", True, "Row 1: 'True' is not a date such as"),
        ("auto", "0001-01-01", "Row 1: '0001-01-01' is not a date"),
        ("auto", ["2026"], "Row 1: '['2026']' is not a date"),
        ("unix", "soon", "Row 1: 'soon' is not a date in Unix seconds, such as 1795046400."),
        ("unix", 1794178800000, "Row 1: '1794178800000' is not a date in Unix seconds"),
        ("unix", Decimal("NaN"), "Row 1: 'NaN' is not a date"),
        ("unix_ms", 10**30, "Row 1: '1000000000000000000000000000000' is not a date"),
        ("%d.%m.%Y", "2026-11-16", "Row 1: '2026-11-16' is not a date written as %d.%m.%Y."),
    ],
)  # fmt: skip
def test_what_is_no_date_is_told(written: str, value: Any, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        Dates(written, BERLIN).read(value, label="Row 1")
    assert str(refused.value).startswith(sentence)


@pytest.mark.parametrize("written", ["auto", "unix", "unix_ms", "%Y%m%d", "%G-W%V-%u", "%Y-%m-%dT%H:%M:%S%z"])
def test_patterns_that_can_be_read(written: str) -> None:
    assert pattern_fault(written) == ""


@pytest.mark.parametrize("written", ["dd.mm.yyyy", "%Q", "%", "%Y %Y", "%G-W%V"])
def test_patterns_that_cannot(written: str) -> None:
    assert pattern_fault(written)


def test_the_order_within_a_day_is_that_of_the_moments() -> None:
    dates = Dates("auto", BERLIN)
    early, late = (dates.read(text, label="Row") for text in ("2026-11-16T08:00Z", "2026-11-16T09:30+01:00"))
    assert early.order < late.order and early.order == datetime.fromisoformat("2026-11-16T08:00Z")
