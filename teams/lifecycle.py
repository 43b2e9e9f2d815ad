"""The verbs of an OMTM: start, approve, advance with the calendar, open its review, withdraw (domain 3.1).

Candidates come from `drafting`, `goal_posts` moves what was promised, `retiring` ends it. Each verb checks
the state in its own transaction, under a lock on the row, and leaves an audit row. Two people at once: the
database lets one of them through, the other one is told why.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from metrics import auditing
from metrics.models import ChartDocument, Company
from northstar.lib import clock, policy
from teams import charting, checking, committing, concluding, evaluating, freezing, ranking, room
from teams.findings import Weighed
from teams.idea import Idea, idea_of, keep_guardrails
from teams.middleware import subject_for
from teams.models import Omtm, Review, Team
from teams.models.omtm import CANDIDATE
from teams.refusing import LifecycleError, demand

log = logging.getLogger(__name__)

#: Terms that people were asked about when they said whether they are in.
ASKED_ABOUT = ("metric", "target", "low", "high", "start", "end")
REVIEW_DUE = timedelta(days=14)
ASK_A_LEADER = "Your company lets a leader decide this. Ask one of them."

__all__ = ["LifecycleError", "advance", "approve", "demand", "open_review", "start_omtm", "withdraw"]


def start_omtm(
    team: Team,
    idea: Idea,
    *,
    actor: Any,
    today: date,
    candidate: Omtm | None = None,
    choice_reason: str = "",
) -> Omtm:
    """Commit a team to an idea, or to one of its candidates with what the idea says now.

    Active when the window has begun, else committed until it does; where the company asks for two keys and
    the actor is no leader, proposed and waiting for one. Freezes baseline, definition, unit, direction and
    outcome weeks. Raises LifecycleError with the first thing that stands against it.
    """
    freezing.demand_answers(idea)
    advance(today)
    try:
        with transaction.atomic():
            omtm = _row(team, candidate, actor=actor)
            demand_open(omtm, CANDIDATE, "It is decided already.")
            _demand_choice(omtm, idea, choice_reason)
            _commit(omtm, idea, actor=actor, today=today, approved=needs_no_leader(actor, omtm))
    except IntegrityError as error:
        raise LifecycleError(_taken(team)) from error
    if omtm.state != "proposed":
        evaluating.evaluate_these([omtm.pk], now=clock.now())
    return omtm


def approve(omtm: Omtm, *, actor: Any, today: date) -> Omtm:
    """The second key: a leader commits what the lead has asked for. Raises LifecycleError."""
    advance(today)
    try:
        with transaction.atomic():
            omtm = _row(omtm.team, omtm, actor=actor)
            if omtm.state != "proposed" or omtm.approval_asked_at is None:
                raise LifecycleError(f"{omtm} does not wait for approval any more. Look again.")
            demand(needs_no_leader(actor, omtm), ASK_A_LEADER, "")
            omtm.approved_by = actor
            _commit(omtm, idea_of(omtm), actor=actor, today=today, approved=True)
    except IntegrityError as error:
        raise LifecycleError(_taken(omtm.team)) from error
    evaluating.evaluate_these([omtm.pk], now=clock.now())
    return omtm


def advance(today: date) -> list[Omtm]:
    """Move every OMTM to the state that the calendar asks for; returns those that moved."""
    moved = []
    waiting = Omtm.objects.filter(state="committed", start__lte=today)
    ended = Omtm.objects.filter(state="active", end__lt=today)
    # Ends before starts: the next window of a team may begin on the day after the last one.
    steps = [(pk, _end) for pk in ended.values_list("pk", flat=True)]
    steps += [(pk, _activate) for pk in waiting.order_by("start", "id").values_list("pk", flat=True)]
    for pk, step in steps:
        try:
            with transaction.atomic():
                omtm = Omtm.objects.select_for_update(of=("self",)).select_related("metric").get(pk=pk)
                if step(omtm, today):
                    moved.append(omtm)
        except IntegrityError:
            # The team still has an active one (it was let in by hand): this one waits for its end.
            continue
        except Exception:
            log.exception("OMTM %s could not be moved on", pk)
    return moved


def open_review(omtm: Omtm, *, reason: str, actor: Any, today: date) -> Omtm:
    """Open the closing review before the window ends; due in two weeks. Raises LifecycleError."""
    demand(reason.strip(), "Write why it is reviewed before its window ends.", "reason")
    advance(today)
    with transaction.atomic():
        omtm = locked(omtm)
        demand_open(omtm, ("active",), "Only a running focus is reviewed.")
        omtm.review_reason = reason.strip()
        _review(omtm, due_on=min(today + REVIEW_DUE, omtm.review_due_on), actor=actor)
    return omtm


def withdraw(omtm: Omtm, *, reason: str, actor: Any, today: date) -> Omtm:
    """Take back a candidate, or a commitment whose window has not begun. Raises LifecycleError."""
    demand(reason.strip(), "Write why it is withdrawn.", "reason")
    advance(today)
    with transaction.atomic():
        omtm = locked(omtm)
        if omtm.state not in (*CANDIDATE, "committed"):
            over = omtm.state in ("retired", "withdrawn")
            raise LifecycleError(
                f"{omtm} is {omtm.state} already." if over else f"{omtm} has begun; retire it instead."
            )
        before, omtm.state, omtm.retire_reason = omtm.state, "withdrawn", reason.strip()
        omtm.save(update_fields=["state", "retire_reason"])
        ChartDocument.objects.filter(key=charting.key_of(omtm)).delete()
        changed = {"before": {"state": before}, "after": {"state": "withdrawn"}}
        auditing.record("omtm.withdrawn", omtm, actor=actor, reason=omtm.retire_reason, **changed)
    return omtm


def needs_no_leader(actor: Any, omtm: Omtm) -> bool:
    """Whether this person's word is enough to decide; nobody is the product itself."""
    if actor is None or not Company.current().two_key_commit:
        return True
    return policy.may(subject_for(actor), "omtm.approve", omtm)


def locked(omtm: Omtm) -> Omtm:
    """The row under its lock, with metric and team; inside a transaction."""
    return Omtm.objects.select_for_update(of=("self",)).select_related("metric", "team").get(pk=omtm.pk)


def queue_at(team: Team) -> None:
    """Wait until nobody else decides for this team: whoever comes second sees what the first has done."""
    Team.objects.select_for_update().get(pk=team.pk)


def demand_open(omtm: Omtm, states: tuple[str, ...], sentence: str) -> None:
    """Raise LifecycleError, with the state that it is in, unless it is in one of these."""
    if omtm.state not in states:
        raise LifecycleError(f"{omtm} is {omtm.state.replace('_', ' ')}. {sentence}")


def _row(team: Team, candidate: Omtm | None, *, actor: Any) -> Omtm:
    """The row that is decided about, under the lock of its team: a new one, or the candidate's."""
    queue_at(team)
    if candidate is None:
        return Omtm(team=team, state="draft", created_by=actor)
    omtm = locked(candidate)
    if omtm.team_id != team.pk:
        raise LifecycleError("This candidate belongs to another team.")
    return omtm


def _demand_choice(omtm: Omtm, idea: Idea, choice_reason: str) -> None:
    """A candidate chosen against the ranking says why, and has the quorum that the company asks for."""
    known = omtm if omtm.pk else None
    if known is not None and Company.current().commitment_quorum and differs(known, idea):
        raise LifecycleError(f"The team answered to other terms: keep them in {known} and ask it again.")
    omtm.choice_reason = choice_reason.strip() or omtm.choice_reason
    if known is not None:
        ranking.demand_reason(known, omtm.choice_reason, company=Company.current(), now=clock.now())
    committing.demand_quorum(known)


def differs(omtm: Omtm, idea: Idea) -> bool:
    """Whether an idea asks people for something else than the row does."""
    return any(getattr(omtm, name) != getattr(idea, name) for name in ASKED_ABOUT)


def _commit(omtm: Omtm, idea: Idea, *, actor: Any, today: date, approved: bool) -> None:
    bet = idea.bet(omtm.team)
    assert bet is not None  # demand_answers has asked for metric and window
    weighed = checking.weigh(bet, today=today, now=clock.now())
    if weighed.blocks:
        raise LifecycleError(weighed.blocks[0].sentence, weighed.blocks[0].field)
    before = {"state": omtm.state} if omtm.pk else {}
    for name, value in idea.fields(today).items():
        setattr(omtm, name, value)
    omtm.owner = omtm.owner or actor
    action = _decide(omtm, idea, weighed, today=today) if approved else _ask(omtm, actor)
    omtm.save()
    keep_guardrails(omtm, bet.limits)
    after = freezing.told(omtm, weighed)
    auditing.record(f"omtm.{action}", omtm, actor=actor, before=before, after=after, reason=omtm.why)


def _decide(omtm: Omtm, idea: Idea, weighed: Weighed, *, today: date) -> str:
    """Freeze what was promised; returns the state."""
    bet, now = weighed.bet, clock.now()
    place = room.room_for(bet.team, start=bet.start, end=bet.end, today=today)
    for name, value in freezing.frozen(idea, weighed).items():
        setattr(omtm, name, value)
    omtm.slot, omtm.exception = place.slot, place.exception
    omtm.state = "active" if bet.start <= today else "committed"
    omtm.committed_at, omtm.activated_at = now, now if omtm.state == "active" else None
    omtm.approval_asked_at = None
    return omtm.state


def _ask(omtm: Omtm, actor: Any) -> str:
    """The lead has turned the first key; a leader turns the second one."""
    now = clock.now()
    omtm.proposed_at = omtm.proposed_at or now
    omtm.state, omtm.approval_asked_at, omtm.approval_asked_by = "proposed", now, actor
    return "approval_asked"


def _activate(omtm: Omtm, today: date) -> bool:
    if omtm.state != "committed" or omtm.start > today:
        return False
    beside = Omtm.objects.active().filter(team=omtm.team_id).select_related("exception").first()
    if beside is not None and not (room.covered(omtm, today) or room.covered(beside, today)):
        return False  # its exception is over: it waits for the other one's end
    omtm.state, omtm.activated_at = "active", clock.now()
    omtm.save(update_fields=["state", "activated_at"])
    auditing.record("omtm.active", omtm, before={"state": "committed"}, after={"state": "active"})
    return True


def _end(omtm: Omtm, today: date) -> bool:
    if omtm.state != "active" or omtm.end >= today:
        return False
    _review(omtm, due_on=omtm.review_due_on, actor=None)
    return True


def _review(omtm: Omtm, *, due_on: date, actor: Any) -> None:
    now = clock.now()
    record, _ = concluding.freeze(omtm, now=now)
    omtm.state, omtm.review_opened_at, omtm.snapshot = "in_review", now, record
    omtm.save(update_fields=["state", "review_opened_at", "review_reason", "snapshot"])
    Review.objects.update_or_create(
        omtm=omtm,
        kind="closing",
        defaults={"due_on": due_on},
        create_defaults={"due_on": due_on, "is_demo": omtm.is_demo},
    )
    changed = {"before": {"state": "active"}, "after": {"state": "in_review"}}
    auditing.record(
        "omtm.in_review", omtm, actor=actor, reason=omtm.review_reason if actor else "", **changed
    )


def _taken(team: Team) -> str:
    other = team.omtms.filter(state="active").first()
    return (
        room.already_pushes(team, other) if other else f"{team} has just started another focus. Look again."
    )
