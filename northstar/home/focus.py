"""The cards of the team grid: one for each running OMTM, one for each team without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from metrics import formatting
from northstar.home.shelf import Drawing
from northstar.ui.marks import WORDS
from teams.models import Omtm, Team
from teams.reminders import rules

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
COUNTED = ("on_track", "at_risk", "off_track", "too_early", "no_data")


@dataclass(frozen=True, slots=True)
class Card:
    """A card with all its texts; without `name` it is the card of a team that has no focus."""

    team: str
    team_slug: str
    sort: str
    state: str = "neutral"
    pill: str = ""
    word: str = ""
    pk: int = 0
    name: str = ""
    lead: str = ""
    reading: str = ""
    way_from: str = ""
    way_to: str = ""
    ranged: bool = False
    progress: float | None = None
    expected: float | None = None
    gap: float | None = None
    reason: str = ""
    likely: str = ""
    sketch: str = ""
    week: str = ""
    review: str = ""
    late: bool = False
    owner: str = ""
    may_choose: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A row of the gap track; without `state` a team that has no focus."""

    name: str
    state: str = ""
    progress: float = 0.0
    expected: float = 0.0
    gap: str = ""


def card_of(omtm: Omtm, drawn: Drawing, *, today: date, country: str) -> Card:
    """The card of an OMTM: how it stands is what was stored with its chart."""
    facts = drawn.facts
    state = facts.get("state", "no_data")
    review, review_day = _next_review(omtm, country)
    overdue = omtm.state == "in_review" and today > omtm.review_due_on
    sort = "review_overdue" if overdue else omtm.state if omtm.state != "active" else state
    words = {"review_overdue": "Review overdue", "in_review": "In review", "committed": "Not started"}
    return Card(
        team=omtm.team.name,
        team_slug=omtm.team.slug,
        sort=sort,
        state=state if omtm.state == "active" else "neutral",
        pill=words.get(sort, ""),
        word="No trusted data" if facts.get("trust", {}).get("blocks") else "",
        pk=omtm.pk,
        name=omtm.name,
        reading=facts.get("reading_words", ""),
        way_from=facts.get("from_words", ""),
        way_to=facts.get("range_words") or facts.get("to_words", ""),
        ranged=omtm.direction == "range",
        progress=facts.get("progress"),
        expected=facts.get("expected"),
        gap=facts.get("gap"),
        reason=facts.get("reason", ""),
        likely=facts.get("likely_words", "") if omtm.state == "active" else "",
        sketch=drawn.sketches.get("card", ""),
        week=_week_words(omtm, today),
        review=f"{review} {formatting.day_words(review_day, today)}",
        late=review_day < today,
        owner=str(omtm.owner) if omtm.owner else "",
    )


def open_card(team: Team, *, may_choose: bool) -> Card:
    """The card of a team that has no focus."""
    lead = getattr(team, "lead", None) or ""
    return Card(team=team.name, team_slug=team.slug, sort="no_focus", lead=lead, may_choose=may_choose)


def sorted_cards(cards: Iterable[Card]) -> list[Card]:
    """What needs help first; within a state by team name."""
    return sorted(cards, key=lambda card: (ORDER.index(card.sort), card.team))


def counts_of(cards: Iterable[Card]) -> list[tuple[str, str]]:
    """(pill state, words) of how many cards are in each state: ("at_risk", "2 at risk")."""
    cards = list(cards)
    states = Counter(card.state for card in cards if card.name and not card.pill)
    found = [(state, f"{states[state]} {WORDS[state].lower()}") for state in COUNTED if states[state]]
    others = Counter(card.sort for card in cards)
    reviews = others["in_review"] + others["review_overdue"]
    if reviews:
        found.append(("neutral", f"{reviews} in review"))
    if others["no_focus"]:
        found.append(("neutral", f"{others['no_focus']} without a focus"))
    return found


def gaps_of(cards: Iterable[Card]) -> tuple[Gap, ...]:
    """Rows of the gap track, furthest ahead first; at the end the teams that have nothing to show."""
    judged: list[tuple[float, Gap]] = []
    silent: list[Gap] = []
    for card in cards:
        if card.sort == "no_focus":
            silent.append(Gap(card.team))
        elif card.sort in COUNTED and not card.ranged and card.gap is not None:
            words = f"{formatting.show_share(card.gap, sign=True)[:-1]} pt"
            row = Gap(card.team, card.state, card.progress or 0.0, card.expected or 0.0, words)
            judged.append((card.gap, row))
    judged.sort(key=lambda pair: -pair[0])
    return (*(row for _, row in judged), *silent)


def _week_words(omtm: Omtm, today: date) -> str:
    if today < omtm.start:
        return f"Starts {formatting.day_words(omtm.start, today)}"
    if today > omtm.end:
        return f"Ended {formatting.day_words(omtm.end, today)}"
    return f"Week {-(-omtm.day_number(today) // 7)} of {-(-omtm.total_days // 7)}"


def _next_review(omtm: Omtm, country: str) -> tuple[str, date]:
    """What comes next and its day: the half-way review, the window's end, then the closing review."""
    if omtm.state == "in_review":
        return "Review by", omtm.review_due_on
    if getattr(omtm, "midpoint_held", False):
        return "Ends", omtm.end
    return "Half-way", rules.half_way_day(omtm.start, omtm.end, country)
