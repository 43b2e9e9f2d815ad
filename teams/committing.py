"""Commitment: who of a team puts a bet first, who has a concern, who is not in (domain 5).

A statement to the team and its leaders, never used to rate a person; nothing counts it by person. People are
asked from the proposal on and while the bet runs, and again when `Omtm.commitment_round` goes up: at
half-time, and when the target was changed. Who came later has not answered yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from metrics.models import Company
from teams.models import Commitment, Membership, Omtm
from teams.models.commitment import ANSWERS
from teams.refusing import LifecycleError, demand

ASKED = ("proposed", "committed", "active")
IN, CONCERN, NOT_IN = ANSWERS
NOTE = 500
#: Domain 5: at least 60 % of the members, at most a third of the answers against it.
ENOUGH, TOO_MANY = (3, 5), (1, 3)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the team answered in the present round, and what; `waiting`: of those not in, without a
    written answer."""

    members: int
    answered: int
    concerns: int
    not_in: int
    waiting: int

    @property
    def words(self) -> str:
        """ "7 of 9 answered, 6 in, 1 with a concern"."""
        parts = [f"{self.answered} of {self.members} answered"]
        counts = (
            (self.answered - self.concerns - self.not_in, "in"),
            (self.concerns, "with a concern"),
            (self.not_in, "not in"),
        )
        return ", ".join(parts + [f"{count} {word}" for count, word in counts if count])

    @property
    def short(self) -> str:
        """Why there is no quorum, empty where there is one."""
        share, whole = ENOUGH
        if self.answered * whole < self.members * share:
            need = -(-self.members * share // whole)
            return (
                f"{self.answered} of {self.members} people have said whether they are in; "
                f"at least {need} are needed."
            )
        share, whole = TOO_MANY
        if self.not_in * whole > self.answered * share and self.waiting:
            return (
                f"{self.not_in} of {self.answered} answers are not in. Answer each of them in writing, or "
                "change the plan and ask again."
            )
        return ""


def answer(omtm: Omtm, person: Any, *, answer: str, note: str = "") -> Commitment:
    """Keep what a person of the team says in this round, in place of what they said before in it.

    A changed answer takes the lead's reply to the old one away. Raises LifecycleError.
    """
    note = note.strip()[:NOTE]
    demand(answer in ANSWERS, "Choose one of the three answers.", "answer")
    if answer != IN:
        sentence = "Say what your concern is." if answer == CONCERN else "Say why you are not in."
        demand(note, sentence, "note")
    note = "" if answer == IN else note
    with transaction.atomic():
        omtm = _locked(omtm)
        mine = Commitment.objects.filter(omtm=omtm, person=person, asked_in=omtm.commitment_round)
        said = mine.select_for_update().first()
        if said is None:
            said = Commitment(omtm=omtm, person=person, asked_in=omtm.commitment_round)
        if (said.answer, said.note) != (answer, note):
            said.reply, said.replied_by, said.replied_at = "", None, None
        said.answer, said.note = answer, note
        said.save()
    return said


def reply(commitment: Commitment, *, text: str, actor: Any, now: datetime) -> Commitment:
    """Answer a concern, or a reason not to be in, in writing. Raises LifecycleError."""
    demand(text.strip(), "Write what you answer.", "reply")
    with transaction.atomic():
        said = Commitment.objects.select_for_update().get(pk=commitment.pk)
        if said.answer == IN:
            raise LifecycleError("There is no concern to answer any more.")
        said.reply, said.replied_by, said.replied_at = text.strip()[:NOTE], actor, now
        # Not answered_at: it says when the person spoke.
        Commitment.objects.filter(pk=said.pk).update(
            reply=said.reply, replied_by=said.replied_by, replied_at=said.replied_at
        )
    return said


def ask_again(omtm: Omtm) -> None:
    """Begin another round: what was said before stays, and counts no more."""
    Omtm.objects.filter(pk=omtm.pk).update(commitment_round=F("commitment_round") + 1)


def coverage_of(omtm: Omtm) -> Coverage:
    """The coverage of the present round, in two queries."""
    members = {row.user_id: row for row in members_of(omtm)}
    return coverage(omtm, members, list(omtm.commitments.all()))


def coverage(omtm: Omtm, members: dict[int, Membership], rows: Sequence[Commitment]) -> Coverage:
    """The coverage by what is known already."""
    counted = [row for row in rows if stands(row, omtm, members.get(row.person_id))]
    refusals = [row for row in counted if row.answer == NOT_IN]
    return Coverage(
        members=len(members),
        answered=len(counted),
        concerns=sum(row.answer == CONCERN for row in counted),
        not_in=len(refusals),
        waiting=sum(not row.reply for row in refusals),
    )


def members_of(omtm: Omtm) -> list[Membership]:
    """Those who are asked: everybody of the team whose account is active."""
    found = Membership.objects.filter(team=omtm.team_id, user__is_active=True).select_related("user")
    return list(found.order_by("user__name", "user_id"))


def stands(said: Commitment, omtm: Omtm, member: Membership | None) -> bool:
    """Whether an answer counts: of this round, by somebody who has been in the team ever since."""
    return member is not None and said.asked_in == omtm.commitment_round and said.answered_at >= member.since


def demand_quorum(omtm: Omtm | None) -> None:
    """Raise LifecycleError where the company asks for a quorum and this candidate has none."""
    if not Company.current().commitment_quorum:
        return
    if omtm is None:
        raise LifecycleError(
            "Your company asks the team before it commits. Propose it as a candidate first, so that "
            "people can say whether they are in."
        )
    if short := coverage_of(omtm).short:
        raise LifecycleError(short)


def _locked(omtm: Omtm) -> Omtm:
    omtm = Omtm.objects.select_for_update(of=("self",)).get(pk=omtm.pk)
    if omtm.state not in ASKED:
        raise LifecycleError(f"{omtm} asks nobody: answers are for what is proposed or runs.")
    return omtm
