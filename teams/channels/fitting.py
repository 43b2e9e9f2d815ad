"""Texts as they may leave: without what a service would obey, and no longer than it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from teams.channels.base import Item, Message
from teams.reminders.wording import one_line

MOST_SUBJECT = 150
MOST_ACTION = 40
#: Not seen, and enough that no service takes "@channel" or "<!here>" for a call to everybody.
GAP = "\u200b"
#: Turns the direction of what follows, so that a name could pretend to be another.
_TURNING = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def quiet(text: str) -> str:
    """The text with every call to somebody defused, and without control characters but line breaks."""
    lines = (one_line(line, 10**6) for line in _TURNING.sub("", text).splitlines())
    return re.sub(r"<(?=[!@#])", f"<{GAP}", "\n".join(lines)).replace("@", f"@{GAP}").strip()


def subject(item: Item) -> str:
    """The heading of an item, quiet, on one line, at most 150 characters."""
    return quiet(one_line(item.subject, MOST_SUBJECT))


def action(item: Item) -> str:
    """The words of its button or link, at most 40 characters."""
    return quiet(one_line(item.action, MOST_ACTION))


def shortened(text: str, most: int) -> str:
    """The text, cut with "…" after `most` characters."""
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"


def more(count: int) -> str:
    """ "and 3 more in Northstar", for what a message had no room for; empty for none."""
    return f"and {count} more in Northstar" if count else ""


def whole_items(
    message: Message,
    draw: Callable[[Item, int], str],
    *,
    most: int,
    size: Callable[[str], int] = len,
    at_once: int = 50,
) -> Sequence[str]:
    """As many whole items as fit into `most`, drawn by `draw(item, letters of its text)`; at least one.

    `size` measures what the service counts. Only the text of a first item that fills everything is cut.
    """
    drawn, used = list[str](), 0
    for item in message.items[:at_once]:
        text = draw(item, len(item.text))
        if drawn and used + size(text) > most:
            break
        letters = len(item.text)
        while size(text) > most and letters:
            letters = min(letters - 1, letters * most // max(1, size(text)))
            text = draw(item, letters)
        drawn.append(text)
        used += size(text)
    return drawn
