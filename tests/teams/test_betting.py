"""The baseline of a bet, and the days that it says it stands on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics.analysis.points import Point
from metrics.models import Metric
from teams import betting
from teams.models import Team

MONDAY = date(2026, 7, 6)


def weeks(values: list[float | None]) -> list[Point]:
    return [Point(MONDAY + timedelta(weeks=place), value) for place, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0] * 10 + [2.0] * 8, (Decimal(2), date(2026, 9, 14), date(2026, 11, 8))),
        ([2.0] * 9 + [None] * 8 + [4.0], (Decimal(3), date(2026, 8, 31), date(2026, 11, 8))),
        ([2.0] * 8 + [None] * 10, (None, None, None)),
    ],
    ids=["the last eight", "over a long gap", "before a longer one"],
)
def test_the_days_of_a_baseline_are_those_of_the_weeks_that_count(
    values: list[float | None], expected: Any
) -> None:
    metric = Metric(name="Trials", kind="flow_sum", grain="week", direction="up")
    bet = betting.Bet(Team(name="Marketing"), metric, date(2026, 11, 9), date(2027, 2, 8))
    assert betting.derive_baseline(bet, weeks(values)) == expected
