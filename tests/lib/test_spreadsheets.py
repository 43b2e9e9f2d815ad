"""No text becomes a formula where a file is opened in a spreadsheet."""

from __future__ import annotations

import pytest

from northstar.lib import spreadsheets


@pytest.mark.parametrize(
    "text", ["=1+1", "+9", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\x00=1", "\x1b@x"]
)
def test_what_could_be_a_formula_begins_with_an_apostrophe(text: str) -> None:
    assert spreadsheets.cell(text).startswith("'")
    assert "\x00" not in spreadsheets.cell(text)


@pytest.mark.parametrize("text", ["Marketing", "24.0%", "a=b", "−5 pt", ""])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert spreadsheets.cell(text) == text
