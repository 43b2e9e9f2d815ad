from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from metrics.analysis.locking import basis_of, bounds, first_limits, judged, limits_from
from metrics.analysis.points import Point
from metrics.analysis.xmr import signals
from tests.metrics.analysis.test_xmr import SERIES, STABLE, TREND

MONDAY = date(2026, 1, 5)


def weeks(values):
    return [Point(MONDAY + timedelta(weeks=place), value) for place, value in enumerate(values)]


def noise(name, count, *, level=50.0, sd=2.0, climb=0.0):
    chance = random.Random(name)
    return [level + climb * place + chance.gauss(0, sd) for place in range(count)]


def found_in(values, **bound):
    rows = judged(weeks(values), "level")
    return first_limits(rows, grain="week", **({"floor": None, "ceiling": None} | bound))


def week_of(found):
    return (found.start - MONDAY).days // 7


def test_values_are_judged_as_they_are_or_by_their_changes():
    points = [*weeks([10, 12, None, 20, 19]), Point(MONDAY + timedelta(weeks=5), 3, complete=False)]
    assert [each.value for each in judged(points, "level")] == [10, 12, None, 20, 19]
    assert [each.value for each in judged(points, "changes")] == [None, 2, None, None, -1]


def test_a_missing_row_is_a_gap_too():
    points = [weeks([1, 2, 3, 4])[place] for place in (0, 1, 3)]
    assert [each.value for each in judged(points, "changes")] == [None, 1, None]


def test_months_follow_each_other_whatever_their_length():
    points = [Point(date(2026, month, 1), month * 10) for month in (1, 2, 3)]
    assert [each.value for each in judged(points, "changes", grain="month")] == [None, 10, 10]


@pytest.mark.parametrize("values", [TREND, [100 - value for value in TREND], noise("up", 40, climb=1.0)])
def test_a_series_that_climbs_is_judged_by_its_changes(values):
    assert basis_of(weeks(values)) == "changes"


@pytest.mark.parametrize(
    "values",
    [SERIES, STABLE, noise("flat", 52), [5.0] * 20, [1, 2, 3], [], [0.1 + 0.2] * 30, [None] * 12],
)
def test_what_does_not_climb_is_judged_by_its_level(values):
    assert basis_of(weeks(values)) == "level"


def test_a_step_is_a_new_level_and_no_trend():
    assert basis_of(weeks(noise("step", 26) + noise("after", 26, level=70))) == "level"


def test_limits_wait_for_eight_and_last_from_twelve():
    assert found_in(STABLE[:7]) is None
    assert not found_in(STABLE[:11]).lasting
    assert found_in(STABLE[:12]).lasting


def test_the_first_stable_stretch_makes_the_limits():
    found = found_in(SERIES)
    assert (week_of(found), found.limits.points, found.lasting) == (0, 22, True)
    assert signals(SERIES[: found.limits.points], found.limits) == []


def test_a_wild_beginning_is_left_out():
    found = found_in([500, 3, *noise("calm", 30)])
    assert (week_of(found), found.limits.points) == (2, 24)


def test_what_was_usual_years_ago_judges_nobody_today():
    found = found_in(noise("old", 100, level=10) + noise("new", 52))
    assert week_of(found) >= 100
    assert found.limits.centre == pytest.approx(50, abs=2)


def test_without_a_stable_stretch_the_typical_range_is_the_median_and_lasts_only_after_24():
    wild = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 90.0, 1.0, 0.0, 1.0] * 6
    early, late = found_in(wild[:14]), found_in(wild)
    assert (early.lasting, late.lasting) == (False, True)
    assert late.limits.reach == pytest.approx(3.145)


def test_gaps_at_the_beginning_are_no_periods():
    assert week_of(found_in([None] * 9 + STABLE)) == 9


def test_a_series_that_has_ended_is_judged_by_its_own_last_year():
    ended = noise("ended", 60, climb=1.0) + [None] * 60
    assert basis_of(weeks(ended)) == "changes"
    assert week_of(found_in(STABLE + [None] * 60)) == 0


def test_new_limits_come_from_the_run_that_asks_for_them():
    rows = judged(weeks(SERIES), "level")
    found = limits_from(rows, MONDAY + timedelta(weeks=15), floor=0, ceiling=None)
    assert (found.centre, found.high) == (pytest.approx(57.555556), pytest.approx(66.200556))
    assert limits_from(rows, MONDAY + timedelta(weeks=17), floor=0, ceiling=None) is None


def test_counts_end_at_zero_and_shares_at_one():
    shares = weeks([0.2, 0.4])
    assert bounds(shares, basis="level", share=True) == (0.0, 1.0)
    assert bounds(weeks([3, 4]), basis="level", share=False) == (0.0, None)
    assert bounds(weeks([3, -4]), basis="level", share=False) == (None, None)
    assert bounds(weeks([0.2, 1.4]), basis="level", share=True) == (0.0, None)
    assert bounds(shares, basis="changes", share=True) == (None, None)
    assert bounds([], basis="level", share=True) == (None, None)
