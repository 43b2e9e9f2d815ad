"""The North Star against its targets (domain 6.6)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from metrics.analysis.forecast import Forecast, Withheld
from metrics.analysis.health import evaluate_target
from metrics.analysis.points import Point
from tests.metrics.analysis.cases import LAST_MONDAY, TODAY, weeks

SET_ON = LAST_MONDAY - timedelta(days=1)
RISING = [float(1000 + 10 * week + (week % 3) * 4) for week in range(40)]


def judge(points, *, today=TODAY, **changed):
    given = {
        "kind": "unique",
        "baseline": 1300.0,
        "baseline_date": SET_ON - timedelta(weeks=9),
        "target": 1700.0,
        "due": SET_ON + timedelta(weeks=31),
        "unit": "crews",
        "decimals": 0,
    }
    return evaluate_target(points, today=today, **{**given, **changed})


def test_the_plan_is_straight_from_the_day_it_was_set():
    found = judge(weeks(RISING))
    # Ten of forty weeks are over.
    assert (found.pace, found.expected) == (1400, 0.25)
    assert found.reading == 1390
    assert found.gap == pytest.approx(90 / 400 - 0.25)


def test_the_noise_is_that_of_a_level_that_has_drifted_for_so_many_weeks():
    found = judge(weeks(RISING))
    # Changes go 14, 14, 2: their deviation over the last 26.
    changes = [RISING[i] - RISING[i - 1] for i in range(14, 40)]
    mean = sum(changes) / 26
    deviation = (sum((each - mean) ** 2 for each in changes) / 25) ** 0.5
    assert found.z == pytest.approx(-10 / (deviation * 10**0.5))


def test_the_change_across_a_gap_is_not_one_of_a_week():
    whole = judge(weeks(RISING))
    broken = judge(weeks([None if week in (20, 21, 22) else value for week, value in enumerate(RISING)]))
    assert broken.z == pytest.approx(whole.z, rel=0.05)


def test_a_steady_rise_settles_and_has_no_second_story():
    found = judge(weeks(RISING))
    assert isinstance(found.forecast, Forecast)
    assert found.forecast.trending is None
    assert found.attainment == pytest.approx((found.forecast.mean - 1300) / 400)
    assert found.week == LAST_MONDAY


def test_the_forecast_is_there_before_the_state():
    found = judge(weeks(RISING), baseline_date=SET_ON, due=SET_ON + timedelta(weeks=26))
    assert (found.state, found.reason) == ("too_early", "One complete week in; a status comes after four.")
    assert isinstance(found.forecast, Forecast)
    assert found.p == found.forecast.p


def test_a_target_just_set_waits_for_its_first_week():
    found = judge(weeks(RISING), baseline_date=LAST_MONDAY + timedelta(days=6))
    assert found.state == "too_early"
    assert found.reading == 1390


def test_the_state_is_confirmed_over_two_weeks():
    fallen = [*RISING[:-1], RISING[-2] - 300]
    week_before = weeks(RISING[:-1], last=LAST_MONDAY - timedelta(weeks=1))
    before = judge(week_before, target=1400.0, today=LAST_MONDAY)
    found = judge(weeks(fallen), target=1400.0)
    assert (before.state, found.raw, found.state) == ("on_track", "at_risk", "on_track")
    assert found.reason.startswith("This week alone would be at risk: ")


def test_a_fall_out_of_the_usual_range_does_not_wait_for_a_second_week():
    since = {"baseline": 1360.0, "baseline_date": SET_ON - timedelta(weeks=4), "target": 1500.0}
    before = judge(weeks(RISING), **since)
    assert (before.state, before.jump) == ("at_risk", False)
    fallen = judge(weeks([*RISING[:-1], 900.0]), **since)
    assert (fallen.state, fallen.raw, fallen.jump) == ("off_track", "off_track", True)
    assert "does not wait for a second week" in fallen.reason


def test_a_target_of_years_has_progress_and_a_rate_but_no_state():
    found = judge(weeks(RISING), target=4000.0, due=SET_ON + timedelta(weeks=131), horizon="long")
    assert (found.state, found.p, found.forecast) == ("", None, None)
    assert found.progress == pytest.approx(90 / 2700)
    nbsp = "\N{NO-BREAK SPACE}"
    assert found.reason == (
        f"1,390{nbsp}crews, 3% of the way to 4,000{nbsp}crews; it needs +20{nbsp}crews a week from here."
    )


def test_months_are_judged_by_the_plan_alone():
    months = [Point(date(2025, month, 1), 1000.0 + 30 * month) for month in range(1, 13)]
    months += [Point(date(2026, month, 1), 1360.0 + 30 * month) for month in range(1, 11)]
    found = judge(
        months, baseline=1540.0, baseline_date=date(2026, 6, 30), due=date(2026, 12, 31), grain="month"
    )
    assert isinstance(found.forecast, Withheld)
    assert found.p is None
    assert found.reading == 1660
    assert (found.state, found.raw) == ("on_track", "on_track")


def test_two_silent_weeks_are_no_data():
    assert judge(weeks(RISING, last=LAST_MONDAY - timedelta(weeks=2))).state == "no_data"


def test_a_target_to_fall_to_is_mirrored():
    up = judge(weeks(RISING))
    down = judge(weeks([-value for value in RISING]), kind="average", baseline=-1300.0, target=-1700.0)
    assert (up.z, up.gap, up.p, up.raw, up.state) == (
        pytest.approx(down.z),
        pytest.approx(down.gap),
        pytest.approx(down.p),
        down.raw,
        down.state,
    )


def test_words_count_only_the_weeks_since_somebody_set_the_target():
    flat = [1300.0 + week % 2 for week in range(40)]
    always = judge(weeks(flat))
    lately = judge(weeks(flat), set_on=LAST_MONDAY)
    third = judge(weeks(flat), set_on=LAST_MONDAY - timedelta(weeks=2))
    assert always.state == lately.state == third.state == "off_track"
    assert " complete weeks in a row off track: " in always.reason
    assert lately.reason == always.reason.partition(": ")[2]
    assert third.reason.startswith("Three complete weeks in a row off track: ")
