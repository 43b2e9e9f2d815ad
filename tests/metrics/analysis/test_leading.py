from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.leading import Lead, best, lead_correlation, words

CRITICAL = 1.96 / math.sqrt(53)


def walk(name, weeks):
    """A series whose changes are independent."""
    chance, level, found = random.Random(name), 100.0, []
    for _ in range(weeks):
        level += chance.gauss(0.5, 1)
        found.append(level)
    return found


def follower(leader, lag, *, noise=0.8, name="noise"):
    """Moves as the leader moved `lag` weeks before, with noise of its own."""
    chance, level, found = random.Random(name), 500.0, [500.0] * (lag + 1)
    for week in range(lag + 1, len(leader)):
        level += leader[week - lag] - leader[week - lag - 1] + chance.gauss(0, noise)
        found.append(level)
    return found


def test_a_true_lead_of_three_weeks_is_found_and_no_other():
    leader = walk("leader", 57)
    found = lead_correlation(leader, follower(leader, 3))
    assert [lead.lag for lead in found if lead.likely] == [3]
    assert next(lead for lead in found if lead.lag == 3).pairs == 53
    assert next(lead for lead in found if lead.lag == 3).r > 2 * CRITICAL
    assert best(found).lag == 3
    assert words(best(found)) == "moves with it, 3 weeks ahead"


def test_two_series_that_both_grow_do_not_go_together():
    left = [100 + 3 * i + random.Random(f"a{i}").gauss(0, 1) for i in range(80)]
    right = [10 + 2 * i + random.Random(f"b{i}").gauss(0, 1) for i in range(80)]
    assert best(lead_correlation(left, right)) is None


def test_straight_lines_have_no_correlation():
    found = lead_correlation([0.1 * i for i in range(60)], [0.3 * i for i in range(60)])
    assert all(lead.r == 0 for lead in found)


def test_a_common_season_is_no_lead():
    def closed(name):
        return [
            1000 + random.Random(f"{name}{i}").gauss(0, 10) - (300 if i % 52 in (10, 11) else 0)
            for i in range(130)
        ]

    # The closure of the year would correlate with anything that closes too.
    assert best(lead_correlation(closed("a"), closed("b"))) is None


def test_fewer_than_thirty_pairs_say_nothing():
    leader = walk("short", 31)
    assert [lead.lag for lead in lead_correlation(leader, leader)] == [0]
    assert lead_correlation(leader[:30], leader[:30]) == []
    assert lead_correlation([], []) == []


def test_gaps_take_both_their_changes_with_them():
    leader = walk("gaps", 60)
    holed = [None if week == 30 else value for week, value in enumerate(leader)]
    assert lead_correlation(holed, leader)[0].pairs == 57
    assert lead_correlation([None] * 60, leader) == []


def test_series_of_different_length_end_in_the_same_week():
    leader = walk("tail", 80)
    assert lead_correlation(leader[-60:], leader)[0].r == pytest.approx(1)


def test_words_never_say_that_anything_drives():
    assert words(Lead(0, -0.6, 60, True, True)) == "moves against it, in the same week"
    assert words(Lead(1, 0.6, 60, True, True)) == "moves with it, 1 week ahead"
    assert words(None) == "no lead that stands out from chance"


def test_chance_alone_is_seldom_called_likely():
    # 14 lags at 2.9 standard errors: about one search in twenty.
    calls = sum(
        best(lead_correlation(walk(f"l{seed}", 70), walk(f"r{seed}", 70))) is not None for seed in range(200)
    )
    assert calls <= 20


@given(st.lists(st.integers(-50, 50), min_size=45, max_size=60), st.integers(1, 9))
def test_scale_and_level_do_not_matter(values, factor):
    other = walk("scale", len(values))
    plain = lead_correlation(values, other)
    scaled = lead_correlation([factor * value + 1000 for value in values], other)
    assert [lead.r for lead in scaled] == pytest.approx([lead.r for lead in plain], abs=1e-9)
