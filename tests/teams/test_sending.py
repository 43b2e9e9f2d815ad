"""Each service is told something in its own way, and its answers are understood (reliability R27, F53)."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from pytest_django import Settings

from northstar.lib.egress import Limits
from teams.channels import posting, sending
from teams.channels.base import ChannelError
from teams.models import Channel, User
from tests.chats import KINDS, make_chat, message
from tests.services.receivers import Receivers

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def refused(chat: Channel) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        sending.send(chat, message())
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_a_service_gets_words_link_and_the_name_of_the_message(
    receivers: Receivers, maren: User, kind: str
) -> None:
    sending.send(make_chat(receivers, kind, owner=maren), message())
    (got,) = receivers.got(kind)
    for part in ("Half-time for Activation rate", "28.1%", "https://northstar.example/omtms/1/"):
        assert part in got.text.replace("\\\\", "")
    assert "half_way:omtm:7:2026-11-18.4" in got.text


@pytest.mark.parametrize("kind", KINDS)
def test_a_service_that_is_gone_is_broken_and_the_sentence_says_what_to_do(
    receivers: Receivers, maren: User, kind: str
) -> None:
    receivers.script(kind, "gone")
    error = refused(make_chat(receivers, kind, owner=maren))
    assert error.broken and error.permanent
    assert any(advice in str(error) for advice in ("Make a new", "Ask @BotFather", "or make a new one"))
    assert "quillfeather" not in str(error).lower()


@pytest.mark.parametrize("kind, seconds", [(each, 7.5 if each == "discord" else 30) for each in KINDS])
def test_a_service_that_has_enough_is_left_alone_as_long_as_it_asks(
    receivers: Receivers, maren: User, kind: str, seconds: float
) -> None:
    receivers.script(kind, "limited")
    error = refused(make_chat(receivers, kind, owner=maren))
    assert error.retry_after == timedelta(seconds=seconds)
    assert not (error.broken or error.permanent)


@pytest.mark.parametrize(
    "kind, answer, words",
    [
        ("slack", "invalid token", "the address is no longer valid (invalid_token)"),
        ("slack", "web page", "answered, but not as Slack does"),
        ("mattermost", "web page", "answered, but not as Mattermost does"),
        ("telegram", "web page", "answered, but not as Telegram does"),
        ("telegram", "false with 200", "does not know this token any more"),
        ("telegram", "blocked", "it was blocked or removed"),
        ("telegram", "no such chat", "finds no such chat"),
        ("telegram", "moved", "Enter its new number: -1001234."),
        ("webhook", "forbidden", "does not let us in (status 403)"),
        ("webhook", "unauthorised", "does not let us in (status 401)"),
        ("webhook", "redirect", "sends us on to another address (status 302), which is not followed"),
    ],
)
def test_an_answer_that_only_a_person_can_mend_breaks_the_chat(
    receivers: Receivers, maren: User, kind: str, answer: str, words: str
) -> None:
    receivers.script(kind, answer)
    error = refused(make_chat(receivers, kind, owner=maren))
    assert error.broken and words in str(error)
    assert len(receivers.got(kind)) == 1


@pytest.mark.parametrize("answer", ["down for repair", "reset", "slow"])
def test_trouble_that_may_pass_is_tried_again(
    receivers: Receivers, maren: User, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "LIMITS", Limits(connect=1.0, silence=0.2, total=0.2))
    receivers.script("slack", answer)
    error = refused(make_chat(receivers, owner=maren))
    assert not (error.broken or error.permanent) and "may pass" in str(error)


def test_a_message_that_is_not_understood_is_given_up_without_blaming_the_chat(
    receivers: Receivers, maren: User
) -> None:
    receivers.script("slack", "not understood")
    error = refused(make_chat(receivers, owner=maren))
    assert error.permanent and not error.broken


@pytest.mark.parametrize("answer, permanent", [("wrapped", True), ("wrapped limit", False)])
def test_an_error_that_teams_wraps_in_a_success_is_no_success(
    receivers: Receivers, maren: User, answer: str, permanent: bool
) -> None:
    receivers.script("msteams", answer)
    error = refused(make_chat(receivers, "msteams", owner=maren))
    assert error.permanent is permanent
    assert (error.retry_after is None) is permanent


def test_a_chat_whose_secret_no_key_opens_says_so(
    receivers: Receivers, maren: User, settings: Settings
) -> None:
    chat = make_chat(receivers, owner=maren)
    settings.DATA_KEYS = ["c29tZSBvdGhlciBrZXkgZm9yIHRlc3RzIG9ubHkhISE="]
    assert refused(chat).broken


def test_an_inside_address_is_for_admins_of_today(
    receivers: Receivers, maren: User, idris: User, settings: Settings
) -> None:
    settings.EGRESS_ALLOW, settings.EGRESS_LOOPBACK = [], True
    sending.send(make_chat(receivers, owner=maren), message())
    error = refused(make_chat(receivers, owner=idris))
    assert "cannot be reached from here" in str(error) and not error.broken
    chat = make_chat(receivers, owner=maren)
    maren.grants.all().delete()
    assert "cannot be reached from here" in str(refused(chat))
    assert len(receivers.got("slack")) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", ["gone", "down for repair", "reset", "redirect"])
def test_no_secret_stands_in_log_or_error(
    receivers: Receivers, maren: User, kind: str, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    receivers.script(kind, answer)
    chat = make_chat(receivers, kind, owner=maren)
    with caplog.at_level(logging.INFO):
        error = refused(chat)
    seen = f"{error!r} {error} {error.__cause__!r} {caplog.text} {chat!r} {chat.secrets} {chat.settings}"
    for secret in receivers.secrets(kind).values():
        assert secret not in seen and secret.rpartition("/")[2] not in seen
