"""Chances and reasons in words."""

from __future__ import annotations

from datetime import date

import pytest

from metrics.analysis.forecast import Forecast
from metrics.analysis.health import likely_words, two_stories
from metrics.analysis.health_rule import Health
from metrics.analysis.wording import likely_to, reason
from tests.metrics.analysis.cases import terms


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.01, "unlikely, under 5%"),
        (0.05, "about 5% likely"),
        (0.44, "about 45% likely"),
        (0.5888, "about 60% likely"),
        (0.95, "about 95% likely"),
        (0.99, "very likely, over 95%"),
    ],
)
def test_a_chance_is_rounded_to_five_percent(p, words):
    assert likely_words(p) == words


def test_what_is_likely_stands_behind_how_likely_it_is():
    assert likely_to(0.44, "reach 34%") == "about 45% likely to reach 34%"
    assert likely_to(0.01, "reach 34%") == "unlikely to reach 34% (under 5%)"
    assert likely_to(0.99, "reach 34%") == "very likely to reach 34% (over 95%)"


def test_both_stories_are_told_inside_a_window_and_one_outside():
    inside = Forecast(date(2027, 1, 3), 34.3, 30.9, 32.4, 36.2, 37.0, settled=32.1, trending=36.6, p=0.6)
    assert two_stories(inside, lambda v: f"{v:.1f}%") == (
        "If it goes on like this 36.6%, if it settles as usual 32.1%."
    )
    outside = Forecast(date(2027, 1, 3), 32.1, 30.9, 32.4, 36.2, 37.0, settled=32.1, trending=None, p=0.6)
    assert two_stories(outside, lambda v: f"{v:.1f}%") == "If it settles as usual 32.1%."


def say(raws, *, state, gap=0.0, z=0.0, p=0.5, **changed):
    found = Health("", "", 29.1, 29.1 - 10 * gap, gap=gap, z=z, raw=raws[-1], p=p, attainment=0.9)
    return reason(found, terms(**changed), state=state, raws=raws, done=len(raws))


def test_a_state_that_lasts_counts_its_weeks():
    words = say(["on_track", "at_risk", "at_risk"], state="at_risk", gap=-0.08, z=-1.5, p=0.44)
    assert words == (
        "Two complete weeks in a row at risk: 29.1 where the plan says 29.9; about 45% likely to reach 34.0."
    )


def test_a_first_week_says_what_a_second_would_do():
    words = say(["on_track", "at_risk"], state="on_track", gap=-0.08, z=-1.5, p=0.44)
    assert words == (
        "This week alone would be at risk: 29.1 where the plan says 29.9; about 45% likely to reach 34.0; "
        "a second one would make it so."
    )


def test_a_target_that_is_reached_is_to_be_held():
    found = Health("", "", 34.4, 33.0, progress=1.04, gap=0.1, z=1.0, raw="on_track", p=0.7, attainment=1.1)
    words = reason(found, terms(), state="on_track", raws=["on_track"], done=1)
    assert words == "34.4 where the plan says 33.0; about 70% likely to hold 34.0."


def test_behind_within_the_noise_is_called_chance():
    words = say(["on_track"], state="on_track", gap=-0.04, z=-0.5, p=0.65)
    assert words == "29.1 where the plan says 29.5, no more than chance; about 65% likely to reach 34.0."


def test_on_plan_but_unlikely_to_arrive_is_said_with_but():
    words = say(["at_risk"], state="at_risk", gap=0.01, p=0.2)
    assert words == "29.1 where the plan says 29.0, but only about 20% likely to reach 34.0."


def test_a_total_that_must_not_grow_is_kept_within_its_target():
    cost = {"kind": "flow_sum", "rule": "total", "direction": "down", "baseline": 0.0, "target": 40.0}
    words = say(["on_track"], state="on_track", gap=0.01, p=0.65, **cost)
    assert words.endswith("; about 65% likely to stay within 40.0.")
