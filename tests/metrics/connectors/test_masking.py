"""Secrets taken out of texts, however whoever echoes them writes them."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.connectors.masking import MASK, hider

SECRET = "p%40 ss/wörd+\"'&<>=Zk81"
LONG = "sk_live_51Habcdefghijklmnop"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_secret_is_found_in_every_writing(written: str) -> None:
    assert hider([SECRET])(f"before {written} after").removesuffix("= after").count(MASK) == 1


@given(st.text(max_size=9), st.text(max_size=9))
def test_a_secret_is_found_in_the_base64_of_a_sign_in(before: str, after: str) -> None:
    packed = base64.b64encode(f"{before}{LONG}{after}".encode()).decode()
    hidden = hider([LONG])(packed)
    assert MASK in hidden
    assert "bGl2ZV81MUhhYmNk" not in hidden


@given(st.integers(8, len(LONG)))
def test_a_secret_cut_off_by_somebody_is_found_by_its_ends(length: int) -> None:
    hide = hider([LONG])
    assert hide(f"Authorization: {LONG[:length]}") == f"Authorization: {MASK}"
    assert hide(f"{LONG[-length:]} was refused") == f"{MASK} was refused"


def test_a_key_file_is_found_by_its_lines_and_by_no_end_that_other_texts_share() -> None:
    key = '{\n"type": "service_account",\n"private_key": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"\n}'
    assert "MIIEvQIB" not in hider([key])('oops: "private_key": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"')
    assert hider([key])('{"type": "other"}') == '{"type": "other"}'


def test_what_is_too_short_to_be_a_secret_hides_no_words() -> None:
    assert hider(["abc", ""])("abcdef") == "abcdef"


@pytest.mark.parametrize("secret", ["wrong-password", "password-of-shop", "Shop-Database"])
def test_words_of_our_own_sentences_stay_though_a_secret_ends_with_them(secret: str) -> None:
    sentence = "The database refuses the password. Check user, password and database."
    assert hider([secret])(sentence) == sentence
    assert secret not in hider([secret])(f"{sentence} You typed {secret}.")
