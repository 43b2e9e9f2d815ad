"""Which cohorts are counted, and the best that was held for eight weeks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from metrics.analysis.cohorts import Cohort, against_all_parts, newest, own_best, summed

WEEK = timedelta(weeks=1)
FIRST = date(2026, 6, 1)


def weeks(*pairs: tuple[int, int], waiting: int = 0) -> list[Cohort]:
    """Weekly cohorts of (entered, converted); the last `waiting` of them are not matured."""
    return [
        Cohort(FIRST + place * WEEK, FIRST + place * WEEK + timedelta(days=6), *pair,
               matured=place < len(pairs) - waiting)
        for place, pair in enumerate(pairs)
    ]  # fmt: skip


def test_the_rate_is_a_ratio_of_sums() -> None:
    found = summed(weeks((100, 50), (900, 90)))
    assert found.rate == pytest.approx(0.14) and found.weeks == 2
    assert summed([]).rate is None


def test_who_had_no_time_yet_is_not_counted() -> None:
    found = newest(weeks(*[(100, 40)] * 6, (100, 5), waiting=1), 4)
    assert [each.start for each in found] == [FIRST + place * WEEK for place in (2, 3, 4, 5)]


def test_three_months_are_thirteen_weeks() -> None:
    months = [Cohort(date(2026, month, 1), date(2026, month, last), 100, 40)
              for month, last in ((1, 31), (2, 28), (3, 31), (4, 30))]  # fmt: skip
    assert [each.start.month for each in newest(months, 13)] == [2, 3, 4]


def test_the_weeks_before_can_be_read_too() -> None:
    both = weeks(*[(100, place) for place in range(10)])
    assert [each.converted for each in newest(both, 4, skip=4)] == [2, 3, 4, 5]


def test_the_own_best_was_held_for_eight_weeks() -> None:
    cohorts = weeks(*[(100, 20)] * 4, *[(100, 40)] * 8, (100, 99), *[(100, 10)] * 8)
    best = own_best(cohorts)
    assert best is not None and best.rate == pytest.approx((7 * 40 + 99) / 800)
    assert best.start == FIRST + 5 * WEEK
    lowest = own_best(cohorts, lower_is_better=True)
    assert lowest is not None and lowest.rate == pytest.approx(0.1)


def test_seven_weeks_a_gap_or_few_people_are_no_best() -> None:
    assert own_best(weeks(*[(100, 40)] * 7)) is None
    broken = weeks(*[(100, 40)] * 9)
    del broken[4]
    assert own_best(broken) is None
    assert own_best(weeks(*[(12, 6)] * 8)) is None


def test_parts_that_all_move_against_the_whole_are_told() -> None:
    assert against_all_parts((0.5, 0.45), [(0.7, 0.72), (0.3, 0.31)])
    assert not against_all_parts((0.5, 0.45), [(0.7, 0.72), (0.3, 0.29)])
    assert not against_all_parts((0.5, 0.45), [(0.3, 0.31)])
