"""How likely the people of a bet think it, beside what the numbers say.

What is shown to all is the middle of the newest answers; who said what is for the team and the leaders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from northstar.lib.policy import Subject, may
from teams.models import CheckIn, Omtm

CHANCES = (10, 30, 50, 70, 90)
#: An answer stands for four weeks; after that nobody knows whether it is still meant.
STANDS = timedelta(weeks=4)
#: From this distance on, in percent, the two are told beside each other.
APART = 30


class ConfidingError(ValueError):
    """It cannot be said now; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What the team says: percent and how many said it; `words` and, where the two differ, `differs`."""

    chance: int
    people: int
    words: str
    differs: str


def say(omtm: Omtm, person: Any, *, chance: int, note: str = "", today: date) -> CheckIn:
    """Keep what a person thinks today; said again on the same day, it takes the place of what was said.

    Raises ConfidingError outside the window and for another chance than the five.
    """
    if chance not in CHANCES:
        raise ConfidingError("Choose one of the five answers.")
    if omtm.state != "active" or not omtm.start <= today <= omtm.end:
        raise ConfidingError("Its window is not open: what is likely is asked while it runs.")
    said, _ = CheckIn.objects.update_or_create(
        omtm=omtm, person=person, day=today, defaults={"chance": chance, "note": note.strip()[:280]}
    )
    return said


def panel(omtm: Omtm, *, subject: Subject, p: float | None, today: date) -> dict[str, Any]:
    """For the page of a bet: the belief, the names for those who may know them, the own answer. One query."""
    last = min(today, omtm.end)
    rows = list(
        CheckIn.objects.filter(omtm=omtm, day__gt=last - STANDS, day__lte=last).select_related("person")
    )
    newest = list({row.person_id or -row.pk: row for row in reversed(rows)}.values())
    knows = may(subject, "omtm.confide", omtm)
    return {
        "belief": belief([row.chance for row in newest], p),
        "answers": sorted(newest, key=lambda row: (-row.day.toordinal(), -row.chance)) if knows else [],
        "mine": next((row for row in newest if row.person_id == subject.user_id), None),
        "open": knows and omtm.state == "active" and omtm.start <= today <= omtm.end,
        "chances": CHANCES,
    }


def belief(chances: list[int], p: float | None) -> Belief | None:
    """The middle of what was said, and the sentence where it lies 30 points or more from the forecast."""
    if not chances:
        return None
    middle = round(median(chances))
    count = len(chances)
    said = "1 person said" if count == 1 else f"middle of {count} answers"
    differs = ""
    if p is not None and abs(middle - 100 * p) >= APART:
        differs = f"The team says about {middle}%, the numbers say {_shown(p)}."
    return Belief(middle, count, f"about {middle}% likely, {said}", differs)


def _shown(p: float) -> str:
    """A probability as it is shown everywhere: to 5%, open at both ends."""
    if p < 0.05:
        return "under 5%"
    return "over 95%" if p > 0.95 else f"about {5 * round(20 * p)}%"
