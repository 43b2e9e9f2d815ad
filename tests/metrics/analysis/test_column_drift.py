from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.column_drift import Drift, between, likeness, words

NAMES = st.lists(st.text(min_size=1, max_size=8), max_size=6)


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        (
            ("period", "amount"),
            ("period", "amount_eur"),
            "The column amount is gone; amount_eur is new. Did somebody rename it?",
        ),
        (("period", "amount"), ("period",), "The column amount is gone."),
        (("period",), ("period", "currency"), "The column currency is new."),
        (("day", "amount"), ("day", "zone"), "The column amount is gone; zone is new."),
        (
            ("day", "net", "gross"),
            ("day", "net_eur", "gross_eur", "tax"),
            "The columns net, gross are gone; net_eur, gross_eur, tax are new. "
            "Did somebody rename net to net_eur, gross to gross_eur?",
        ),
        (("day", "amount"), ("amount", "day"), ""),
        ([*"abcdefgh"], [], "The columns a, b, c, d, e and 3 more are gone."),
    ],
)
def test_a_difference_of_columns_is_one_sentence(before, now, sentence) -> None:
    assert words(between(before, now)) == sentence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("amount", "amount_eur"),
        ("customerId", "customer_id"),
        ("created", "created_at"),
        ("Umsatz", "umsatz"),
        ("sessions", "session"),
    ],
)
def test_names_that_people_rename_to_are_alike(one, other) -> None:
    assert likeness(one, other) >= 0.6


@pytest.mark.parametrize(("one", "other"), [("amount", "zone"), ("day", "value"), ("id", "paid_at")])
def test_other_names_are_not(one, other) -> None:
    assert likeness(one, other) < 0.6


@given(NAMES, NAMES)
def test_each_name_is_renamed_once_and_only_between_what_is_gone_and_new(before, now) -> None:
    drift = between(before, now)
    olds, news = [old for old, _ in drift.renamed], [new for _, new in drift.renamed]
    assert len(set(olds)) == len(olds) and set(olds) <= set(drift.gone) == set(before) - set(now)
    assert len(set(news)) == len(news) and set(news) <= set(drift.new) == set(now) - set(before)


@given(NAMES)
def test_the_same_columns_in_another_order_are_no_difference(names) -> None:
    assert between(names, names[::-1]) == Drift()
    assert not between(names, names)
