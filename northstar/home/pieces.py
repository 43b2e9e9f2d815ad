"""Parts of the home page that say the same to many readers: rendered once, kept while they stay the same.

A Drawing is one object as long as its document has the same version, so it can be the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from northstar.home.focus import Card, Gap
from northstar.home.shelf import Drawing


@dataclass(frozen=True, slots=True)
class Head:
    """What the hero prints beside its document; `ranges` are (key, label, words)."""

    name: str
    star: int
    version: int
    definition: str
    metric: str
    lower: bool
    typed: bool
    shown: str
    ranges: tuple[tuple[str, str, str], ...]
    pulled: str
    trouble: str
    today: date
    can_edit: bool
    can_note: bool
    can_remove: bool
    can_type: bool


@lru_cache(maxsize=2000)
def card(told: Card) -> SafeString:
    """The card of a focus, or of a team without one."""
    template = "home/_focus_card.html" if told.name else "home/_open_card.html"
    return SafeString(render_to_string(template, {"card": told}))


@lru_cache(maxsize=200)
def gaps(rows: tuple[Gap, ...], kinds: tuple[tuple[str, str, int], ...]) -> SafeString:
    """The card "Where the gaps are"; `kinds` are (key, words, count) of the gaps that there are."""
    return SafeString(render_to_string("home/_gaps.html", {"gaps": rows, "kinds": kinds}))


@lru_cache(maxsize=20)
def side(hero: Drawing, can_edit: bool) -> SafeString:
    """Targets and drivers of the North Star."""
    context = {"hero": hero, "can_edit": can_edit}
    parts = [render_to_string(f"home/_{name}.html", context) for name in ("targets", "drivers")]
    return SafeString("".join(parts))


@lru_cache(maxsize=20)
def why(drawing: Drawing) -> SafeString:
    """The section "Why it moved", from its document; nothing without one."""
    return SafeString(render_to_string("home/_why.html", {"why": drawing}))


@lru_cache(maxsize=50)
def hero(drawing: Drawing, head: Head) -> SafeString:
    """The North Star: number, verdict, chart and its notes, those of the range that is shown first."""
    return SafeString(render_to_string("home/_hero.html", {"hero": drawing, "head": head}))
