"""Aiming: the targets of the North Star, one current of each term; former ones are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from metrics import drawing, formatting
from metrics.auditing import record
from metrics.models import Metric, NorthStar, NorthStarTarget
from metrics.models.northstar import HORIZONS
from northstar.lib import clock, windows

SHORT_MONTHS = 6
LONG_YEARS = (2, 5)
ORDER = {"short": 0, "annual": 1, "long": 2}


class SteeringError(ValueError):
    """Nothing was changed; the sentence says why, `field` which answer it is about ("" for the whole)."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Goal:
    """A target as asked for; values in the unit of the metric (ratios: fractions)."""

    horizon: str
    value: Decimal
    due: date
    baseline: Decimal
    baseline_date: date
    rationale: str = ""
    reason: str = ""


def set_target(star: NorthStar, goal: Goal, *, actor: Any, today: date) -> tuple[NorthStarTarget, list[str]]:
    """The new current target of its horizon and warnings in words; an older one is superseded and kept.

    Raises SteeringError.
    """
    with transaction.atomic():
        star = NorthStar.objects.select_for_update().get(pk=star.pk)
        metric = metric_of(star)
        current = {target.horizon: target for target in star.targets.filter(superseded_on=None)}
        _check_goal(goal, metric, today)
        _check_dates(goal, current, today)
        old = current.pop(goal.horizon, None)
        if old is not None:
            if not goal.reason.strip():
                raise SteeringError("Say why the target changes; the old one is kept beside it.", "reason")
            old.superseded_on, old.superseded_reason = today, goal.reason.strip()
            old.save(update_fields=["superseded_on", "superseded_reason"])
        target = NorthStarTarget.objects.create(
            north_star=star,
            horizon=goal.horizon,
            target_value=goal.value,
            due_date=goal.due,
            baseline_value=goal.baseline,
            baseline_date=goal.baseline_date,
            rationale=goal.rationale,
            set_by=actor,
            set_on=today,
        )
        before = {"target": str(old)} if old else {}
        after = {"target": str(target), "baseline": goal.baseline}
        record("north_star.target", star, actor=actor, before=before, after=after, reason=goal.reason)
        draw_again()
    return target, _order_warnings(target, current.values(), metric)


def metric_of(star: NorthStar) -> Metric:
    version = star.versions.select_related("metric").order_by("-version_no").first()
    if version is None:
        raise SteeringError("The North Star has no definition yet. Define it first.")
    return version.metric


def draw_again() -> None:
    """At once, so that whoever steers sees it; the worker draws again when data comes."""
    transaction.on_commit(lambda: drawing.draw_stars(clock.now()))


def _check_goal(goal: Goal, metric: Metric, today: date) -> None:
    if goal.horizon not in HORIZONS:
        raise SteeringError("Choose short term, this year or long term.", "horizon")
    if goal.value == goal.baseline:
        raise SteeringError(
            "Target and baseline are equal: there is no way to go. Choose another target.", "value"
        )
    rises, wanted = goal.value > goal.baseline, metric.direction != "down"
    if rises != wanted:
        words = "Lower is better" if metric.direction == "down" else "Higher is better"
        side = "above" if rises else "below"
        raise SteeringError(f"{words} here, but the target lies {side} the baseline.", "value")
    if goal.baseline_date > today:
        raise SteeringError("The baseline lies in the future. Use a day that is over.", "baseline_date")


def _check_dates(goal: Goal, current: Mapping[str, NorthStarTarget], today: date) -> None:
    if goal.due <= today:
        raise SteeringError("The day of the target has passed. Choose a later one.", "due")
    latest = windows.window_end(today, SHORT_MONTHS)
    if goal.horizon == "short" and goal.due > latest:
        raise SteeringError(
            f"A short-term target is due within six months: by {_day(latest)} at the latest.", "due"
        )
    if goal.horizon == "long":
        first, last = (windows.window_end(today, 12 * years) for years in LONG_YEARS)
        if not first <= goal.due <= last:
            raise SteeringError(
                f"A long-term target lies two to five years ahead: {_day(first)} to {_day(last)}.", "due"
            )
    for other in current.values():
        _check_order(goal, other)


def _check_order(goal: Goal, other: NorthStarTarget) -> None:
    """due(short) < due(annual) ≤ due(long)."""
    if other.horizon == goal.horizon:
        return
    day = _day(other.due_date)
    same_day_fits = "short" not in (goal.horizon, other.horizon)
    if goal.due == other.due_date and same_day_fits:
        return
    longer = ORDER[other.horizon] > ORDER[goal.horizon]
    if longer and goal.due >= other.due_date:
        raise SteeringError(f"The longer-term target is due {day}; this one has to come before it.", "due")
    if not longer and goal.due <= other.due_date:
        raise SteeringError(f"The shorter-term target is due {day}; this one has to come after it.", "due")


def _order_warnings(target: NorthStarTarget, others: Any, metric: Metric) -> list[str]:
    """Targets ought to lie further along the longer their term is; a warning, never an error."""
    sign = -1 if metric.direction == "down" else 1
    by_term = sorted([target, *others], key=lambda each: ORDER[each.horizon])
    values = [sign * each.target_value for each in by_term]
    if values == sorted(values):
        return []
    return ["A target of a longer term asks for less than one of a shorter term. Is that meant?"]


def _day(day: date) -> str:
    return formatting.day_words(day)
