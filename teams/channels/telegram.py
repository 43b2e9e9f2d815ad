"""Telegram: a bot writes to a person, a group or a channel. Its token is part of the address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from teams.channels import fitting
from teams.channels.base import BadField, Field, Item, Message
from teams.channels.posting import Answer, asked_to_wait, dead, judge, place_of, seconds_of
from teams.channels.web import WebKind, checked

SERVER = "https://api.telegram.org"
#: Telegram takes 4,096 characters; 200 are kept for the last line.
MOST_TEXT, KEPT = 4096, 200
_TOKEN = re.compile(r"[0-9]{5,20}:[A-Za-z0-9_-]{20,100}", re.ASCII)
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31}", re.ASCII)


class Telegram(WebKind):
    kind = "telegram"
    label = "Telegram"
    description = "A message to you, a group or a channel, by a bot of your own."
    fields = (
        Field(
            "token",
            "Token of the bot",
            "In Telegram: write /newbot to @BotFather. The token looks like 123456789:AA…",
        ),
        Field(
            "chat",
            "Chat",
            "The number of the chat (below zero for a group), or @name of a public channel.",
            secret=False,
        ),
        Field(
            "server",
            "Server",
            "Only for a Bot API server of your own; else leave it empty.",
            secret=False,
            required=False,
        ),
    )

    def check(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Raises BadField for a token, chat or server that is none."""
        if not _TOKEN.fullmatch(secrets["token"]):
            raise BadField(
                "token", "This is no token of a bot. It looks like 123456789:AA… and has no spaces."
            )
        if not _CHAT.fullmatch(settings["chat"]):
            raise BadField("chat", "Enter the number of the chat, such as -1001234567890, or @name.")
        if settings.get("server"):
            checked("server", settings["server"])

    def address(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> str:
        """With the token in it, as Telegram wants it."""
        server = (settings.get("server") or SERVER).rstrip("/")
        return f"{server}/bot{secrets.get('token', '')}/sendMessage"

    def host(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> str:
        """The host of the server, as any kind's."""
        return place_of(settings.get("server") or SERVER)

    def body(self, settings: Mapping[str, str], message: Message) -> Any:
        """HTML with four escaped signs; Telegram knows no others."""
        drawn = fitting.whole_items(message, _drawn, most=MOST_TEXT - KEPT, size=_size)
        rest = fitting.more(len(message.items) - len(drawn))
        foot = " · ".join(
            part for part in (rest, fitting.shortened(message.footer, 60), message.name) if part
        )
        return {
            "chat_id": settings["chat"],
            "text": "\n\n".join([*drawn, f"<i>{escape(fitting.quiet(foot))}</i>"]),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }

    def read(self, answer: Answer) -> None:
        """Everything is JSON with `ok`; false comes with any status."""
        said = answer.says()
        if said.get("ok") is True:
            return
        more = said.get("parameters")
        more = more if isinstance(more, dict) else {}
        code, words = said.get("error_code", answer.status), str(said.get("description", ""))
        if code == 429:
            raise asked_to_wait(answer.host, seconds_of(more.get("retry_after")) or answer.retry_after)
        if isinstance(more.get("migrate_to_chat_id"), int):
            raise dead(
                f"The group has become a supergroup. Enter its new number: {more['migrate_to_chat_id']}."
            )
        if code in (401, 404):
            raise dead("Telegram does not know this token any more. Ask @BotFather for a new one.")
        if code == 403:
            raise dead("The bot may not write there: it was blocked or removed. Add it again, then test.")
        if code == 400 and "chat not found" in words:
            raise dead(
                "Telegram finds no such chat. Write to the bot once, or add it to the group, then test."
            )
        judge(answer, service=self.label)
        raise dead(f"{answer.host} answered, but not as Telegram does. Check the server.")


def _size(text: str) -> int:
    """Letters as Telegram counts them, with tags and the empty line between two items: never too few."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + 2


def _drawn(item: Item, letters: int) -> str:
    text = escape(fitting.shortened(fitting.quiet(item.text), letters))
    link = f'<a href="{escape(item.url)}">{escape(fitting.action(item))}</a>'
    return f"<b>{escape(fitting.subject(item))}</b>\n{text}\n{link}"
