"""A funnel for tests: visits, trials and paying teams in 13 weeks to 15 November 2026, and what is lost."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from metrics.models import Benchmark, Funnel, NorthStar, Stage, StageCount

LAST = date(2026, 11, 9)
SEEN = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Europe/Berlin"))
WEEKS = 13


def make_funnel(star: NorthStar | None = None, **fields: Any) -> Funnel:
    """ "Customers": each new one brings 4.2 units, 17 weeks ahead, 13 weeks read."""
    defaults: dict[str, Any] = {"name": "Customers", "slug": "customers", "units_each": Decimal("4.2")}
    return Funnel.objects.create(north_star=star, **(defaults | fields))


def make_step(
    funnel: Funnel,
    name: str,
    counts: tuple[int, int] | None = None,
    *,
    benchmark: str = "",
    weeks: int = WEEKS,
    **fields: Any,
) -> Stage:
    """A step, last of its funnel, with the same (entered, went on) in each of its weeks."""
    defaults: dict[str, Any] = {"aarrr": "activation", "position": funnel.stages.count()}
    stage = Stage.objects.create(funnel=funnel, name=name, **(defaults | fields))
    if counts is not None:
        count(stage, [counts] * weeks)
    if benchmark:
        Benchmark.objects.create(stage=stage, value=Decimal(benchmark), kind="own_best", source="Spring")
    return stage


def count(stage: Stage, pairs: list[tuple[int, int]], *, last: date = LAST, **fields: Any) -> None:
    """Weekly cohorts, the last one of which begins on `last`."""
    first = last - timedelta(weeks=len(pairs) - 1)
    StageCount.objects.bulk_create(
        StageCount(
            stage=stage,
            cohort_start=first + timedelta(weeks=place),
            cohort_end=first + timedelta(weeks=place, days=6),
            entered=entered,
            converted=converted,
            **({"as_of": SEEN, "matured": True} | fields),
        )
        for place, (entered, converted) in enumerate(pairs)
    )


def pirates(star: NorthStar | None, **fields: Any) -> dict[str, Stage]:
    """The funnel of domain 4.3 in even weeks, near enough: activation is the bottleneck."""
    funnel = make_funnel(star, **fields)
    steps = {
        "visits": make_step(funnel, "Visit to trial", (20_000, 600), aarrr="acquisition", benchmark="0.035",
                            entered_name="visits", converted_name="trials", lag_weeks=5),
        "activation": make_step(funnel, "Trial to active", (600, 144), benchmark="0.4", lag_weeks=4,
                                entered_name="trials", converted_name="active trials"),
        "revenue": make_step(funnel, "Active to paid", (144, 18), aarrr="revenue", benchmark="0.15",
                             entered_name="active trials", converted_name="paying teams"),
        "lapse": make_step(funnel, "Lapse in a week", (4_871, 58), aarrr="retention", kind="loss",
                           benchmark="0.009", entered_name="active crews", converted_name="lapsed crews"),
    }  # fmt: skip
    return steps
