from __future__ import annotations

import traceback
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from northstar.lib import vault

PLACE = ("metrics_source", "7", "password")
SECRET = "s3cret-Grün-ab12"
OLD, NEW = vault.new_key(), vault.new_key()


@pytest.fixture(autouse=True)
def keys(settings: Any) -> Any:
    settings.DATA_KEYS = [OLD]
    return settings


def test_a_secret_opens_where_it_was_sealed() -> None:
    token = vault.seal(SECRET, place=PLACE)
    assert SECRET not in token
    assert vault.open_sealed(token, place=PLACE) == SECRET


def test_sealing_twice_gives_different_tokens() -> None:
    assert vault.seal(SECRET, place=PLACE) != vault.seal(SECRET, place=PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("metrics_trial", "7", "password"),
        ("metrics_source", "8", "password"),
        ("metrics_source", "7", "token"),
    ],
)
def test_a_secret_refuses_to_open_elsewhere(elsewhere: tuple[str, str, str]) -> None:
    token = vault.seal(SECRET, place=PLACE)
    with pytest.raises(vault.VaultError, match="was moved here from another place") as caught:
        vault.open_sealed(token, place=elsewhere)
    assert not holds_secret(caught.value)


@pytest.mark.parametrize("spoil", [lambda t: t[:-2] + "AA", lambda t: "", lambda t: "gAAAA", lambda t: t[1:]])
def test_a_spoilt_token_does_not_open(spoil: Any) -> None:
    with pytest.raises(vault.VaultError, match="does not open with any of DATA_KEYS"):
        vault.open_sealed(spoil(vault.seal(SECRET, place=PLACE)), place=PLACE)


def test_another_key_does_not_open_it(keys: Any) -> None:
    token = vault.seal(SECRET, place=PLACE)
    keys.DATA_KEYS = [NEW]
    with pytest.raises(vault.VaultError, match="does not open with any of DATA_KEYS") as caught:
        vault.open_sealed(token, place=PLACE)
    assert not holds_secret(caught.value)


def test_the_first_key_seals_and_older_ones_still_open(keys: Any) -> None:
    token = vault.seal(SECRET, place=PLACE)
    keys.DATA_KEYS = [NEW, OLD]
    assert vault.open_sealed(token, place=PLACE) == SECRET
    Fernet(NEW).decrypt(vault.seal(SECRET, place=PLACE))


def test_resealing_lets_the_old_key_go(keys: Any) -> None:
    token = vault.seal(SECRET, place=PLACE)
    keys.DATA_KEYS = [NEW, OLD]
    token = vault.reseal(token, PLACE)
    keys.DATA_KEYS = [NEW]
    assert vault.open_sealed(token, place=PLACE) == SECRET


def test_resealing_keeps_the_place() -> None:
    with pytest.raises(vault.VaultError, match="another place"):
        vault.reseal(vault.seal(SECRET, place=PLACE), ("metrics_source", "8", "password"))


def test_no_key_is_told_plainly(keys: Any) -> None:
    keys.DATA_KEYS = []
    with pytest.raises(vault.VaultError, match="DATA_KEYS is empty"):
        vault.seal(SECRET, place=PLACE)


@pytest.mark.parametrize("key", ["short", "é" * 44, "A" * 44, 7])
def test_a_wrong_key_is_told_without_repeating_it(keys: Any, key: Any) -> None:
    keys.DATA_KEYS = [OLD, key]
    with pytest.raises(vault.VaultError, match="One of DATA_KEYS is no Fernet key") as caught:
        vault.seal(SECRET, place=PLACE)
    assert str(key) not in str(caught.value)


@given(st.text(max_size=200))
def test_every_text_survives(text: str) -> None:
    assert vault.open_sealed(vault.seal(text, place=PLACE), place=PLACE) == text


def test_a_hint_shows_the_end_of_long_secrets_only() -> None:
    assert vault.hint(SECRET) == "…ab12"
    assert vault.hint("short-ab12") == "…"
    assert vault.hint("") == "…"


def holds_secret(error: BaseException) -> bool:
    chain = "".join(traceback.format_exception(error))
    return SECRET in chain or error.__cause__ is not None
