"""What looks like a mistake beside the stored values, and what does not."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.odd_values import Oddity, Pair, oddities
from metrics.connectors.demo_series import SERIES, Series, monday

MONDAY = date(2026, 9, 21)
WEEKS = [402, 431, 388, 447, 419, 460, 438, 455]
STEADY = st.lists(st.integers(200, 900), min_size=8, max_size=8, unique=True)


def pairs(now, stored=WEEKS, *, grain="week", settled=True) -> list[Pair]:
    step = timedelta(days=1 if grain == "day" else 7)
    return [Pair(MONDAY + i * step, n, s, settled) for i, (n, s) in enumerate(zip(now, stored, strict=True))]


def codes(found: tuple[Oddity, ...]) -> list[str]:
    return [one.code for one in found]


@pytest.mark.parametrize(
    "factor", [100, 0.01, 1000, 0.001, 60, 1 / 60, 3600, 24, 7, 10, -1, -100, 1.19, 1 / 1.19]
)
def test_one_factor_between_all_values_is_named(factor: float) -> None:
    (found,) = oddities(pairs([v * factor for v in WEEKS]), grain="week", kind="flow_sum")
    assert found.code == "factor"
    assert found.number == pytest.approx(factor)
    assert (found.count, found.of) == (8, 8)


def test_a_factor_is_seen_though_a_period_was_corrected_meanwhile() -> None:
    now = [v * 100 for v in WEEKS[:-1]] + [WEEKS[-1] * 96]
    (found,) = oddities(pairs(now), grain="week", kind="flow_sum")
    assert (found.code, found.number, found.count, found.of) == ("factor", 100, 7, 8)


def test_one_value_ten_times_off_is_named_with_its_period() -> None:
    (found,) = oddities(pairs([*WEEKS[:-1], 4550]), grain="week", kind="flow_sum")
    assert (found.code, found.count) == ("tenfold", 1)
    assert found.pair is not None
    assert (found.pair.now, found.pair.stored) == (4550, 455)


def test_a_new_value_is_laid_beside_the_eight_stored_before_it() -> None:
    known = pairs([None] * 8)
    fresh = MONDAY + timedelta(weeks=8)
    for value, expected in [(4700, ["tenfold"]), (38, ["tenfold"]), (0, ["tenfold"]), (900, []), (60, [])]:
        found = oddities([*known, Pair(fresh, value, None)], grain="week", kind="flow_sum")
        assert codes(found) == expected, value


def test_few_events_jump_by_themselves() -> None:
    few = [0, 2, 1, 0, 3, 1, 2, 1]
    new = [Pair(MONDAY + timedelta(weeks=8), 14, None)]
    assert oddities([*pairs([None] * 8, few), *new], grain="week", kind="flow_sum") == ()


@pytest.mark.parametrize("step", [1, -1])
def test_days_that_are_those_of_their_neighbours_look_shifted(step: int) -> None:
    stored = [*WEEKS, 471, 399]
    now = [None, *(stored[i + step] for i in range(1, 9)), None]
    (found,) = oddities(pairs(now, stored, grain="day"), grain="day", kind="flow_sum")
    assert (found.code, found.number, found.count) == ("shifted", step, 8)


def test_most_stored_values_changing_is_told_but_not_the_usual_corrections() -> None:
    now = [v + 3 for v in WEEKS]
    assert codes(oddities(pairs(now), grain="week", kind="flow_sum")) == ["changed"]
    assert oddities(pairs(now, settled=False), grain="week", kind="flow_sum") == ()


def test_equal_values_are_told_where_the_stored_ones_differ() -> None:
    same = [300] * 8
    assert "equal" in codes(oddities(pairs(same), grain="week", kind="flow_sum"))
    assert oddities(pairs(same, same), grain="week", kind="flow_sum") == ()
    assert codes(oddities(pairs(same, [None] * 8), grain="week", kind="flow_sum")) == ["equal"]
    assert oddities(pairs(same, [None] * 8), grain="week", kind="snapshot_stock") == ()


def test_the_newest_period_missing_is_told_unless_that_day_of_the_week_is_always_closed() -> None:
    now = [*WEEKS[:-1], None]
    newest = MONDAY + timedelta(weeks=7)
    found = oddities(pairs(now), grain="week", kind="flow_sum", newest=newest)
    assert [(one.code, one.start) for one in found] == [("newest", newest)]
    days = [Pair(MONDAY + timedelta(days=i), v, v) for i, v in enumerate([*range(400, 415)]) if i % 7 < 5]
    sunday = MONDAY + timedelta(days=13)
    assert oddities(days, grain="day", kind="flow_sum", newest=sunday) == ()


def test_shares_above_all_of_it_are_told() -> None:
    shares = [1.8, 1.7, 2.1, 1.9]
    assert codes(oddities(pairs(shares, [None] * 4), grain="week", kind="ratio")) == ["above_whole"]
    assert oddities(pairs(shares, shares), grain="week", kind="ratio") == ()


@given(STEADY)
def test_values_as_they_are_stored_are_never_odd(values: list[int]) -> None:
    newest = MONDAY + timedelta(weeks=7)
    assert oddities(pairs(values, values), grain="week", kind="flow_sum", newest=newest) == ()


@given(STEADY, st.sampled_from([100.0, 0.01, 1000.0, 60.0, -1.0]))
def test_a_mixed_up_unit_is_found_whatever_the_values(values: list[int], factor: float) -> None:
    found = oddities(pairs([v * factor for v in values], values), grain="week", kind="flow_sum")
    assert codes(found) == ["factor"]


@given(STEADY, st.lists(st.floats(-0.3, 0.3), min_size=8, max_size=8))
def test_ordinary_corrections_are_never_ten_times_off_nor_shifted(values, shares) -> None:
    now = [value * (1 + share) for value, share in zip(values, shares, strict=True)]
    found = oddities(pairs(now, values), grain="week", kind="flow_sum")
    assert not {"tenfold", "shifted"} & set(codes(found))


def looks(series: Series) -> list[list[tuple[date, float]]]:
    """Ten periods each: nine that are stored, and the one after them."""
    step = 1 if series.grain == "day" else 7
    offsets = (
        range(monday(max(series.first_week, -26)), 1)
        if step == 1
        else range(max(series.first_week, -52), series.last_week + 1)
    )
    drawn = [(MONDAY + timedelta(days=step * offset), series.draw(offset)) for offset in offsets]
    values = [
        (day, float(draw.value if draw.value is not None else draw.numerator / draw.denominator))
        for day, draw in drawn
    ]
    return [values[i - 9 : i + 1] for i in range(9, len(values))]


@pytest.mark.parametrize("key", sorted(SERIES))
def test_no_series_of_the_demo_company_ever_cries_wolf(key: str) -> None:
    series, noise = SERIES[key], random.Random(key)
    for window in looks(series):
        pulled = [
            Pair(
                day,
                value * (noise.uniform(0.9, 1.1) if i in (7, 8) else 1) if i else None,
                value if i < 9 else None,
                settled=i < 7,
            )
            for i, (day, value) in enumerate(window)
        ]
        assert oddities(pulled, grain=series.grain, kind=series.kind, newest=window[-1][0]) == ()
