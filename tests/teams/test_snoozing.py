"""Putting a closing review off: a day, a reason, twice at most, and leaders hear of it all the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from metrics.models import AuditRow, Metric
from northstar.lib import clock as clocks
from teams.models import Delivery, Omtm, Reminder, Review, Snooze, Team, User
from teams.reminders import reminding, snoozing
from tests.northstar.world import as_somebody
from tests.teams.bets import at_once, omtm_of, shared_between_threads

TODAY = date(2026, 11, 18)
SAID = {"reason": "The data of November is late"}


@pytest.fixture(autouse=True)
def _clock(clock: Any) -> Any:
    return clock


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric], idris: User, maren: User) -> Omtm:
    """Its window ended on 13 November; Idris and Maren were told."""
    bet = omtm_of(marketing, make_metric("Qualified trials"), start="2026-07-14", state="in_review")
    Review.objects.create(omtm=bet, kind="closing", due_on=bet.review_due_on)
    told(bet, "window_ended", idris, maren)
    return bet


def told(bet: Omtm, rule: str, *people: User) -> None:
    said = {"subject": f"{rule}!", "text": "Please.", "path": "/", "action": "Open the review"}
    reminder = Reminder.objects.create(key=rule, rule=rule, omtm=bet, occurs_on=date(2026, 11, 16), **said)
    for person in people:
        Delivery.objects.create(reminder=reminder, recipient=person, channel="app", state="sent")
        Delivery.objects.create(
            reminder=reminder, recipient=person, channel="email", next_due_at=clocks.now()
        )


def put_off(bet: Omtm, actor: User, days: int = 7, **said: Any) -> Snooze:
    until = TODAY + timedelta(days=days)
    return snoozing.put_off(bet, until=until, actor=actor, today=TODAY, now=clocks.now(), **(SAID | said))


def unseen(user: User, day: date = TODAY) -> list[str]:
    return [row.reminder.rule for row in reminding.unseen(user, today=day)]


def test_the_lead_hears_nothing_until_the_day_and_then_again(bet: Omtm, idris: User) -> None:
    assert unseen(idris) == ["window_ended"]
    put_off(bet, idris, days=7)
    assert unseen(idris) == unseen(idris, date(2026, 11, 24)) == []
    assert unseen(idris, date(2026, 11, 25)) == ["window_ended"]


def test_on_that_day_the_lead_is_asked_again_once_and_by_message_too(
    bet: Omtm, idris: User, clock: Any
) -> None:
    """Put off until Sunday 22 November: asked on Monday. What came before was told, or is due later."""
    put_off(bet, idris, days=4)
    for moment in ("2026-11-20 10:00", "2026-11-22 10:00"):
        clock.move_to(f"{moment}+00:00")
        reminding.remind(clocks.now())
    assert not Reminder.objects.filter(rule="review_overdue").exists()
    for moment in ("2026-11-23 10:00", "2026-11-24 10:00"):
        clock.move_to(f"{moment}+00:00")
        reminding.remind(clocks.now())
    again = Reminder.objects.get(rule="review_overdue")
    assert (again.key, again.occurs_on) == (f"review_overdue:omtm:{bet.pk}:2026-11-22", date(2026, 11, 23))
    told = again.deliveries.values_list("recipient__name", "channel")
    assert sorted(told) == [("Idris Vane", "app"), ("Idris Vane", "email")]


def test_what_leaders_hear_goes_on(bet: Omtm, idris: User, maren: User) -> None:
    told(bet, "review_escalated", maren)
    put_off(bet, idris)
    assert "review_escalated" in unseen(maren) and "window_ended" not in unseen(idris)
    waiting = Delivery.objects.filter(channel="email", state="due")
    assert {row.recipient for row in waiting} == {maren}
    assert waiting.count() == 2


def test_an_escalation_is_never_put_off_not_even_by_a_leader(bet: Omtm, maren: User) -> None:
    told(bet, "review_escalated", maren)
    put_off(bet, maren)
    assert unseen(maren) == ["review_escalated"]


@pytest.mark.parametrize("days", [-1, 0, 15, 400])
def test_a_day_is_between_one_and_fourteen_days_away(bet: Omtm, idris: User, days: int) -> None:
    with pytest.raises(snoozing.SnoozeError, match="from tomorrow to 2 December 2026") as refused:
        put_off(bet, idris, days=days)
    assert refused.value.field == "until" and not Snooze.objects.exists()


@pytest.mark.parametrize("days", [1, 14])
def test_both_ends_are_allowed(bet: Omtm, idris: User, days: int) -> None:
    assert put_off(bet, idris, days=days).until == TODAY + timedelta(days=days)


def test_twice_and_never_a_third_time(bet: Omtm, idris: User) -> None:
    put_off(bet, idris, days=3)
    with pytest.raises(snoozing.SnoozeError, match="put off until 21 November 2026 already"):
        put_off(bet, idris, days=2)
    put_off(bet, idris, days=5)
    with pytest.raises(snoozing.SnoozeError, match="put off twice already"):
        put_off(bet, idris, days=7)
    assert AuditRow.objects.filter(action="review.put_off").count() == 2


def test_it_needs_a_reason_and_an_open_review(bet: Omtm, idris: User) -> None:
    with pytest.raises(snoozing.SnoozeError, match="Say why") as refused:
        put_off(bet, idris, reason=" \n ")
    assert refused.value.field == "reason"
    Omtm.objects.filter(pk=bet.pk).update(state="active")
    with pytest.raises(snoozing.SnoozeError, match="is not open"):
        put_off(bet, idris)
    assert not Snooze.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_two_are_kept(bet: Omtm, idris: User, tmp_path: Path) -> None:
    with shared_between_threads(tmp_path):
        found = at_once(*(lambda days=days: put_off(bet, idris, days=days) for days in (3, 6, 9, 12)))
        kept = [each for each in found if isinstance(each, Snooze)]
        refused = [each for each in found if isinstance(each, snoozing.SnoozeError)]
        assert 1 <= len(kept) <= 2 and len(refused) == 4 - len(kept), found
        assert at_once(lambda: Snooze.objects.count()) == [len(kept)]


def test_the_page_puts_it_off_and_the_list_says_so(bet: Omtm, idris: User, vera: User) -> None:
    client = as_somebody(idris)
    assert f"/omtms/{bet.pk}/later/" in client.get("/inbox/").content.decode()
    assert f"/omtms/{bet.pk}/later/" in client.get("/reviews/").content.decode()
    answer = client.post(f"/omtms/{bet.pk}/later/", {"until": "2026-11-25"} | SAID)
    assert (answer.status_code, answer["Location"]) == (302, "/reviews/")
    words = "put off until 25 November 2026 by Idris Vane: The data of November is late"
    for who in (idris, vera):
        assert words in as_somebody(who).get("/reviews/").content.decode()
    assert "Put off until 25 Nov" in client.get(f"/omtms/{bet.pk}/retirement/").content.decode()


@pytest.mark.parametrize(
    "fields, words",
    [
        ({"until": "2026-12-25"}, "Choose a day from tomorrow"),
        ({"until": "soon"}, "This is not a date"),
        ({"reason": ""}, "Say why"),
        ({"reason": "x" * 201}, "at most 200 characters"),
        ({"reason": "a\x00b"}, "Null characters"),
    ],
)
def test_a_wrong_answer_is_refused_beside_its_field(
    bet: Omtm, idris: User, fields: dict[str, str], words: str
) -> None:
    answer = as_somebody(idris).post(f"/omtms/{bet.pk}/later/", {"until": "2026-11-25"} | SAID | fields)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Snooze.objects.exists()


def test_nobody_speaks_for_another_team_or_another_person(
    bet: Omtm, yuki: User, teo: User, idris: User
) -> None:
    for who in (yuki, teo):
        assert (
            as_somebody(who).post(f"/omtms/{bet.pk}/later/", {"until": "2026-11-25"} | SAID).status_code
            == 403
        )
    sent = {"until": "2026-11-25", "by": teo.pk, "omtm": 99, "created_at": "2020-01-01"} | SAID
    as_somebody(idris).post(f"/omtms/{bet.pk}/later/", sent)
    snooze = Snooze.objects.get()
    assert (snooze.by, snooze.omtm, snooze.created_at.year) == (idris, bet, 2026)


def test_a_third_time_is_not_even_offered(bet: Omtm, idris: User) -> None:
    put_off(bet, idris, days=3)
    put_off(bet, idris, days=5)
    client: Client = as_somebody(idris)
    page = client.get(f"/omtms/{bet.pk}/later/").content.decode()
    assert "put off twice already" in page and 'name="until"' not in page
