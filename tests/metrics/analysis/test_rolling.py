from __future__ import annotations

from datetime import date, timedelta

import pytest

from metrics.analysis.reading import Point, fill_missing, roll_up, weekday_factors

MONDAY = date(2026, 10, 5)
FIVE_WEEKS = [
    *(116, 122, 117, 118, 97, 75, 50),
    *(126, 139, 127, 126, 103, 79, 54),
    *(129, 132, 130, 120, 110, 76, 54),
    *(130, 133, 134, 133, 119, 79, 55),
    *(139, 149, 140, 124, 117, 82, 57),
]


def daily(values, start=MONDAY):
    days = {start + timedelta(days=i): value for i, value in enumerate(values)}
    return {day: Point(day, value) for day, value in days.items() if value is not None}


def test_flows_are_summed():
    rolled = roll_up(daily(FIVE_WEEKS), "flow_sum", grain="week")
    assert [point.value for point in rolled] == [695, 754, 751, 783, 808]
    assert all(point.complete and not point.estimated for point in rolled)


def test_the_weekday_factors_of_the_five_weeks():
    days = {day: point.value for day, point in daily(FIVE_WEEKS).items()}
    expected = [1.1940, 1.2555, 1.1993, 1.1636, 0.9883, 0.7131, 0.4862]
    assert weekday_factors(days) == pytest.approx(expected, abs=5e-5)


def test_three_weeks_are_too_few_for_weekday_factors():
    assert weekday_factors({day: point.value for day, point in daily(FIVE_WEEKS[:21]).items()}) is None


def test_a_weekday_of_refunds_counts_for_nothing():
    values = [-5 if day % 7 == 6 else value for day, value in enumerate(FIVE_WEEKS)]
    factors = weekday_factors({MONDAY + timedelta(days=i): value for i, value in enumerate(values)})
    assert factors[6] == 0
    assert sum(factors) == pytest.approx(7)


def test_a_flow_week_with_six_days_is_scaled_by_the_missing_days_share():
    values = [*FIVE_WEEKS[:34], None]
    week = roll_up(daily(values), "flow_sum", through=MONDAY + timedelta(days=34))[-1]
    assert week.estimated
    assert week.note == "estimated from 6 of 7 days"
    assert week.value == pytest.approx(808, rel=0.02)


def test_a_flow_week_with_four_days_stays_empty():
    values = [*FIVE_WEEKS[:28], 139, None, None, None, 117, 82, 57]
    week = roll_up(daily(values), "flow_sum")[-1]
    assert (week.value, week.note) == (None, "4 of 7 days")


def test_without_history_a_broken_week_is_not_guessed():
    week = roll_up(daily([1, 2, None, 4, 5, 6, 7]), "flow_sum")[0]
    assert week.value is None
    assert "too little history" in week.note


def test_days_without_a_row_can_mean_zero():
    week = roll_up(daily([1, 2, None, 4, None, None, 7]), "flow_sum", missing_policy="zero")[0]
    assert (week.value, week.estimated) == (14, False)


def test_the_week_in_progress_is_incomplete_and_says_how_far_it_is():
    week = roll_up(daily(FIVE_WEEKS[:10]), "flow_sum")[-1]
    assert (week.value, week.complete, week.note) == (392, False, "3 of 7 days")


def test_ratios_sum_both_parts_and_nothing_over_nothing_is_a_gap():
    days = [(4, 50), (6, 200), (1, 10), (9, 420), (0, 0), (0, 0), (0, 0), *[(0, 0)] * 7]
    points = {}
    for i, (k, n) in enumerate(days):
        day = MONDAY + timedelta(days=i)
        points[day] = Point(day, k / n if n else None, k, n)
    first, second = roll_up(points, "ratio")
    assert first.value == pytest.approx(0.029412, abs=1e-6)
    assert (first.numerator, first.denominator) == (20, 680)
    assert second.value is None


def test_averages_are_weighted_by_their_weight():
    points = {
        MONDAY: Point(MONDAY, 10.0, None, 1.0),
        MONDAY + timedelta(days=6): Point(MONDAY + timedelta(days=6), 20.0, None, 3.0),
    }
    assert roll_up(points, "average")[0].value == 17.5


def test_a_stock_takes_its_last_valid_day():
    points = daily([5, 6, 7, None, None, None, None])
    week = roll_up(points, "snapshot_stock", through=MONDAY + timedelta(days=6))[0]
    assert (week.value, week.complete) == (7, True)


@pytest.mark.parametrize("kind", ["unique", "quantile"])
def test_what_does_not_add_up_is_the_median_of_days_and_says_so(kind):
    week = roll_up(daily([10, 20, 30, 40, 50, 60, 1000]), kind)[0]
    assert (week.value, week.estimated) == (40, True)
    assert "approximation" in week.note


def test_months_follow_the_calendar():
    days = daily([1] * 59, start=date(2026, 10, 1))
    october, november = roll_up(days, "flow_sum", grain="month")
    assert (october.start, october.value, october.complete) == (date(2026, 10, 1), 31, True)
    assert (november.start, november.value, november.note) == (date(2026, 11, 1), 28, "28 of 30 days")


def test_a_value_is_carried_three_periods_and_then_missing():
    filled = fill_missing(daily([5]), "carry", first=MONDAY, last=MONDAY + timedelta(days=4))
    assert [point.value for point in filled] == [5, 5, 5, 5, None]
    assert filled[1].note == "carried forward"


def test_no_days_are_no_weeks():
    assert roll_up({}, "flow_sum") == []
