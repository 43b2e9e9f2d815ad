from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar.lib import periods
from northstar.lib.periods import Grain

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
GRAINS = st.sampled_from(list(Grain))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_week_starts_on_monday_and_a_month_on_the_first() -> None:
    sunday = date(2026, 11, 22)
    assert periods.period_start(sunday, "day") == sunday
    assert periods.period_start(sunday, "week") == date(2026, 11, 16)
    assert periods.period_start(sunday, "month") == date(2026, 11, 1)


def test_an_unknown_grain_is_refused() -> None:
    with pytest.raises(ValueError, match="hour"):
        periods.period_start(date(2026, 1, 1), "hour")


@pytest.mark.parametrize(
    ("start", "grain", "n", "expected"),
    [
        (date(2026, 12, 31), "day", 1, date(2027, 1, 1)),
        (date(2026, 11, 16), "week", -3, date(2026, 10, 26)),
        (date(2026, 12, 1), "month", 1, date(2027, 1, 1)),
        (date(2026, 1, 1), "month", -1, date(2025, 12, 1)),
        (date(2026, 3, 1), "month", -27, date(2023, 12, 1)),
    ],
)
def test_the_next_start_steps_whole_periods(start: date, grain: str, n: int, expected: date) -> None:
    assert periods.next_start(start, grain, n) == expected


def test_the_last_day_of_february_knows_leap_years() -> None:
    assert periods.last_day(date(2028, 2, 1), "month") == date(2028, 2, 29)
    assert periods.last_day(date(2027, 2, 1), "month") == date(2027, 2, 28)
    assert periods.last_day(date(2026, 11, 16), "week") == date(2026, 11, 22)


@given(DAYS, GRAINS, st.integers(-40, 40))
def test_stepping_there_and_back_returns(day: date, grain: Grain, n: int) -> None:
    start = periods.period_start(day, grain)
    assert periods.next_start(periods.next_start(start, grain, n), grain, -n) == start
    assert start <= day <= periods.last_day(start, grain)


@given(DAYS, st.integers(0, 400), GRAINS)
def test_starts_tile_the_range(first: date, days: int, grain: Grain) -> None:
    end = first + timedelta(days=days)
    found = periods.starts(first, end, grain)
    assert found == sorted({periods.period_start(first + timedelta(days=i), grain) for i in range(days)})


def test_starts_of_an_empty_range_are_none() -> None:
    assert periods.starts(date(2026, 11, 18), date(2026, 11, 18), "week") == []


def test_starts_floor_the_first_day() -> None:
    assert periods.starts(date(2026, 11, 18), date(2026, 11, 19), "week") == [date(2026, 11, 16)]


def test_a_period_is_complete_once_its_end_and_the_latency_have_passed() -> None:
    def complete(moment: str) -> bool:
        return periods.is_complete(
            date(2026, 10, 19), "week", now=at(moment), zone="Europe/Berlin", latency=timedelta(hours=6)
        )

    # The week ends on the day the clocks go back: local midnight after it is 23:00 UTC.
    assert not complete("2026-10-26T04:59:59")
    assert complete("2026-10-26T05:00:00")


def test_days_done_counts_whole_local_days() -> None:
    def done(moment: str) -> int:
        return periods.days_done(date(2026, 11, 16), "week", now=at(moment), zone="Europe/Berlin")

    assert done("2026-11-10T12:00:00") == 0
    assert done("2026-11-16T22:59:00") == 0
    assert done("2026-11-16T23:00:00") == 1
    assert done("2026-11-22T12:00:00") == 6
    assert done("2027-01-01T12:00:00") == 7


def test_weeks_within_are_whole_ones() -> None:
    assert periods.weeks_within(date(2026, 11, 3), date(2026, 11, 22)) == [
        date(2026, 11, 9),
        date(2026, 11, 16),
    ]
    assert periods.weeks_within(date(2026, 11, 2), date(2026, 11, 8)) == [date(2026, 11, 2)]
    assert periods.weeks_within(date(2026, 11, 2), date(2026, 11, 7)) == []
    assert periods.weeks_within(date(2026, 11, 3), date(2026, 11, 5)) == []


@given(DAYS)
def test_four_months_from_a_monday_hold_seventeen_weeks(day: date) -> None:
    monday = periods.period_start(day, Grain.week)
    assert len(periods.weeks_within(monday, periods.window_end(monday, 4))) == 17


def test_date_words_name_the_year_only_where_it_is_another() -> None:
    today = date(2026, 11, 22)
    assert periods.date_words(date(2026, 1, 17), today) == "17 Jan"
    assert periods.date_words(date(2027, 5, 2), today) == "2 May 2027"
    assert periods.long_date_words(date(2026, 8, 31)) == "31 August 2026"
