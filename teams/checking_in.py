"""Checking in: how likely the target is thought, one sentence, and what help is wanted.

What was measured at that moment is frozen beside it. Who said what is for the team and the leaders; an
answer belongs to the bet, never to the record of a person (domain 7.4, product 0 rule 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from teams import concluding
from teams.models import CheckIn, Delivery, Omtm
from teams.reminders.rules import CHECK_IN

CHANCES = (10, 30, 50, 70, 90)
#: From this distance on, in percent, what is thought and what is computed are two stories.
APART = 30
LONGEST = 280
CLOSED = "Its window is not open: what is likely is asked while it runs."


class CheckInError(ValueError):
    """It cannot be said now; the sentence says why, `field` which answer it is about."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Moment:
    """What the numbers say of a bet: the reading in stored units, the state, the chance from 0 to 1."""

    reading: float | None = None
    state: str = ""
    p: float | None = None


def check_in(
    omtm: Omtm,
    person: Any,
    *,
    chance: int,
    today: date,
    now: datetime,
    note: str = "",
    help_wanted: str = "",
    via: str = "page",
) -> CheckIn:
    """Keep what a person thinks today; said again on the same day, it takes the place of what was said.

    Whoever has checked in is not asked again: what still reminds this person of it is done. Raises
    CheckInError outside the window, for another chance than the five, and without the sentence that is
    owed where the answer contradicts the numbers (product 4).
    """
    if chance not in CHANCES:
        raise CheckInError("Choose one of the five answers.", "chance")
    note, help_wanted = note.strip()[:LONGEST], help_wanted.strip()[:LONGEST]
    with transaction.atomic():
        # Under a lock, so that nothing is said of a bet that is being retired at this moment.
        omtm = Omtm.objects.select_for_update(of=("self",)).get(pk=omtm.pk)
        if not is_open(omtm, today):
            raise CheckInError(CLOSED)
        seen = moment_of(omtm)
        owed = contradiction(chance, seen)
        if owed and not note:
            raise CheckInError(owed, "note")
        said, _ = CheckIn.objects.update_or_create(
            omtm=omtm,
            person=person,
            day=today,
            defaults={
                "chance": chance,
                "note": note,
                "help_wanted": help_wanted,
                "reading": seen.reading,
                "state": seen.state,
                "via": via,
            },
        )
        _ask_no_more(omtm, person, now)
    return said


def is_open(omtm: Omtm, today: date) -> bool:
    """Whether people are asked about it: its window is open and nobody has closed it."""
    return omtm.state == "active" and omtm.start <= today <= omtm.end


def moment_of(omtm: Omtm) -> Moment:
    """What was worked out last; empty where nothing was. One query."""
    document = concluding.document_of(omtm)
    return moment_in(document.facts if document else {})


def moment_in(facts: dict[str, Any]) -> Moment:
    """The same out of the facts of a chart that is at hand."""
    return Moment(facts.get("reading"), facts.get("state", ""), facts.get("p"))


def contradiction(chance: int, seen: Moment) -> str:
    """The sentence that asks why, where an answer is 30 points or more from the numbers; else empty."""
    if seen.p is not None and abs(chance - 100 * seen.p) >= APART:
        return (
            f"You say {chance}%, the numbers say {likelihood(seen.p)}. "
            "Write in a sentence what you know that they do not."
        )
    if chance == max(CHANCES) and seen.state == "off_track":
        return f"It is off track, and you say {chance}%. Write in a sentence what will bring it back."
    return ""


def likelihood(p: float) -> str:
    """A probability as it is shown everywhere: to 5%, open at both ends."""
    if p < 0.05:
        return "under 5%"
    return "over 95%" if p > 0.95 else f"about {5 * round(20 * p)}%"


def _ask_no_more(omtm: Omtm, person: Any, now: datetime) -> None:
    """What asks this person for a check-in is seen in the app and leaves over no other way."""
    asked = Delivery.objects.filter(recipient=person, reminder__omtm=omtm, reminder__rule=CHECK_IN)
    asked.filter(channel="app", seen_at=None).update(seen_at=now, acted_at=now)
    # A message that is on its way at this moment is held by its lease and arrives; its link still works.
    waiting = asked.exclude(channel="app").filter(state="due", lease_token="")
    waiting.update(state="dropped", next_due_at=None)
