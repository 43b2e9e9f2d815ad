"""How a candidate stands in the form of a new focus: its row in the units in which people type."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from metrics import formatting
from metrics.models import Metric
from northstar.lib import periods
from northstar.lib.windows import START_PAST_DAYS
from teams.forms.hypothesis import star_metric
from teams.idea import idea_of, next_monday
from teams.models import Omtm

_SAME = ("metric", "why", "no_guardrail_reason", "baseline_reason", "owner", "wrong_if", "wrong_by",
         "kill_criterion", "driver", "effect_weeks", "stage")  # fmt: skip


def beginning_of(omtm: Omtm, today: date) -> dict[str, Any]:
    """Initial values of the form; a start that is past by more than two weeks becomes the next Monday."""
    idea, metric = idea_of(omtm), omtm.metric
    told: dict[str, Any] = {name: getattr(idea, name) for name in _SAME}
    told |= {name: typed(getattr(idea, name), metric) for name in ("target", "low", "high", "baseline")}
    told["expected_effect"] = typed(idea.expected_effect, star_metric())
    told["choice_reason"] = omtm.choice_reason
    months = periods.window_months(omtm.start, omtm.end)
    fresh = omtm.start >= today - timedelta(days=START_PAST_DAYS)
    told["start"] = omtm.start if fresh else next_monday(today)
    told |= {"months": str(months)} if months else {"months": "other", "end": omtm.end}
    for number, limit in enumerate(idea.guardrails, 1):
        told[f"guard_{number}_metric"] = limit.metric
        told[f"guard_{number}_side"] = limit.side
        told[f"guard_{number}_limit"] = typed(limit.limit, limit.metric)
    plan = idea.plan
    told |= {"rule": plan.rule, "shape": plan.shape, "lag_days": plan.lag_days or None}
    for number, (day, value) in enumerate(plan.milestones, 1):
        told[f"milestone_{number}_day"], told[f"milestone_{number}_value"] = day, typed(value, metric)
    return told


def typed(value: Decimal | None, metric: Metric | None) -> str:
    """A stored value as somebody would type it: 0.34 of a share in percent is 34; empty for none."""
    if value is None or metric is None:
        return ""
    shown = value * formatting.shown_scale(metric.unit, metric.kind)
    return format(shown.normalize(), "f")
