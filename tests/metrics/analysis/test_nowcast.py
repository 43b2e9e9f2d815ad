"""The running week, carried on by weekday shares (domain 6.3 and 6.7)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from metrics.analysis.nowcast import nowcast
from metrics.analysis.seasonal import weekday_factors

MONDAY = date(2026, 10, 5)
DAYS = [
    *(116, 122, 117, 118, 97, 75, 50),
    *(126, 139, 127, 126, 103, 79, 54),
    *(129, 132, 130, 120, 110, 76, 54),
    *(130, 133, 134, 133, 119, 79, 55),
    *(139, 149, 140, 124, 117, 82, 57),
]
FIFTH_WEEK = MONDAY + timedelta(weeks=4)


def days(count: int) -> dict[date, float]:
    return {MONDAY + timedelta(days=i): float(value) for i, value in enumerate(DAYS[:count])}


def test_the_weekday_factors_of_the_domain():
    wanted = [1.1940, 1.2555, 1.1993, 1.1636, 0.9883, 0.7131, 0.4862]
    assert weekday_factors(days(35)) == pytest.approx(wanted, abs=5e-5)


def test_monday_to_wednesday_are_carried_on_to_the_whole_week():
    assert nowcast(days(31), "flow_sum", start=FIFTH_WEEK) == pytest.approx(826.6, abs=0.05)


def test_a_whole_week_is_what_it_is():
    assert nowcast(days(35), "flow_sum", start=FIFTH_WEEK) == pytest.approx(808)


@pytest.mark.parametrize("kind", ["ratio", "unique", "snapshot_stock", "average", "quantile"])
def test_only_sums_are_carried_on(kind):
    assert nowcast(days(31), kind, start=FIFTH_WEEK) is None


def test_without_four_earlier_weeks_or_a_day_of_this_one_there_is_nothing_to_say():
    assert nowcast(days(28), "flow_sum", start=FIFTH_WEEK) is None
    assert nowcast(days(24), "flow_sum", start=MONDAY + timedelta(weeks=3)) is None
