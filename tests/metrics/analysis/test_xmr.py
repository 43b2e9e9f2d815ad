from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.xmr import (
    Signal,
    around,
    beyond,
    half_average_line,
    jumps,
    limits,
    moving_ranges,
    run_start,
    signals,
)

STABLE = [48, 52, 47, 51, 55, 49, 46, 53, 50, 54, 48, 51, 47, 52]
SHIFTED = [50, 56, 57, 55, 58, 54, 56, 59, 57, 66]
SERIES = [*STABLE, *SHIFTED]
TREND = [100, 104, 103, 109, 111, 110, 116, 119, 117, 123, 125, 124]


def near(value):
    return pytest.approx(value, abs=1e-6)


def test_limits_of_the_vector():
    found = limits(STABLE)
    assert (found.centre, found.range_mean) == (near(50.214286), near(4.461538))
    assert (found.high, found.low) == (near(62.081978), near(38.346593))
    assert (found.range_high, found.sigma) == (near(14.580308), near(3.955265))
    assert (found.centre + found.reach / 2, found.centre - found.reach / 2) == (
        near(56.148132),
        near(44.280440),
    )
    assert (found.points, found.provisional) == (14, False)


def test_limits_from_the_median_range_of_the_vector():
    found = limits(STABLE, median=True)
    assert (found.high, found.low, found.range_high) == (near(62.794286), near(37.634286), near(15.46))


def test_signals_of_the_vector():
    found = limits(STABLE)
    assert signals(SERIES, found) == [Signal(1, 23, "high"), Signal(2, 22, "high"), Signal(3, 23, "high")]
    assert run_start(SERIES, found, 22) == 15
    assert jumps(SERIES, found) == []


def test_new_limits_of_the_run_leave_no_signal():
    found = limits(SERIES[15:])
    assert (found.centre, found.range_mean) == (near(57.555556), near(3.25))
    assert (found.high, found.low) == (near(66.200556), near(48.910556))
    assert found.provisional
    assert signals(SERIES[15:], found) == []


def test_the_line_through_the_half_averages_of_the_trend_vector():
    line = half_average_line(TREND)
    assert (line.slope, line.start, line.at(11)) == (near(2.416667), near(100.125), near(126.708333))
    left = limits([value - line.at(i) for i, value in enumerate(TREND)])
    assert (left.range_mean, left.reach) == (near(2.583333), near(6.871667))


def test_a_line_needs_a_value_in_both_halves():
    assert half_average_line([1, 2, None, None]) is None
    assert half_average_line([]) is None
    assert half_average_line([1, 99, 3]).slope == 1


def test_the_first_eight_points_make_limits_provisional_and_the_twelfth_settles_them():
    assert limits(STABLE[:7]) is None
    assert limits(STABLE[:8]).provisional
    assert limits(STABLE[:11]).provisional
    assert not limits(STABLE[:12]).provisional


def test_no_moving_range_across_a_gap():
    assert moving_ranges([1, None, 5, 7]) == [None, None, None, 2]
    assert limits([0, None, 100, None] * 8) is None
    assert limits([0, 1, 0, 1, None, 100, 101, 100, 101]).range_mean == 1


def test_limits_stop_at_the_floor_and_the_ceiling():
    found = limits([0.02, 0.3, 0.1, 0.9, 0.98, 0.2, 0.6, 0.99], floor=0, ceiling=1)
    assert (found.low, found.high) == (0, 1)
    assert found.reach > 0.5


def test_a_point_on_a_limit_is_inside():
    found = around(10, 1, points=12)
    assert beyond(found.high, found) == ""
    assert beyond(found.low, found) == ""
    assert (beyond(12.67, found), beyond(7.33, found), beyond(None, found)) == ("high", "low", "")


def test_a_point_on_the_centre_starts_a_run_anew():
    found = around(10, 5, points=12)
    assert signals([11] * 7 + [10] + [11] * 7, found) == []
    assert signals([11] * 8, found) == [Signal(2, 7, "high")]


def test_a_gap_starts_a_run_anew():
    found = around(10, 5, points=12)
    assert signals([9] * 5 + [None] + [9] * 5, found) == []
    assert signals([17.5, 17.5, None, 17.5], found) == []


def test_a_run_is_told_once():
    assert signals([11] * 20, around(10, 5, points=12)) == [Signal(2, 7, "high")]


def test_equal_floats_lie_on_their_own_mean():
    assert signals([0.1] * 30, limits([0.1] * 30)) == []


def test_what_never_moved_signals_when_it_does():
    assert Signal(1, 12, "low") in signals([5.0] * 12 + [4.0], limits([5.0] * 12))


def test_a_wide_step_is_a_jump():
    assert jumps([0, 5, 0, 17, 0], around(0, 5, points=12)) == [3, 4]


FLIPPED = {"high": "low", "low": "high"}


@given(st.lists(st.integers(-1000, 1000), min_size=8, max_size=40))
def test_the_mirror_image_has_the_mirror_limits_and_signals(values):
    found, turned = limits(values), limits([-value for value in values])
    assert (turned.low, turned.high) == (near(-found.high), near(-found.low))
    assert turned.range_mean == near(found.range_mean)
    swapped = [Signal(each.rule, each.index, FLIPPED[each.side]) for each in signals(values, found)]
    assert sorted(swapped, key=str) == sorted(signals([-value for value in values], turned), key=str)


@given(st.lists(st.integers(-1000, 1000), min_size=8, max_size=40), st.integers(-500, 500))
def test_moving_a_series_moves_its_limits(values, by):
    found, moved = limits(values), limits([value + by for value in values])
    assert (moved.low, moved.high) == (near(found.low + by), near(found.high + by))
