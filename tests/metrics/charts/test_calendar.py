"""The coverage calendar: every state has a shape of its own, every square says what it is."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from metrics import covering
from metrics.charts import calendar
from metrics.charts.calendar import Square

MONDAY = date(2026, 6, 1)


def days(count: int, state: str = "ok") -> list[Square]:
    return [Square(MONDAY + timedelta(days=n), state, f"day {n}") for n in range(count)]


def test_days_stand_in_columns_of_weeks_with_monday_on_top() -> None:
    svg = calendar.draw(days(15), "day", says="Coverage")
    at = re.findall(r'<rect class="sq-known" x="([\d.]+)" y="([\d.]+)"', svg)
    assert (
        at[0] == ("30", "18") and at[1] == ("30", "33") and at[7] == ("45", "18") and at[14] == ("60", "18")
    )
    assert svg.count("<title>day ") == 15


def test_a_first_day_within_a_week_keeps_its_row() -> None:
    svg = calendar.draw([Square(date(2026, 6, 4), "ok", "Thursday")], "day", says="Coverage")
    assert re.search(r'class="sq-known" x="30" y="63"', svg)


@pytest.mark.parametrize(("grain", "step"), [("week", timedelta(days=7)), ("month", None)])
def test_weeks_and_months_stand_in_one_row(grain: str, step: timedelta | None) -> None:
    starts = [MONDAY + step * n if step else date(2026, 1 + n, 1) for n in range(5)]
    svg = calendar.draw([Square(day, "ok", "x") for day in starts], grain, says="Coverage")
    assert len(set(re.findall(r'class="sq-known" x="[\d.]+" y="([\d.]+)"', svg))) == 1


def test_no_two_states_have_the_same_shape() -> None:
    shapes = {state: re.sub(r' class="[^"]*"', "", calendar.key(state)) for state in covering.STATES}
    # Without any colour; the dash of the unknown one is in the stylesheet, its fill is not.
    assert len({*shapes.values()}) == len(covering.STATES)


def test_what_a_square_says_cannot_end_the_drawing() -> None:
    svg = calendar.draw([Square(MONDAY, "ok", "</title><script>")], "week", says='"><script>')
    assert "<script>" not in svg
