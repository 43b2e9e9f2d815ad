"""Secrets taken out of texts before anybody sees them. Pure."""

from __future__ import annotations

import json
import os.path
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, quote_plus

MASK = "••••"
#: Shorter texts stand in too many words by chance; a password that short hides nothing.
SHORTEST = 4
SHORTEST_PACKED = 6
#: So much of an end of a longer secret gives it away, where a text was cut off in the middle of it.
END, LONGER_THAN_ENDS = 8, 12
#: Ends that our own sentences hold: an error about a password still has to say so.
WORDS = frozenset({"password", "database", "username"})
#: A line of a longer secret, such as a key file, is one by itself from here on.
LONG_LINE = 16


def hider(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that puts •••• in place of each secret: plain, quoted for an address, in base64 or JSON."""
    forms: set[str] = set()
    for secret in secrets:
        for text in (secret, *(line for line in secret.splitlines() if len(line) >= LONG_LINE)):
            if len(text) >= SHORTEST:
                forms |= _forms(text)
    longest_first = sorted(forms, key=len, reverse=True)
    cut = [form for form in longest_first if len(form) >= LONGER_THAN_ENDS and not re.search(r"\s", form)]

    def hide(text: str) -> str:
        for form in longest_first:
            text = text.replace(form, MASK)
        for form in cut:
            text = _without_ends(text, form)
        return text

    return hide


def _without_ends(text: str, form: str) -> str:
    """The text without what is left of the secret where somebody cut the text off in the middle of it."""
    head, tail = form[:END], form[-END:]
    while head.lower() not in WORDS and (start := text.find(head)) >= 0:
        known = os.path.commonprefix([text[start:], form])
        text = text[:start] + MASK + text[start + len(known) :]
    while tail.lower() not in WORDS and (start := text.find(tail)) >= 0:
        stop = start + END
        known = os.path.commonprefix([text[:stop][::-1], form[::-1]])
        text = text[: stop - len(known)] + MASK + text[stop:]
    return text


def _forms(secret: str) -> set[str]:
    packed = {form for form in _in_base64(secret) if len(form) >= SHORTEST_PACKED}
    packed |= {form.replace("+", "-").replace("/", "_") for form in packed} | {
        quote_plus(one) for one in packed
    }
    plain = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    return plain | packed


def _in_base64(secret: str) -> Iterator[str]:
    """The letters that stand for the secret inside a longer text, such as "user:secret" of a sign-in: three
    forms, as it begins at the first, second or third byte of a group."""
    for before in range(3):
        whole = b64encode(b"\0" * before + secret.encode()).decode()
        yield whole[-(-before * 8 // 6) : (before + len(secret.encode())) * 8 // 6]
