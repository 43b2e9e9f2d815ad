"""Bodies that were made to hurt: refused in words, and quickly."""

from __future__ import annotations

from time import monotonic

import pytest
from rest_framework.exceptions import ParseError

from metrics.api import parsing


@pytest.mark.parametrize("tail", ["", "\\", "[[[[["])
def test_a_string_that_never_ends_is_refused_at_once(tail: str) -> None:
    began = monotonic()
    with pytest.raises(ParseError):
        parsing.loads('["' + '\\"' * 100_000 + tail)
    assert monotonic() - began < 2


def test_brackets_inside_of_text_do_not_nest() -> None:
    assert parsing.loads('{"a": "[[[[[[[\\"[[["}') == {"a": '[[[[[[["[[['}


@pytest.mark.parametrize("name", ["\\ud800", "value\\udfff"])
def test_half_a_character_in_a_name_is_refused(name: str) -> None:
    """It cannot be sent back: the answer that names it would be an error of our own."""
    with pytest.raises(ParseError, match="half a character"):
        parsing.loads('{"observations": [{"' + name + '": 1}]}')
