"""The health rule alone (domain 6.6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.health_rule import (
    AT_RISK,
    NO_DATA,
    OFF_TRACK,
    ON_TRACK,
    TOO_EARLY,
    confirm,
    forecast_signal,
    pace_signal,
    raw_state,
)

WORDS = {"on": ON_TRACK, "risk": AT_RISK, "off": OFF_TRACK, "early": TOO_EARLY, "none": NO_DATA}
LEVELS = {OFF_TRACK: 0, AT_RISK: 1, ON_TRACK: 2}


def words(text: str) -> list[str]:
    return [WORDS[each] for each in text.split()]


@pytest.mark.parametrize(
    ("z", "gap", "signal"),
    [
        (-1.0, -0.5, 2),
        (-9.0, -0.05, 2),
        (-9.0, 0.25 - 0.30, 2),
        (-1.01, -0.051, 1),
        (-2.0, -0.5, 1),
        (-9.0, -0.15, 1),
        (-2.01, -0.151, 0),
    ],
)
def test_the_pace_signal_takes_the_kinder_of_noise_and_journey(z, gap, signal):
    assert pace_signal(z, gap) == signal


@pytest.mark.parametrize(
    ("p", "attainment", "signal"),
    [(0.60, 0.0, 2), (0.59, 0.0, 1), (0.30, 0.0, 1), (0.29, 0.90, 1), (0.29, 0.89, 0)],
)
def test_the_forecast_signal(p, attainment, signal):
    assert forecast_signal(p, attainment) == signal


@pytest.mark.parametrize(
    ("signal", "p", "attainment", "raw"),
    [
        (2, 0.60, 1.0, ON_TRACK),
        (2, 0.30, 0.8, ON_TRACK),
        (2, 0.10, 0.8, AT_RISK),
        (1, 0.30, 0.8, AT_RISK),
        (0, 0.30, 0.8, AT_RISK),
        (0, 0.10, 0.8, OFF_TRACK),
        (2, 0.04, 0.74, OFF_TRACK),
        (2, 0.04, 0.76, AT_RISK),
        (2, None, None, ON_TRACK),
        (1, None, None, AT_RISK),
        (0, None, None, OFF_TRACK),
    ],
)
def test_the_word_of_one_week(signal, p, attainment, raw):
    assert raw_state(signal, p, attainment) == raw


def test_the_state_follows_two_weeks_on_the_same_side():
    raws = words("on on risk on risk risk off risk off off risk risk on on off off")
    assert confirm(raws) == words("on on on on on risk risk risk risk off off risk risk on on off")


def test_a_jump_on_the_bad_side_does_not_wait():
    raws = words("on on off risk risk")
    assert confirm(raws, jumps=[False, False, True, False, False]) == words("on on off off risk")


def test_a_jump_alone_worsens_nothing():
    assert confirm(words("on risk risk"), jumps=[False, True, False]) == words("on on risk")


def test_weeks_without_a_word_are_passed_over_and_keep_the_state():
    assert confirm(words("early early on none off none off")) == words("early early on on on on off")


RAWS = st.lists(st.sampled_from([ON_TRACK, AT_RISK, OFF_TRACK]), min_size=1, max_size=26)


@given(RAWS)
def test_no_state_moves_without_two_raws_in_a_row_on_that_side_of_it(raws):
    states = confirm(raws)
    for week in range(1, len(raws)):
        before, now = LEVELS[states[week - 1]], LEVELS[states[week]]
        sides = [LEVELS[raws[week - 1]] - before, LEVELS[raws[week]] - before]
        if now != before:
            assert all(side * (now - before) > 0 for side in sides)
            assert abs(now - before) == min(abs(side) for side in sides)
        else:
            assert sides[0] * sides[1] <= 0


@given(RAWS)
def test_what_was_said_of_a_week_does_not_depend_on_later_ones(raws):
    assert confirm(raws)[:-1] == confirm(raws[:-1])
