"""The forecast against the vectors of domain 6.5, and what it may never do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis import mixture
from metrics.analysis.forecast import Forecast, Withheld, foresee, parts, settle, window_trend
from metrics.analysis.points import AVERAGE, FLOW_SUM, RATIO, SNAPSHOT_STOCK, UNIQUE, Point

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


def test_outside_a_window_a_series_settles_and_has_one_story() -> None:
    found = foresee(weekly(WEEKS), kind=UNIQUE, due=sunday(17), target=285)
    assert isinstance(found, Forecast)
    assert (found.mean, found.low80, found.high80) == pytest.approx((275.798418, 260.771291, 290.825544))
    assert found.p == pytest.approx(0.216305, abs=1e-6)
    assert (found.settled, found.trending) == (found.mean, None)


def test_inside_a_window_both_stories_count_for_half() -> None:
    found = foresee(weekly(WEEKS), kind=UNIQUE, due=sunday(17), k=4, start=MONDAY, target=285)
    assert isinstance(found, Forecast)
    assert (found.settled, found.trending) == pytest.approx((274.618873, 282.5))
    assert found.mean == pytest.approx(278.559436)
    assert found.p == pytest.approx(0.231105, abs=1e-6)


def test_a_stock_is_forecast_for_its_last_week_alone() -> None:
    found = foresee(weekly(WEEKS), kind=SNAPSHOT_STOCK, due=sunday(17), k=4)
    assert isinstance(found, Forecast)
    assert found.mean == pytest.approx(275.798418)


def test_outcome_weeks_that_are_in_enter_as_constants() -> None:
    found = foresee(weekly(WEEKS), kind=UNIQUE, due=sunday(13), k=4)
    ahead = settle(WEEKS, 2, 2)
    assert isinstance(found, Forecast)
    assert found.mean == pytest.approx((268 + 270 + 2 * ahead[0]) / 4)
    assert (found.high80 - found.low80) == pytest.approx(2 * 1.2815515655 * ahead[1] / 2)


def test_an_outcome_that_is_in_is_certain() -> None:
    found = foresee(weekly(WEEKS), kind=UNIQUE, due=sunday(11), k=4, start=MONDAY, target=265)
    assert isinstance(found, Forecast)
    assert (found.mean, found.low80, found.high80, found.p) == (265.25, 265.25, 265.25, 0.99)
    assert found.cone == ()


def test_a_total_is_what_is_there_and_the_sum_of_what_comes() -> None:
    found = foresee(
        weekly(WEEKS), kind=FLOW_SUM, due=sunday(17), start=MONDAY, rule="total", so_far=3044, target=4700
    )
    middle = mixture.mean(parts(WEEKS, 6, 6, 12))
    assert isinstance(found, Forecast)
    assert found.mean == pytest.approx(3044 + 6 * middle)
    assert found.settled == pytest.approx(3044 + 6 * settle(WEEKS, 6, 6)[0])


def test_days_that_count_for_less_bring_less_of_a_total() -> None:
    full = foresee(weekly(WEEKS), kind=FLOW_SUM, due=sunday(17), rule="total", weeks_left=6.0)
    short = foresee(weekly(WEEKS), kind=FLOW_SUM, due=sunday(17), rule="total", weeks_left=4.5)
    assert isinstance(full, Forecast)
    assert isinstance(short, Forecast)
    assert short.mean == pytest.approx(0.75 * full.mean, rel=0.02)


def test_a_missing_week_is_left_out() -> None:
    holed = weekly([*WEEKS[:6], None, *WEEKS[6:]])
    found = foresee(holed, kind=UNIQUE, due=sunday(18))
    plain = foresee(weekly(WEEKS), kind=UNIQUE, due=sunday(17))
    assert isinstance(found, Forecast)
    assert isinstance(plain, Forecast)
    assert found.mean == pytest.approx(plain.mean, abs=1.0)


def test_a_missing_last_week_makes_the_way_longer() -> None:
    late = foresee([*weekly(WEEKS), Point(sunday(11) + timedelta(days=1), None)], kind=UNIQUE, due=sunday(17))
    assert late == foresee(weekly(WEEKS), kind=UNIQUE, due=sunday(17))


def test_neither_incomplete_weeks_nor_weeks_after_the_day_are_read() -> None:
    running = Point(sunday(11) + timedelta(days=1), 999.0, complete=False)
    plain = foresee(weekly(WEEKS), kind=UNIQUE, due=sunday(17))
    assert foresee([*weekly(WEEKS), running], kind=UNIQUE, due=sunday(17)) == plain
    past = foresee(weekly([*WEEKS, 999.0]), kind=UNIQUE, due=sunday(11), k=4)
    assert isinstance(past, Forecast)
    assert past.mean == 265.25


@pytest.mark.parametrize(
    ("values", "start", "grain", "reason"),
    [
        ([], None, "week", "A forecast needs eight complete weeks with values; there are none."),
        ([5.0] * 7, None, "week", "A forecast needs eight complete weeks with values; there are seven."),
        ([5.0], None, "week", "A forecast needs eight complete weeks with values; there is one."),
        ([5.0] * 12, 10, "week", "A forecast comes after three complete weeks of the window."),
        ([5.0] * 12, None, "month", "Months are too few for a forecast; the plan alone is judged."),
        (
            [5.0, None] * 9,
            None,
            "week",
            "8 of the last 17 weeks have no value, too many for a forecast.",
        ),
    ],
)
def test_where_nobody_can_tell_a_sentence_says_why(
    values: list[float | None], start: int | None, grain: str, reason: str
) -> None:
    begins = None if start is None else MONDAY + timedelta(weeks=start)
    assert foresee(weekly(values), kind=UNIQUE, due=sunday(40), start=begins, grain=grain) == Withheld(reason)


def test_shares_stay_between_nothing_and_all() -> None:
    wild = [0.9, 0.99, 0.7, 0.98, 0.6, 0.97, 0.99, 0.95, 0.99, 0.98]
    found = foresee(weekly(wild), kind=RATIO, due=sunday(30), start=MONDAY, cone=True)
    assert isinstance(found, Forecast)
    assert found.high80 == 1
    assert all(0 <= each.low80 <= each.high80 <= 1 for each in found.cone)


def test_a_ratio_that_is_no_share_has_no_ceiling() -> None:
    crews_per_account = [4.1, 4.2, 4.1, 4.3, 4.2, 4.4, 4.3, 4.5, 4.4]
    found = foresee(weekly(crews_per_account), kind=RATIO, due=sunday(12))
    assert isinstance(found, Forecast)
    assert found.mean > 4


def test_a_margin_that_was_negative_may_stay_so() -> None:
    loss = [-0.12, -0.1, -0.11, -0.13, -0.1, -0.12, -0.11, -0.12, -0.1]
    found = foresee(weekly(loss), kind=RATIO, due=sunday(12))
    assert isinstance(found, Forecast)
    assert found.low80 < found.mean < found.high80 < 0


def test_counts_do_not_fall_below_nothing_but_averages_may() -> None:
    falling = [40.0, 36, 30, 27, 21, 18, 12, 9, 6, 3]
    count = foresee(weekly(falling), kind=FLOW_SUM, due=sunday(20), start=MONDAY)
    score = foresee(weekly(falling), kind=AVERAGE, due=sunday(20), start=MONDAY)
    assert isinstance(count, Forecast)
    assert isinstance(score, Forecast)
    assert count.low80 == 0
    assert score.low80 < 0


def test_the_cone_has_every_sunday_up_to_the_day_and_ends_with_the_last_week() -> None:
    found = foresee(weekly(WEEKS), kind=UNIQUE, due=sunday(17), start=MONDAY, cone=True)
    assert isinstance(found, Forecast)
    assert [each.day for each in found.cone] == [sunday(week) for week in range(12, 18)]
    last = found.cone[-1]
    assert (last.mean, last.low80, last.high50) == pytest.approx((found.mean, found.low80, found.high50))


def test_a_constant_is_certain_and_an_equal_target_is_reached() -> None:
    for sign, target, p in ((1, 5.0, 0.99), (1, 5.1, 0.01), (-1, 5.0, 0.99), (-1, 4.9, 0.01)):
        found = foresee(
            weekly([5.0] * 40), kind=UNIQUE, due=sunday(50), start=MONDAY, target=target, sign=sign
        )
        assert isinstance(found, Forecast)
        assert (found.low80, found.high80, found.p) == (5, 5, pytest.approx(p))


SERIES = st.lists(st.floats(-1e4, 1e4).map(lambda value: round(value, 3)), min_size=8, max_size=40)
AHEAD = st.integers(1, 20)
OUTCOME = st.integers(1, 6)
DONE = st.none() | st.integers(3, 30)


@given(SERIES, AHEAD, OUTCOME, DONE)
def test_a_negated_series_has_the_mirrored_forecast(
    values: list[float], ahead: int, k: int, done: int | None
) -> None:
    up, down = parts(values, ahead, k, done), parts([-value for value in values], ahead, k, done)
    size = max(1.0, *(abs(value) for value in values))
    for one, other in zip(up, down, strict=True):
        assert one[1] == pytest.approx(-other[1], abs=1e-7 * size)
        assert one[2] == pytest.approx(other[2], abs=1e-7 * size)
    for share in (0.1, 0.25):
        assert mixture.quantile(up, share) == pytest.approx(
            -mixture.quantile(down, 1 - share), abs=1e-6 * size
        )
    # A width of next to nothing may tip over at the very target.
    if all(each[2] > 1e-6 * size for each in up):
        assert mixture.reach(up, 1.0) == pytest.approx(mixture.reach(down, -1.0, -1), abs=1e-6)


@given(SERIES, AHEAD, OUTCOME, DONE)
def test_bands_lie_inside_each_other_around_the_median(
    values: list[float], ahead: int, k: int, done: int | None
) -> None:
    found = parts(values, ahead, k, done)
    marks = [mixture.quantile(found, share) for share in (0.1, 0.25, 0.5, 0.75, 0.9)]
    slack = 1e-9 * max(1.0, *(abs(mark) for mark in marks))
    assert all(one <= other + slack for one, other in zip(marks, marks[1:], strict=False))


@given(SERIES, AHEAD, DONE, st.floats(0.05, 0.95))
def test_a_quantile_has_its_share_below_it(
    values: list[float], ahead: int, done: int | None, share: float
) -> None:
    found = parts(values, ahead, 1, done)
    if all(width > 1e-3 for _, _, width in found):
        assert mixture.cdf(found, mixture.quantile(found, share)) == pytest.approx(share, abs=1e-6)


@given(st.floats(-1e6, 1e6), st.integers(8, 130), AHEAD, OUTCOME, DONE)
def test_a_constant_has_no_width(value: float, count: int, ahead: int, k: int, done: int | None) -> None:
    for _, middle, width in parts([value] * count, ahead, k, done):
        assert (middle, width) == (pytest.approx(value), 0)


@given(SERIES, AHEAD, DONE)
def test_a_chance_is_never_quite_nothing_nor_all(values: list[float], ahead: int, done: int | None) -> None:
    assert 0.01 <= mixture.reach(parts(values, ahead, 1, done), 0.0) <= 0.99
