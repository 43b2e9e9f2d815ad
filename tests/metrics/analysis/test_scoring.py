from __future__ import annotations

import math
import random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.scoring import (
    Bin,
    brier,
    coverage,
    crps_mixture,
    crps_normal,
    reliability_bins,
)

numbers = st.floats(-100, 100)
spreads = st.floats(0.1, 50)


def integrated(cdf, outcome, *, low=-400.0, high=400.0, steps=80_000):
    """The definition of the score: the squared distance of two distribution functions, summed up."""
    width = (high - low) / steps
    middles = (low + (i + 0.5) * width for i in range(steps))
    return math.fsum((cdf(x) - (x >= outcome)) ** 2 for x in middles) * width


def test_brier_of_certain_and_of_undecided():
    assert brier([1, 0], [True, False]) == 0
    assert brier([0.5, 0.5], [True, False]) == 0.25
    assert brier([0.8, 0.3], [True, True]) == pytest.approx((0.04 + 0.49) / 2)
    assert brier([], []) is None


def test_crps_of_a_normal_at_its_mean():
    # (√2 − 1)/√π of the standard deviation
    assert crps_normal(10, 2, 10) == pytest.approx(2 * (math.sqrt(2) - 1) / math.sqrt(math.pi))


def test_crps_without_spread_is_the_absolute_error():
    assert crps_normal(10, 0, 13) == 3
    assert crps_mixture([(0.5, 10, 0), (0.5, 14, 0)], 12) == pytest.approx(2 - 0.5 * 2)


def test_crps_is_the_area_between_the_distributions():
    one, two = NormalDist(3, 4), NormalDist(-8, 9)
    assert crps_normal(3, 4, 7.5) == pytest.approx(integrated(one.cdf, 7.5), abs=1e-3)
    mixed = integrated(lambda x: 0.3 * one.cdf(x) + 0.7 * two.cdf(x), 1.25)
    assert crps_mixture([(0.3, 3, 4), (0.7, -8, 9)], 1.25) == pytest.approx(mixed, abs=1e-3)


def test_the_true_distribution_scores_best_on_average():
    chance = random.Random("scores")
    outcomes = [chance.gauss(0, 1) for _ in range(2000)]
    mean = {sd: sum(crps_normal(0, sd, x) for x in outcomes) for sd in (0.5, 1.0, 2.0)}
    assert min(mean, key=mean.get) == 1.0


def test_coverage_counts_the_bounds_as_inside():
    assert coverage([(0, 1), (0, 1), (0, 1), (0, 1)], [0, 1, 0.5, 2]) == 0.75
    assert coverage([], []) is None


def test_bins_hold_what_was_said_and_what_happened():
    found = reliability_bins([0.05, 0.15, 0.6, 0.7, 1.0], [False, True, True, False, True])
    assert found == [Bin(pytest.approx(0.1), 0.5, 2), Bin(pytest.approx(0.65), 0.5, 2), Bin(1.0, 1.0, 1)]
    assert reliability_bins([], []) == []


def test_a_chance_lies_between_nothing_and_all():
    with pytest.raises(ValueError, match="no chance"):
        reliability_bins([1.2], [True])


@given(numbers, spreads, numbers)
def test_crps_of_a_normal_is_symmetric_and_never_below_zero(mean, sd, outcome):
    score = crps_normal(mean, sd, outcome)
    assert score >= 0
    assert score == pytest.approx(crps_normal(-mean, sd, -outcome))
    assert score <= abs(outcome - mean) + sd


@given(numbers, spreads, numbers)
def test_a_mixture_of_the_same_normal_is_that_normal(mean, sd, outcome):
    mixed = crps_mixture([(0.25, mean, sd), (0.75, mean, sd)], outcome)
    assert mixed == pytest.approx(crps_normal(mean, sd, outcome), abs=1e-9)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60))
def test_no_forecast_is_lost_between_the_bins(rows):
    bins = reliability_bins([p for p, _ in rows], [came for _, came in rows])
    assert sum(each.count for each in bins) == len(rows)
    assert sum(each.happened * each.count for each in bins) == pytest.approx(sum(came for _, came in rows))
