"""Chats against those who mean harm: names that would call everybody, addresses inside, other hosts."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any

import pytest
from pytest_django import Settings

from teams.channels import fitting, sealing, sending
from teams.channels.base import ChannelError, Item, Message
from teams.models import Channel, User
from tests.chats import KINDS, make_chat, message
from tests.hostile.conftest import Ambush
from tests.hostile.targets import Target, one_of_each_group
from tests.services.receivers import PATHS, Receivers

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
HOSTILE = [
    "<!channel> <!here> <!everyone> <@U123> <#C123>",
    "@channel @here @everyone @all @maren <@&123> <@123>",
    "[click](https://evil.example) <https://evil.example|your bank>",
    "<b>bold</b><script>alert(1)</script><at>Maren</at> &lt;!channel&gt;",
    "*bold* _it_ ~gone~ `code` ||spoiler|| # big\n> quote\n- list",
    "nul\0 bell\a turned\u202eback half\ud800",
    "x" * 5000,
]
# What the name server first calls public is reached there, whatever it says later: other tests see to that.
TARGETS = [target for target in one_of_each_group(7) if len(target.answers) < 2]
AIMED = [
    # Each address meets one kind, each kind in turn; all of them with LONG=1.
    pytest.param(kind, target, id=f"{kind}-{target}", marks=[pytest.mark.long] * ((place + turn) % 3 > 0))
    for turn, kind in enumerate(("slack", "telegram", "webhook"))
    for place, target in enumerate(TARGETS)
]
CALLS = re.compile(r"@(channel|here|everyone|all|maren)|<[!@#](?!\u200b)")


def text_of(kind: str, body: Any) -> str:
    """What the people of the chat would read, as the service takes it."""
    return {"telegram": lambda: body["text"], "discord": lambda: body["content"]}.get(
        kind, lambda: json.dumps(body, ensure_ascii=False)
    )()


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "webhook"])
def test_no_name_calls_anybody_or_breaks_the_message(
    receivers: Receivers, maren: User, kind: str, name: str
) -> None:
    item = Item(name, name, "https://northstar.example/", name)
    sending.send(make_chat(receivers, kind, owner=maren), Message("test.1", [item]))
    (got,) = receivers.got(kind)
    shown = text_of(kind, got.json)
    assert not CALLS.search(shown), shown
    assert "\\u0000" not in got.text and "\u202e" not in shown and "test.1" in shown


def test_each_service_is_told_to_call_nobody_and_to_show_no_previews(
    receivers: Receivers, maren: User
) -> None:
    for kind in KINDS:
        sending.send(make_chat(receivers, kind, owner=maren, label=kind), message("<!here> & [x](y) <b>"))
    said = {kind: receivers.got(kind)[0].json for kind in KINDS}
    assert said["slack"]["unfurl_links"] is False and said["slack"]["mrkdwn"] is False
    assert "&lt;\u200b!here&gt; &amp;" in said["slack"]["text"]
    kinds = {block["text"]["type"] for block in said["slack"]["blocks"] if "text" in block}
    assert kinds == {"plain_text"}
    assert said["discord"]["allowed_mentions"] == {"parse": []} and said["discord"]["flags"] == 4
    assert "\\[x\\]\\(y\\)" in said["discord"]["content"]
    assert said["telegram"]["link_preview_options"] == {"is_disabled": True}
    assert "&amp; [x](y) &lt;b&gt;" in said["telegram"]["text"]
    assert said["mattermost"]["props"]["disable_group_highlight"] is True
    assert "\\[x\\]\\(y\\)" in said["mattermost"]["text"]
    card = said["msteams"]["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock", "ActionSet"}


@pytest.mark.parametrize(
    "kind, most",
    [("slack", 50), ("msteams", 28_000), ("mattermost", 16_383), ("discord", 2000), ("telegram", 4096)],
)
@pytest.mark.parametrize("length", [40, 900, 5000])
def test_what_is_too_long_is_cut_after_whole_items(
    receivers: Receivers, maren: User, kind: str, most: int, length: int
) -> None:
    text = ("All is well_ " * 500)[:length]
    told = message(*(f"Thing {number}." for number in range(40)), text=text)
    sending.send(make_chat(receivers, kind, owner=maren), told)
    (got,) = receivers.got(kind)
    shown = text_of(kind, got.json)
    size = {"slack": lambda: len(got.json["blocks"]), "msteams": lambda: len(got.body)}.get(
        kind, lambda: len(got.json.get("text", shown))
    )()
    assert size <= most
    plain = shown.replace("\\", "")
    count = max(number for number in range(40) if f"Thing {number}." in plain) + 1
    assert told.name in plain
    assert (f"and {40 - count} more in Northstar" in plain) is (count < 40)


def test_the_counts_of_a_cut_add_up() -> None:
    told = message(*(f"Thing {number}" for number in range(5)), text="x" * 90)
    drawn = fitting.whole_items(told, lambda item, letters: item.subject + item.text[:letters], most=210)
    assert [len(text) for text in drawn] == [97, 97]
    assert fitting.more(5 - len(drawn)) == "and 3 more in Northstar" and fitting.more(0) == ""
    (alone,) = fitting.whole_items(told, lambda item, letters: item.text[:letters], most=40)
    assert len(alone) <= 40


def test_a_webhook_can_be_proved_with_either_key_while_they_change(receivers: Receivers, maren: User) -> None:
    chat = make_chat(receivers, "webhook", owner=maren)
    chat.secrets |= sealing.seal(chat, {"old_key": "the-key-from-before"})
    chat.save()
    sending.send(chat, message())
    (got,) = receivers.got("webhook")
    assert got.headers["X-Northstar-Delivery"] == message().name
    moment, given = got.headers["X-Northstar-Timestamp"], got.headers["X-Northstar-Signature"].split(",")
    for key, signature in zip(("quillfeather-signs-it", "the-key-from-before"), given, strict=True):
        wanted = hmac.new(key.encode(), moment.encode() + b"." + got.body, hashlib.sha256).hexdigest()
        assert signature == f"sha256={wanted}"


@pytest.mark.parametrize(("kind", "target"), AIMED)
def test_no_address_of_a_member_leads_inside(ambush: Ambush, idris: User, target: Target, kind: str) -> None:
    ambush.lay(target)
    chat = Channel(kind=kind, owner=idris, label="#inside", settings={"chat": "1", "server": target.as_url()})
    where = {"telegram": {"token": "123456:" + "A" * 30}}.get(
        kind, {"address": target.as_url(), "key": "k" * 16}
    )
    chat.secrets = sealing.seal(chat, where)
    with pytest.raises(ChannelError) as caught:
        sending.send(chat, message())
    assert ambush.visits() == 0, ambush.meant
    # A member learns neither addresses nor why.
    assert "resolves" not in str(caught.value) and "EGRESS_ALLOW" not in str(caught.value)


def test_a_redirect_is_not_followed_with_a_secret(receivers: Receivers, maren: User) -> None:
    receivers.script("webhook", "redirect")
    with pytest.raises(ChannelError, match="which is not followed"):
        sending.send(make_chat(receivers, "webhook", owner=maren), message())


def apprise_chat(receivers: Receivers, owner: User, address: str = "") -> Channel:
    chat = Channel(kind="apprise", owner=owner, label="Everywhere")
    host = receivers.url.removeprefix("http")
    chat.secrets = sealing.seal(chat, {"address": address or f"json{host}{PATHS['webhook']}"})
    chat.save()
    return chat


def test_apprise_is_told_too_without_icons_from_elsewhere(
    receivers: Receivers, maren: User, caplog: pytest.LogCaptureFixture
) -> None:
    sending.send(apprise_chat(receivers, maren), message())
    (got,) = receivers.got("webhook")
    assert "Half-time for Activation rate" in got.text and message().name in got.text
    assert not re.search(r"caronc|apprise\.(github|org)|githubusercontent", got.text)
    receivers.script("webhook", "gone")
    with pytest.raises(ChannelError, match="json did not take the message; Apprise does not say why"):
        sending.send(apprise_chat(receivers, maren), message())
    assert "quillfeather" not in caplog.text


def test_apprise_stops_when_whoever_entered_it_is_no_admin_any_more(
    receivers: Receivers, maren: User, settings: Settings
) -> None:
    chat = apprise_chat(receivers, maren)
    maren.grants.all().delete()
    with pytest.raises(ChannelError, match="is no admin any more") as caught:
        sending.send(chat, message())
    assert caught.value.broken and not receivers.got("webhook")
