from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar.lib.periods import first_instant, instant, local_day

ZONES = st.sampled_from(sorted(available_timezones()))
DAYS = st.dates(date(2005, 1, 1), date(2036, 12, 31))
ONE = timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 11, 22), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Pacific/Apia", date(2011, 12, 31), 24),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("UTC", date(2026, 3, 29), 24),
    ],
)
def test_local_days_are_as_long_as_clocks_make_them(zone: str, day: date, hours: float) -> None:
    assert first_instant(day + ONE, zone) - first_instant(day, zone) == timedelta(hours=hours)


def test_a_day_without_midnight_begins_at_one() -> None:
    begin = first_instant(date(2018, 11, 4), "America/Sao_Paulo")
    assert begin == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert begin.astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


def test_a_day_that_was_left_out_begins_with_the_next_one() -> None:
    assert first_instant(date(2011, 12, 30), "Pacific/Apia") == datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert first_instant(date(2011, 12, 31), "Pacific/Apia") == datetime(2011, 12, 30, 10, tzinfo=UTC)


def test_a_midnight_that_occurs_twice_counts_the_first_time() -> None:
    # Havana goes back from one o'clock to midnight.
    assert first_instant(date(2026, 11, 1), "America/Havana") == datetime(2026, 11, 1, 4, tzinfo=UTC)


@given(ZONES, DAYS)
def test_days_begin_in_order_and_never_early(zone: str, day: date) -> None:
    begin = first_instant(day, zone)
    assert begin <= first_instant(day + ONE, zone)
    assert local_day(begin, zone) >= day
    assert local_day(begin - timedelta(microseconds=1), zone) < day


@given(ZONES, st.datetimes(datetime(2012, 1, 1), datetime(2036, 12, 31)))
def test_an_instant_shows_the_wanted_time_or_the_end_of_a_gap(zone: str, wall: datetime) -> None:
    shown = instant(wall, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert timedelta(0) <= shown - wall < timedelta(hours=24)
