"""The one target of the story that moved: in the first weeks of its window, with a reason (domain 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from northstar.demo.bets import Past
from northstar.demo.days import Days
from northstar.demo.deeds import done
from teams.models import GoalChange, Omtm


@dataclass(frozen=True, slots=True)
class Move:
    """What it aimed for at first, and how many days after its start that changed."""

    first: str
    after_days: int
    reason: str


#: By the number of the bet. What it aims for since is the target of domain 9, so its figures stay.
MOVES = {
    7: Move(
        "0.33",
        18,
        "Two depots plan on paper until spring. Without them a third of all jobs is out of reach, and we did "
        "not know that when we began.",
    )
}


def first_goal(past: Past) -> str:
    """What the bet was committed to."""
    return MOVES[past.number].first if past.number in MOVES else str(past.goal)


def tell(past: Past, omtm: Omtm, days: Days) -> None:
    """The row of the ledger and the deed, as goal_posts.retarget leaves them; nothing where none moved."""
    move = MOVES.get(past.number)
    if move is None:
        return
    day = omtm.start + timedelta(days=move.after_days)
    at = days.moment(day, "11:20")
    before, after = {"target": move.first}, {"target": str(past.goal).rstrip("0")}
    change = GoalChange.objects.create(
        omtm=omtm, kind="target", day=day, before=before, after=after, reason=move.reason, actor=omtm.owner
    )
    GoalChange.objects.filter(pk=change.pk).update(at=at)
    Omtm.objects.filter(pk=omtm.pk).update(commitment_round=2)
    omtm.commitment_round = 2
    done("omtm.retargeted", omtm, at, actor=omtm.owner, after=after, reason=move.reason)
