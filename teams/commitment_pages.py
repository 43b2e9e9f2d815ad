"""What a page shows of a commitment: to the team and the leaders all of it, to everybody else nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from northstar.lib.policy import Subject, may
from teams import committing
from teams.committing import IN
from teams.forms.commitments import CommitmentForm, ReplyForm
from teams.models import Commitment, Membership, Omtm
from teams.models.commitment import ANSWERS

WORDS = {"in": "In", "in_with_concern": "In, with a concern", "not_in": "Not in"}


def panel(
    omtm: Omtm,
    *,
    subject: Subject,
    form: CommitmentForm | None = None,
    reply: tuple[int, ReplyForm] | None = None,
) -> dict[str, Any]:
    """Coverage, the own answer, concerns and who said what; empty for others. Two queries.

    `form` is an answer, `reply` an answer to the concern of that id, each refused and to be shown again.
    """
    if omtm.state not in committing.ASKED or not may(subject, "commitment.view", omtm):
        return {}
    members = {row.user_id: row for row in committing.members_of(omtm)}
    rows = list(omtm.commitments.select_related("person", "replied_by").order_by("-asked_in", "answered_at"))
    standing = {
        row.person_id: row for row in rows if committing.stands(row, omtm, members.get(row.person_id))
    }
    mine = standing.get(subject.user_id or 0)
    can_answer = subject.user_id in members and may(subject, "commitment.answer", omtm)
    return {
        "coverage": committing.coverage(omtm, members, rows),
        "mine": mine,
        "mine_words": WORDS[mine.answer].lower() if mine else "",
        "can_answer": can_answer,
        "pending": can_answer and mine is None,
        "again": omtm.commitment_round > 1,
        "can_reply": may(subject, "commitment.reply", omtm),
        "concerns": [row for row in rows if _is_shown(row, standing)],
        "people": [
            {"user": member.user, "words": WORDS[said.answer] if said else "Not answered yet"}
            for member in members.values()
            for said in [standing.get(member.user_id)]
        ],
        "answers": ANSWERS.items(),
        "form": form,
        "chosen": form["answer"].value() if form else mine.answer if mine else "",
        "note": form["note"].value() if form else mine.note if mine else "",
        "reply_to": reply[0] if reply else None,
        "reply_error": " ".join(reply[1].errors.get("reply", [])) if reply else "",
    }


@dataclass(frozen=True, slots=True)
class Glance:
    """Of one bet in a list: concerns that wait for an answer, and whether the reader has not answered yet."""

    concerns: int = 0
    pending: bool = False


def glances(omtms: Sequence[Omtm], *, subject: Subject) -> dict[int, Glance]:
    """A glance at each that this person may see, by its id; two queries."""
    seen = [omtm for omtm in omtms if may(subject, "commitment.view", omtm)]
    rows = list(Commitment.objects.filter(omtm__in=seen))
    teams = {omtm.team_id for omtm in seen}
    mine = {row.team_id: row for row in Membership.objects.filter(team__in=teams, user=subject.user_id)}
    return {omtm.pk: _glance(omtm, rows, mine.get(omtm.team_id)) for omtm in seen}


def _glance(omtm: Omtm, rows: Sequence[Commitment], member: Membership | None) -> Glance:
    said = [row for row in rows if row.omtm_id == omtm.pk]
    answered = any(
        committing.stands(row, omtm, member) for row in said if member and row.person_id == member.user_id
    )
    return Glance(
        concerns=sum(row.answer != IN and not row.reply for row in said),
        pending=member is not None and omtm.state in committing.ASKED and not answered,
    )


def _is_shown(said: Commitment, standing: dict[int, Commitment]) -> bool:
    """A concern stays until it is answered, also when its round is over; then it stands with its answer."""
    if said.answer == IN:
        return False
    return not said.reply or standing.get(said.person_id) is said
