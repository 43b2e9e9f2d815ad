"""What a letter lacks, in words: parts that failed, sources that were late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

BEFORE_LETTERS = "It was frozen before there were letters, so charts and events stand on its page only."
PARTS = {
    "star": "the chart of the North Star",
    "bets": "charts of some focus metrics",
    "teams": "the list of teams",
    "events": "what happened that week",
    "next": "what comes next",
}


def words(told: Mapping[str, Any] | None) -> str:
    """ "What comes next could not be worked out that Monday."; None was frozen before there were letters."""
    if told is None:
        return BEFORE_LETTERS
    names = [PARTS[each] for each in (told.get("lacks", []) if told else PARTS)]
    if not names:
        return ""
    said = _listed(names)
    return f"{said[:1].upper()}{said[1:]} could not be worked out that Monday."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def late(names: Sequence[str]) -> str:
    """Of which sources the newest values were missing when it was frozen; "" where all were in."""
    if not names:
        return ""
    return f"Frozen without the newest values of {_listed(names)}, which had not delivered by noon."
