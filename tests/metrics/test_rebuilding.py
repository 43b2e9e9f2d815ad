"""Weeks and months kept up to date day by day are the same as worked out anew from all days."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics import rolling, storing
from metrics.connectors.base import Row
from metrics.models import Metric

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 5, 4) + timedelta(days=n) for n in range(150)]
FIELDS = ("grain", "period_start", "value", "numerator", "denominator", "days", "estimated", "complete")


def row(metric: Metric, day: date, dice: random.Random) -> Row:
    value, weight = Decimal(dice.randint(0, 50)), Decimal(dice.randint(0, 60))
    if metric.kind == "ratio":
        return Row(day, numerator=value, denominator=weight)
    return Row(day, value=value, denominator=weight if metric.kind == "average" else None)


def kept(metric: Metric) -> dict[Any, Any]:
    return {found[:2]: found[2:] for found in metric.rollups.values_list(*FIELDS)}


@pytest.mark.parametrize("missing", ["gap", "zero", "carry"])
@pytest.mark.parametrize("kind", ["flow_sum", "snapshot_stock", "unique", "ratio", "average"])
def test_a_rebuild_changes_nothing(make_metric: Callable[..., Metric], kind: str, missing: str) -> None:
    """With lost days, batches that end within a week, and old days that are corrected later."""
    dice = random.Random(f"{kind} {missing}")
    metric = make_metric("Orders", kind=kind, grain="day", missing=missing)
    arrived = [day for day in DAYS if dice.random() > 0.08]
    batches = [arrived[n : n + 25] for n in range(0, len(arrived), 25)]
    for batch in [*batches, *([dice.choice(DAYS)] for _ in range(6))]:
        storing.store(metric, [row(metric, day, dice) for day in batch], origin="typed")
    before = kept(metric)
    rolling.rebuild(metric)
    assert kept(metric) == before


def test_a_week_without_its_sunday_is_estimated_once_monday_is_in(make_metric: Callable[..., Metric]) -> None:
    metric = make_metric("Orders", grain="day")
    storing.store(metric, [Row(day, value=Decimal(10)) for day in DAYS[:48]], origin="push")
    storing.store(metric, [Row(DAYS[49], value=Decimal(10))], origin="push")
    week = metric.rollups.get(grain="week", period_start=DAYS[42])
    assert (week.complete, week.estimated, week.value) == (True, True, 70.0)
