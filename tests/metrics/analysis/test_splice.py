"""Two definitions side by side are told apart, never joined."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from metrics.analysis.points import Point
from metrics.analysis.splice import splice

FIRST = date(2025, 9, 1)


def weeks(*values: float | None) -> list[Point]:
    return [Point(FIRST + timedelta(weeks=number), value) for number, value in enumerate(values)]


OLD = weeks(910, 925, 918, 930)
NEW = weeks(846, 861, 855, 864)


def test_the_worked_example_reads_seven_percent_lower() -> None:
    found = splice(OLD, NEW, least=4)

    assert found is not None and found.ratio == pytest.approx(0.93022, abs=5e-6)
    assert found.words == (
        "The new definition reads about 7.0% lower than the one before "
        "in 4 weeks that were counted both ways."
    )


def test_seven_weeks_are_too_few_to_compare() -> None:
    assert splice(weeks(*[10.0] * 7), weeks(*[9.0] * 7)) is None
    assert splice(weeks(*[10.0] * 8), weeks(*[9.0] * 8)) is not None


def test_only_complete_weeks_with_both_values_count() -> None:
    old = [*weeks(*[10.0] * 8, None, 10.0)]
    new = weeks(*[11.0] * 9, 99.0)
    new[-1] = replace(new[-1], complete=False)

    found = splice(old, new)

    assert found is not None and (found.ratio, found.weeks) == (pytest.approx(1.1), 8)
    assert "10.0% higher" in found.words


def test_nothing_is_divided_by_an_empty_past() -> None:
    assert splice(weeks(*[0.0] * 8), weeks(*[1.0] * 8)) is None


def test_no_difference_is_said_as_none() -> None:
    found = splice(weeks(*[10.0] * 8), weeks(*[10.0] * 8))

    assert found is not None and "reads the same as the one before" in found.words
