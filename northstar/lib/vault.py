"""Secrets at rest: sealed under settings.DATA_KEYS, each bound to the place where it is kept.

A sealed token copied to another row or field refuses to open there, so nobody who can write to the database
makes one source use another one's secret (reliability S20). No error here ever holds a secret or a key.
"""

from __future__ import annotations

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

Place = tuple[str, str, str]
HINT_LETTERS = 4
SHORTEST_HINTED = 12


class VaultError(Exception):
    """A secret cannot be sealed or opened; the sentence says what to do."""


def new_key() -> str:
    """A fresh random key for DATA_KEYS, as text."""
    return Fernet.generate_key().decode()


@sensitive_variables()
def seal(text: str, *, place: Place) -> str:
    """`text` as a token that only opens at `place`: (table, row id, field). The first of DATA_KEYS seals it.

    Raises VaultError where DATA_KEYS is empty or wrong.
    """
    payload = json.dumps({"place": list(place), "text": text})
    return _fernet().encrypt(payload.encode()).decode()


@sensitive_variables()
def open_sealed(token: str, *, place: Place) -> str:
    """The text sealed in `token`. Raises VaultError where no key opens it or its place is another."""
    try:
        payload = json.loads(_fernet().decrypt(token.encode()))
    except InvalidToken:
        raise VaultError(
            "A stored secret does not open with any of DATA_KEYS. Add the key it was sealed with, "
            "or enter the secret again."
        ) from None
    if payload["place"] != list(place):
        raise VaultError("A stored secret was moved here from another place. Enter the secret again.")
    return str(payload["text"])


def reseal(token: str, place: Place) -> str:
    """The same secret, sealed anew under the first of DATA_KEYS. Errors as open_sealed."""
    return seal(open_sealed(token, place=place), place=place)


def is_current(token: str) -> bool:
    """Whether the first of DATA_KEYS sealed it. Raises VaultError where DATA_KEYS is empty or wrong."""
    _fernet()
    try:
        Fernet(settings.DATA_KEYS[0]).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


@sensitive_variables()
def hint(text: str) -> str:
    """ "…" and the last four characters; of short secrets nothing, because four would be too much of them."""
    return "…" + (text[-HINT_LETTERS:] if len(text) >= SHORTEST_HINTED else "")


@sensitive_variables()
def _fernet() -> MultiFernet:
    if not settings.DATA_KEYS:
        raise VaultError("DATA_KEYS is empty, so no secret can be sealed or opened. Set it to a Fernet key.")
    try:
        return MultiFernet([Fernet(key) for key in settings.DATA_KEYS])
    except (ValueError, TypeError):
        raise VaultError(
            "One of DATA_KEYS is no Fernet key (32 bytes, url-safe base64). Correct it."
        ) from None
