from __future__ import annotations

from datetime import date, timedelta

import pytest

from metrics.analysis.box_score import Score, box_score, first_day, months_of
from metrics.analysis.points import Point
from metrics.analysis.rolling import roll_up

A_DAY = timedelta(days=1)


def days(first: date, last: date, value) -> list[Point]:
    """One point a day; `value` is a number or a function of the date."""
    count = (last - first).days + 1
    every = [first + place * A_DAY for place in range(count)]
    return [Point(day, float(value(day) if callable(value) else value)) for day in every]


def of_days(points: list[Point], kind: str = "flow_sum", **fields) -> dict[str, Score]:
    weeks = roll_up({point.start: point for point in points}, kind)
    found = box_score(weeks, points, kind=kind, grain="week", parts_grain="day", **fields)
    return {score.name: score for score in found}


def of_weeks(weeks: list[Point], kind: str = "flow_sum", **fields) -> dict[str, Score]:
    found = box_score(weeks, weeks, kind=kind, grain="week", parts_grain="week", **fields)
    return {score.name: score for score in found}


def weeks_of(first: date, values: list[float]) -> list[Point]:
    return [Point(first + timedelta(weeks=place), value) for place, value in enumerate(values)]


def test_a_flow_is_summed_over_as_many_days_as_last_year():
    # 1 a day in 2025, 2 a day in 2026, up to Sunday 15 November.
    points = days(date(2025, 1, 1), date(2026, 11, 15), lambda day: day.year - 2024)
    found = of_days(points)
    assert (found["last"].value, found["last"].before, found["last"].year_before) == (14, 14, 7)
    assert (found["month"].value, found["month"].year_before) == (30, 15)
    assert (found["quarter"].value, found["quarter"].year_before) == (92, 46)
    # 1 January to 15 November are 319 days.
    assert (found["year"].value, found["year"].year_before) == (638, 319)


def test_the_running_week_is_in_none_of_them():
    points = days(date(2025, 1, 1), date(2026, 11, 18), 1)
    found = of_days(points)
    assert found["last"].last == date(2026, 11, 15)
    assert found["month"].value == 15
    assert found["year"].value == 319


def test_the_year_before_a_leap_year_has_as_many_days_not_the_same_date():
    # To Sunday 5 March 2028: 65 days with 29 February; 65 days of 2027 end on 6 March.
    points = days(date(2027, 1, 1), date(2028, 3, 5), lambda day: 100 if day == date(2027, 3, 6) else 1)
    found = of_days(points)
    assert found["year"].value == 65
    assert found["year"].year_before == 64 + 100
    assert (found["month"].value, found["month"].year_before) == (5, 5)


def test_the_year_after_a_leap_year_meets_its_february_29():
    # To Sunday 4 March 2029: 63 days; 63 days of 2028 end on 3 March.
    points = days(date(2028, 1, 1), date(2029, 3, 4), lambda day: 10 if day == date(2028, 2, 29) else 1)
    assert of_days(points)["year"].year_before == 62 + 10


def test_a_week_across_the_turn_of_the_month_gives_the_new_month_its_days_only():
    # Monday 26 October to Sunday 1 November 2026.
    points = days(date(2025, 1, 1), date(2026, 11, 1), 1)
    found = of_days(points)
    assert found["last"].value == 7
    assert (found["month"].first, found["month"].value) == (date(2026, 11, 1), 1)
    assert (found["quarter"].first, found["quarter"].value) == (date(2026, 10, 1), 32)


def test_a_week_across_the_turn_of_the_year_begins_the_year_anew():
    # Monday 28 December 2026 to Sunday 3 January 2027.
    points = days(date(2026, 1, 1), date(2027, 1, 3), lambda day: 5 if day.year == 2027 else 1)
    found = of_days(points)
    assert found["last"].value == 4 * 1 + 3 * 5
    assert [found[name].value for name in ("month", "quarter", "year")] == [15, 15, 15]
    assert found["year"].year_before == 3


def test_the_same_week_last_year_lies_364_days_back():
    # Weeks from Monday 29 December 2025 on; that of 28 December 2026 is the 53rd.
    found = of_weeks(weeks_of(date(2025, 12, 29), list(range(53))))
    assert found["last"].first == date(2026, 12, 28)
    assert (found["last"].value, found["last"].year_before) == (52, 0)


def test_a_ratio_is_the_ratio_of_the_sums():
    parts = [(4, 50), (6, 200), (1, 10), (9, 420), (0, 0), (2, 20), (3, 30)]
    points = [
        Point(date(2026, 11, 9) + place * A_DAY, k / n if n else None, k, n)
        for place, (k, n) in enumerate(parts)
    ]
    before = [Point(date(2026, 11, 1) + place * A_DAY, 0.5, 5, 10) for place in range(8)]
    found = of_days([*before, *points], "ratio")
    assert found["last"].value == pytest.approx(25 / 730)
    assert found["month"].value == pytest.approx((25 + 40) / (730 + 80))
    assert found["quarter"].value is None  # October is missing


def test_an_average_is_weighted():
    weeks = [Point(date(2026, 11, 2), 10, None, 100), Point(date(2026, 11, 9), 20, None, 300)]
    assert of_weeks(weeks, "average")["month"].value == pytest.approx(17.5)


def test_a_stock_is_its_last_value():
    points = days(date(2025, 1, 1), date(2026, 11, 15), lambda day: (day - date(2025, 1, 1)).days)
    found = of_days(points, "snapshot_stock")
    assert found["year"].value == found["last"].value == 683
    # 319 days into 2025 as well.
    assert found["year"].year_before == 318


@pytest.mark.parametrize("kind", ["unique", "quantile"])
def test_what_cannot_be_added_has_no_longer_period(kind):
    weeks = weeks_of(date(2025, 1, 6), [100.0 + place for place in range(97)])
    found = of_weeks(weeks, kind, plan={date(2026, 11, 15): 180.0})
    assert (found["last"].value, found["last"].before, found["last"].year_before) == (196, 195, 144)
    assert found["last"].plan == 180
    assert [found[name].value for name in ("month", "quarter", "year")] == [None, None, None]


def test_a_missing_day_leaves_the_period_without_a_sum():
    points = days(date(2026, 1, 1), date(2026, 11, 15), 1)
    holed = [point for point in points if point.start != date(2026, 10, 7)]
    found = box_score(
        weeks_of(date(2026, 11, 9), [7.0]), holed, kind="flow_sum", grain="week", parts_grain="day"
    )
    assert [score.value for score in found] == [7, 15, None, None]


def test_a_short_history_has_no_year_before():
    found = of_days(days(date(2026, 10, 26), date(2026, 11, 15), 2))
    assert found["last"].value == 14
    assert found["month"].value == 30
    assert found["quarter"].value is None
    assert {score.year_before for score in found.values()} == {None}


def test_weeks_count_where_they_lie_wholly_in_the_period():
    # Weeks of 2, 9 and 16 November; that of 26 October ends in November and began before.
    weeks = weeks_of(date(2025, 10, 6), [1.0] * 55 + [10, 20, 30, 40])
    found = of_weeks(weeks)
    assert found["last"].first == date(2026, 11, 16)
    assert (found["month"].first, found["month"].value) == (date(2026, 11, 2), 90)
    assert found["month"].year_before == 3


def test_months_are_held_against_the_same_months():
    months = [Point(date(2025 + place // 12, place % 12 + 1, 1), float(place)) for place in range(22)]
    found = box_score(months, months, kind="flow_sum", grain="month", parts_grain="month")
    by_name = {score.name: score for score in found}
    assert list(by_name) == ["last", "quarter", "year"]
    assert (by_name["last"].value, by_name["last"].before, by_name["last"].year_before) == (21, 20, 9)
    assert by_name["quarter"].value == 21
    assert by_name["year"].value == sum(range(12, 22))
    assert by_name["year"].year_before == sum(range(10))


def test_the_plan_of_a_flow_is_added_up_by_days():
    points = days(date(2026, 10, 1), date(2026, 11, 15), 2)
    plan = {date(2026, 10, 20) + place * A_DAY: 70.0 for place in range(60)}
    found = of_days(points, plan=plan)
    assert found["last"].plan == 70
    assert found["month"].plan == pytest.approx(150)
    assert found["quarter"].plan is None  # it begins on 20 October only


def test_the_plan_of_a_ratio_is_its_mean():
    points = [Point(date(2026, 11, 1) + place * A_DAY, 0.5, 1, 2) for place in range(15)]
    plan = {point.start: 0.40 + 0.01 * place for place, point in enumerate(points)}
    assert of_days(points, "ratio", plan=plan)["month"].plan == pytest.approx(0.47)


def test_nothing_complete_has_no_score():
    assert of_weeks([Point(date(2026, 11, 16), 5, complete=False)]) == {}
    assert of_weeks([]) == {}


@pytest.mark.parametrize(
    ("name", "first"), [("month", (2026, 11, 1)), ("quarter", (2026, 10, 1)), ("year", (2026, 1, 1))]
)
def test_periods_to_date_begin_with_the_calendar(name, first):
    assert first_day(date(2026, 11, 15), name) == date(*first)


def test_months_of_weeks_are_means_of_the_weeks_that_end_in_them():
    # These end on 1, 8 and 15 November; the one in progress is left out.
    weeks = [*weeks_of(date(2026, 10, 19), [1, 4, 5, 9]), Point(date(2026, 11, 16), 99, complete=False)]
    found = months_of(weeks, "unique")
    assert [(point.start, point.value) for point in found] == [
        (date(2026, 10, 1), 1),
        (date(2026, 11, 1), 6),
    ]


def test_months_of_weekly_ratios_are_sums_of_parts():
    weeks = [Point(date(2026, 11, 2), 0.1, 1, 10), Point(date(2026, 11, 9), 0.5, 45, 90)]
    assert months_of(weeks, "ratio")[0].value == pytest.approx(0.46)
