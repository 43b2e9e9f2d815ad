"""One week of a bet: stocks, few cases, totals and ranges (domain 6.1, 6.2, 6.6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metrics.analysis.health import evaluate
from tests.metrics.analysis.cases import BEFORE, CLIMBING, TODAY, ratios, terms, weeks


def judge(points, **changed):
    return evaluate(points, terms(**changed), today=TODAY)


def test_a_stock_is_read_from_its_last_week_alone():
    found = judge(weeks(BEFORE + CLIMBING), kind="snapshot_stock")
    # Week 10 of 17 with one outcome week: 9.5 of 16 weeks' climb.
    assert (found.reading, found.expected) == (31.5, 9.5 / 16)


def test_a_reading_of_few_cases_takes_earlier_weeks_in():
    thin = [(2, 10)] * 17 + [(3, 4)]
    assert judge(ratios(thin), kind="ratio", baseline=0.2, target=0.4, min_den=30).reading == pytest.approx(
        9 / 34
    )
    wider = judge(ratios(thin), kind="ratio", baseline=0.2, target=0.4, min_den=50)
    assert wider.reading == pytest.approx(13 / 54)
    assert wider.expected < judge(ratios(thin), kind="ratio", baseline=0.2, target=0.4, min_den=30).expected


def test_an_average_over_nobody_is_no_value():
    points = [replace(point, denominator=0.0 if place > 14 else 20.0) for place, point in
              enumerate(weeks(BEFORE + CLIMBING))]  # fmt: skip
    found = judge(points, kind="average")
    assert found.week == points[14].start
    assert found.reading == pytest.approx(sum(CLIMBING[3:7]) / 4)
    assert judge([replace(point, denominator=0.0) for point in points], kind="average").state == "too_early"


def test_a_total_is_compared_with_what_its_days_count_for():
    points = weeks([17.0] * 8 + [18.0] * 10)
    found = judge(points, kind="flow_sum", rule="total", baseline=0.0, target=300.0)
    assert found.reading == 180
    assert found.pace == pytest.approx(300 * 10 / 17)
    assert found.progress == pytest.approx(0.6)
    assert found.gap == pytest.approx(0.6 - 10 / 17)
    assert found.forecast.mean == pytest.approx(180 + 7 * 18, abs=2)
    assert found.attainment == pytest.approx(found.forecast.mean / 300)
    assert "180.0 so far where the plan says 176.5" in found.reason


def test_the_noise_of_a_total_grows_with_the_root_of_its_weeks():
    noisy = [20.0, 16.0] * 9
    found = judge(weeks(noisy), kind="flow_sum", rule="total", baseline=0.0, target=300.0)
    level = judge(weeks(noisy), kind="flow_sum", baseline=0.0, target=300.0)
    sigma = (level.reading - level.pace) / level.z * 2
    assert found.z == pytest.approx((180 - 300 * 10 / 17) / (sigma * 10**0.5))


def test_a_total_to_stay_under_is_mirrored():
    points = weeks([4.0, 2.0] * 9)
    found = judge(points, kind="flow_sum", rule="total", baseline=80.0, target=40.0)
    assert (found.gap, found.progress) == pytest.approx((10 / 17 - 30 / 40, 2 * 10 / 17 - 30 / 40))
    assert found.attainment == pytest.approx(2 - found.forecast.mean / 40)
    assert found.p < 0.30
    assert found.raw == "at_risk"


def test_the_direction_of_a_total_counts_where_the_baseline_is_that_of_a_week():
    points = weeks([4.0, 2.0] * 9)
    found = judge(points, kind="flow_sum", rule="total", baseline=3.0, target=40.0, direction="down")
    assert found.gap == pytest.approx(10 / 17 - 30 / 40)


def test_a_week_missing_from_a_total_is_not_held_against_it():
    values = [18.0] * 18
    holed = weeks([*values[:12], None, *values[13:]])
    found = judge(holed, kind="flow_sum", rule="total", baseline=0.0, target=306.0)
    assert found.reading == 9 * 18
    assert found.gap == pytest.approx(0)
    assert found.forecast.mean == pytest.approx(306)


@pytest.mark.parametrize(
    ("values", "state"),
    [([1.6] * 10, "on_track"), ([1.6] * 8 + [2.1] * 2, "at_risk"), ([2.1] * 10, "off_track")],
)
def test_a_range_is_judged_by_the_share_of_weeks_inside(values, state):
    found = judge(weeks(values), kind="quantile", baseline=None, target=None, low=0.0, high=2.0, unit="s")
    assert found.raw == state
    assert found.progress == sum(value <= 2 for value in values) / 10
    assert found.forecast is None


def test_the_chance_of_a_range_is_that_of_its_remaining_weeks():
    values = [1.6] * 9 + [2.1]
    found = judge(weeks(values), kind="quantile", baseline=None, target=None, high=2.0)
    assert found.p == pytest.approx(0.2791, abs=5e-5)


def test_the_reason_of_a_range():
    found = judge(weeks([1.6] * 10), kind="quantile", target=None, baseline=None, high=2.0, unit="s")
    assert found.reason == (
        "10 of 10 complete weeks at or under 2\N{NO-BREAK SPACE}s; about 90% likely to end with 90% inside."
    )
