"""Mattermost: an incoming webhook; Markdown, in which every sign of ours is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from teams.channels import fitting
from teams.channels.base import Field, Item, Message
from teams.channels.posting import Answer, dead, judge
from teams.channels.web import WebKind

MOST_TEXT = 7000
#: The beginnings of `id` in an error of Mattermost, whose status is 400 for a webhook that is gone.
GONE = {
    "web.incoming_webhook.invalid": "the webhook was removed",
    "web.incoming_webhook.disabled": "incoming webhooks are switched off on this server",
    "web.incoming_webhook.channel": "its channel is gone",
    "web.incoming_webhook.user": "its person is gone",
    "web.incoming_webhook.permissions": "whoever made the webhook may not write there",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-!>~|])")


class Mattermost(WebKind):
    kind = "mattermost"
    label = "Mattermost"
    description = "A message in a channel, by an incoming webhook."
    fields = (
        Field(
            "address",
            "Webhook address",
            "In Mattermost: menu → Integrations → Incoming Webhooks → Add. It looks like "
            "https://chat.example.com/hooks/…",
        ),
    )

    def body(self, settings: Mapping[str, str], message: Message) -> Any:
        """One text; no attachment, so that nothing is fetched from elsewhere."""
        drawn = fitting.whole_items(message, _drawn, most=MOST_TEXT)
        rest = escaped(fitting.more(len(message.items) - len(drawn)))
        foot = " · ".join(
            part for part in (rest, escaped(fitting.quiet(message.footer)), f"`{message.name}`") if part
        )
        return {
            "text": "\n\n".join([*drawn, foot]),
            "props": {"disable_group_highlight": True, "mentionHighlightDisabled": True},
        }

    def read(self, answer: Answer) -> None:
        """An error is JSON with a name in `id`."""
        said = str(answer.says().get("id", ""))
        for name, why in GONE.items():
            if said.startswith(name):
                raise dead(f"Mattermost does not take messages here: {why}. Make a new webhook.")
        judge(answer, service=self.label)
        if said or answer.text.strip() not in ("ok", ""):
            raise dead(f"{answer.host} answered, but not as Mattermost does. Check the address.")


def escaped(text: str) -> str:
    """Plain text as Markdown that shows it."""
    return _MARKDOWN.sub(r"\\\1", text)


def _drawn(item: Item, letters: int) -> str:
    text = escaped(fitting.shortened(fitting.quiet(item.text), letters))
    return f"**{escaped(fitting.subject(item))}**\n{text}\n[{escaped(fitting.action(item))}]({item.url})"
