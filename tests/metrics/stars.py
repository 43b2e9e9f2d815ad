"""A North Star for tests: 30 weeks to 15 November 2026, a plan from 4,500 to 5,400, two drivers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from metrics.models import Driver, Metric, NorthStar, NorthStarTarget, NorthStarVersion

FIRST = "2026-04-20"
BREAK = date(2026, 8, 3)
WEEKS = [4300 + 20 * week for week in range(30)]


def make_star(
    make_metric: Callable[..., Metric], make_weeks: Callable[..., None], **fields: Any
) -> NorthStar:
    """The company's North Star, "Weekly active crews": 4,880 in the week to 15 November 2026."""
    metric = make_metric("Weekly active crews", kind="unique", unit="crews")
    make_weeks(metric, FIRST, fields.pop("weeks", WEEKS))
    star = NorthStar.objects.create(
        name="Weekly active crews", state="active", next_review_on=date(2026, 12, 10), **fields
    )
    NorthStarVersion.objects.create(
        north_star=star,
        version_no=1,
        effective_from=date(2025, 1, 6),
        metric=metric,
        value_proposition="We win when a crew plans its week with us.",
        plain_definition="Crews that completed three or more jobs in the week.",
    )
    return star


def aim(star: NorthStar, horizon: str = "short", **fields: Any) -> NorthStarTarget:
    """A target: 4,500 on 20 September 2026 to 5,400 on 16 May 2027 unless said otherwise."""
    defaults: dict[str, Any] = {
        "target_value": Decimal(5400),
        "due_date": date(2027, 5, 16),
        "baseline_value": Decimal(4500),
        "baseline_date": date(2026, 9, 20),
        "set_on": date(2026, 9, 21),
    }
    return NorthStarTarget.objects.create(north_star=star, horizon=horizon, **(defaults | fields))


def drive(star: NorthStar, metric: Metric, **fields: Any) -> Driver:
    return Driver.objects.create(north_star=star, metric=metric, name=metric.name, **fields)


def redefine(star: NorthStar, metric: Metric, *, on: date = BREAK) -> None:
    """Another definition, measured by this metric, counts from that day on."""
    NorthStarVersion.objects.filter(north_star=star).update(effective_to=on)
    NorthStarVersion.objects.create(
        north_star=star, version_no=2, effective_from=on, metric=metric, change_type="redefinition",
        value_proposition="We win.", plain_definition="Crews with five or more jobs.", change_reason="Habit.",
    )  # fmt: skip
