"""Chats through a real receiver: told once, tried again, given up for mail, never in the way of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from metrics.models import Company
from northstar.lib.egress import Limits
from teams.channels import posting
from teams.models import Channel, Delivery, Preference, Reminder, User
from teams.reminders import addressing, delivering
from tests.chats import make_chat
from tests.services.receivers import Receivers
from tests.teams.posting import PostOffice, nobody_answers, post_office

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office(settings) as office:
        yield office


@pytest.fixture
def chat(receivers: Receivers, vera: User) -> Channel:
    """Vera's own, which she wants to be told over."""
    chat = make_chat(receivers, person=vera, label="Vera's chat")
    Preference.objects.create(user=vera, channel=chat)
    return chat


@pytest.fixture
def tell(company: Company) -> Callable[..., Reminder]:
    """tell(user, …): a reminder of a signal, written for these people at NOW."""

    def tell(*people: User, **fields: Any) -> Reminder:
        number = Reminder.objects.count()
        said = {"subject": f"Subject {number}", "text": "It fell to 28.1%.", "path": "/", "action": "Look"}
        given = {"rule": "signal", "occurs_on": NOW.date(), **said, **fields}
        reminder = Reminder.objects.create(key=f"signal:{number}", **given)
        users = User.objects.filter(pk__in=[user.pk for user in people])
        Delivery.objects.bulk_create(
            row for user in users for row in addressing.tellings(reminder, user, NOW)
        )
        return reminder

    return tell


def told(channel: str) -> list[str]:
    return list(Delivery.objects.filter(channel=channel).order_by("id").values_list("state", flat=True))


def test_the_own_chat_is_told_everything_in_one_message_and_mail_nothing(
    receivers: Receivers, office: PostOffice, chat: Channel, tell: Callable[..., Reminder], vera: User
) -> None:
    first, second = tell(vera), tell(vera)
    assert [delivering.deliver(NOW), delivering.deliver(NOW + timedelta(minutes=1))] == [1, 0]
    (got,) = receivers.got("slack")
    for reminder in (first, second):
        assert reminder.subject in got.text
        assert f"/told/{reminder.pk}/" in got.text
    assert f"digest.{first.key}.{vera.pk}" in got.text
    assert (told("chat"), told("email"), office.accepted) == (["sent", "sent"], [], [])
    chat.refresh_from_db()
    assert chat.worked_at == NOW


def test_numbers_that_are_hidden_stay_in_northstar(
    receivers: Receivers, chat: Channel, tell: Callable[..., Reminder], vera: User
) -> None:
    Company.objects.update(hide_numbers=True)
    tell(vera, plain_text="It fell.")
    tell(vera)
    delivering.deliver(NOW)
    (got,) = receivers.got("slack")
    assert "28.1" not in got.text
    assert "It fell." in got.text and "open it in Northstar" in got.text


def test_a_dead_chat_hands_its_messages_to_mail_at_once(
    receivers: Receivers, office: PostOffice, chat: Channel, tell: Callable[..., Reminder], vera: User
) -> None:
    receivers.script("slack", "gone")
    tell(vera)
    delivering.deliver(NOW)
    assert (told("chat"), told("email")) == (["failed"], ["due", "due"]), "and that it is broken"
    assert delivering.unreached(vera, NOW) is not None
    delivering.deliver(NOW + timedelta(minutes=1))
    assert office.recipients == [["vera@example.com"]]
    assert delivering.unreached(vera, NOW) is None
    assert len(receivers.got("slack")) == 1


def test_a_chat_that_does_not_answer_is_tried_four_times_and_then_mail_takes_over(
    receivers: Receivers, office: PostOffice, chat: Channel, tell: Callable[..., Reminder], vera: User
) -> None:
    receivers.script("slack", "down for repair")
    tell(vera)
    for minutes in range(0, 5 * 60, 5):
        delivering.deliver(NOW + timedelta(minutes=minutes))
    assert len(receivers.got("slack")) == 4
    assert len({got.json["text"] for got in receivers.got("slack")}) == 1
    assert told("chat") == ["failed"]
    assert office.recipients == [["vera@example.com"]]


def test_a_chat_that_asks_to_be_left_alone_is_and_loses_nothing(
    receivers: Receivers, chat: Channel, tell: Callable[..., Reminder], vera: User, monkeypatch: Any
) -> None:
    receivers.script("slack", "limited", "accept")
    monkeypatch.setattr(delivering, "RETRY_AFTER", (timedelta(seconds=1),) * 3)
    tell(vera)
    delivering.deliver(NOW)
    assert delivering.deliver(NOW + timedelta(seconds=20)) == 0, "it asked for 30 seconds"
    assert delivering.deliver(NOW + timedelta(seconds=31)) == 1


def test_a_slow_chat_and_a_dead_mail_server_do_not_hold_up_each_other(
    receivers: Receivers,
    office: PostOffice,
    chat: Channel,
    tell: Callable[..., Reminder],
    vera: User,
    teo: User,
    settings: Settings,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(posting, "LIMITS", Limits(connect=0.3, silence=0.3, total=0.3))
    receivers.script("slack", "slow")
    tell(vera, teo)
    assert delivering.deliver(NOW) == 1
    assert office.recipients == [["teo@example.com"]]
    Delivery.objects.exclude(channel="app").update(state="due", next_due_at=NOW, sent_at=None)
    receivers.script("slack", "accept")
    with nobody_answers(settings):
        assert delivering.deliver(NOW) == 1
    assert (told("chat"), told("email")) == (["sent"], ["due"])


def test_a_service_that_is_down_costs_one_try_a_round_however_many_use_it(
    receivers: Receivers, tell: Callable[..., Reminder], vera: User, teo: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(posting, "LIMITS", Limits(connect=0.3, silence=0.3, total=0.3))
    for user in (vera, teo):
        Preference.objects.create(user=user, channel=make_chat(receivers, person=user))
    receivers.script("slack", "slow")
    tell(vera, teo)
    delivering.deliver(NOW)
    assert len(receivers.got("slack")) == 1


def test_the_teams_chat_is_told_once_and_a_broken_one_not_at_all(
    receivers: Receivers, tell: Callable[..., Reminder], company: Company
) -> None:
    chat = make_chat(receivers, label="#all", rules=["signal"])
    reminder = tell()
    Delivery.objects.bulk_create(addressing.shared(reminder, None, NOW))
    assert [delivering.deliver(NOW), delivering.deliver(NOW + timedelta(hours=1))] == [1, 0]
    assert len(receivers.got("slack")) == 1
    Delivery.objects.bulk_create(addressing.shared(tell(), None, NOW))
    Channel.objects.filter(pk=chat.pk).update(broken_at=NOW, error="It is gone.")
    later = NOW + timedelta(days=1)
    assert delivering.deliver(later) == 0
    assert told("chat") == ["sent", "failed"]
    assert Delivery.objects.get(state="failed").error == "It is gone."


def test_whom_no_way_reaches_is_told_so_in_the_app(
    office: PostOffice, tell: Callable[..., Reminder], vera: User
) -> None:
    office.answers = ["550 no such person"]
    tell(vera)
    delivering.deliver(NOW)
    found = delivering.unreached(vera, NOW)
    assert found == delivering.Unreached("e-mail", "The mail server said 550 no such person")
    tell(vera)
    delivering.deliver(NOW)
    assert delivering.unreached(vera, NOW) is None, "the next one arrived"
