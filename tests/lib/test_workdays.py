from __future__ import annotations

from datetime import date

import pytest

from northstar.lib.periods import is_known_country, next_working_day


@pytest.mark.parametrize(
    ("day", "country", "expected"),
    [
        (date(2026, 11, 20), "DE", date(2026, 11, 20)),
        (date(2026, 11, 1), "DE", date(2026, 11, 2)),
        (date(2027, 1, 1), "DE", date(2027, 1, 4)),
        (date(2026, 12, 25), "DE", date(2026, 12, 28)),
        (date(2026, 12, 25), "", date(2026, 12, 25)),
        (date(2026, 12, 26), "", date(2026, 12, 28)),
        (date(2026, 6, 4), "DE", date(2026, 6, 4)),
        (date(2026, 6, 4), "DE-BY", date(2026, 6, 5)),
    ],
)
def test_the_next_working_day_skips_weekends_and_holidays(day: date, country: str, expected: date) -> None:
    assert next_working_day(day, country) == expected


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ValueError, match="public holidays of 'XQ' are not known"):
        next_working_day(date(2026, 11, 20), "XQ")


def test_known_countries_are_told_from_unknown_ones() -> None:
    assert is_known_country("GB")
    assert is_known_country("DE-BY")
    assert is_known_country("")
    assert not is_known_country("XQ")
    assert not is_known_country("DE-XQ")
