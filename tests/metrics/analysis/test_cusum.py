from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.cusum import Alarm, cusum
from metrics.analysis.xmr import limits
from tests.metrics.analysis.test_xmr import SERIES, STABLE


def test_the_vector_alarms_two_weeks_before_eight_in_a_row():
    found = limits(STABLE)
    sums = cusum(SERIES, found.centre, found.sigma)
    assert sums.upper[15:21] == pytest.approx([0.963, 2.178, 2.888, 4.357, 4.814, 5.777], abs=5e-4)
    assert sums.alarm == 20
    assert sums.standing == Alarm(20, 15, "high")


def test_what_came_back_no_longer_stands():
    sums = cusum([*[3.0] * 3, *[0.0] * 30], 0, 1)
    assert sums.alarm == 2
    assert sums.standing is None


def test_a_gap_leaves_the_sums_as_they_are():
    sums = cusum([2.0, None, 2.0], 0, 1)
    assert sums.upper == (1.5, 1.5, 3.0)


def test_without_variation_there_is_no_alarm():
    assert cusum([5.0, 9.0], 5, 0).alarm is None
    assert cusum([], 5, 1).standing is None


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=30))
def test_the_mirror_image_swaps_the_sums(values):
    sums, turned = cusum(values, 0, 2), cusum([-value for value in values], 0, 2)
    assert (sums.upper, sums.lower, sums.alarm) == (turned.lower, turned.upper, turned.alarm)
