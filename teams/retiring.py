"""Retiring an OMTM: its outcome is computed, confirmed by people, and its record frozen (domain 3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from metrics import auditing
from metrics.models import Company
from northstar.lib import clock
from teams import autosaving, concluding, minutes, predicting, review_facts
from teams.lifecycle import locked
from teams.models import Omtm, Reminder, Review
from teams.models.omtm import OUTCOMES, STOP_REASONS, VERDICTS
from teams.refusing import LifecycleError, demand

COMPUTED_ON_STOP = "target_early"


@dataclass(frozen=True, slots=True)
class Said:
    """What people made of it beside what happened and what was learnt."""

    verdict: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    decision: str = "retire"


NOTHING_MORE = Said()


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
    said: Said = NOTHING_MORE,
    seen: int | None = None,
) -> Omtm:
    """Close a running OMTM with its outcome, lesson and reason, and freeze its record and closing review.

    Before its end it needs a `stop_reason` and is abandoned, unless the target was reached early. An
    `outcome` that differs from the computed one needs an `outcome_reason`; both are kept. `seen` is the
    number of the draft that the answers were typed over. Raises LifecycleError, autosaving.DraftConflict.
    """
    demand(lesson.strip(), "Write what another team should learn from it.", "lesson")
    demand(reason.strip(), "Write what happened, in two sentences.", "reason")
    demand(said.verdict in ("", *VERDICTS), "Choose whether we were right.", "verdict")
    with transaction.atomic():
        omtm = locked(omtm)
        if omtm.state not in ("active", "in_review"):
            raise LifecycleError(
                f"{omtm} is {omtm.state.replace('_', ' ')}; only a running focus is retired."
            )
        early = today <= omtm.end
        if early and stop_reason not in STOP_REASONS:
            raise LifecycleError("Its window is still open: say why it ends early.", "stop_reason")
        review = _closing_review(omtm)
        autosaving.demand_seen(review, seen=seen, actor=actor, company=Company.current())
        before, now = {"state": omtm.state}, clock.now()
        concluding.settle(omtm, abandoned=early and stop_reason != COMPUTED_ON_STOP, now=now)
        facts = review_facts.recorded(omtm, omtm.snapshot, company=Company.current(), now=now)
        _confirm(omtm, outcome, outcome_reason)
        omtm.state, omtm.retired_at, omtm.retired_by = "retired", now, actor
        omtm.stop_reason, omtm.verdict = stop_reason if early else "", said.verdict
        omtm.retire_reason, omtm.lesson = reason, lesson
        omtm.save()
        predicting.expect(omtm, Company.current())
        _close(review, omtm, facts, said, actor=actor, now=now)
        after = {"state": omtm.state, "outcome": omtm.outcome, "final_reading": omtm.final_reading}
        after["at_a_cost"] = omtm.guardrail_breach
        auditing.record("omtm.retired", omtm, actor=actor, before=before, after=after, reason=lesson)
    return omtm


def record_of(review: Review, omtm: Omtm, facts: review_facts.Facts) -> None:
    """Put frozen facts and minutes on the unsaved closing review of an OMTM whose outcome is confirmed."""
    differs = omtm.outcome != omtm.outcome_computed
    review.facts = facts | {
        "outcome_confirmed": omtm.outcome_words,
        "outcome_pill": omtm.outcome_pill,
        "outcome_computed": OUTCOMES[omtm.outcome_computed] if differs else "",
        "outcome_why": omtm.outcome_reason,
        "lesson": omtm.lesson,
    }
    review.minutes = minutes.of_closing(
        review.facts, review.answers, note=review.note, lesson=omtm.lesson, decision=review.decision
    )


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


def _closing_review(omtm: Omtm) -> Review:
    """The closing review under its lock: who types into it at this moment waits, and is then told."""
    Review.objects.get_or_create(
        omtm=omtm, kind="closing", defaults={"due_on": omtm.review_due_on, "is_demo": omtm.is_demo}
    )
    rows = Review.objects.select_for_update(of=("self",)).select_related("draft_by")
    return rows.get(omtm=omtm, kind="closing")


def _close(
    review: Review, omtm: Omtm, facts: review_facts.Facts, said: Said, *, actor: Any, now: datetime
) -> None:
    """The closing review is held with the retirement, and nobody is reminded any more."""
    review.held_at, review.held_by = now, actor
    review.decision, review.note = said.decision, omtm.retire_reason
    review.answers, review.draft = dict(said.answers), {}
    record_of(review, omtm, facts)
    review.save()
    Reminder.objects.filter(omtm=omtm, closed_at=None).update(closed_at=now)
