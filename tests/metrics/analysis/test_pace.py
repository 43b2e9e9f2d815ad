from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.pace import (
    expected_fraction,
    pace_line,
    pace_value,
    progress,
    range_chance,
    range_share,
    required_per_week,
)
from metrics.analysis.points import Point, next_start

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("baseline", "target", "value", "expected"),
    [
        (3.0, 4.0, 3.4, 0.40),
        (3.0, 4.0, 4.2, 1.20),
        (3.0, 4.0, 2.8, -0.20),
        (2.6, 1.8, 2.2, 0.50),
        (2.6, 1.8, 2.9, -0.375),
        (0, 300, 171, 0.57),
        (-5, 5, 0, 0.50),
    ],
)
def test_progress_is_the_share_of_the_journey_in_either_direction(baseline, target, value, expected):
    assert progress(baseline, target, value) == pytest.approx(expected)


def test_progress_without_a_value_is_none():
    assert progress(3, 4, None) is None


def test_a_target_equal_to_the_baseline_is_refused():
    with pytest.raises(ValueError, match="differs from the baseline"):
        progress(3, 3, 3)


def test_linear_pace_after_48_of_122_days():
    fraction = expected_fraction(date(2026, 9, 1), date(2026, 12, 31), date(2026, 10, 18))
    assert fraction == pytest.approx(0.393443, abs=1e-6)
    assert pace_value(3.0, 4.0, fraction) == pytest.approx(3.393443, abs=1e-6)
    assert pace_value(2.6, 1.8, fraction) == pytest.approx(2.285246, abs=1e-6)


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 8, 1), 0.0), (date(2027, 3, 1), 1.0)])
def test_outside_its_window_the_plan_stays_at_its_ends(day, expected):
    assert expected_fraction(date(2026, 9, 1), date(2026, 12, 31), day) == expected


def test_the_pace_line_runs_from_the_eve_of_the_window_to_its_last_day():
    line = pace_line(24, 34, start=date(2026, 9, 7), end=date(2027, 1, 6))
    assert line == ((date(2026, 9, 6), 24), (date(2027, 1, 6), 34))


def test_range_share_counts_bounds_as_inside_and_gaps_not_at_all():
    start, points = date(2026, 9, 7), []
    for value in (99.4, 99.5, 99.1, 99.6, 99.7, 99.3, 99.8, 99.5, None):
        points.append(Point(start, value))
        start = next_start(start, "week")
    assert range_share(points, 99.2, 99.9) == pytest.approx(0.875)
    assert range_share(points, 99.1, None) == 1
    assert range_share([Point(start, None)], 0, 1) is None


def test_what_is_needed_a_week_from_here():
    end = date(2026, 12, 31)
    assert required_per_week(3.4, 4.0, last_day=date(2026, 12, 10), end=end) == pytest.approx(0.2)
    assert required_per_week(2.2, 1.8, last_day=date(2026, 12, 17), end=end) == pytest.approx(-0.2)
    assert required_per_week(3.4, 4.0, last_day=end, end=end) is None
    assert required_per_week(None, 4.0, last_day=date(2026, 12, 10), end=end) is None


@given(NUMBERS, st.floats(0.001, 1e6), NUMBERS)
def test_progress_is_the_same_in_a_mirror(baseline, step, value):
    assert progress(baseline, baseline + step, value) == pytest.approx(
        progress(-baseline, -baseline - step, -value), rel=1e-9, abs=1e-9
    )


@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3), st.floats(-2, 2))
def test_progress_and_pace_value_undo_each_other(baseline, step, fraction):
    target = baseline + step
    assert progress(baseline, target, pace_value(baseline, target, fraction)) == pytest.approx(
        fraction, abs=1e-6
    )


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_expected_share_never_falls(one, other):
    start, end = date(2026, 9, 1), date(2026, 12, 31)
    first, second = (date.fromordinal(start.toordinal() - 20 + each) for each in sorted((one, other)))
    assert 0 <= expected_fraction(start, end, first) <= expected_fraction(start, end, second) <= 1


def test_the_chance_to_stay_in_a_range_often_enough():
    assert range_chance(9, 10, 17) == pytest.approx(0.2791, abs=5e-5)


def test_a_range_that_is_kept_or_lost_already_leaves_nothing_to_chance():
    assert range_chance(16, 16, 17) == pytest.approx(1)
    assert range_chance(8, 11, 17) == 0
