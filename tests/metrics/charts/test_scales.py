from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.points import Point
from metrics.charts.scales import axis_start, frame, shown_incomplete, value_range

from .cases import chart, focus


def test_the_target_is_always_in_view():
    low, high = value_range(chart([100, 101, 102], target=500.0))
    assert low <= 100
    assert high > 500


def test_counts_that_double_start_at_zero_and_rates_may_zoom():
    assert value_range(chart([10, 25]))[0] == 0
    assert value_range(chart([20, 25]))[0] > 0
    assert axis_start(focus()).startswith("The axis starts at 2")
    assert axis_start(chart([10, 25])) == ""


def test_nothing_negative_means_no_axis_under_zero():
    assert value_range(chart([0.1, 5.0, 5.2], kind="average"))[0] == 0
    assert value_range(chart([-1.0, 5.0], kind="average"))[0] < -1


def test_a_count_that_has_just_begun_does_not_squash_the_rest():
    begun = Point(date(2026, 11, 16), 12.0, complete=False)
    spec = chart(points=(*chart([4800.0, 4850.0, 4871.0]).points, begun))
    assert value_range(spec)[0] > 4000
    assert shown_incomplete(spec) == []


# No number with more than fifteen decimals is ever stored.
STORED = st.floats(-1e15, 1e15).map(lambda number: round(number, 15))


@given(
    st.lists(st.one_of(st.none(), STORED), max_size=20),
    st.one_of(st.none(), STORED),
    st.integers(0, 6),
)
def test_every_value_lies_on_the_axis(values, target, decimals):
    spec = chart(values, target=target, decimals=decimals, kind="average")
    low, high = value_range(spec)
    assert low < high
    assert all(low <= value <= high for value in [*values, target] if value is not None)
    box = frame(spec, width=760, height=320)
    assert 0 < box.left < box.right < box.width
    assert len(box.values) <= 40
    assert box.first < box.last
