"""The cards of the team grid: one for each running OMTM, one for each team without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from metrics import formatting
from northstar.lib.windows import half_way
from northstar.ui.marks import WORDS
from teams.models import Omtm, Team

#: The order of the grid: what needs help first.
ORDER = (
    "off_track",
    "at_risk",
    "no_data",
    "review_overdue",
    "no_focus",
    "in_review",
    "too_early",
    "committed",
    "on_track",
)
UNKNOWN: dict[str, Any] = {"progress": None, "expected": None}
COUNTED = ("on_track", "at_risk", "off_track", "too_early", "no_data")


class Drawn(Protocol):
    """What a card needs of a chart document."""

    @property
    def facts(self) -> dict[str, Any]: ...

    @property
    def sketches(self) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Card:
    """A card with its texts; `omtm` is None for a team without a focus."""

    team: Team
    sort: str
    state: str = ""
    pill: str = ""
    omtm: Omtm | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    sketches: dict[str, str] = field(default_factory=dict)
    week: str = ""
    review: str = ""
    late: bool = False
    owner: str = ""
    ranged: bool = False


def card_of(omtm: Omtm, drawn: Drawn, *, today: date) -> Card:
    """The card of an OMTM: how it stands is what was stored with its chart."""
    state = drawn.facts.get("state", "no_data")
    review = _next_review(omtm)
    overdue = omtm.state == "in_review" and today > omtm.review_due_on
    sort = "review_overdue" if overdue else omtm.state if omtm.state != "active" else state
    words = {"review_overdue": "Review overdue", "in_review": "In review", "committed": "Not started"}
    return Card(
        team=omtm.team,
        sort=sort,
        state=state if omtm.state == "active" else "neutral",
        pill=words.get(sort, ""),
        omtm=omtm,
        facts=UNKNOWN | drawn.facts,
        sketches=drawn.sketches,
        week=_week_words(omtm, today),
        review=f"Review {formatting.day_words(review, today)}",
        late=review < today,
        owner=str(omtm.owner) if omtm.owner else "",
        ranged=omtm.target is None,
    )


def open_card(team: Team) -> Card:
    """The card of a team that has no focus."""
    return Card(team=team, sort="no_focus")


def sorted_cards(cards: Iterable[Card]) -> list[Card]:
    """What needs help first; within a state by team name."""
    return sorted(cards, key=lambda card: (ORDER.index(card.sort), card.team.name))


def counts_of(cards: Iterable[Card]) -> list[tuple[str, str]]:
    """(pill state, words) of how many cards are in each state: ("at_risk", "2 at risk")."""
    cards = list(cards)
    states = Counter(card.state for card in cards if card.omtm and card.omtm.state == "active")
    found = [(state, f"{states[state]} {WORDS[state].lower()}") for state in COUNTED if states[state]]
    others = Counter(card.sort for card in cards)
    reviews = others["in_review"] + others["review_overdue"]
    if reviews:
        found.append(("neutral", f"{reviews} in review"))
    if others["no_focus"]:
        found.append(("neutral", f"{others['no_focus']} without a focus"))
    return found


def gaps_of(cards: Iterable[Card]) -> list[dict[str, Any]]:
    """Rows of the gap track, furthest ahead first; at the end the teams that have nothing to show."""
    cards = list(cards)
    judged = [card for card in cards if card.sort in COUNTED and not card.ranged and _gap(card) is not None]
    rows = [
        {
            "name": card.team.name,
            "state": card.state,
            "progress": card.facts["progress"],
            "expected": card.facts["expected"],
            "gap": f"{formatting.show_share(_gap(card), sign=True)[:-1]} pt",
        }
        for card in sorted(judged, key=lambda card: -(_gap(card) or 0))
    ]
    return rows + [{"name": card.team.name, "state": ""} for card in cards if card.sort == "no_focus"]


def _gap(card: Card) -> float | None:
    facts = card.facts
    if facts.get("expected") is None or facts.get("progress") is None:
        return None
    return float(facts["gap"]) if facts.get("gap") is not None else facts["progress"] - facts["expected"]


def _week_words(omtm: Omtm, today: date) -> str:
    if today < omtm.start:
        return f"Starts {formatting.day_words(omtm.start, today)}"
    if today > omtm.end:
        return f"Ended {formatting.day_words(omtm.end, today)}"
    return f"Week {-(-omtm.day_number(today) // 7)} of {-(-omtm.total_days // 7)}"


def _next_review(omtm: Omtm) -> date:
    """The day of the next review: half-way unless it was held, then the closing one."""
    if omtm.state == "in_review":
        return omtm.review_due_on
    held = getattr(omtm, "midpoint_held", False)
    return omtm.end if held else half_way(omtm.start, omtm.end)
