"""Text that goes into a file which a spreadsheet opens."""

from __future__ import annotations

from collections.abc import Iterable

#: What makes a spreadsheet take a cell for a formula; tab and line breaks are skipped by it before it looks.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def cell(text: object) -> str:
    """The text as a cell that no spreadsheet takes for a formula: such a one begins with an apostrophe."""
    words = "".join(sign for sign in str(text) if sign.isprintable() or sign in "\t\r\n")
    return f"'{words}" if words.lstrip(" ").startswith(_FORMULA) else words


def line(texts: Iterable[object]) -> list[str]:
    """A row of cells."""
    return [cell(text) for text in texts]
