"""Where the sentence of a new alert begins: at the nearest target of its metric."""

from __future__ import annotations

from datetime import date
from typing import Any

from metrics.models import Metric, NorthStarTarget, NorthStarVersion, StarGuardrail
from teams.alerts import conditions
from teams.models import Alert, Guardrail, Omtm


def focus_of(metric: Metric, wanted: str = "") -> Omtm | None:
    """The active bet on this metric, the `wanted` one (its id as text) where there are several."""
    running = list(
        Omtm.objects.active().filter(metric=metric).select_related("metric", "team").order_by("id")
    )
    named = next((each for each in running if str(each.pk) == wanted), None)
    return named or (running[0] if running else None)


def first(metric: Metric, omtm: Omtm | None, *, today: date) -> dict[str, Any]:
    """What the form begins with: the pace of a focus, a guardrail's limit, a North Star's target, else
    what is usual. At most three queries."""
    begin: dict[str, Any] = {"periods": 2, "every_days": 7, "state": "off_track"}
    if omtm is not None:
        pace = omtm.target is not None
        return begin | {"condition": conditions.BELOW_PACE if pace else conditions.STATE_BECOMES}
    alert = Alert(metric=metric, condition=conditions.OUTSIDE_RANGE)
    guard = Guardrail.objects.filter(metric=metric, omtm__state="active").order_by("id").first()
    star_guard = None if guard else StarGuardrail.objects.filter(metric=metric).order_by("id").first()
    found = guard or star_guard
    if found is not None:
        alert.condition = conditions.ABOVE if found.side == "at_most" else conditions.BELOW
        alert.limit = found.limit
    elif (target := _next_target(metric, today)) is not None:
        alert.condition = conditions.BELOW if metric.lower_is_better else conditions.ABOVE
        alert.limit = target.target_value
    else:
        begin["periods"] = 1
    typed = conditions.typed_limit(alert) if alert.limit is not None else ""
    return begin | {"condition": alert.condition, "limit": typed}


def _next_target(metric: Metric, today: date) -> NorthStarTarget | None:
    """What the North Star that this metric measures aims for next."""
    star = NorthStarVersion.in_force()
    if star is None or star.metric_id != metric.pk:
        return None
    current = NorthStarTarget.objects.filter(
        north_star=star.north_star_id, superseded_on=None, due_date__gte=today
    )
    return current.order_by("due_date").first()


def again(alert: Alert) -> dict[str, Any]:
    """What the form of an alert that is there begins with."""
    typed = conditions.typed_limit(alert) if alert.limit is not None else ""
    same = ("condition", "state", "periods", "every_days")
    return {name: getattr(alert, name) for name in same} | {"limit": typed, "channel": alert.channel_id}
