"""One message a day and three a week: when the next one may leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from teams.reminders import budgeting
from teams.reminders.budgeting import Terms, Told
from teams.reminders.quiet import Hours

BERLIN = ZoneInfo("Europe/Berlin")
TERMS = Terms(Hours("Europe/Berlin", "DE", time(18), time(8)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def next_one(
    now: str, *told: str, exempt: bool = False, urgent: bool = True, terms: Terms = TERMS
) -> datetime:
    return budgeting.next_moment(
        at(now), terms, [Told(at(each)) for each in told], exempt=exempt, urgent=urgent
    )


def test_the_first_of_a_day_leaves_at_once() -> None:
    assert next_one("2026-11-18T10:00") == at("2026-11-18T10:00")


def test_the_second_of_a_day_waits_for_the_next_working_morning() -> None:
    assert next_one("2026-11-18T10:00", "2026-11-18T08:00") == at("2026-11-19T08:00")
    assert next_one("2026-11-20T10:00", "2026-11-20T08:00") == at("2026-11-23T08:00")


def test_the_fourth_of_a_week_waits_for_monday_unless_it_is_exempt() -> None:
    told = "2026-11-16T08:00", "2026-11-17T08:00", "2026-11-18T08:00"
    assert next_one("2026-11-19T09:00", *told) == at("2026-11-23T08:00")
    assert next_one("2026-11-19T09:00", *told, exempt=True) == at("2026-11-19T09:00")
    assert next_one("2026-11-19T09:00", *told, "2026-11-19T08:00", exempt=True) == at("2026-11-20T08:00")


def test_what_was_exempt_does_not_count() -> None:
    told = [Told(at(f"2026-11-{day}T08:00"), counts=False) for day in (16, 17, 18)]
    assert budgeting.next_moment(at("2026-11-19T09:00"), TERMS, told, exempt=False) == at("2026-11-19T09:00")


def test_the_last_message_of_a_week_is_kept_for_what_is_urgent() -> None:
    told = "2026-11-16T08:00", "2026-11-17T08:00"
    assert next_one("2026-11-19T09:00", *told, urgent=False) == at("2026-11-23T08:00")
    assert next_one("2026-11-19T09:00", *told) == at("2026-11-19T09:00")
    one = replace(TERMS, most_a_week=1)
    assert next_one("2026-11-19T09:00", urgent=False, terms=one) == at("2026-11-19T09:00")


def test_a_shared_chat_has_no_weekly_cap() -> None:
    told = [f"2026-11-{day}T08:00" for day in (16, 17, 18)]
    chat = replace(TERMS, most_a_week=None)
    assert next_one("2026-11-19T09:00", *told, terms=chat) == at("2026-11-19T09:00")


def test_the_digest_leaves_on_the_next_working_morning_or_the_next_monday() -> None:
    written = at("2026-11-18T10:00")
    assert budgeting.digest_moment(written, TERMS) == at("2026-11-19T08:00")
    assert budgeting.digest_moment(written, replace(TERMS, weekly=True)) == at("2026-11-23T08:00")


@given(
    st.lists(st.tuples(st.integers(0, 60 * 24 * 60), st.booleans(), st.booleans()), max_size=40),
    st.sampled_from(["Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu", "America/St_Johns"]),
    st.integers(1, 7),
)
def test_however_much_comes_no_day_and_no_week_has_more_than_was_agreed(
    events: list[tuple[int, bool, bool]], zone: str, most: int
) -> None:
    terms = Terms(Hours(zone, "DE", time(18), time(8)), most_a_week=most)
    told: list[Told] = []
    for minute, exempt, urgent in sorted(events):
        now = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)
        moment = budgeting.next_moment(now, terms, told, exempt=exempt, urgent=urgent)
        told.append(Told(moment, counts=not exempt))
    days = [each.at.astimezone(ZoneInfo(zone)).date() for each in told]
    assert len(set(days)) == len(days)
    weeks: dict[date, int] = {}
    for each, day in zip(told, days, strict=True):
        monday = day - timedelta(days=day.weekday())
        weeks[monday] = weeks.get(monday, 0) + each.counts
    assert max(weeks.values(), default=0) <= most
