"""The verbs of an OMTM: start, advance with the calendar, withdraw (domain 3.1); `retiring` ends it.

Each checks the state in its own transaction, under a lock on the row, and leaves an audit row. Two people at
once: the database lets one of them through, the other one is told why.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from metrics import auditing
from metrics.models import ChartDocument, Metric
from northstar.lib import clock
from teams import betting, charting, checking, concluding, evaluating
from teams.betting import USUAL, Bet, Limit, Plan
from teams.findings import Weighed
from teams.models import Guardrail, Omtm, Review, Team
from teams.refusing import LifecycleError, demand

log = logging.getLogger(__name__)

MOST_GUARDRAILS = 3


def start_omtm(
    team: Team,
    *,
    metric: Metric,
    start: date,
    end: date,
    why: str,
    actor: Any,
    today: date,
    target: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    guardrails: Sequence[Limit] = (),
    no_guardrail_reason: str = "",
    owner: Any = None,
    baseline: Decimal | None = None,
    baseline_reason: str = "",
    name: str = "",
    plan: Plan = USUAL,
) -> Omtm:
    """Commit a team to a metric: active when the window has begun, else committed until it does.

    Freezes baseline, definition, unit, direction and outcome weeks. Raises LifecycleError with the first
    thing that stands against it.
    """
    bet = Bet(team, metric, start, end, target, low, high, tuple(guardrails), baseline, plan)
    _demand_answers(bet, why=why, no_guardrail_reason=no_guardrail_reason, baseline_reason=baseline_reason)
    advance(today)
    terms = {
        "name": name or metric.name,
        "why": why,
        "no_guardrail_reason": "" if guardrails else no_guardrail_reason,
        "owner": owner or actor,
        "created_by": actor,
        "baseline_reason": baseline_reason if baseline is not None else "",
    }
    try:
        omtm = _commit(bet, terms, actor=actor, today=today)
    except IntegrityError as error:
        raise LifecycleError(_taken(team)) from error
    evaluating.evaluate_these([omtm.pk], now=clock.now())
    return omtm


def advance(today: date) -> list[Omtm]:
    """Move every OMTM to the state that the calendar asks for; returns those that moved."""
    moved = []
    waiting = Omtm.objects.filter(state="committed", start__lte=today)
    ended = Omtm.objects.filter(state="active", end__lt=today)
    # Ends before starts: the next window of a team may begin on the day after the last one.
    steps = [(pk, _open_review) for pk in ended.values_list("pk", flat=True)]
    steps += [(pk, _activate) for pk in waiting.order_by("start").values_list("pk", flat=True)]
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


def withdraw(omtm: Omtm, *, reason: str, actor: Any, today: date) -> Omtm:
    """Take back a commitment whose window has not begun. Raises LifecycleError."""
    demand(reason.strip(), "Write why it is withdrawn.", "reason")
    with transaction.atomic():
        omtm = locked(omtm)
        if omtm.state != "committed" or omtm.start <= today:
            raise LifecycleError(f"{omtm} has begun; retire it instead.")
        omtm.state, omtm.retire_reason = "withdrawn", reason
        omtm.save(update_fields=["state", "retire_reason"])
        ChartDocument.objects.filter(key=charting.key_of(omtm)).delete()
        auditing.record("omtm.withdrawn", omtm, actor=actor, before={"state": "committed"}, reason=reason)
    return omtm


def _demand_answers(bet: Bet, *, why: str, no_guardrail_reason: str, baseline_reason: str) -> None:
    demand(why.strip(), "Write why this metric, and what will move it.", "why")
    if not bet.limits:
        sentence = "Name one to three metrics that must not get worse, or say why there are none."
        demand(no_guardrail_reason.strip(), sentence, "no_guardrail_reason")
    if len(bet.limits) > MOST_GUARDRAILS:
        raise LifecycleError("At most three guardrails: more are not watched.", "guardrails")
    if len({limit.metric.pk for limit in bet.limits}) < len(bet.limits):
        raise LifecycleError("A metric can be a guardrail once.", "guardrails")
    if bet.metric.pk in {limit.metric.pk for limit in bet.limits}:
        raise LifecycleError("The metric that you push cannot be its own guardrail.", "guardrails")
    if bet.baseline is not None:
        demand(
            baseline_reason.strip(), "Say why the baseline differs from the computed one.", "baseline_reason"
        )


def _commit(bet: Bet, terms: dict[str, Any], *, actor: Any, today: date) -> Omtm:
    with transaction.atomic():
        # The team's row is the queue: whoever comes second sees what the first one has started.
        Team.objects.select_for_update().get(pk=bet.team.pk)
        weighed = checking.weigh(bet, today=today, now=clock.now())
        if weighed.blocks:
            raise LifecycleError(weighed.blocks[0].sentence, weighed.blocks[0].field)
        omtm = _frozen(weighed, today)
        for name, value in terms.items():
            setattr(omtm, name, value)
        omtm.save(force_insert=True)
        Guardrail.objects.bulk_create(
            Guardrail(omtm=omtm, metric=each.metric, side=each.side, limit=each.limit) for each in bet.limits
        )
        auditing.record(f"omtm.{omtm.state}", omtm, actor=actor, after=_terms(omtm), reason=omtm.why)
    return omtm


def _frozen(weighed: Weighed, today: date) -> Omtm:
    """The OMTM with everything that no longer changes once it has begun."""
    bet, now = weighed.bet, clock.now()
    active = bet.start <= today
    baseline = weighed.baseline
    if baseline is None:
        # Only a range may begin without history: it is judged by its bounds, not from a baseline.
        known = weighed.current
        baseline = betting.exact(known) if known is not None else bet.low if bet.low is not None else bet.high
    return Omtm(
        team=bet.team,
        metric=bet.metric,
        state="active" if active else "committed",
        definition=bet.metric.definition,
        direction=bet.metric.direction,
        unit=bet.metric.unit,
        baseline=baseline,
        baseline_from=weighed.baseline_from,
        baseline_to=weighed.baseline_to,
        target=None if bet.ranged else bet.target,
        low=bet.low if bet.ranged else None,
        high=bet.high if bet.ranged else None,
        start=bet.start,
        end=bet.end,
        outcome_weeks=weighed.outcome_weeks,
        **bet.plan.fields(),
        committed_at=now,
        activated_at=now if active else None,
    )


def _activate(omtm: Omtm, today: date) -> bool:
    if omtm.state != "committed" or omtm.start > today:
        return False
    omtm.state, omtm.activated_at = "active", clock.now()
    omtm.save(update_fields=["state", "activated_at"])
    auditing.record("omtm.active", omtm, before={"state": "committed"}, after={"state": "active"})
    return True


def _open_review(omtm: Omtm, today: date) -> bool:
    if omtm.state != "active" or omtm.end >= today:
        return False
    now = clock.now()
    record, _ = concluding.freeze(omtm, now=now)
    omtm.state, omtm.review_opened_at, omtm.snapshot = "in_review", now, record
    omtm.save(update_fields=["state", "review_opened_at", "snapshot"])
    Review.objects.get_or_create(
        omtm=omtm, kind="closing", defaults={"due_on": omtm.review_due_on, "is_demo": omtm.is_demo}
    )
    auditing.record("omtm.in_review", omtm, before={"state": "active"}, after={"state": "in_review"})
    return True


def locked(omtm: Omtm) -> Omtm:
    """The row under its lock, with metric and team; inside a transaction."""
    return Omtm.objects.select_for_update(of=("self",)).select_related("metric", "team").get(pk=omtm.pk)


def _taken(team: Team) -> str:
    other = team.omtms.filter(state="active").first()
    return (
        checking.already_pushes(team, other)
        if other
        else f"{team} has just started another focus. Look again."
    )


def _terms(omtm: Omtm) -> dict[str, Any]:
    names = ("state", "baseline", "target", "low", "high", "start", "end")
    return {name: getattr(omtm, name) for name in names}
