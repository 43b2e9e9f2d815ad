"""Secrets taken out of texts before anybody sees them. Pure."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

MASK = "••••"
#: Shorter texts stand in too many words by chance; a password that short hides nothing.
SHORTEST = 4
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

    def hide(text: str) -> str:
        for form in longest_first:
            text = text.replace(form, MASK)
        return text

    return hide


def _forms(secret: str) -> set[str]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        encoded,
        json.dumps(secret)[1:-1],
    }
