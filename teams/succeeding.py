"""What follows a retired bet: the same metric again with what was learnt, or another one (domain 3.1)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from metrics import auditing
from northstar.lib import periods
from teams.drafting import draft
from teams.idea import USUAL_MONTHS, Idea, idea_of, next_monday
from teams.lifecycle import demand_open, locked
from teams.models import Omtm
from teams.refusing import LifecycleError

RENEW, REPLACE = "renew", "replace"
DEEDS = {RENEW: "omtm.renewed", REPLACE: "omtm.replaced"}


def renew(omtm: Omtm, *, actor: Any, today: date) -> Omtm:
    """A draft for the same metric, from where the last bet left it to a target to be named.

    Raises LifecycleError unless it is retired, or where something follows it already.
    """
    with transaction.atomic():
        omtm = _ended(omtm)
        before = idea_of(omtm)
        start = next_monday(today)
        months = periods.window_months(omtm.start, omtm.original_end or omtm.end) or USUAL_MONTHS
        same = ("metric", "why", "kill_criterion", "stage", "driver", "reach_unit", "guardrails", "plan")
        told = {name: getattr(before, name) for name in (*same, "no_guardrail_reason", "owner")}
        total = omtm.outcome_rule == "total"
        if omtm.final_reading is not None and not total:
            told |= {"baseline": omtm.final_reading, "baseline_reason": f"Final reading of {omtm.name}"[:200]}
        idea = Idea(name=omtm.name, start=start, end=periods.window_end(start, months), **told)
        return _follow(omtm, idea, RENEW, reason="", actor=actor, today=today)


def replace(omtm: Omtm, *, actor: Any, today: date, metric_idea: str = "", reason: str = "") -> Omtm:
    """A draft for another metric, in words as long as it is not chosen. Raises LifecycleError as `renew`."""
    with transaction.atomic():
        omtm = _ended(omtm)
        words = metric_idea.strip() or f"What follows {omtm.name}"
        idea = Idea(metric_idea=words[:200], why=reason.strip(), owner=omtm.owner)
        return _follow(omtm, idea, REPLACE, reason=reason.strip(), actor=actor, today=today)


def follower(omtm: Omtm) -> Omtm | None:
    """What follows it already, unless that was withdrawn."""
    return omtm.successors.exclude(state="withdrawn").order_by("id").first()


def _ended(omtm: Omtm) -> Omtm:
    omtm = locked(omtm)
    demand_open(omtm, ("retired",), "Only a retired focus is followed by the next one.")
    after = follower(omtm)
    if after is not None:
        raise LifecycleError(f"{after} follows it already.")
    return omtm


def _follow(omtm: Omtm, idea: Idea, how: str, *, reason: str, actor: Any, today: date) -> Omtm:
    made = draft(omtm.team, idea, actor=actor, today=today)
    made.predecessor, made.succession = omtm, how
    made.save(update_fields=["predecessor", "succession"])
    auditing.record(DEEDS[how], omtm, actor=actor, after={"successor": made.pk}, reason=reason)
    return made
