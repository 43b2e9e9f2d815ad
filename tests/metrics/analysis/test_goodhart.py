"""Each sign fires where the number moved alone, and none of them where people did what they meant to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.analysis import goodhart
from metrics.analysis.goodhart import Span
from metrics.analysis.points import FLOW_SUM, RATIO, SNAPSHOT_STOCK, UNIQUE, Point

START = date(2026, 7, 6)
BEFORE, INSIDE = 30, 12
FIRST = START - timedelta(weeks=BEFORE)
UP = Span(START, START + timedelta(weeks=17, days=-1), 4, 1)
DOWN = Span(START, UP.end, 4, -1)


def shares(before: tuple[float, float], after: tuple[float, float]) -> list[Point]:
    """(part, whole) a week before the window and in it."""
    pairs = [before] * BEFORE + [after] * INSIDE
    return [Point(FIRST + timedelta(weeks=n), k / d, k, d) for n, (k, d) in enumerate(pairs)]


def sums(before: float, after: float) -> list[Point]:
    return [
        Point(FIRST + timedelta(weeks=n), before if n < BEFORE else after) for n in range(BEFORE + INSIDE)
    ]


@pytest.mark.parametrize(
    ("before", "after", "span", "fires"),
    [
        ((24, 100), (24, 70), UP, True),
        ((24, 100), (22, 70), UP, True),
        ((24, 100), (34, 100), UP, False),
        ((24, 100), (30, 80), UP, False),
        ((24, 100), (24, 95), UP, False),
        ((24, 100), (20, 100), UP, False),
        ((20, 1000), (20, 1300), DOWN, True),
        ((20, 1000), (16, 1000), DOWN, False),
        ((20, 1000), (18, 1300), DOWN, False),
    ],
)
def test_a_share_that_moved_by_its_whole_alone(
    before: tuple[float, float], after: tuple[float, float], span: Span, fires: bool
) -> None:
    assert (goodhart.shrunk(shares(before, after), span) is not None) is fires


def test_it_tells_both_sides_of_the_share() -> None:
    found = goodhart.shrunk(shares((24, 100), (22, 70)), UP)
    assert found is not None and (found.part, found.whole) == ((24, 22), (100, 70))


def test_a_stock_that_never_fell_in_half_a_year_can_only_rise() -> None:
    rising = [Point(FIRST + timedelta(weeks=n), 1000.0 + 7 * n) for n in range(BEFORE + INSIDE)]
    assert goodhart.only_rises(rising, SNAPSHOT_STOCK, UP)
    assert not goodhart.only_rises(rising, UNIQUE, UP) and not goodhart.only_rises(
        rising, SNAPSHOT_STOCK, DOWN
    )
    assert not goodhart.only_rises(rising[-20:], SNAPSHOT_STOCK, UP)
    fell = [*rising[:-5], Point(rising[-5].start, 1.0), *rising[-4:]]
    assert not goodhart.only_rises(fell, SNAPSHOT_STOCK, UP)
    assert not goodhart.only_rises(sums(5, 5), SNAPSHOT_STOCK, UP)


def test_one_segment_alone_while_the_others_fell() -> None:
    parts = {"Solo": sums(100, 190), "Mid": sums(100, 95), "Large": sums(100, 90)}
    assert goodhart.driven_by(sums(300, 375), parts, kind=FLOW_SUM, span=UP) == "Solo"
    parts["Mid"] = sums(100, 101)
    assert goodhart.driven_by(sums(300, 381), parts, kind=FLOW_SUM, span=UP) is None
    assert goodhart.driven_by(sums(300, 375), {"Solo": sums(100, 190)}, kind=FLOW_SUM, span=UP) is None
    assert goodhart.driven_by(sums(300, 280), parts, kind=FLOW_SUM, span=UP) is None


def test_one_segment_of_a_share_by_what_it_brought_to_it() -> None:
    whole = shares((60, 200), (78, 200))
    parts = {"Solo": shares((30, 100), (55, 100)), "Large": shares((30, 100), (23, 100))}
    assert goodhart.driven_by(whole, parts, kind=RATIO, span=UP) == "Solo"
    assert goodhart.driven_by(whole, parts, kind=UNIQUE, span=UP) is None
    assert goodhart.driven_by(whole, parts | {"New": []}, kind=RATIO, span=UP) is None


def test_a_target_that_was_met_before_the_window() -> None:
    assert goodhart.there_already(sums(570, 580), FLOW_SUM, target=560, span=UP)
    assert not goodhart.there_already(sums(420, 580), FLOW_SUM, target=560, span=UP)
    assert goodhart.there_already(sums(2, 2), FLOW_SUM, target=3, span=DOWN)
    assert not goodhart.there_already([], FLOW_SUM, target=3, span=DOWN)


@settings(max_examples=60)
@given(
    base=st.floats(0.05, 0.6),
    gain=st.floats(1.15, 1.6),
    wobble=st.lists(st.floats(0.95, 1.05), min_size=3 * (BEFORE + INSIDE), max_size=3 * (BEFORE + INSIDE)),
    sign=st.sampled_from([1, -1]),
)
def test_an_honest_improvement_shows_no_sign(
    base: float, gain: float, wobble: list[float], sign: int
) -> None:
    """Every segment gets better, its whole stays as it was give or take what weeks do."""
    span = UP if sign > 0 else DOWN
    segments: dict[str, list[Point]] = {"A": [], "B": []}
    whole = []
    for n in range(BEFORE + INSIDE):
        rate = min(base * (gain**sign if n >= BEFORE else 1), 0.99)
        parts = []
        for place, (name, size) in enumerate((("A", 600.0), ("B", 300.0))):
            # The whole of each week wobbles, the share of it by half as much.
            entered = size * wobble[3 * n + place]
            went = entered * rate * (1 + (wobble[3 * n + 2] - 1) / 2)
            parts.append((went, entered))
            segments[name].append(Point(FIRST + timedelta(weeks=n), went / entered, went, entered))
        part, all_of = (sum(side) for side in zip(*parts, strict=True))
        whole.append(Point(FIRST + timedelta(weeks=n), part / all_of, part, all_of))
    assert goodhart.shrunk(whole, span) is None
    assert goodhart.driven_by(whole, segments, kind=RATIO, span=span) is None
    assert not goodhart.only_rises(whole, RATIO, span)
    assert not goodhart.there_already(whole, RATIO, target=base * gain**sign, span=span)
