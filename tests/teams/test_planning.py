"""When and as what messages leave: everything due in one, at a time and in a number that people agreed to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Company
from teams.models import Channel, Delivery, Preference, Reminder, User
from teams.reminders import addressing, planning, rules
from tests.cast import person

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


WEDNESDAY = at("2026-11-18T10:00")


@pytest.fixture
def write(company: Company) -> Callable[..., Reminder]:
    """write(rule, user, …, now): a reminder with its tellings, as reminding writes them."""

    def write(rule: str, *people: User, now: datetime = WEDNESDAY, **fields: Any) -> Reminder:
        number = Reminder.objects.count()
        known = rules.RULES[rule]
        said = {"subject": f"Subject {number}", "text": "T", "path": f"/{number}/", "action": "Look"}
        terms = {"urgent": known.urgent, "occurs_on": now.date(), **said, **fields}
        reminder = Reminder.objects.create(key=f"{rule}:{number}", rule=rule, **terms)
        rows = [row for user in people for row in addressing.tellings(reminder, user, now)]
        Delivery.objects.bulk_create(rows)
        return reminder

    return write


@pytest.fixture
def plan(company: Company) -> Callable[..., list[list[str]]]:
    """plan(now): the rules in each message that leaves then, which it marks as sent."""

    def plan(now: datetime) -> list[list[str]]:
        made = planning.plan(now, company)
        put_off = {pk for ids in made.later.values() for pk in ids}
        assert not put_off & {row.pk for parcel in made.parcels for row in parcel.rows}
        for parcel in made.parcels:
            ids = [row.pk for row in parcel.rows]
            Delivery.objects.filter(pk__in=ids).update(
                state="sent", sent_at=now, message_id=parcel.name, next_due_at=None
            )
        return [[row.reminder.rule for row in parcel.rows] for parcel in made.parcels]

    return plan


def due(user: User) -> set[datetime | None]:
    return set(planning.open_rows().filter(recipient=user).values_list("next_due_at", flat=True))


def test_what_comes_at_night_waits_for_the_morning_and_leaves_as_one(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    night = at("2026-11-18T03:00")
    write("half_way", vera, now=night)
    write("two_weeks_left", vera, now=night)
    assert plan(night) == []
    assert due(vera) == {at("2026-11-18T08:00")}
    assert plan(at("2026-11-18T08:00")) == [["half_way", "two_weeks_left"]]


def test_the_morning_is_that_of_the_persons_own_zone(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User, teo: User
) -> None:
    User.objects.filter(pk=vera.pk).update(zone="America/New_York")
    Preference.objects.create(user=teo, quiet_from=time(22), quiet_until=time(9, 30))
    write("half_way", vera, teo, now=at("2026-11-18T07:00"))
    plan(at("2026-11-18T07:00"))
    assert due(vera) == {at("2026-11-18T14:00")}
    assert due(teo) == {at("2026-11-18T09:30")}


def test_a_second_message_of_a_day_waits_for_the_next_one_and_takes_all_along(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    write("half_way", vera)
    assert plan(WEDNESDAY) == [["half_way"]]
    write("signal", vera, now=WEDNESDAY + timedelta(hours=1))
    write("window_ended", vera, now=WEDNESDAY + timedelta(hours=2))
    assert plan(WEDNESDAY + timedelta(hours=2)) == []
    assert plan(at("2026-11-19T08:00")) == [["signal", "window_ended"]]


def test_what_can_wait_leaves_with_the_next_message_or_in_the_morning(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User, teo: User
) -> None:
    write("no_focus", vera, teo)
    assert plan(WEDNESDAY) == []
    assert due(vera) == {at("2026-11-19T08:00")}
    write("half_way", vera, now=WEDNESDAY + timedelta(hours=1))
    assert plan(WEDNESDAY + timedelta(hours=1)) == [["no_focus", "half_way"]]
    assert plan(at("2026-11-19T08:00")) == [["no_focus"]]


def test_who_prefers_the_week_hears_of_it_on_monday(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    Preference.objects.create(user=vera, digest="weekly")
    write("no_focus", vera)
    plan(WEDNESDAY)
    assert due(vera) == {at("2026-11-23T08:00")}


def test_a_weekly_digest_whose_day_is_taken_leaves_on_the_next_not_in_a_week(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    Preference.objects.create(user=vera, digest="weekly")
    write("no_focus", vera)
    plan(WEDNESDAY)
    monday = write("signal", vera, now=at("2026-11-23T07:00"))
    monday.deliveries.filter(channel="email").update(
        state="sent", sent_at=at("2026-11-23T08:00"), message_id="monday", next_due_at=None
    )
    assert plan(at("2026-11-23T08:01")) == []
    assert due(vera) == {at("2026-11-24T08:00")}
    assert plan(at("2026-11-24T08:00")) == [["no_focus"]]


def test_the_week_holds_three_and_reviews_are_told_anyway(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    monday = at("2026-11-16T09:00")
    for day in range(3):
        write("signal", vera, now=monday + timedelta(days=day))
        assert plan(monday + timedelta(days=day)) == [["signal"]]
    thursday = monday + timedelta(days=3)
    write("signal", vera, now=thursday)
    assert plan(thursday) == []
    assert due(vera) == {at("2026-11-23T08:00")}
    write("window_ended", vera, now=thursday)
    assert plan(thursday) == [["signal", "window_ended"]], "and takes along what waits"
    write("review_overdue", vera, now=thursday + timedelta(days=1))
    assert plan(thursday + timedelta(days=1)) == [["review_overdue"]]


def test_the_weekly_letter_is_one_of_its_own_and_counts_for_nothing(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    monday = at("2026-11-16T08:00")
    write("half_way", vera, now=monday)
    write("weekly_ready", vera, now=monday)
    assert sorted(plan(monday)) == [["half_way"], ["weekly_ready"]]
    write("weekly_ready", vera, now=at("2026-11-16T20:00"))
    assert plan(at("2026-11-16T20:00")) == []
    assert due(vera) == {at("2026-11-17T08:00")}


def test_what_was_turned_off_stands_in_the_app_alone_also_when_it_was_written_before(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    write("signal", vera)
    wanted = Preference.objects.create(user=vera, off_rules=["signal", "window_ended"])
    vera = User.objects.get(pk=vera.pk)
    write("signal", vera)
    write("window_ended", vera)
    assert list(Delivery.objects.filter(channel="app").values_list("state", flat=True)) == ["sent"] * 3
    assert plan(WEDNESDAY) == [["window_ended"]], "some are told whatever was turned off"
    assert list(Delivery.objects.filter(state="dropped").values_list("reminder__rule", flat=True)) == [
        "signal"
    ]
    wanted.by_mail = False
    wanted.save()
    write("window_ended", User.objects.get(pk=vera.pk))
    assert not planning.open_rows().exists()


def test_the_own_chat_is_tried_before_mail_while_it_works(write: Callable[..., Reminder], vera: User) -> None:
    chat = Channel.objects.create(kind="slack", label="Vera's chat", person=vera, owner=vera)
    Preference.objects.create(user=vera, channel=chat)
    write("signal", User.objects.get(pk=vera.pk))
    Channel.objects.update(broken_at=WEDNESDAY)
    write("signal", User.objects.get(pk=vera.pk))
    told = Delivery.objects.exclude(channel="app").order_by("id").values_list("channel", "via")
    assert list(told) == [("chat", chat.pk), ("email", None)]


@pytest.mark.parametrize(("by_mail", "leaves"), [(True, [["signal"]]), (False, [])])
def test_what_waits_for_a_chat_that_the_person_has_left_goes_the_new_way_or_not_at_all(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User, by_mail: bool, leaves: list[Any]
) -> None:
    chat = Channel.objects.create(kind="slack", label="Vera's chat", person=vera, owner=vera)
    wanted = Preference.objects.create(user=vera, channel=chat)
    night = at("2026-11-18T03:00")
    write("signal", User.objects.get(pk=vera.pk), now=night)
    plan(night)
    wanted.channel, wanted.by_mail = None, by_mail
    wanted.save()
    planning.replan(vera, night)
    plan(night)
    assert set(Delivery.objects.filter(channel="chat").values_list("state", flat=True)) == {"dropped"}
    plan(night + timedelta(minutes=1))
    assert plan(at("2026-11-18T08:00")) == leaves


def test_a_shared_chat_hears_everything_of_a_day_in_one_message(
    write: Callable[..., Reminder], plan: Callable[..., Any], company: Company
) -> None:
    chat = Channel.objects.create(kind="slack", label="#all", rules=["signal", "half_way"])
    night = at("2026-11-18T06:00")
    for rule in ("signal", "half_way", "window_ended"):
        reminder = write(rule, now=night)
        Delivery.objects.bulk_create(addressing.shared(reminder, None, night))
    assert plan(night) == []
    assert plan(at("2026-11-18T08:00")) == [["signal", "half_way"]]
    late = write("signal", now=WEDNESDAY)
    Delivery.objects.bulk_create(addressing.shared(late, None, WEDNESDAY))
    assert plan(WEDNESDAY) == []
    assert plan(at("2026-11-19T08:00")) == [["signal"]]
    Channel.objects.filter(pk=chat.pk).update(broken_at=WEDNESDAY)
    assert addressing.shared(late, None, WEDNESDAY) == []


def test_after_ten_days_without_a_worker_there_is_one_message_and_no_burst(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    for day in range(10):
        write("signal", vera, now=WEDNESDAY + timedelta(days=day))
    back = WEDNESDAY + timedelta(days=12)
    assert plan(back) == [["signal"] * 10]


def test_minutes_that_may_still_be_put_right_do_not_ride_along(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    minutes = write("minutes", vera)
    minutes.deliveries.exclude(channel="app").update(next_due_at=WEDNESDAY + timedelta(minutes=10))
    write("signal", vera)
    assert plan(WEDNESDAY) == [["signal"]]


def test_minutes_leave_by_themselves_after_ten_minutes(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    later = WEDNESDAY + timedelta(minutes=10)
    write("minutes", vera).deliveries.exclude(channel="app").update(next_due_at=later)
    assert (plan(WEDNESDAY), plan(later)) == ([], [["minutes"]])


def test_a_change_of_mind_is_looked_at_at_once(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User
) -> None:
    write("signal", vera, now=at("2026-11-18T19:00"))
    plan(at("2026-11-18T19:00"))
    Preference.objects.create(user=vera, quiet_from=time(21), quiet_until=time(8))
    planning.replan(vera, at("2026-11-18T19:01"))
    assert plan(at("2026-11-18T19:01")) == [["signal"]]


def test_one_reader_who_cannot_be_planned_holds_up_nobody(
    write: Callable[..., Reminder], plan: Callable[..., Any], vera: User, teo: User
) -> None:
    write("signal", vera, teo)
    User.objects.filter(pk=vera.pk).update(zone="Mars/Olympus")
    assert plan(WEDNESDAY) == [["signal"]]


def test_ten_times_the_people_cost_no_more_queries(
    write: Callable[..., Reminder], company: Company, vera: User
) -> None:
    counts = []
    for number in (1, 10):
        people = [person(f"{number}-{each}@example.com", f"P {each}") for each in range(number)]
        write("signal", *people)
        write("no_focus", *people)
        with CaptureQueriesContext(connection) as queries:
            planning.plan(WEDNESDAY, company)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4
