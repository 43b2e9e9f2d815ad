"""Closing a focus with its review: what was decided is done at once (domain 3.6, question 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from teams import goal_posts, minuting, retiring, succeeding
from teams.models import Omtm
from teams.refusing import LifecycleError, demand

DECISIONS = {
    "retire": "Retire it",
    "renew": "Renew it",
    "replace": "Replace it",
    "extend": "Extend it",
}
#: What follows from each decision, beside its button.
CONSEQUENCES = {
    "retire": "It closes with its outcome. The team may choose anything next, or nothing yet.",
    "renew": "It closes with its outcome. A draft on the same metric begins, with the final reading as its "
    "baseline; you set target and window.",
    "replace": "It closes with its outcome. A draft of another focus begins that names this one as its "
    "predecessor; you choose the metric.",
    "extend": "It goes on, once, with the same target. Its outcome is judged by both ends, and the team is "
    "asked again whether it is in. What you typed here stays for the next time.",
}
MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing review as it was answered; `extend_to` is the new end where it is extended."""

    decision: str
    reason: str
    lesson: str
    verdict: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""
    outcome_reason: str = ""
    stop_reason: str = ""
    extend_to: date | None = None


def latest_end(omtm: Omtm, today: date) -> date | None:
    """The last day to which it can still be extended; None where it cannot be."""
    latest = goal_posts.last_end(omtm)
    return latest if omtm.original_end is None and latest > omtm.end and latest >= today else None


def close(omtm: Omtm, given: Closing, *, actor: Any, today: date, seen: int | None = None) -> Omtm:
    """Do what was decided: extend it, or retire it, mail the minutes and begin what follows.

    Returns the OMTM with which it goes on: the draft that renews or replaces it, else itself. Raises
    LifecycleError or autosaving.DraftConflict; then nothing was done.
    """
    if given.decision == "extend":
        return _extend(omtm, given, actor=actor, today=today)
    with transaction.atomic():
        retired = retiring.retire(
            omtm,
            lesson=given.lesson,
            reason=given.reason,
            actor=actor,
            today=today,
            outcome=given.outcome,
            outcome_reason=given.outcome_reason,
            stop_reason=given.stop_reason,
            said=retiring.Said(given.verdict, given.answers, given.decision),
            seen=seen,
        )
        minuting.tell(retired.reviews.get(kind="closing"))
        if given.decision == "renew":
            return succeeding.renew(retired, actor=actor, today=today)
        if given.decision == "replace":
            return succeeding.replace(retired, actor=actor, today=today)
    return retired


def _extend(omtm: Omtm, given: Closing, *, actor: Any, today: date) -> Omtm:
    demand(given.extend_to, "Choose the new last day.", "extend_to")
    assert given.extend_to is not None
    reason = given.reason.strip()
    short = reason if len(reason) <= MOST_REASON else f"{reason[: MOST_REASON - 1]}…"
    try:
        return goal_posts.extend(omtm, end=given.extend_to, reason=short, actor=actor, today=today)
    except LifecycleError as error:
        raise LifecycleError(str(error), "extend_to" if error.field == "end" else error.field) from error
