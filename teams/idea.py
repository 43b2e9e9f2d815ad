"""What somebody thinks of pushing, before it is committed: everything that a candidate can say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from metrics.models import Driver, Metric, Stage
from northstar.lib import periods
from teams.betting import USUAL, Bet, Limit, Plan
from teams.models import Guardrail, Omtm, Team, User

USUAL_MONTHS = 3
#: Names that an idea and the row of an OMTM share.
_SAME = (
    "metric", "metric_idea", "target", "low", "high", "start", "end", "why", "wrong_if", "wrong_by",
    "kill_criterion", "stage", "driver", "expected_effect", "effect_weeks", "reach", "reach_unit", "owner",
    "baseline", "baseline_reason", "no_guardrail_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Idea:
    """A candidate as people say it; values in stored units (ratios are fractions), empty: not said."""

    metric: Metric | None = None
    metric_idea: str = ""
    name: str = ""
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    start: date | None = None
    end: date | None = None
    why: str = ""
    wrong_if: str = ""
    wrong_by: date | None = None
    kill_criterion: str = ""
    stage: Stage | None = None
    driver: Driver | None = None
    expected_effect: Decimal | None = None
    effect_weeks: int | None = None
    reach: Decimal | None = None
    reach_unit: str = ""
    guardrails: tuple[Limit, ...] = ()
    owner: User | None = None
    plan: Plan = USUAL
    no_guardrail_reason: str = ""
    baseline: Decimal | None = None
    baseline_reason: str = ""

    def bet(self, team: Team) -> Bet | None:
        """The idea as a bet that can be weighed; None as long as metric or window are open."""
        if self.metric is None or self.start is None or self.end is None:
            return None
        same = ("target", "low", "high", "baseline", "plan", "driver", "wrong_by")
        told = {name: getattr(self, name) for name in same}
        return Bet(team, self.metric, self.start, self.end, limits=tuple(self.guardrails), **told)

    def fields(self, today: date) -> dict[str, Any]:
        """The fields of the row that holds it; without dates the usual window from the next Monday."""
        told = {name: getattr(self, name) for name in _SAME}
        if self.metric is not None:
            told |= dict.fromkeys(("target",) if self.metric.direction == "range" else ("low", "high"))
        told["start"] = self.start or next_monday(today)
        told["end"] = self.end or periods.window_end(told["start"], USUAL_MONTHS)
        told["name"] = (self.name or (self.metric.name if self.metric else self.metric_idea))[:120]
        told["direction"] = self.metric.direction if self.metric else ""
        told["unit"] = self.metric.unit if self.metric else ""
        told["no_guardrail_reason"] = "" if self.guardrails else self.no_guardrail_reason
        return told | self.plan.fields()


def idea_of(omtm: Omtm) -> Idea:
    """What the row of a candidate says, with its guardrails."""
    told = {name: getattr(omtm, name) for name in _SAME}
    if not omtm.baseline_reason:
        told["baseline"] = None  # worked out, not said
    limits = omtm.guardrails.select_related("metric").order_by("id")
    return Idea(
        **told,
        name=omtm.name,
        guardrails=tuple(Limit(each.metric, each.side, each.limit) for each in limits),
        plan=plan_of(omtm),
    )


def plan_of(omtm: Omtm) -> Plan:
    """How the row plans the way there."""
    return Plan(
        rule=omtm.outcome_rule,
        shape=omtm.pace_shape,
        lag_days=omtm.pace_lag_days,
        milestones=tuple((date.fromisoformat(day), Decimal(value)) for day, value in omtm.milestones),
    )


def keep_guardrails(omtm: Omtm, limits: tuple[Limit, ...]) -> None:
    """The guardrails of a row become these; inside the transaction that saves it."""
    omtm.guardrails.all().delete()
    Guardrail.objects.bulk_create(
        Guardrail(omtm=omtm, metric=each.metric, side=each.side, limit=each.limit) for each in limits
    )


def next_monday(today: date) -> date:
    """Today on a Monday, else the next one."""
    return today + timedelta(days=-today.weekday() % 7)
