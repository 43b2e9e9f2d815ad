"""What I hear: sentences that one person chooses, kept whole or not at all, and when the next one goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from northstar.lib import clock as clocks
from teams.forms.preferences import GROUPS
from teams.models import Channel, Delivery, Preference, Reminder, Team, User
from teams.reminders import acting, planning, preferring
from teams.reminders.rules import RULES
from tests.northstar.world import as_somebody

CHOICES = [name for name, rule in RULES.items() if not rule.always]
SAID: dict[str, Any] = {
    "way": "mail",
    "most_a_week": "3",
    "digest": "daily",
    "quiet_from": "18:00",
    "quiet_until": "08:00",
    "zone": "",
    "rules": CHOICES,
}


@pytest.fixture(autouse=True)
def _clock(clock: Any) -> Any:
    """Wednesday 18 November 2026, 11:00 in Berlin."""
    return clock


def post(user: User, **said: Any) -> Any:
    return as_somebody(user).post("/notifications/", SAID | said)


def page_of(user: User) -> str:
    return str(as_somebody(user).get("/notifications/").content.decode())


def own_chat(user: User, **fields: Any) -> Channel:
    return Channel.objects.create(kind="slack", label="my Slack", person=user, owner=user, **fields)


def told(user: User, rule: str, *, days_ago: int, **fields: Any) -> Reminder:
    """Told so many days ago, in the app; `seen` and `acted` say what came of it."""
    marks = {f"{name}_at": clocks.now() for name in ("seen", "acted") if fields.pop(name, False)}
    said = {"subject": "x", "text": "x", "path": "/", "action": "Look", "occurs_on": date(2026, 11, 16)}
    reminder = Reminder.objects.create(key=f"k{Reminder.objects.count()}", rule=rule, **(said | fields))
    Reminder.objects.filter(pk=reminder.pk).update(created_at=clocks.now() - timedelta(days=days_ago))
    Delivery.objects.create(reminder=reminder, recipient=user, channel="app", state="sent", **marks)
    return reminder


def waiting(user: User, rule: str = "half_way", **fields: Any) -> Delivery:
    said = {"subject": "x", "text": "x", "path": "/", "action": "Look", "occurs_on": date(2026, 11, 18)}
    reminder = Reminder.objects.create(key=f"w{Reminder.objects.count()}", rule=rule, **(said | fields))
    return Delivery.objects.create(
        reminder=reminder, recipient=user, channel="email", next_due_at=clocks.now()
    )


def test_every_rule_is_a_sentence_in_one_group() -> None:
    named = [rule for names in GROUPS.values() for rule in names]
    assert sorted(named) == sorted(RULES)


def test_out_of_the_box_all_is_on_and_what_stays_on_says_why(teo: User) -> None:
    page = page_of(teo)
    assert set(re.findall(r'name="rules" value="(\w+)" checked', page)) == set(CHOICES)
    assert "those who hold it are always told" in page and "Tell me …" in page
    assert not Preference.objects.exists(), "looking stores nothing"


def test_what_is_chosen_is_kept(teo: User, marketing: Team, platform: Team) -> None:
    said = {"most_a_week": "1", "digest": "weekly", "quiet_from": "20:00", "quiet_until": "09:30"}
    answer = post(teo, rules=["half_way"], zone="Asia/Tokyo", weekly_teams=[platform.pk], **said)
    assert (answer.status_code, answer["Location"]) == (302, "/notifications/")
    kept = Preference.objects.get(user=teo)
    assert (kept.by_mail, kept.most_a_week, kept.digest, kept.weekly_mail) == (True, 1, "weekly", False)
    assert (kept.quiet_from, kept.quiet_until) == (time(20), time(9, 30))
    assert set(kept.off_rules) == set(CHOICES) - {"half_way", "weekly_ready"}
    assert list(kept.weekly_teams.all()) == [platform]
    teo.refresh_from_db()
    assert teo.zone == "Asia/Tokyo"
    page = page_of(teo)
    assert re.findall(r'name="rules" value="(\w+)" checked', page) == ["half_way"]


def test_chosen_again_it_is_what_it_was(teo: User) -> None:
    post(teo, rules=[])
    post(teo)
    kept = Preference.objects.get(user=teo)
    assert (kept.off_rules, kept.weekly_mail) == ([], True)


@pytest.mark.parametrize(
    "said, words",
    [
        ({"most_a_week": "8"}, "8 is not one of the available choices"),
        ({"most_a_week": "1e3"}, "not one of the available choices"),
        ({"digest": "hourly"}, "not one of the available choices"),
        ({"quiet_from": "25:00"}, "Enter a valid time"),
        ({"quiet_from": "08:30", "quiet_until": "08:00"}, "Leave at least an hour a day"),
        ({"zone": "Mars/Olympus"}, "There is no time zone called Mars/Olympus"),
        ({"zone": "x" * 65}, "at most 64 characters"),
        ({"rules": ["window_ended"]}, "not one of the available choices"),
        ({"rules": ["half_way", "no_such"]}, "not one of the available choices"),
        ({"way": "99"}, "not one of the available choices"),
        ({"way": ""}, "required"),
        ({"weekly_teams": ["99"]}, "not one of the available choices"),
        ({"zone": "a\x00b"}, "Null characters"),
    ],
)
def test_a_wrong_choice_is_refused_and_nothing_is_kept(teo: User, said: dict[str, Any], words: str) -> None:
    answer = post(teo, **said)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Preference.objects.exists()


def test_an_own_chat_may_be_chosen_and_nobody_elses(teo: User, idris: User) -> None:
    mine, foreign = own_chat(teo), own_chat(idris)
    assert post(teo, way=str(foreign.pk)).status_code == 422
    assert post(teo, way=str(mine.pk)).status_code == 302
    kept = Preference.objects.get(user=teo)
    assert (kept.channel, kept.by_mail) == (mine, True), "where the chat fails, mail takes its place"
    assert post(teo, way="app").status_code == 302
    kept.refresh_from_db()
    assert (kept.channel, kept.by_mail) == (None, False)


def test_only_the_own_row_changes_whatever_else_is_sent(teo: User, idris: User) -> None:
    sent = {"user": idris.pk, "id": 99, "off_rules": "[]", "is_active": "", "email": "x@example.com"}
    as_somebody(teo).post("/notifications/", SAID | sent)
    assert [row.user for row in Preference.objects.all()] == [teo]
    teo.refresh_from_db()
    assert (teo.email, teo.is_active) == ("teo@example.com", True)


def test_a_chat_that_fails_shows_what_to_do(teo: User) -> None:
    chat = own_chat(teo, broken_at=clocks.now(), error="Slack says that the address was revoked.")
    Preference.objects.create(user=teo, channel=chat)
    page = page_of(teo)
    assert "my Slack does not take messages any more." in page and "was revoked" in page
    assert "teo@example.com" in page


@pytest.mark.parametrize(
    "zone, moment, words",
    [
        ("", "2026-11-18 10:00+00:00", "What comes up now goes to teo@example.com at once."),
        ("", "2026-11-20 17:30+00:00", "on Monday 23 November at 08:00 (Europe/Berlin), to teo@example.com"),
        ("Asia/Tokyo", "2026-11-18 10:00+00:00", "on Thursday 19 November at 08:00 (Asia/Tokyo)"),
    ],
)
def test_it_says_when_the_next_one_goes_and_to_which_address(
    teo: User, clock: Any, zone: str, moment: str, words: str
) -> None:
    clock.move_to(moment)
    User.objects.filter(pk=teo.pk).update(zone=zone)
    assert words in page_of(teo)


def test_what_waits_is_counted_and_goes_when_the_planner_lets_it(teo: User, clock: Any) -> None:
    clock.move_to("2026-11-20 17:30+00:00")
    waiting(teo), waiting(teo, "minutes", urgent=False)
    page = page_of(teo)
    assert "The next one goes on Monday 23 November at 08:00 (Europe/Berlin), to teo@example.com" in page
    assert "2 things wait for it" in page


def test_the_moment_on_the_page_is_the_one_at_which_it_leaves(teo: User, company: Any, clock: Any) -> None:
    clock.move_to("2026-11-21 12:00+00:00")
    waiting(teo)
    said, _ = planning.next_message(teo, clocks.now(), company)
    assert not planning.plan(said - timedelta(seconds=1), company).parcels
    assert len(planning.plan(said, company).parcels) == 1


def test_without_a_way_it_says_that_nothing_goes_out(teo: User) -> None:
    post(teo, way="app")
    assert "No message goes out to you" in page_of(teo)


def test_what_was_let_pass_and_what_was_acted_on_is_said_in_words(teo: User) -> None:
    told(teo, "half_way", days_ago=60, acted=True, seen=True)
    told(teo, "half_way", days_ago=50, closed_at=clocks.now())
    told(teo, "half_way", days_ago=40, seen=True)
    told(teo, "half_way", days_ago=2)
    told(teo, "half_way", days_ago=91, acted=True)
    told(teo, "minutes", days_ago=30, closed_at=clocks.now())
    assert "you acted on 2 of 3" in page_of(teo)
    assert "you acted on none of 1" in page_of(teo)


def test_a_rule_that_was_let_pass_five_times_offers_to_go_and_one_button_does_it(teo: User) -> None:
    for day in (60, 50, 40, 30):
        told(teo, "signal", days_ago=day)
    assert "You let the last five pass" not in page_of(teo)
    told(teo, "signal", days_ago=20)
    assert "You let the last five pass" in page_of(teo)
    answer = as_somebody(teo).post("/notifications/off/", SAID | {"off": "signal"}, follow=True)
    assert "You get no more messages when a number leaves its usual range" in answer.content.decode()
    assert Preference.objects.get(user=teo).off_rules == ["signal"]
    assert "You let the last five pass" not in page_of(teo)


def test_putting_it_away_is_not_letting_it_pass(teo: User) -> None:
    for day in (60, 50, 40, 30):
        told(teo, "signal", days_ago=day)
    told(teo, "signal", days_ago=20, seen=True)
    assert not acting.rates(teo, now=clocks.now())["signal"].may_go


@pytest.mark.parametrize("rule", ["window_ended", "no_such", "", "a\x00b"])
def test_what_stays_on_is_never_offered_and_never_turned_off(teo: User, rule: str) -> None:
    for day in (60, 50, 40, 30, 20, 10):
        told(teo, "window_ended", days_ago=day)
    assert "You let the last five pass" not in page_of(teo)
    answer = as_somebody(teo).post("/notifications/off/", {"off": rule}, follow=True)
    assert "cannot be turned off" in answer.content.decode()
    assert preferring.of(teo).off_rules == []


def test_nobody_sees_how_another_person_acted(teo: User, maren: User) -> None:
    told(teo, "half_way", days_ago=40, acted=True)
    assert "you acted on 1" not in page_of(maren)


def test_the_page_costs_the_same_for_many_tellings(
    teo: User, make_metric: Callable[..., Any], platform: Team
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/notifications/")
        return len(queries)

    client = as_somebody(teo)
    client.get("/notifications/")
    before = cost()
    for number in range(30):
        told(teo, CHOICES[number % len(CHOICES)], days_ago=number)
        waiting(teo)
        own_chat(teo)
        Team.objects.create(name=f"T{number}", slug=f"t{number}")
    assert cost() == before
