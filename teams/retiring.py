"""Retiring an OMTM: its outcome is computed, confirmed by people, and its record frozen (domain 3.6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from metrics import auditing
from metrics.models import Company
from northstar.lib import clock
from teams import concluding, predicting
from teams.lifecycle import LifecycleError, demand, locked
from teams.models import Omtm, Reminder, Review
from teams.models.omtm import OUTCOMES, STOP_REASONS

COMPUTED_ON_STOP = "target_early"


def retire(
    omtm: Omtm,
    *,
    lesson: str,
    reason: str,
    actor: Any,
    today: date,
    outcome: str = "",
    outcome_reason: str = "",
    stop_reason: str = "",
) -> Omtm:
    """Close a running OMTM with its outcome, lesson and reason, and freeze its record.

    Before its end it needs a `stop_reason` and is abandoned, unless the target was reached early. An
    `outcome` that differs from the computed one needs an `outcome_reason`; both are kept. Raises
    LifecycleError.
    """
    demand(lesson.strip(), "Write what another team should learn from it.", "lesson")
    demand(reason.strip(), "Write what happened, in two sentences.", "reason")
    with transaction.atomic():
        omtm = locked(omtm)
        if omtm.state not in ("active", "in_review"):
            raise LifecycleError(
                f"{omtm} is {omtm.state.replace('_', ' ')}; only a running focus is retired."
            )
        early = today <= omtm.end
        if early and stop_reason not in STOP_REASONS:
            raise LifecycleError("Its window is still open: say why it ends early.", "stop_reason")
        before, now = {"state": omtm.state}, clock.now()
        concluding.settle(omtm, abandoned=early and stop_reason != COMPUTED_ON_STOP, now=now)
        _confirm(omtm, outcome, outcome_reason)
        omtm.state, omtm.retired_at, omtm.retired_by = "retired", now, actor
        omtm.stop_reason = stop_reason if early else ""
        omtm.retire_reason, omtm.lesson = reason, lesson
        omtm.save()
        predicting.expect(omtm, Company.current())
        _close(omtm, actor=actor, now=now, note=reason)
        after = {"state": omtm.state, "outcome": omtm.outcome, "final_reading": omtm.final_reading}
        after["at_a_cost"] = omtm.guardrail_breach
        auditing.record("omtm.retired", omtm, actor=actor, before=before, after=after, reason=lesson)
    return omtm


def _confirm(omtm: Omtm, outcome: str, outcome_reason: str) -> None:
    """The outcome that people confirm; one that differs from the computed one needs a reason."""
    computed = omtm.outcome_computed
    if outcome and outcome not in OUTCOMES:
        raise LifecycleError("Choose one of the outcomes.", "outcome")
    differs = bool(outcome) and outcome != computed
    if differs and not outcome_reason.strip():
        sentence = f"The numbers say {OUTCOMES[computed].lower()}. Say why the outcome differs."
        raise LifecycleError(sentence, "outcome_reason")
    omtm.outcome, omtm.outcome_reason = outcome or computed, outcome_reason if differs else ""


def _close(omtm: Omtm, *, actor: Any, now: datetime, note: str) -> None:
    """The closing review is held with the retirement, and nobody is reminded any more."""
    review, _ = Review.objects.get_or_create(
        omtm=omtm, kind="closing", defaults={"due_on": omtm.review_due_on, "is_demo": omtm.is_demo}
    )
    review.held_at, review.held_by, review.decision, review.note = now, actor, "retire", note
    review.save(update_fields=["held_at", "held_by", "decision", "note"])
    Reminder.objects.filter(omtm=omtm, closed_at=None).update(closed_at=now)
