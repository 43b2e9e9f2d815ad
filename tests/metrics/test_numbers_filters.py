"""Filters that put numbers on pages."""

from __future__ import annotations

from metrics.templatetags.numbers import way


def test_the_way_made_and_the_way_lost_are_told_in_words() -> None:
    assert [way(share) for share in (0.34, 0.0, -0.15, -0.001, 1.2)] == [
        "34% there",
        "0% there",
        "15% the wrong way",
        "0% there",
        "120% there",
    ]
