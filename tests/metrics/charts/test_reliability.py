from __future__ import annotations

import pytest

from metrics.charts import reliability
from metrics.charts.canvas import Box
from metrics.charts.reliability import Bin

from .cases import HOSTILE
from .drawings import assert_plain, marked, parsed, texts

HELD = [Bin(chance, chance, 10) for chance in (0.1, 0.3, 0.5, 0.7, 0.9)]
CASES = {
    "held": HELD,
    "nothing": [],
    "empty group": [Bin(0.5, 0.0, 0), Bin(0.9, 1.0, 3)],
    "ends": [Bin(0.0, 0.0, 1), Bin(1.0, 1.0, 4000), Bin(0.0, 1.0, 7)],
}


@pytest.mark.parametrize(("width", "height"), [(360, 320), (760, 320)])
@pytest.mark.parametrize("name", CASES)
def test_every_case_is_well_formed_and_inside_its_box(name, width, height):
    assert_plain(reliability.sketch(CASES[name], width=width, height=height), width=width, height=height)


def test_what_held_lies_on_the_diagonal():
    places = [reliability.place(each, Box(0, 0, 100, 100)) for each in HELD]
    assert all(x + y == pytest.approx(100) for x, y in places)


def test_what_happened_less_often_than_said_lies_below_it():
    _, said = reliability.place(Bin(0.8, 0.8, 5), Box(0, 0, 100, 100))
    _, came = reliability.place(Bin(0.8, 0.4, 5), Box(0, 0, 100, 100))
    assert came > said


def test_the_area_of_a_dot_goes_with_its_count():
    root = parsed(reliability.sketch([Bin(0.2, 0.2, 36), Bin(0.8, 0.8, 9)]))
    large, small = (float(each.get("r")) for each in marked(root, "chart-dot"))
    assert (large / small) ** 2 == pytest.approx(4)


def test_few_forecasts_are_an_open_dot_and_none_have_no_dot():
    root = parsed(reliability.sketch(CASES["empty group"]))
    assert len(marked(root, "chart-dot")) == len(marked(root, "chart-dot-few")) == 1
    assert "3" in texts(root)


def test_without_forecasts_it_says_so():
    assert "Nothing to compare yet" in texts(parsed(reliability.sketch([])))


def test_the_table_says_how_many_of_how_many():
    headers, rows = reliability.table([Bin(0.81, 0.75, 20), Bin(0.5, 0.0, 0)])
    assert headers == ("Said", "Happened", "Forecasts")
    assert rows == [("81%", "75%", "15 of 20"), ("50%", "\N{EN DASH}", "0 of 0")]


def test_a_hostile_title_stays_text():
    assert "<img" not in reliability.sketch(HELD, title=HOSTILE)
