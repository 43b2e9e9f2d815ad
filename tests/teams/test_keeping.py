"""A chat that no longer works is marked, its owner told once and not over it (reliability F53)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from northstar.lib import clock
from teams import granting
from teams.channels import connecting, keeping, sending
from teams.channels.base import ChannelError
from teams.models import Channel, Delivery, Reminder, User
from teams.reminders import addressing
from tests.chats import make_chat, message
from tests.services.receivers import Receivers

pytestmark = pytest.mark.django_db
DEAD = ChannelError("Slack does not take messages here. Make a new webhook.", permanent=True, broken=True)
PASSING = ChannelError("hooks.example has trouble of its own (status 503), which may pass.")


def told() -> list[Delivery]:
    return list(
        Delivery.objects.filter(reminder__rule="channel_broken").select_related("reminder").order_by("id")
    )


def test_a_dead_chat_is_broken_at_once_and_its_owner_hears_it_once(receivers: Receivers, idris: User) -> None:
    chat = make_chat(receivers, owner=idris, team=idris.memberships.get().team)
    keeping.failed(chat, DEAD, clock.now())
    keeping.failed(chat, DEAD, clock.now() + timedelta(hours=1))
    assert chat.broken_at is not None and chat.error == str(DEAD)
    assert {(row.recipient, row.channel) for row in told()} == {(idris, "app"), (idris, "email")}
    (reminder,) = Reminder.objects.filter(rule="channel_broken")
    assert reminder.subject == "#growth can no longer be told"
    assert reminder.text == f"{DEAD} Until it is mended, its people hear nothing there."
    assert reminder.path == f"/channels/{chat.pk}/"


def test_passing_trouble_breaks_it_the_fifth_time_in_a_row(receivers: Receivers, idris: User) -> None:
    chat = make_chat(receivers, owner=idris)
    for _ in range(4):
        keeping.failed(chat, PASSING, clock.now())
    assert chat.broken_at is None and chat.failures == 4 and not told()
    keeping.worked(chat, clock.now())
    for _ in range(4):
        keeping.failed(chat, PASSING, clock.now())
    assert Channel.objects.get().broken_at is None
    keeping.failed(chat, PASSING, clock.now())
    assert Channel.objects.get().broken_at is not None and len(told()) == 2


def test_a_service_that_asks_to_wait_has_not_failed(receivers: Receivers, idris: User) -> None:
    chat = make_chat(receivers, owner=idris)
    for _ in range(9):
        keeping.failed(chat, ChannelError("wait", retry_after=timedelta(seconds=30)), clock.now())
    assert Channel.objects.get().failures == 0


def test_a_success_mends_it_and_nobody_is_asked_any_more(receivers: Receivers, idris: User) -> None:
    chat, other = make_chat(receivers, owner=idris), make_chat(receivers, owner=idris, label="#sales")
    for each in (chat, other):
        keeping.failed(each, DEAD, clock.now())
    keeping.worked(chat, clock.now())
    chat.refresh_from_db()
    assert (chat.broken_at, chat.failures, chat.error) == (None, 0, "") and chat.worked_at
    waiting = Reminder.objects.filter(rule="channel_broken", closed_at=None)
    assert [each.subject for each in waiting] == ["#sales can no longer be told"]
    keeping.failed(chat, DEAD, clock.now() + timedelta(days=1))
    assert waiting.all().count() == 2


def test_who_is_told_never_hears_it_over_the_broken_chat(
    receivers: Receivers, teo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = make_chat(receivers, person=teo)

    def over_the_chat(reminder: Reminder, user: User, now: object) -> list[Delivery]:
        return [Delivery(reminder=reminder, recipient=user, channel="chat", via=chat)]

    monkeypatch.setattr(addressing, "tellings", over_the_chat)
    keeping.failed(chat, DEAD, clock.now())
    assert [(row.recipient, row.channel) for row in told()] == [(teo, "email")]


def test_without_its_owner_the_leads_are_told_and_else_the_admins(
    receivers: Receivers, idris: User, maren: User, bruno: User
) -> None:
    team = idris.memberships.get().team
    assert keeping.answerable(make_chat(receivers, owner=bruno, team=team)) == [idris]
    assert keeping.answerable(make_chat(receivers, owner=None)) == [maren]
    assert keeping.answerable(make_chat(receivers, person=bruno)) == []


def test_the_shared_chats_of_who_left_are_handed_to_the_leads_and_else_the_admins(
    receivers: Receivers, idris: User, maren: User, bruno: User
) -> None:
    User.objects.filter(pk=bruno.pk).update(is_active=True)
    team = idris.memberships.get().team
    of_team = make_chat(receivers, owner=bruno, team=team, label="#team")
    make_chat(receivers, owner=bruno, label="#all")
    make_chat(receivers, person=bruno, label="mine")
    granting.deactivate(bruno, actor=maren, now=clock.now())
    rows = Delivery.objects.filter(channel="app", reminder__subject__startswith="Who looks after")
    asked = {(row.reminder.subject, row.recipient) for row in rows}
    assert asked == {("Who looks after #team?", idris), ("Who looks after #all?", maren)}
    assert "has left" in Reminder.objects.get(team=team).text
    keeping.worked(of_team, clock.now())
    assert Reminder.objects.get(team=team).closed_at is None, "that it works hands it to nobody"
    wanted = connecting.Wanted("#team", dict(of_team.settings), receivers.secrets("slack"))
    connecting.change(of_team, wanted, actor=idris)
    assert Reminder.objects.get(team=team).closed_at is not None


def test_a_chat_removed_while_a_message_was_on_its_way_is_nobodys_trouble(
    receivers: Receivers, idris: User
) -> None:
    chat = make_chat(receivers, owner=idris)
    stale = Channel.objects.get()
    connecting.remove(chat, actor=idris, now=clock.now())
    sending.send(stale, message())
    with pytest.raises(ChannelError, match="This chat was removed") as caught:
        sending.send(Channel.objects.get(), message())
    keeping.failed(stale, caught.value, clock.now())
    assert Channel.objects.get().broken_at is None and not told()


def test_f53_a_revoked_webhook_is_found_out_by_sending(receivers: Receivers, idris: User) -> None:
    chat = make_chat(receivers, owner=idris)
    receivers.script("slack", "limited", "invalid token", "accept")
    for _ in range(2):
        with pytest.raises(ChannelError) as caught:
            sending.send(chat, message())
        keeping.failed(chat, caught.value, clock.now())
    chat.refresh_from_db()
    assert chat.broken_at is not None
    assert chat.error == (
        "Slack does not take messages here: the address is no longer valid (invalid_token). "
        "Make a new webhook."
    )
    sending.send(chat, message())
    keeping.worked(chat, clock.now())
    names = {got.json["blocks"][-1]["elements"][0]["text"] for got in receivers.got("slack")}
    assert len(names) == 1
