"""Moving what was promised: a longer window, another target. Each leaves a row in the ledger (domain 3.1).

The old target and the old end stay in the GoalChange row and are drawn from it; the people of the team are
asked again whether they are in.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from metrics import auditing, formatting
from metrics.models import Company
from northstar.lib import clock, periods
from northstar.lib.datewords import long_date_words
from northstar.lib.windows import window_bounds
from teams import betting, checking, evaluating, room
from teams.findings import Weighed
from teams.idea import plan_of
from teams.lifecycle import ASK_A_LEADER, advance, demand_open, locked, needs_no_leader, queue_at
from teams.models import GoalChange, Omtm, Reminder, Review
from teams.models.omtm import RUNNING
from teams.refusing import LifecycleError, demand
from teams.reminders import rules

#: A target may move in the first quarter of its window (domain 3.1); later only for a corrected metric.
EARLY = 4
_OF_THE_END = (rules.TWO_WEEKS_LEFT, rules.WINDOW_ENDED, rules.REVIEW_OVERDUE, rules.REVIEW_ESCALATED)


def extend(omtm: Omtm, *, end: date, reason: str, actor: Any, today: date) -> Omtm:
    """Give a running bet more time, once, up to six months from its first day. Raises LifecycleError.

    Its review moves along; one that is open already is closed again. The outcome is judged against both ends.
    """
    demand(reason.strip(), "Write why it needs more time.", "reason")
    advance(today)
    with transaction.atomic():
        queue_at(omtm.team)
        omtm = locked(omtm)
        demand_open(omtm, RUNNING, "Only a running focus is extended.")
        demand(needs_no_leader(actor, omtm), ASK_A_LEADER, "")
        _demand_end(omtm, end, today)
        before, was = omtm.state, omtm.end
        omtm.original_end, omtm.end, omtm.state = was, end, "active"
        if before == "in_review":
            omtm.review_opened_at, omtm.review_reason = None, ""
        _keep(omtm, "window", {"end": was}, {"end": end}, reason=reason, actor=actor, today=today)
        _move_review(omtm, today)
        changed = {"before": {"state": before, "end": was}, "after": {"state": "active", "end": end}}
        auditing.record("omtm.extended", omtm, actor=actor, reason=reason.strip(), **changed)
    evaluating.evaluate_these([omtm.pk], now=clock.now())
    return omtm


def retarget(
    omtm: Omtm,
    *,
    reason: str,
    actor: Any,
    today: date,
    target: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    correction: bool = False,
) -> Omtm:
    """Aim for something else in the first quarter of the window, or after a `correction` of the metric.

    The old target stays in the ledger. Raises LifecycleError.
    """
    demand(reason.strip(), "Write why the target moves.", "reason")
    advance(today)
    with transaction.atomic():
        omtm = locked(omtm)
        demand_open(omtm, ("active",), "Only the target of a running focus can move.")
        demand(needs_no_leader(actor, omtm), ASK_A_LEADER, "")
        _demand_early(omtm, today, correction=correction)
        before = _goal(omtm)
        ranged = omtm.direction == "range"
        omtm.target, omtm.low, omtm.high = (None, low, high) if ranged else (target, None, None)
        _demand_goal(omtm)
        after = _goal(omtm)
        demand(before != after, "That is what it aims for already.", "low" if ranged else "target")
        words = f"Metric corrected: {reason.strip()}" if correction else reason.strip()
        _keep(omtm, "target", before, after, reason=words, actor=actor, today=today)
        auditing.record("omtm.retargeted", omtm, actor=actor, before=before, after=after, reason=words)
    evaluating.evaluate_these([omtm.pk], now=clock.now())
    return omtm


def last_free_day(omtm: Omtm) -> date:
    """The last day on which the target may move without a corrected metric: a quarter of the window."""
    first_window = (omtm.original_end or omtm.end) - omtm.start
    return omtm.start + periods.A_DAY * max(0, (first_window.days + 1) // EARLY - 1)


def last_end(omtm: Omtm) -> date:
    """The latest day to which it can be extended: six months from its first day (domain 3.3)."""
    return window_bounds(omtm.start)[1]


def _demand_end(omtm: Omtm, end: date, today: date) -> None:
    if omtm.original_end is not None:
        was = formatting.day_words(omtm.original_end)
        raise LifecycleError(f"{omtm} was extended already, from {was}; a window is extended once.", "end")
    latest = last_end(omtm)
    if end <= omtm.end:
        raise LifecycleError(f"Choose a day after {long_date_words(omtm.end)}, when it ends now.", "end")
    if end > latest:
        raise LifecycleError(
            f"A window lasts at most six months from its first day: until {long_date_words(latest)}.", "end"
        )
    if end < today:
        raise LifecycleError("That day is past: choose today or a later one.", "end")
    place = room.room_for(omtm.team, start=omtm.start, end=end, today=today, moved=omtm)
    if place.refusal:
        raise LifecycleError(place.refusal, "end")


def _demand_early(omtm: Omtm, today: date, *, correction: bool) -> None:
    if not correction and today > last_free_day(omtm):
        raise LifecycleError(
            "A target moves in the first quarter of its window, until "
            f"{long_date_words(last_free_day(omtm))}; after that only where the metric itself was corrected."
        )


def _demand_goal(omtm: Omtm) -> None:
    """The rules that held for the first target hold for this one, against the frozen baseline."""
    bet = betting.Bet(
        omtm.team, omtm.metric, omtm.start, omtm.end, omtm.target, omtm.low, omtm.high, plan=plan_of(omtm)
    )
    weighed = Weighed(bet=bet, outcome_weeks=omtm.outcome_weeks, baseline=omtm.baseline)
    for check in checking.goal(weighed):
        raise LifecycleError(check.sentence, check.field)


def _keep(
    omtm: Omtm,
    kind: str,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    reason: str,
    actor: Any,
    today: date,
) -> None:
    """The row of the ledger, and the row of the OMTM, whose people are asked again."""
    omtm.commitment_round += 1
    omtm.save()
    GoalChange.objects.create(
        omtm=omtm,
        kind=kind,
        day=today,
        before=_text(before),
        after=_text(after),
        reason=reason.strip(),
        actor=actor,
    )


def _move_review(omtm: Omtm, today: date) -> None:
    """The reviews follow the new end; what was asked because of the old one is over."""
    Review.objects.filter(omtm=omtm, kind="closing", held_at=None).update(due_on=omtm.review_due_on)
    middle = rules.half_way_day(omtm.start, omtm.end, Company.current().country)
    Review.objects.filter(omtm=omtm, kind="midpoint", held_at=None).update(due_on=middle)
    Reminder.objects.filter(omtm=omtm, rule__in=_OF_THE_END, closed_at=None).update(closed_at=clock.now())


def _goal(omtm: Omtm) -> dict[str, Any]:
    names = ("low", "high") if omtm.direction == "range" else ("target",)
    return {name: getattr(omtm, name) for name in names}


def _text(values: dict[str, Any]) -> dict[str, str | None]:
    return {
        name: None
        if value is None
        else format(value.normalize(), "f")
        if isinstance(value, Decimal)
        else str(value)
        for name, value in values.items()
    }
