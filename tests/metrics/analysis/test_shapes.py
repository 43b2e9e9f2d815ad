"""Plans of every shape against the vectors of domain 6.3."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.pace import expected, plan_line, required_of_total, run_rate
from metrics.analysis.seasonal import day_weights, holiday_share
from metrics.analysis.shapes import fraction
from metrics.analysis.terms import Terms

START, END = date(2026, 9, 1), date(2026, 12, 31)
OCTOBER_18 = 48
WEEKDAYS = (1.2, 1.25, 1.2, 1.15, 1.0, 0.7, 0.5)
HOLIDAYS = {
    date(2026, 12, 24): 0.3,
    date(2026, 12, 25): 0.1,
    **{date(2026, 12, day): 0.3 for day in (28, 29, 30)},
    date(2026, 12, 31): 0.2,
}
MONDAY = date(2026, 9, 7)
#: The weeks that hold the days from 1 September to 18 October.
TO_OCTOBER_18 = [date(2026, 8, 31) + timedelta(weeks=i) for i in range(7)]


def terms(**changed) -> Terms:
    given_ = {"kind": "unique", "start": START, "end": END, "k": 4, "baseline": 3.0, "target": 4.0}
    return Terms(**{**given_, **changed})


def held(**changed) -> Terms:
    return terms(start=MONDAY, end=MONDAY + timedelta(weeks=17, days=-1), **changed)


def weeks(first: int, last: int) -> list[date]:
    """The Mondays of the weeks `first` to `last` of a window that begins on MONDAY, counted from 1."""
    return [MONDAY + timedelta(weeks=i - 1) for i in range(first, last + 1)]


@pytest.mark.parametrize(
    ("shape", "share"),
    [("linear", 0.393443), ("delayed", 0.267327), ("s_curve", 0.342584)],
)
def test_the_plan_after_48_of_122_days(shape, share):
    assert fraction(terms(shape=shape, lag_days=21), OCTOBER_18) == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize(
    ("week", "share"), [(1, 0.0385), (5, 0.3462), (10, 0.7308), (13, 0.9615), (14, 1), (17, 1)]
)
def test_hit_and_hold_plans_each_week(week, share):
    assert expected(held(), weeks(week, week)) == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize(("week", "share"), [(4, 0.1538), (10, 0.6154), (13, 0.8462), (17, 1.0)])
def test_a_reading_of_four_weeks_is_compared_with_the_plan_of_its_own_weeks(week, share):
    assert expected(held(), weeks(week - 3, week)) == pytest.approx(share, abs=5e-5)


def test_a_total_is_planned_by_what_its_days_count_for():
    weights = day_weights(START, END, factors=WEEKDAYS, holidays=HOLIDAYS)
    assert sum(weights[:OCTOBER_18]) == pytest.approx(47.80)
    assert sum(weights) == pytest.approx(117.42)
    promised = terms(kind="flow_sum", rule="total", target=300.0, shape="seasonal", weights=weights)
    share = expected(promised, TO_OCTOBER_18)
    assert share * 300 == pytest.approx(122.1257, abs=5e-5)
    assert run_rate(118, share) == pytest.approx(289.9, abs=0.05)


def test_without_weights_a_total_is_planned_day_by_day():
    promised = terms(kind="flow_sum", rule="total", target=300.0)
    share = expected(promised, TO_OCTOBER_18)
    assert share * 300 == pytest.approx(118.0328, abs=5e-5)
    assert run_rate(118, share) == pytest.approx(299.9, abs=0.05)
    assert run_rate(118, 0) is None


def test_what_a_total_still_needs_each_day_and_each_weight_unit():
    weights = day_weights(START, END, factors=WEEKDAYS, holidays=HOLIDAYS)
    promised = terms(kind="flow_sum", rule="total", target=300.0, shape="seasonal", weights=weights)
    needed = required_of_total(118, promised, last_day=date(2026, 10, 18))
    assert needed.per_day == pytest.approx(2.4595, abs=5e-5)
    assert needed.per_weight == pytest.approx(2.6142, abs=5e-5)
    assert required_of_total(118, promised, last_day=END) is None


def test_milestones_are_joined_by_straight_lines_and_may_step_back():
    promised = terms(
        shape="milestones", milestones=((date(2026, 10, 30), 2.8), (date(2026, 12, 1), 3.6)), baseline=3.0
    )
    assert fraction(promised, 60) == pytest.approx(-0.2)
    assert fraction(promised, 30) == pytest.approx(-0.1)
    assert fraction(promised, 92) == pytest.approx(0.6)
    assert fraction(promised, 122) == 1
    assert plan_line(promised)[0] == (date(2026, 8, 31), 3.0)
    assert (date(2026, 10, 30), pytest.approx(2.8)) in plan_line(promised)


def test_the_milestones_of_a_total_begin_at_nothing_whatever_a_week_brought():
    promised = terms(
        kind="flow_sum",
        rule="total",
        shape="milestones",
        milestones=((date(2026, 10, 30), 400.0),),
        baseline=50.0,
        target=1000.0,
    )
    assert (date(2026, 10, 30), pytest.approx(400.0)) in plan_line(promised)
    assert fraction(promised, 60) == pytest.approx(0.4)


def test_the_line_of_hit_and_hold_bends_where_the_outcome_weeks_begin():
    line = plan_line(held(baseline=24.0, target=34.0))
    assert line[0] == (date(2026, 9, 6), 24)
    assert line[-1] == (date(2027, 1, 3), 34)
    # Week 10 ends on 15 November; the bend is between week 13 and week 14.
    assert dict(line)[date(2026, 12, 13)] == 34
    assert len(line) == 5


def test_a_straight_plan_is_drawn_with_two_points():
    assert plan_line(terms(shape="linear")) == ((date(2026, 8, 31), 3), (END, 4))


def test_a_range_has_no_plan_line():
    assert plan_line(terms(target=None, low=0.0, high=2.0)) == ()


def test_weeks_that_begin_before_the_window_are_not_whole_weeks_of_it():
    # 1 September 2026 is a Tuesday, 31 December a Thursday.
    assert (terms().first, terms().periods) == (MONDAY, 16)


def test_a_delay_longer_than_the_window_asks_for_everything_on_the_last_day():
    promised = terms(shape="delayed", lag_days=200)
    assert (fraction(promised, 121), fraction(promised, 122)) == (0, 1)


def test_what_a_holiday_brings_is_learnt_from_past_ones():
    days = {MONDAY + timedelta(days=i): 100.0 * WEEKDAYS[i % 7] for i in range(70)}
    holidays = [MONDAY + timedelta(days=14), MONDAY + timedelta(days=43)]
    days |= {day: days[day] * 0.3 for day in holidays}
    assert holiday_share(days, WEEKDAYS, holidays) == pytest.approx(0.3)
    assert holiday_share(days, WEEKDAYS, holidays[:1]) is None


SHAPES = st.sampled_from(["hold", "linear", "delayed", "s_curve", "seasonal"])


@given(SHAPES, st.integers(0, 130), st.integers(0, 130), st.integers(0, 60))
def test_no_plan_but_milestones_ever_falls(shape, one, other, lag):
    promised = terms(shape=shape, lag_days=lag, weights=day_weights(START, END, factors=WEEKDAYS))
    first, second = sorted((one, other))
    assert 0 <= fraction(promised, first) <= fraction(promised, second) <= 1
    assert fraction(promised, promised.days) == pytest.approx(1)
