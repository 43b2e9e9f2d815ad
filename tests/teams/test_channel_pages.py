"""Connecting chats by their pages: who may, what is kept, what is never shown, and the test button."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import serializers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from metrics.models import AuditRow, Trial
from northstar.lib import clock
from teams.channels import connecting, registry, sealing, trying
from teams.channels.base import BadField, ChannelError
from teams.channels.keeping import failed
from teams.models import Channel, Delivery, Preference, Team, User
from tests.chats import KINDS, make_chat
from tests.northstar.world import as_somebody
from tests.services.receivers import Receivers

pytestmark = pytest.mark.django_db


def typed(receivers: Receivers, kind: str = "slack", **more: Any) -> dict[str, Any]:
    """What somebody fills in to connect a chat of this kind to the receivers."""
    found = receivers.secrets(kind) | receivers.settings(kind)
    return (
        {"label": "#growth", "scope": "me"} | {f"set_{name}": value for name, value in found.items()} | more
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_admin_connects_a_chat_tests_it_and_sees_that_it_works(
    receivers: Receivers, maren: User, kind: str
) -> None:
    client = as_somebody(maren)
    answer = client.post(f"/channels/new/{kind}/", typed(receivers, kind))
    chat = Channel.objects.get()
    assert answer["Location"] == f"/channels/{chat.pk}/"
    assert (chat.person, chat.owner, chat.rules) == (maren, maren, [])
    assert sealing.open_secrets(chat) == receivers.secrets(kind)
    assert "Not tried yet" in client.get("/channels/").text
    client.post(f"/channels/{chat.pk}/test/")
    assert "The test is on its way." in client.get(f"/channels/{chat.pk}/").text
    trying.run(Trial.objects.get().pk)
    (got,) = receivers.got(kind)
    assert "A test from Northstar" in got.text
    assert "It was taken." in client.get(f"/channels/{chat.pk}/").text
    assert "Works" in client.get("/channels/").text


def test_a_failed_test_says_why_and_a_good_one_mends(receivers: Receivers, maren: User) -> None:
    client, chat = as_somebody(maren), make_chat(receivers, person=maren)
    receivers.script("slack", "gone", "accept")
    client.post(f"/channels/{chat.pk}/test/")
    trying.run(Trial.objects.get().pk)
    page = client.get(f"/channels/{chat.pk}/").text
    assert "It was not taken. Slack does not take messages here: the webhook was removed" in page
    assert "Since" in client.get("/channels/").text
    assert not Delivery.objects.exists(), "whoever asked has read it"
    client.post(f"/channels/{chat.pk}/test/", headers={"HX-Request": "true"})
    trying.run(Trial.objects.latest("pk").pk)
    part = client.get(f"/channels/{chat.pk}/test/", headers={"HX-Request": "true"}).text
    assert "It was taken." in part and "<html" not in part and "Works" in part
    assert Channel.objects.get().broken_at is None


def test_the_sixth_test_within_a_minute_waits(receivers: Receivers, maren: User) -> None:
    client, chat = as_somebody(maren), make_chat(receivers, person=maren)
    for _ in range(5):
        client.post(f"/channels/{chat.pk}/test/")
    answer = client.post(f"/channels/{chat.pk}/test/", headers={"HX-Request": "true"})
    assert answer.status_code == 429 and "5 tests within a minute" in answer.text
    assert Trial.objects.count() == 5


def test_who_sees_and_changes_which_chat(
    receivers: Receivers, maren: User, idris: User, teo: User, yuki: User, marketing: Team
) -> None:
    own = make_chat(receivers, person=teo, label="Teo's own")
    team = make_chat(receivers, team=marketing, owner=idris, label="#marketing")
    company = make_chat(receivers, owner=maren, label="#everybody")
    allowed = {own: [teo], team: [maren, idris], company: [maren]}
    for user in (maren, idris, teo, yuki):
        client = as_somebody(user)
        for chat, people in allowed.items():
            answer = client.get(f"/channels/{chat.pk}/")
            hidden = 404 if chat == own else 403
            assert answer.status_code == (200 if user in people else hidden), (user, chat)
    assert "Teo&#x27;s own" not in as_somebody(maren).get("/channels/").text
    page = as_somebody(teo).get("/channels/").text
    assert "#marketing" in page and f"/channels/{team.pk}/" not in page
    assert "#marketing" not in as_somebody(yuki).get("/channels/").text


@pytest.mark.parametrize("scope, status", [("me", 302), ("team-{marketing}", 302), ("company", 422)])
def test_a_lead_connects_for_themselves_and_the_team_not_for_the_company(
    receivers: Receivers, idris: User, marketing: Team, scope: str, status: int, settings: Settings
) -> None:
    fields = typed(receivers, scope=scope.format(marketing=marketing.pk), rules=["half_way", "weekly_ready"])
    fields["set_address"] = fields["set_address"].replace("http:", "https:")
    answer = as_somebody(idris).post("/channels/new/slack/", fields)
    assert answer.status_code == status
    if scope.startswith("team"):
        chat = Channel.objects.get()
        assert (chat.team, chat.person, chat.rules) == (marketing, None, ["half_way", "weekly_ready"])


def test_a_rule_that_is_for_one_person_cannot_be_told_to_many(receivers: Receivers, maren: User) -> None:
    fields = typed(receivers, scope="company", rules=["review_escalated"])
    assert as_somebody(maren).post("/channels/new/slack/", fields).status_code == 422
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    "kind, field, value, words",
    [
        ("slack", "address", "hooks.slack.com/services/quillfeather", "This is no web address."),
        ("slack", "address", "https://user:quillfeather@hooks.slack.com/", "This is no web address."),
        ("slack", "address", "https://hooks.slack.com/\0quillfeather", "Null characters are not allowed."),
        ("slack", "address", "http://hooks.slack.com/services/quillfeather", "Only an admin may use"),
        ("slack", "address", "", "Webhook address is needed."),
        ("msteams", "address", "https://x.webhook.office.com/quillfeather", "which Microsoft has retired"),
        ("discord", "address", "https://discord.com/quillfeather", "/api/webhooks/"),
        ("telegram", "token", "quillfeather", "This is no token of a bot."),
        ("telegram", "chat", "my group", "Enter the number of the chat"),
        ("webhook", "key", "quillfeather", "This can be guessed."),
    ],
)
def test_what_cannot_work_is_refused_at_its_field_and_never_repeated(
    receivers: Receivers, idris: User, kind: str, field: str, value: str, words: str
) -> None:
    fields = {name: text.replace("http:", "https:") for name, text in typed(receivers, kind).items()} | {
        f"set_{field}": value
    }
    answer = as_somebody(idris).post(f"/channels/new/{kind}/", fields)
    assert answer.status_code == 422 and words in answer.text
    assert "quillfeather" not in answer.text and not Channel.objects.exists()


def test_a_double_submit_connects_one_chat(receivers: Receivers, maren: User) -> None:
    client = as_somebody(maren)
    assert client.post("/channels/new/slack/", typed(receivers)).status_code == 302
    answer = client.post("/channels/new/slack/", typed(receivers))
    assert answer.status_code == 422 and "There is a chat of this name already." in answer.text
    assert Channel.objects.count() == 1


def test_another_host_asks_for_the_secret_again(receivers: Receivers, maren: User) -> None:
    client = as_somebody(maren)
    chat = make_chat(receivers, "telegram", person=maren)
    moved = {"label": "Me", "set_chat": "42", "set_server": "https://elsewhere.example"}
    answer = client.post(f"/channels/{chat.pk}/", moved)
    assert answer.status_code == 422 and "a stored secret is not sent elsewhere" in answer.text
    assert client.post(f"/channels/{chat.pk}/", moved | {"set_server": receivers.url}).status_code == 302
    hook = make_chat(receivers, "webhook", person=maren, label="Hook")
    elsewhere = {"label": "Hook", "set_address": f"http://127.0.0.1:{receivers.port + 1}/"}
    assert client.post(f"/channels/{hook.pk}/", elsewhere).status_code == 422, "another port is another place"
    fields = {"label": "Hook", "set_address": "https://elsewhere.example/"}
    assert client.post(f"/channels/{hook.pk}/", fields).status_code == 422
    assert client.post(f"/channels/{hook.pk}/", fields | {"set_key": "a-key-of-its-own-1"}).status_code == 302
    hook.refresh_from_db()
    assert set(hook.secrets) == {"address", "key"}, "no signature of the old key for another host"


def test_two_keys_sign_while_they_are_changed(receivers: Receivers, maren: User) -> None:
    client, chat = as_somebody(maren), make_chat(receivers, "webhook", person=maren)
    client.post(f"/channels/{chat.pk}/", {"label": "Hook", "set_key": "the-second-key-1"})
    chat.refresh_from_db()
    assert sealing.open_secrets(chat)["old_key"] == "quillfeather-signs-it"
    assert "Stop signing with the previous key" in client.get(f"/channels/{chat.pk}/").text
    client.post(f"/channels/{chat.pk}/", {"label": "Hook", "drop_old_key": "on"})
    chat.refresh_from_db()
    assert sealing.open_secrets(chat).keys() == {"address", "key"}


def test_whoever_enters_a_new_address_answers_for_it(
    receivers: Receivers, maren: User, idris: User, marketing: Team
) -> None:
    chat = make_chat(receivers, team=marketing, owner=maren)
    client = as_somebody(idris)
    client.post(f"/channels/{chat.pk}/", {"label": "#renamed"})
    chat.refresh_from_db()
    assert (chat.label, chat.owner) == ("#renamed", maren)
    client.post(f"/channels/{chat.pk}/", {"label": "#renamed", "set_address": "https://hooks.example/new"})
    chat.refresh_from_db()
    assert chat.owner == idris and chat.secret_hint == "hooks.example"


def test_an_admin_who_enters_a_key_does_not_vouch_for_an_address_of_a_member(
    receivers: Receivers, maren: User, idris: User, marketing: Team
) -> None:
    hook = make_chat(receivers, "webhook", team=marketing, owner=idris, label="Hook")
    bot = make_chat(receivers, "telegram", team=marketing, owner=idris, label="Bot")
    client = as_somebody(maren)
    changes = {
        hook: {"label": "Hook", "set_key": "another-key-of-16"},
        bot: {
            "label": "Bot",
            "set_chat": "43",
            "set_server": receivers.url,
            "set_token": f"12345:{'x' * 30}",
        },
    }
    for chat, fields in changes.items():
        before = chat.secrets
        assert client.post(f"/channels/{chat.pk}/", fields).status_code == 302
        chat.refresh_from_db()
        assert chat.secrets != before and chat.owner == idris, "it reaches what its member may reach"


def test_a_secret_does_not_follow_an_address_that_changed_while_the_form_was_read(
    receivers: Receivers, maren: User
) -> None:
    bot = make_chat(receivers, "telegram", person=maren)
    stale = Channel.objects.get(pk=bot.pk)
    wanted = connecting.Wanted("Me", {"chat": "42", "server": receivers.url}, {})
    connecting.check(registry.KINDS["telegram"], wanted, actor=maren, channel=stale)
    Channel.objects.filter(pk=bot.pk).update(settings={"chat": "42", "server": "https://other.example"})
    with pytest.raises(BadField, match="Enter it again"):
        connecting.change(stale, wanted, actor=maren)
    bot.refresh_from_db()
    assert bot.settings["server"] == "https://other.example"


def test_every_kind_has_a_field_that_leads_somewhere(receivers: Receivers) -> None:
    for kind in registry.KINDS.values():
        assert connecting.LEADS & {each.name for each in kind.fields}, kind.label


def test_removing_it_deletes_what_was_entered_and_asks_nobody_any_more(
    receivers: Receivers, teo: User
) -> None:
    chat = make_chat(receivers, person=teo)
    Preference.objects.create(user=teo, channel=chat)
    failed(chat, ChannelError("Gone.", broken=True), clock.now())
    client = as_somebody(teo)
    client.post(f"/channels/{chat.pk}/remove/")
    chat.refresh_from_db()
    assert chat.archived_at and (chat.secrets, chat.settings, chat.broken_at) == ({}, {}, None)
    assert Preference.objects.get().channel is None
    assert not Delivery.objects.filter(reminder__closed_at=None).exists()
    assert client.get(f"/channels/{chat.pk}/").status_code == 404
    assert client.post(f"/channels/{chat.pk}/test/").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_comes_back_on_a_page_in_the_audit_or_in_clear(
    receivers: Receivers, maren: User, kind: str
) -> None:
    client = as_somebody(maren)
    client.post(f"/channels/new/{kind}/", typed(receivers, kind))
    chat = Channel.objects.get()
    pages = [client.get(path).text for path in ("/channels/", f"/channels/{chat.pk}/")]
    pages.append(client.post(f"/channels/{chat.pk}/", typed(receivers, kind, label="")).text)
    stored = serializers.serialize("json", [chat, *AuditRow.objects.all(), *Trial.objects.all()])
    for secret in receivers.secrets(kind).values():
        part = secret.rpartition("/")[2] if "/" in secret else secret
        assert all(part not in text for text in (*pages, stored, repr(chat), str(chat)))
    assert AuditRow.objects.filter(action="channel.connected").exists()


def test_the_list_asks_as_often_for_many_chats_as_for_one(
    receivers: Receivers, maren: User, marketing: Team
) -> None:
    client = as_somebody(maren)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get("/channels/")
        return len(queries)

    make_chat(receivers, team=marketing, owner=maren)
    client.get("/channels/")
    few = asked()
    for number in range(4):
        make_chat(receivers, team=marketing, owner=maren, label=f"#{number}")
        make_chat(receivers, person=maren, label=f"me {number}")
    assert asked() == few


def test_without_apprise_its_kind_shows_the_one_command(
    maren: User, idris: User, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    page = as_somebody(maren).get("/channels/").text
    assert "make driver NAME=apprise" in page
    assert "make driver NAME=apprise" in as_somebody(maren).get("/channels/new/apprise/").text
    assert "apprise" not in as_somebody(idris).get("/channels/").text.lower()
    assert as_somebody(idris).get("/channels/new/apprise/").status_code == 403
