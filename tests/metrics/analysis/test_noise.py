from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.noise import sigma_w, theil_sen, z_score
from metrics.analysis.points import Point

MONDAY = date(2026, 8, 3)


def weeks(values):
    return [Point(MONDAY + timedelta(weeks=i), value) for i, value in enumerate(values)]


def test_the_trend_of_a_straight_line_is_the_line():
    assert theil_sen(range(5), [1, 3, 5, 7, 9]) == (2, 1)


def test_no_values_have_no_trend():
    with pytest.raises(ValueError, match="at least one value"):
        theil_sen([], [])


def test_noise_as_in_the_first_health_vector():
    # domain 6.6: reading 30.55 against 30.153846 gives z 1.7874 with k = 4, so sigma is 0.4433.
    values = [24.6, 25.3, 25.9, 27.2, 27.8, 28.3, 29.9, 29.6, 31.2, 31.5]
    sigma = sigma_w(weeks([24.1, 23.8, 24.3, 23.9, 24.0, 24.4, 23.7, 24.2, *values]), weeks_since_start=10)
    assert z_score(30.55, 30.153846, sign=1, sigma=sigma, k=4) == pytest.approx(1.7874, abs=1e-4)


def test_no_moving_range_across_a_gap():
    assert sigma_w(weeks([0, 0, 0, 0, None, 100, 100, 100, 100])) < 30
    assert sigma_w(weeks([1, None, 1])) is None
    assert sigma_w([]) is None


def test_without_noise_z_says_only_which_side():
    assert z_score(5, 4, sign=1, sigma=0, k=4) == 9
    assert z_score(5, 4, sign=-1, sigma=0, k=4) == -9
    assert z_score(4, 4, sign=1, sigma=0, k=4) == 0


@given(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=30))
def test_noise_is_the_same_in_a_mirror(values):
    assert sigma_w(weeks(values)) == pytest.approx(sigma_w(weeks([-v for v in values])), abs=1e-6)


@given(st.floats(-1e6, 1e6), st.integers(2, 30))
def test_a_constant_has_no_noise(value, count):
    assert sigma_w(weeks([value] * count)) == 0
