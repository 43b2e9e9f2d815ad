from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar.lib.periods import local_day
from northstar.lib.schedules import Schedule, ScheduleError, next_due

BERLIN = "Europe/Berlin"
ZONES = st.sampled_from(sorted(available_timezones()))
MOMENTS = st.datetimes(datetime(2012, 1, 1), datetime(2036, 12, 1), timezones=st.just(UTC))
TIMES = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
SCHEDULES = st.one_of(
    st.builds(Schedule, kind=st.just("every"), minutes=st.integers(1, 1440)),
    st.builds(Schedule, kind=st.just("daily"), at=TIMES),
    st.builds(Schedule, kind=st.just("weekly"), at=TIMES, weekday=st.integers(0, 6)),
    st.builds(Schedule, kind=st.just("monthly"), at=TIMES, day=st.integers(1, 31)),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(schedule: Schedule, after: str, zone: str = BERLIN) -> datetime:
    return next_due(schedule, at(after), zone)


def test_an_hourly_schedule_keeps_the_hour_however_late_it_ran() -> None:
    assert due(Schedule("every", minutes=60), "2026-11-22T10:07:31") == at("2026-11-22T11:00:00")
    assert due(Schedule("every", minutes=60), "2026-11-22T11:00:00") == at("2026-11-22T12:00:00")


def test_a_daily_schedule_goes_by_local_clocks() -> None:
    daily = Schedule("daily", at="06:00")
    assert due(daily, "2026-03-28T12:00:00") == at("2026-03-29T04:00:00")
    assert due(daily, "2026-10-24T12:00:00") == at("2026-10-25T05:00:00")


def test_a_time_in_a_gap_runs_at_the_first_instant_after_it() -> None:
    daily = Schedule("daily", at="02:30")
    assert due(daily, "2026-03-28T12:00:00") == at("2026-03-29T01:00:00")
    assert due(daily, "2026-03-29T01:00:00") == at("2026-03-30T00:30:00")


def test_a_time_that_occurs_twice_runs_once_at_the_first() -> None:
    daily = Schedule("daily", at="02:30")
    assert due(daily, "2026-10-24T12:00:00") == at("2026-10-25T00:30:00")
    assert due(daily, "2026-10-25T00:30:00") == at("2026-10-26T01:30:00")


def test_a_half_hour_change_of_clocks_is_kept() -> None:
    daily = Schedule("daily", at="02:15")
    zone = "Australia/Lord_Howe"
    assert due(daily, "2026-10-03T12:00:00", zone) == at("2026-10-03T15:30:00")
    assert due(Schedule("daily", at="01:45"), "2026-04-04T12:00:00", zone) == at("2026-04-04T14:45:00")


def test_a_day_that_was_left_out_runs_when_the_next_one_begins() -> None:
    assert due(Schedule("daily", at="06:00"), "2011-12-29T17:00:00", "Pacific/Apia") == at(
        "2011-12-30T10:00:00"
    )


def test_midnight_on_a_day_without_midnight_runs_at_one() -> None:
    assert due(Schedule("daily", at="00:00"), "2018-11-03T12:00:00", "America/Sao_Paulo") == at(
        "2018-11-04T03:00:00"
    )


def test_a_weekly_schedule_runs_on_its_weekday() -> None:
    weekly = Schedule("weekly", at="06:00", weekday=0)
    assert due(weekly, "2026-11-22T12:00:00") == at("2026-11-23T05:00:00")
    assert due(weekly, "2026-11-23T05:00:00") == at("2026-11-30T05:00:00")


def test_a_monthly_schedule_takes_the_last_day_of_short_months() -> None:
    monthly = Schedule("monthly", at="06:00", day=31)
    assert due(monthly, "2027-02-01T00:00:00") == at("2027-02-28T05:00:00")
    assert due(monthly, "2027-02-28T05:00:00") == at("2027-03-31T04:00:00")
    assert due(Schedule("monthly", at="06:00", day=1), "2027-02-01T05:00:00") == at("2027-03-01T05:00:00")


@given(SCHEDULES, MOMENTS, ZONES)
def test_the_next_due_moment_is_later_and_nothing_is_due_in_between(
    schedule: Schedule, after: datetime, zone: str
) -> None:
    found = next_due(schedule, after, zone)
    assert found > after
    assert found.utcoffset() == timedelta(0)
    assert next_due(schedule, found - timedelta(microseconds=1), zone) == found
    assert next_due(schedule, after + (found - after) / 2, zone) == found


@given(TIMES, ZONES, st.dates(date(2012, 1, 1), date(2036, 12, 1)))
def test_a_daily_schedule_runs_once_a_day(at: str, zone: str, day: date) -> None:
    moment = datetime.combine(day, datetime.min.time(), UTC)
    days = []
    for _ in range(9):
        moment = next_due(Schedule("daily", at=at), moment, zone)
        days.append(local_day(moment, zone))
    steps = [(later - earlier).days for earlier, later in zip(days, days[1:], strict=False)]
    # A clock change across midnight moves a run to the next date: then two share one, or a date has none.
    assert all(0 <= step <= 2 for step in steps)
    assert sum(steps) in {7, 8, 9}


@given(SCHEDULES)
def test_a_schedule_survives_its_dict(schedule: Schedule) -> None:
    assert Schedule.from_dict(schedule.to_dict()) == schedule


def test_fields_left_out_take_their_defaults() -> None:
    assert Schedule.from_dict({"kind": "daily"}) == Schedule("daily", at="06:00")
    assert Schedule() == Schedule("every", minutes=60)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"kind": "hourly"}, "is no kind of schedule"),
        ({"kind": "every", "minutes": 0}, "a whole number from 1 to 1440"),
        ({"kind": "every", "minutes": True}, "a whole number from 1 to 1440"),
        ({"kind": "every", "minutes": "60"}, "a whole number from 1 to 1440"),
        ({"kind": "daily", "at": "24:00"}, "is no time of day"),
        ({"kind": "daily", "at": "6:00"}, "is no time of day"),
        ({"kind": "daily", "at": "06:00\n"}, "is no time of day"),
        ({"kind": "daily", "at": None}, "is no time of day"),
        ({"kind": "weekly", "weekday": 7}, "a whole number from 0 to 6"),
        ({"kind": "monthly", "day": 32}, "a whole number from 1 to 31"),
        ({"kind": "daily", "hour": 6}, "has no field 'hour'"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(data: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScheduleError, match=sentence):
        Schedule.from_dict(data)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule("every", minutes=1), "Every minute"),
        (Schedule("every", minutes=15), "Every 15 minutes"),
        (Schedule("every", minutes=60), "Every hour"),
        (Schedule("every", minutes=90), "Every 90 minutes"),
        (Schedule("every", minutes=360), "Every 6 hours"),
        (Schedule("every", minutes=1440), "Every 24 hours"),
        (Schedule("daily", at="06:00"), "Every day 06:00"),
        (Schedule("weekly", at="07:30", weekday=4), "Every Friday 07:30"),
        (Schedule("monthly", day=1), "Every month on the 1st 06:00"),
        (Schedule("monthly", day=12), "Every month on the 12th 06:00"),
        (Schedule("monthly", day=23), "Every month on the 23rd 06:00"),
        (Schedule("monthly", day=31), "Every month on the last day 06:00"),
    ],
)
def test_a_schedule_reads_as_words(schedule: Schedule, words: str) -> None:
    assert schedule.words() == words
