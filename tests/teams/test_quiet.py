"""Quiet time: nothing leaves at night, at weekends or on holidays, on any clock on earth."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from teams.reminders import quiet
from teams.reminders.quiet import Hours

NIGHT = time(18), time(8)
ZONES = (
    "UTC", "Europe/Berlin", "Europe/Dublin", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia",
    "Pacific/Chatham", "America/St_Johns", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati",
    "Asia/Kolkata",
)  # fmt: skip
COUNTRIES = ("", "DE", "US", "IE", "NZ")


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def hours(
    zone: str = "Europe/Berlin", country: str = "DE", start: time = NIGHT[0], end: time = NIGHT[1]
) -> Hours:
    return Hours(zone, country, start, end)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-18T10:00", "2026-11-18T10:00"),  # a Wednesday at ten
        ("2026-11-18T08:00", "2026-11-18T08:00"),
        ("2026-11-18T07:59:59", "2026-11-18T08:00"),
        ("2026-11-18T18:00", "2026-11-19T08:00"),
        ("2026-11-20T18:00", "2026-11-23T08:00"),  # Friday evening waits for Monday
        ("2026-12-24T19:00", "2026-12-28T08:00"),  # over Christmas and its weekend
    ],
)
def test_a_message_waits_for_the_next_working_morning(now: str, then: str) -> None:
    assert quiet.next_allowed(at(now), hours()) == at(then)


def test_hours_that_do_not_cross_midnight_leave_both_sides_open() -> None:
    lunch = hours(start=time(12), end=time(13))
    assert quiet.next_allowed(at("2026-11-18T12:30"), lunch) == at("2026-11-18T13:00")
    assert quiet.next_allowed(at("2026-11-18T03:00"), lunch) == at("2026-11-18T03:00")
    assert quiet.next_allowed(at("2026-11-21T03:00"), lunch) == at("2026-11-23T00:00")


def test_a_clock_that_skips_the_end_of_the_quiet_hours_ends_them_after_the_gap() -> None:
    # In New York 2:00 to 3:00 of 13 March 2033 (a Sunday) is left out; in Casablanca of Sunday 2033-01-02 …
    # on a working day clocks rarely change: Asia/Amman did on Friday 2021-03-26, Cairo does on Fridays.
    early = hours("Africa/Cairo", "", time(18), time(0, 30))
    assert quiet.next_allowed(at("2026-04-23T22:00", "Africa/Cairo"), early) == at(
        "2026-04-24T01:00", "Africa/Cairo"
    )


def test_a_time_that_comes_twice_is_one_morning_and_quiet_both_times_before_it() -> None:
    # Cairo sets its clocks back from 24:00 to 23:00 on Thursday, 29 October 2026.
    late = hours("Africa/Cairo", "", time(23, 45), time(23, 15))
    first = quiet.next_morning(at("2026-10-29T12:00", "Africa/Cairo"), late)
    assert first == at("2026-10-29T23:15", "Africa/Cairo")
    assert quiet.next_morning(first + timedelta(seconds=1), late) == at("2026-10-30T23:15", "Africa/Cairo")
    again = first + timedelta(minutes=45)
    assert again.astimezone(ZoneInfo("Africa/Cairo")).time() == time(23)
    assert quiet.next_allowed(again, late) == first + timedelta(hours=1)


def test_a_date_that_was_left_out_has_no_morning() -> None:
    apia = hours("Pacific/Apia", "")
    # Friday, 30 December 2011 did not exist in Apia.
    assert quiet.next_morning(at("2011-12-29T12:00", "Pacific/Apia"), apia) == at(
        "2012-01-02T08:00", "Pacific/Apia"
    )


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-18T10:00", "2026-11-23T08:00"),
        ("2026-11-23T07:00", "2026-11-23T08:00"),
        ("2026-11-23T08:01", "2026-11-30T08:00"),
        ("2027-03-26T12:00", "2027-03-30T08:00"),  # Easter Monday is free: the week begins on Tuesday
    ],
)
def test_a_week_begins_on_its_first_working_morning(now: str, then: str) -> None:
    assert quiet.next_week(at(now), hours()) == at(then)
    assert quiet.next_week(at(then), hours()) == at(then)


walls = st.times().map(lambda each: each.replace(microsecond=0))
moments = st.datetimes(datetime(2010, 1, 1), datetime(2036, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))
anybody = st.builds(Hours, st.sampled_from(ZONES), st.sampled_from(COUNTRIES), walls, walls)


def shows_quiet(moment: datetime, who: Hours) -> bool:
    """Written from the sentence, not from the code: is it night, weekend or holiday on this wall?"""
    wall = moment.astimezone(ZoneInfo(who.zone))
    if wall.weekday() in (5, 6) or (who.country and wall.date() in holidays.country_holidays(who.country)):
        return True
    start, end, clock = (each.hour * 3600 + each.minute * 60 + each.second for each in (
        who.quiet_from, who.quiet_until, wall.time(),
    ))  # fmt: skip
    return (clock - start) % 86400 < (end - start) % 86400


@settings(max_examples=150)
@given(moments, anybody)
def test_nothing_ever_leaves_in_quiet_time_nor_is_put_off_without_need(now: datetime, who: Hours) -> None:
    then = quiet.next_allowed(now, who)
    assert then >= now
    assert not shows_quiet(then, who)
    if not shows_quiet(now, who):
        assert then == now
    # No earlier moment would have done, looked at every few minutes.
    step = max(timedelta(minutes=17), (then - now) / 60)
    for number in range(1, 60):
        if now + step * number < then:
            assert shows_quiet(now + step * number, who)


@settings(max_examples=12)
@given(st.dates(date(2005, 1, 1), date(2030, 1, 1)), st.sampled_from(ZONES), st.sampled_from(COUNTRIES))
@example(date(2005, 6, 1), "Pacific/Apia", "")
@example(date(2008, 1, 1), "Africa/Casablanca", "")
def test_ten_years_have_one_slot_a_working_day(first: date, zone: str, country: str) -> None:
    who, place = hours(zone, country), ZoneInfo(zone)
    free = holidays.country_holidays(country) if country else {}
    slots, now, end = (
        [],
        at(f"{first}T00:00", zone),
        at(f"{first.replace(year=first.year + 10, day=1)}T00:00", zone),
    )
    while (now := quiet.next_morning(now, who)) < end:
        slots.append(now.astimezone(place))
        now += timedelta(seconds=1)
    days = [first + timedelta(days=each) for each in range((end.astimezone(place).date() - first).days)]
    left_out = {date(2011, 12, 30)} if zone == "Pacific/Apia" else set()
    assert [slot.date() for slot in slots] == [
        day for day in days if day.weekday() < 5 and day not in free and day not in left_out
    ]
    assert {slot.time() for slot in slots} == {time(8)}
