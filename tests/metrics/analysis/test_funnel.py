"""How a step moves the North Star: the numbers of domain 4.2 to 4.4."""

from __future__ import annotations

import pytest

from metrics.analysis.binomial import wilson
from metrics.analysis.funnel import (
    CHAIN,
    FLOW,
    Change,
    Star,
    Step,
    accumulated,
    can_change,
    effect,
    fits,
    lift,
    long_run,
    reached,
)
from tests.metrics.analysis.pirates import ACQUISITION, ACTIVATION, LAPSE, REFERRAL, REVENUE, STAR, STEPS, to


@pytest.mark.parametrize(
    ("weeks", "value"), [(17, 15.461933), (12, 11.238841), (13, 12.103975), (15, 13.803222), (0, 0), (-3, 0)]
)
def test_an_inflow_accumulates_less_what_is_lost_of_it(weeks: int, value: float) -> None:
    assert accumulated(weeks, 0.012) == pytest.approx(value, abs=5e-7)


def test_what_nobody_leaves_accumulates_whole_and_what_all_leave_stays_a_week() -> None:
    assert accumulated(17, 0.0) == 17
    assert accumulated(17, 1e-15) == pytest.approx(17)
    assert accumulated(17, 1.0) == 1


def test_without_a_change_the_stock_goes_to_its_own_level() -> None:
    assert reached(STAR) == pytest.approx(5136.14, abs=0.005)
    assert long_run(STAR) == pytest.approx(6300)


def test_a_conversion_lifts_what_comes_in() -> None:
    change = to(ACQUISITION, 0.04)

    assert 18 * (lift(change) - 1) == pytest.approx(6.0)
    assert effect(STAR, [change]) == pytest.approx(283.2188, abs=5e-5)
    assert (long_run(STAR, [change]) or 0) - 6300 == pytest.approx(2100)
    assert effect(STAR, [to(ACQUISITION, 0.031)]) == pytest.approx(28.3219, abs=5e-5)


def test_without_a_lag_the_same_lift_brings_more() -> None:
    trial_to_paid = Step(7, CHAIN, 7_800, 234, 0)
    assert effect(STAR, [Change(trial_to_paid, 0.04)]) == pytest.approx(389.6407, abs=5e-5)


def test_changes_act_together_and_do_not_add_up() -> None:
    activation, lapse = to(ACTIVATION, 0.32), to(LAPSE, 0.0105)

    assert effect(STAR, [activation]) == pytest.approx(305.020, abs=5e-4)
    assert effect(STAR, [lapse]) == pytest.approx(117.432, abs=5e-4)
    assert effect(STAR, [activation, lapse]) == pytest.approx(425.167, abs=5e-4)
    assert effect(STAR, [activation]) + effect(STAR, [lapse]) == pytest.approx(422.452, abs=5e-4)


def test_who_is_brought_by_customers_multiplies_what_comes_in() -> None:
    assert effect(STAR, [to(REFERRAL, 0.15)]) == pytest.approx(1.1, abs=0.05)
    assert effect(STAR, [to(REFERRAL, 0.128)]) == pytest.approx(0.55, abs=0.01)
    assert not fits(to(REFERRAL, 34))  # each customer would bring more than one customer


def test_a_later_start_and_a_longer_lag_are_the_same_delay() -> None:
    later = Change(STEPS[REVENUE], 0.25, 4)
    lagging = Change(Step(REVENUE, CHAIN, 1_198, 234, 4), 0.25)
    assert effect(STAR, [later]) == effect(STAR, [lagging])


def test_what_shows_after_the_horizon_brings_nothing_within_it() -> None:
    assert effect(STAR, [to(ACTIVATION, 0.4, start=13)]) == 0
    assert effect(STAR, [to(LAPSE, 0.0, start=17)]) == 0


def test_a_plain_flow_moves_by_the_lift_itself() -> None:
    orders = Star(level=900, inflow=0, lapse=0, horizon=17, response=FLOW)
    assert effect(orders, [to(ACTIVATION, 0.30)]) == pytest.approx(900 * 0.25)
    assert long_run(orders, [to(ACTIVATION, 0.30)]) == pytest.approx(1125)


def test_nothing_is_scaled_up_from_zero() -> None:
    nobody_came, nobody_went_on = Step(1, CHAIN, 0, 0), Step(1, CHAIN, 500, 0)
    assert not can_change(nobody_came) and not can_change(nobody_went_on)
    with pytest.raises(ValueError, match="cannot be brought"):
        effect(STAR, [Change(nobody_went_on, 0.1)])


def test_a_stock_that_nobody_leaves_has_no_end() -> None:
    assert long_run(Star(100, 5, 0.0, 17)) is None
    assert long_run(STAR, [to(LAPSE, 0.0)]) is None


@pytest.mark.parametrize(
    ("converted", "entered", "low", "high"),
    [(7_800, 260_000, None, 0.0304), (1_872, 7_800, None, 0.2463), (1_198, 1_872, None, 0.6540),
     (234, 1_198, None, 0.2104), (760, 63_323, 0.01146, None)],
)  # fmt: skip
def test_bounds_of_a_share(converted: int, entered: int, low: float | None, high: float | None) -> None:
    found = wilson(converted, entered)
    if high is not None:
        assert found[1] == pytest.approx(high, abs=5e-5)
    if low is not None:
        assert found[0] == pytest.approx(low, abs=5e-6)


def test_bounds_of_nobody_all_and_more_than_all() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(50, 50)[1] == pytest.approx(1.0) and wilson(0, 50)[0] == pytest.approx(0.0)
    assert wilson(60, 50) == wilson(50, 50)
