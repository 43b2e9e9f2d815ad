"""Discord: a webhook of a channel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from teams.channels import fitting
from teams.channels.base import BadField, Field, Item, Message
from teams.channels.posting import Answer, asked_to_wait, dead, judge, seconds_of
from teams.channels.web import WebKind, checked

#: Discord takes 2,000 characters; 150 are kept for the last line.
MOST_TEXT, KEPT = 2000, 150
SUPPRESS_EMBEDS = 1 << 2
GONE = {
    10015: "the webhook was removed",
    10003: "its channel is gone",
    50027: "the address is no longer valid",
}
#: A backslash before any sign shows that sign.
_MARKDOWN = re.compile(r"([\\*_~`|>#\[\]()<:\-])")


class Discord(WebKind):
    kind = "discord"
    label = "Discord"
    description = "A message in a channel, by a webhook."
    fields = (
        Field(
            "address",
            "Webhook address",
            "In Discord: the channel's settings → Integrations → Webhooks → New Webhook → Copy Webhook URL.",
        ),
    )

    def check(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Raises BadField for an address without the path of a webhook."""
        checked("address", secrets["address"])
        if "/webhooks/" not in secrets["address"]:
            raise BadField("address", "This is no webhook of Discord: its address has /api/webhooks/ in it.")

    def address(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> str:
        """Discord only says whether a message was kept where it is asked to wait for that."""
        typed = secrets.get("address", "")
        return typed if "wait=" in typed else f"{typed}{'&' if '?' in typed else '?'}wait=true"

    def body(self, settings: Mapping[str, str], message: Message) -> Any:
        """One text that mentions nobody, without previews of its links."""
        drawn = fitting.whole_items(message, _drawn, most=MOST_TEXT - KEPT, size=_size)
        rest = fitting.more(len(message.items) - len(drawn))
        foot = f"-# {message.name}" if not rest else f"{rest}\n-# {message.name}"
        return {
            "content": "\n\n".join([*drawn, foot]),
            "allowed_mentions": {"parse": []},
            "flags": SUPPRESS_EMBEDS,
        }

    def read(self, answer: Answer) -> None:
        """Errors are JSON with a number in `code`; a limit says in `retry_after` how long it holds."""
        said = answer.says()
        code = said.get("code")
        if not 200 <= answer.status < 300 and isinstance(code, int) and code in GONE:
            raise dead(f"Discord does not take messages here: {GONE[code]}. Make a new webhook.")
        if answer.status == 429:
            raise asked_to_wait(answer.host, seconds_of(said.get("retry_after")) or answer.retry_after)
        judge(answer, service=self.label)


def escaped(text: str) -> str:
    """Plain text as Discord's Markdown that shows it."""
    return _MARKDOWN.sub(r"\\\1", text)


def _size(text: str) -> int:
    """With the empty line between two items. Counted in UTF-16, the more careful of both readings."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + 2


def _drawn(item: Item, letters: int) -> str:
    text = escaped(fitting.shortened(fitting.quiet(item.text), letters))
    return f"**{escaped(fitting.subject(item))}**\n{text}\n[{escaped(fitting.action(item))}](<{item.url}>)"
