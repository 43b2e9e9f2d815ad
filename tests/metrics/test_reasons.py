"""Reasons are told in one breath: what costs most, what brings most, what is left open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metrics import reasons
from metrics.analysis.explanation import Accounting, Comparison, Split
from metrics.analysis.leading import Lead
from metrics.verdict import Measure

CREWS = Measure("Weekly active crews", "crews", 0, "unique", "up")
NAMES = {1: "Paying accounts", 2: "Crews per account", 3: "Engaged share of crews"}
SPLIT = Split(Comparison(13), 4684, 4871, steps=((1, 253.06), (2, 25.99), (3, -92.05)))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_headline_names_what_costs_and_what_brings_most() -> None:
    assert plain(reasons.headline(SPLIT, NAMES, CREWS)) == (
        "Engaged share of crews costs 92 crews; paying accounts bring 253."
    )
    assert plain(reasons.clause(SPLIT, NAMES, CREWS)) == "engaged share of crews costs 92 crews in 13 weeks"


def test_with_nothing_lost_it_names_the_gain_alone() -> None:
    gained = replace(SPLIT, steps=((1, 253.06), (2, 25.99)))

    assert plain(reasons.headline(gained, NAMES, CREWS)) == "Paying accounts bring 253 crews."


def test_where_lower_is_better_nothing_costs_or_brings() -> None:
    lower = replace(CREWS, direction="down")

    assert plain(reasons.headline(SPLIT, NAMES, lower)) == (
        "Paying accounts add 253 crews; engaged share of crews takes off 92."
    )


def test_changes_that_nobody_could_see_are_not_told() -> None:
    still = replace(SPLIT, steps=((1, 0.2), (3, -0.3)))

    assert reasons.headline(still, NAMES, CREWS) == "Nothing in the formula moved it."
    assert reasons.clause(still, NAMES, CREWS) == ""


def test_the_change_says_what_the_formula_leaves_open() -> None:
    assert plain(reasons.change(SPLIT, CREWS)) == "4,684 to 4,871 crews, +187."
    open_ = replace(SPLIT, rest=-12.4)
    assert plain(reasons.change(open_, CREWS)).endswith("; the formula leaves −12 of it open.")


def test_means_say_that_they_are_means() -> None:
    assert reasons.span(Comparison(13, 4)) == "4-week means, 13 weeks apart"
    assert reasons.span(Comparison(1), grain="month") == "single months, 1 month apart"


def test_flows_are_told_with_their_net_and_what_was_not_counted() -> None:
    found = Accounting(((None, ()),) * 13, ((1, 992), (3, -1299)), 4684, 4871, 494, 0.76)  # type: ignore[arg-type]

    assert plain(reasons.flows(found, {1: "New crews", 3: "Lapsed crews"}, CREWS)) == (
        "In 13 weeks new crews +992, lapsed crews −1,299, not counted +494: +187 crews."
    )
    assert reasons.quick(found) == "For each one that left, 0.76 came (quick ratio)."
    assert reasons.quick(replace(found, quick=None)) == ""


@pytest.mark.parametrize(
    ("leads", "words"),
    [
        ([Lead(3, 0.69, 96, True, True)], "moves with it, 3 weeks ahead (r 0.69, 96 pairs)"),
        ([Lead(0, -0.5, 80, True, True)], "moves against it, in the same week (r −0.50, 80 pairs)"),
        ([Lead(2, 0.22, 96, True, False)], "no relation found in 96 weeks"),
        ([], "too few weeks to tell whether they move together"),
    ],
)
def test_what_moves_along_is_never_said_to_drive(leads: list[Lead], words: str) -> None:
    assert reasons.lead(leads) == words


def test_a_relation_with_something_further_up_names_it() -> None:
    assert reasons.lead([Lead(1, 0.7, 60, True, True)], name="Weekly active crews").startswith(
        "moves with Weekly active crews, 1 week ahead"
    )
