"""What the bets of the demo company promised beyond their own metric.

Whether it came is judged by the data like any other: over so many weeks the North Star strays further by
itself than one bet moves it, and that is what the pages say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from metrics.models import Driver, Metric, NorthStar, Stage
from teams.models import Omtm


@dataclass(frozen=True, slots=True)
class Promise:
    """Crews by which the North Star was to move within `weeks`, by way of a driver; and a funnel's step."""

    driver: str
    crews: int
    weeks: int
    step: str


#: By the number of the bet in domain 9; 10 is the bet that was won at a cost.
PROMISES = {
    1: Promise("activation", 120, 8, "Trial to active in 7 days"),
    2: Promise("trial_to_paid", 40, 8, "Week 4 to paid"),
    3: Promise("crew_lapse", 200, 8, "Crews lapsing in a week"),
    6: Promise("new_paid", 180, 8, "Visit to trial"),
    7: Promise("engaged", 150, 8, "Active in week 4"),
    9: Promise("engaged", 60, 6, "Active in week 4"),
    10: Promise("new_crews", 90, 8, "Visit to trial"),
}


def fields(number: int, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    """The fields of a bet as it is committed; empty where it promised nothing."""
    promise, star = PROMISES.get(number), NorthStar.current()
    if promise is None or star is None:
        return {}
    return {
        "driver": Driver.objects.get(north_star=star, metric=metrics[promise.driver]),
        "expected_effect": Decimal(promise.crews),
        "effect_weeks": promise.weeks,
        "north_star_version": star.versions.order_by("version_no").last(),
    }


def put_on_stages(numbers: Mapping[int, Omtm]) -> None:
    """Say which step of the funnel each bet is about; the funnel is told after the bets."""
    steps = {stage.name: stage for stage in Stage.objects.filter(funnel__is_demo=True)}
    for number, promise in PROMISES.items():
        Omtm.objects.filter(pk=numbers[number].pk).update(stage=steps[promise.step])
