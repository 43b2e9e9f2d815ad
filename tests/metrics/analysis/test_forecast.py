"""The forecast against the vectors of domain 6.5, and what it may never do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from metrics.analysis import mixture
from metrics.analysis.forecast import parts, settle, window_trend
from metrics.analysis.points import Point

WEEKS = [240, 243, 239, 248, 251, 249, 257, 256, 262, 261, 268, 270]
MONDAY = date(2026, 1, 5)


def weekly(values: list[float | None], *, first: date = MONDAY) -> list[Point]:
    return [Point(first + timedelta(weeks=i), value) for i, value in enumerate(values)]


def sunday(week: int) -> date:
    """The last day of the week that is the `week`th after MONDAY's, counted from 0."""
    return MONDAY + timedelta(weeks=week, days=6)


@pytest.mark.parametrize(("k", "mean", "sd"), [(1, 275.798418, 11.725729), (4, 274.618873, 9.423237)])
def test_settling_gives_the_mean_and_width_of_the_domain(k: int, mean: float, sd: float) -> None:
    assert settle(WEEKS, 6, k) == pytest.approx((mean, sd), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("k", "mean", "sd"), [(1, 286.625, 7.185457), (4, 282.5, 5.574365)])
def test_the_trend_of_the_window_goes_on_with_a_quarter_of_the_settling_variance(
    k: int, mean: float, sd: float
) -> None:
    assert window_trend(WEEKS, 12, 6, k)[0] == pytest.approx(mean, rel=1e-6, abs=1e-6)
    assert parts(WEEKS, 6, k, 12)[1] == pytest.approx((0.5, mean, sd), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("k", "done", "mean", "low", "high", "chance"),
    [
        (1, None, 275.798418, 260.771291, 290.825544, 0.216305),
        (4, None, 274.618873, 262.542509, 286.695246, 0.135307),
        (1, 12, 281.211709, 265.849235, 294.300720, 0.402881),
        (4, 12, 278.559436, 266.614208, 288.710838, 0.231105),
    ],
)
def test_means_bands_and_chances_are_those_of_the_domain(
    k: int, done: int | None, mean: float, low: float, high: float, chance: float
) -> None:
    found = parts(WEEKS, 6, k, done)
    assert mixture.mean(found) == pytest.approx(mean, rel=1e-6, abs=1e-6)
    assert mixture.quantile(found, 0.1) == pytest.approx(low, rel=1e-6, abs=1e-6)
    assert mixture.quantile(found, 0.9) == pytest.approx(high, rel=1e-6, abs=1e-6)
    assert mixture.reach(found, 285) == pytest.approx(chance, rel=1e-6, abs=1e-6)
