"""Slack: an incoming webhook of one channel or one person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from teams.channels import fitting
from teams.channels.base import Field, Item, Message
from teams.channels.posting import Answer, dead, judge
from teams.channels.web import WebKind

#: Slack takes 50 blocks a message and 3,000 characters a section; longer plain texts it cuts itself.
MOST_ITEMS, MOST_TEXT, MOST_FALLBACK = 12, 2900, 3500
#: What Slack says in the body, whatever the status is.
GONE = {
    "invalid_token": "the address is no longer valid",
    "no_service": "the webhook was removed or switched off",
    "no_service_id": "the webhook was removed or switched off",
    "no_team": "the workspace is gone",
    "team_disabled": "the workspace is switched off",
    "channel_not_found": "its channel is gone",
    "channel_is_archived": "its channel was archived",
    "user_not_found": "its person is gone",
    "action_prohibited": "an admin of the workspace does not allow it",
    "posting_to_general_channel_denied": "only admins may post there",
}


class Slack(WebKind):
    kind = "slack"
    label = "Slack"
    description = "A message in a channel or to yourself, by an incoming webhook."
    fields = (
        Field(
            "address",
            "Webhook address",
            "In Slack: your app → Incoming Webhooks → Add New Webhook. It begins with "
            "https://hooks.slack.com/services/.",
        ),
    )

    def body(self, settings: Mapping[str, str], message: Message) -> Any:
        """Blocks in plain text only, in which Slack obeys nothing; `text` is for notifications."""
        blocks, shown = list[Any](), message.items[:MOST_ITEMS]
        for number, item in enumerate(shown):
            blocks += _blocks(item, number)
        rest = fitting.more(len(message.items) - len(shown))
        foot = " · ".join(part for part in (rest, fitting.quiet(message.footer), message.name) if part)
        blocks.append({"type": "context", "elements": [_plain(foot, 1000)]})
        lines = fitting.whole_items(message, _fallback, most=MOST_FALLBACK)
        return {
            "text": "\n".join(lines),
            "blocks": blocks,
            "mrkdwn": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }

    def read(self, answer: Answer) -> None:
        """Slack says what is wrong in one word, at times with status 200."""
        said = answer.says()
        word = str(said.get("error", "")) if said else answer.text.strip()
        if word in GONE:
            raise dead(f"Slack does not take messages here: {GONE[word]} ({word}). Make a new webhook.")
        judge(answer, service=self.label)
        if word not in ("ok", "") or said.get("ok") is False:
            raise dead(f"{answer.host} answered, but not as Slack does. Check the address.")


def _blocks(item: Item, number: int) -> list[Any]:
    button = {
        "type": "button",
        "text": _plain(fitting.action(item), 75),
        "url": item.url,
        "action_id": f"open-{number}",
    }
    blocks: list[Any] = [{"type": "header", "text": _plain(fitting.subject(item), 150)}]
    if text := fitting.quiet(item.text):
        blocks.append({"type": "section", "text": _plain(text, MOST_TEXT)})
    return [*blocks, {"type": "actions", "elements": [button]}]


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": fitting.shortened(text, most) or "…", "emoji": False}


def _fallback(item: Item, letters: int) -> str:
    text = fitting.shortened(fitting.quiet(item.text), letters)
    return escaped(f"{fitting.subject(item)}: {text} {item.url}")


def escaped(text: str) -> str:
    """The three signs that Slack reads as its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
