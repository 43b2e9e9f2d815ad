"""Candidates: an idea is kept, said better, proposed, and sent back to be thought over (domain 3.1)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from metrics import auditing
from metrics.models import ChartDocument
from northstar.lib import clock
from teams import charting, checking, scoring
from teams.freezing import UNDECIDED
from teams.idea import Idea, idea_of, keep_guardrails
from teams.lifecycle import ASKED_ABOUT, advance, demand_open, locked
from teams.models import Omtm, Team
from teams.models.omtm import CANDIDATE
from teams.refusing import LifecycleError, demand

__all__ = ["Idea", "draft", "edit", "propose", "send_back"]

#: Answers without which nobody can say what is proposed; window and room are looked at with the commitment.
_PROPOSED = (
    "metric",
    "target",
    "low",
    "high",
    "baseline",
    "rule",
    "shape",
    "lag_days",
    "milestones",
    "wrong_by",
)
_KEPT = ("name", "metric_id", "target", "low", "high", "start", "end", "why")


def draft(team: Team, idea: Idea, *, actor: Any, today: date) -> Omtm:
    """Keep an idea of a team as a draft. Raises LifecycleError where it says neither metric nor idea."""
    _demand_a_thought(idea)
    with transaction.atomic():
        omtm = Omtm(team=team, state="draft", created_by=actor, **idea.fields(today))
        omtm.save(force_insert=True)
        keep_guardrails(omtm, tuple(idea.guardrails))
        auditing.record("omtm.drafted", omtm, actor=actor, after={"state": "draft"} | _kept(omtm))
    return omtm


def edit(omtm: Omtm, idea: Idea, *, actor: Any, today: date | None = None) -> Omtm:
    """Say a candidate anew; who had answered to other terms is asked again. Raises LifecycleError."""
    _demand_a_thought(idea)
    with transaction.atomic():
        omtm = locked(omtm)
        demand_open(omtm, CANDIDATE, "Only a candidate can be changed.")
        before, terms = _kept(omtm), [getattr(omtm, name) for name in ASKED_ABOUT]
        for name, value in idea.fields(today or omtm.start).items():
            setattr(omtm, name, value)
        if omtm.state == "proposed":
            _demand_proposable(omtm, idea, today or clock.now().date())
        if terms != [getattr(omtm, name) for name in ASKED_ABOUT]:
            omtm.commitment_round += 1
        # A leader approves what was asked for, not what it became meanwhile.
        omtm.approval_asked_at = omtm.approval_asked_by = None
        omtm.save()
        keep_guardrails(omtm, tuple(idea.guardrails))
        changed = {name: value for name, value in _kept(omtm).items() if before[name] != value}
        was = {name: before[name] for name in changed}
        auditing.record("omtm.edited", omtm, actor=actor, before=was, after=changed)
    return omtm


def propose(omtm: Omtm, *, actor: Any, today: date) -> Omtm:
    """Show a draft to the team and its leads as a proposal. Raises LifecycleError where something lacks."""
    with transaction.atomic():
        omtm = locked(omtm)
        demand_open(omtm, ("draft",), "Only a draft is proposed.")
        _demand_proposable(omtm, idea_of(omtm), today)
        omtm.state, omtm.proposed_at = "proposed", clock.now()
        omtm.save(update_fields=["state", "proposed_at"])
        scoring.open_round(omtm, now=omtm.proposed_at)
        changed = {"before": {"state": "draft"}, "after": {"state": "proposed"}}
        auditing.record("omtm.proposed", omtm, actor=actor, reason=omtm.why, **changed)
    return omtm


def send_back(omtm: Omtm, *, reason: str, actor: Any, today: date) -> Omtm:
    """Make a proposal, or a commitment that has not begun, a draft again. Raises LifecycleError.

    Of a commitment nothing stays frozen, and its people are asked anew.
    """
    demand(reason.strip(), "Write what is to be thought over.", "reason")
    advance(today)
    with transaction.atomic():
        omtm = locked(omtm)
        demand_open(omtm, ("proposed", "committed"), "Only what has not begun goes back to draft.")
        before = omtm.state
        if before == "committed":
            _thaw(omtm)
        omtm.state = "draft"
        omtm.proposed_at = omtm.approval_asked_at = omtm.approval_asked_by = None
        omtm.save()
        changed = {"before": {"state": before}, "after": {"state": "draft"}}
        auditing.record("omtm.sent_back", omtm, actor=actor, reason=reason.strip(), **changed)
    return omtm


def _thaw(omtm: Omtm) -> None:
    """Nothing is promised any more; a baseline that somebody set by hand stays as their answer."""
    for name, value in UNDECIDED.items():
        setattr(omtm, name, value)
    if not omtm.baseline_reason:
        omtm.baseline = None
    omtm.slot, omtm.exception = 1, None
    omtm.commitment_round += 1
    ChartDocument.objects.filter(key=charting.key_of(omtm)).delete()


def _demand_a_thought(idea: Idea) -> None:
    sentence = "Choose a metric, or write what you would measure."
    demand(idea.metric or idea.metric_idea.strip(), sentence, "metric")


def _demand_proposable(omtm: Omtm, idea: Idea, today: date) -> None:
    demand(idea.metric, "Choose a metric: an idea in words cannot be proposed yet.", "metric")
    demand(idea.why.strip(), "Write why this metric, and what will move it.", "why")
    bet = idea.bet(omtm.team)
    assert bet is not None  # a row has its dates
    for check in checking.weigh(bet, today=today, now=clock.now()).blocks:
        if check.field in _PROPOSED:
            raise LifecycleError(check.sentence, check.field)


def _kept(omtm: Omtm) -> dict[str, Any]:
    return {name.removesuffix("_id"): getattr(omtm, name) for name in _KEPT}
