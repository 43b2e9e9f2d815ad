from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.reading import Point, baseline, changes, latest, reading

MONDAY = date(2026, 8, 31)


def weeks(values, start=MONDAY):
    return [Point(start + timedelta(weeks=i), value) for i, value in enumerate(values)]


def ratios(pairs, start=MONDAY):
    return [Point(start + timedelta(weeks=i), k / n if n else None, k, n) for i, (k, n) in enumerate(pairs)]


def test_a_ratio_is_the_ratio_of_the_sums():
    found = reading(ratios([(4, 50), (6, 200), (1, 10), (9, 420)]), "ratio", 4)
    assert found == pytest.approx(0.029412, abs=1e-6)


def test_a_week_without_denominator_is_a_gap_and_not_zero():
    points = ratios([(4, 50), (0, 0), (6, 200)])
    assert points[1].value is None
    assert reading(points, "ratio", 2) == pytest.approx(10 / 250)


def test_an_average_is_weighted():
    points = [Point(MONDAY, 10.0, None, 1.0), Point(MONDAY + timedelta(weeks=1), 20.0, None, 3.0)]
    assert reading(points, "average", 4) == pytest.approx(17.5)


def test_a_stock_is_read_at_its_last_value():
    assert reading(weeks([5, 7, 9]), "snapshot_stock", 4) == 9


@pytest.mark.parametrize("kind", ["flow_sum", "unique", "quantile"])
def test_flows_and_counts_are_read_as_their_mean_per_week(kind):
    assert reading(weeks([100, 1, 2, 3, 6]), kind, 4) == 3


def test_the_incomplete_week_never_counts():
    points = [*weeks([4, 4]), Point(MONDAY + timedelta(weeks=2), 1, complete=False)]
    assert reading(points, "flow_sum", 4) == 4
    assert latest(points).value == 4


def test_a_reading_steps_over_two_gaps_and_no_further():
    assert reading(weeks([1, 2, None, None]), "flow_sum", 2) == 1.5
    assert reading(weeks([1, 2, None, None, None, None]), "flow_sum", 2) is None
    assert reading([], "ratio", 4) is None


def test_the_baseline_reads_the_eight_weeks_before_the_start():
    points = weeks([100, 1, 2, 3, 4, 5, 6, 7, 8, 1000, 1000])
    assert baseline(points, "flow_sum", start=MONDAY + timedelta(weeks=9)) == 4.5


def test_a_week_that_the_start_cuts_is_not_part_of_the_baseline():
    assert baseline(weeks([1, 100]), "flow_sum", start=MONDAY + timedelta(weeks=1, days=3)) == 1


def test_the_year_before_is_364_days_away():
    found = changes(weeks([4000, *[None] * 47, 4600, 4620, 4640, 4660, 4871]), "unique")
    assert found.year_before == 871
    assert found.year_before_share == pytest.approx(0.21775)
    assert found.week_before == 211
    assert found.four_week_mean == 4871 - 4630


def test_changes_of_ratios_compare_with_the_pooled_four_weeks():
    found = changes(ratios([(1, 10), (1, 10), (3, 30), (1, 50), (2, 10)]), "ratio")
    assert found.four_week_mean == pytest.approx(0.2 - 0.06)


def test_a_relative_change_is_hidden_where_it_means_nothing():
    assert changes(weeks([0, 5]), "flow_sum").week_before_share is None
    assert changes(weeks([-5, 5]), "flow_sum").week_before_share is None
    assert changes([], "flow_sum").week_before is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.sampled_from(["flow_sum", "unique"]))
def test_readings_mirror(values, kind):
    there, back = reading(weeks(values), kind, 4), reading(weeks([-v for v in values]), kind, 4)
    assert there == pytest.approx(-back)


@given(
    st.floats(-1e6, 1e6),
    st.integers(1, 12),
    st.sampled_from(["flow_sum", "average", "snapshot_stock", "quantile"]),
)
def test_a_constant_reads_as_itself(value, count, kind):
    assert reading(weeks([value] * count), kind, 4) == pytest.approx(value)
