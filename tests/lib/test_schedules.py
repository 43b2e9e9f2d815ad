from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar.lib.periods import local_day
from northstar.lib.schedules import Schedule, ScheduleError, jitter, next_due, upcoming

BERLIN = "Europe/Berlin"
ZONES = st.sampled_from(sorted(available_timezones()))
MOMENTS = st.datetimes(datetime(2012, 1, 1), datetime(2036, 12, 1), timezones=st.just(UTC))
TIMES = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
SCHEDULES = st.one_of(
    st.builds(Schedule, kind=st.just("every"), minutes=st.integers(1, 1440)),
    st.builds(Schedule, kind=st.just("daily"), at=TIMES),
    st.builds(Schedule, kind=st.just("weekly"), at=TIMES, weekday=st.integers(0, 6)),
    st.builds(Schedule, kind=st.just("monthly"), at=TIMES, day=st.integers(1, 31)),
    st.builds(
        Schedule,
        kind=st.just("cron"),
        cron=st.sampled_from(
            ["30 6 * * 1-5", "*/15 * * * *", "0 2 * * *", "45 1 1 * *", "7 */5 * * 0", "0 0 L * *"]
        ),
        zone=st.sampled_from(["", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Chatham"]),
    ),
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
        ({"kind": "daily", "zone": "Europe/Atlantis"}, "is no time zone"),
        ({"kind": "daily", "zone": "../../etc/passwd"}, "is no time zone"),
        ({"kind": "daily", "zone": 3}, "is no time zone"),
        ({"kind": "cron"}, "Write a cron expression of five fields"),
        ({"kind": "cron", "cron": 5}, "Write a cron expression of five fields"),
        ({"kind": "cron", "cron": "0 6 * *"}, "this one has 4"),
        ({"kind": "cron", "cron": "*/10 * * * * *"}, "nothing runs more than once a minute"),
        ({"kind": "cron", "cron": "60 * * * *"}, "The minute cannot be read"),
        ({"kind": "cron", "cron": "0 0 * * 1-9"}, "The day of the week cannot be read"),
        ({"kind": "cron", "cron": "0 0 30 2 *"}, "no month of it has such a day"),
        ({"kind": "cron", "cron": "@daily please do it"}, "holds figures, names"),
        ({"kind": "cron", "cron": "0 6 * * \u0663"}, "holds figures, names"),
        ({"kind": "cron", "cron": "0 6 * * *\n"}, "holds figures, names"),
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
        (Schedule("daily", zone="Asia/Tokyo"), "Every day 06:00, Asia/Tokyo time"),
        (Schedule("cron", cron="30 6 * * 1-5"), "At 06:30 on weekdays (30 6 * * 1-5)"),
        (Schedule("cron", cron="1-50 1 1-4 2 1-3"), "1-50 1 1-4 2 1-3"),
    ],
)
def test_a_schedule_reads_as_words(schedule: Schedule, words: str) -> None:
    assert schedule.words() == words


def test_cron_goes_by_local_clocks_through_both_changes() -> None:
    cron = Schedule("cron", cron="30 2 * * *")
    assert due(cron, "2026-03-28T12:00:00") == at("2026-03-29T01:00:00")
    assert due(cron, "2026-03-29T01:00:00") == at("2026-03-30T00:30:00")
    assert due(cron, "2026-10-24T12:00:00") == at("2026-10-25T00:30:00")
    assert due(cron, "2026-10-25T00:30:00") == at("2026-10-26T01:30:00")


def test_every_slot_of_a_cron_expression_in_a_gap_is_one_run() -> None:
    runs = upcoming(Schedule("cron", cron="*/20 * * * *"), at("2026-03-29T00:30:00"), BERLIN, 4)
    assert [f"{run:%H:%M}" for run in runs] == ["00:40", "01:00", "01:20", "01:40"]


def test_a_schedule_of_its_own_zone_goes_by_its_clocks() -> None:
    tokyo = Schedule("daily", at="06:00", zone="Asia/Tokyo")
    assert due(tokyo, "2026-11-22T12:00:00") == at("2026-11-22T21:00:00")
    kolkata = Schedule("cron", cron="15 9 * * 1", zone="Asia/Kolkata")
    assert upcoming(kolkata, at("2026-11-22T12:00:00"), BERLIN, 2) == [
        at("2026-11-23T03:45:00"),
        at("2026-11-30T03:45:00"),
    ]


@given(st.sampled_from(["0 6 * * *", "30 2 * * *"]), ZONES, st.dates(date(2012, 1, 1), date(2036, 12, 1)))
def test_cron_and_daily_of_the_same_time_agree_in_every_zone(cron: str, zone: str, day: date) -> None:
    minute, hour, *_ = cron.split()
    daily = Schedule("daily", at=f"{int(hour):02d}:{int(minute):02d}")
    moment = datetime.combine(day, datetime.min.time(), UTC)
    assert upcoming(Schedule("cron", cron=cron), moment, zone, 3) == upcoming(daily, moment, zone, 3)


@given(st.uuids(), SCHEDULES, MOMENTS)
def test_jitter_is_the_same_each_time_and_never_reaches_the_next_run(
    key: object, schedule: Schedule, after: datetime
) -> None:
    slot = next_due(schedule, after, BERLIN)
    wait = jitter(schedule, str(key), slot, zone=BERLIN)
    assert wait == jitter(schedule, str(key), slot, zone=BERLIN)
    assert timedelta(0) <= wait < timedelta(minutes=1)
    assert wait <= (next_due(schedule, slot, BERLIN) - slot) / 10


def test_a_hundred_sources_of_six_o_clock_do_not_begin_at_once() -> None:
    daily, slot = Schedule("daily", at="06:00"), at("2026-11-23T05:00:00")
    waits = {jitter(daily, f"source {number}", slot, zone=BERLIN) for number in range(100)}
    assert len(waits) > 40


def test_a_schedule_stored_before_there_was_cron_still_holds() -> None:
    stored = {"kind": "weekly", "minutes": 60, "at": "06:00", "weekday": 0, "day": 1}
    assert Schedule.from_dict(stored).words() == "Every Monday 06:00"
