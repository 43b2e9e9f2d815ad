from __future__ import annotations

import pytest

from metrics.charts import waterfall
from metrics.charts.waterfall import Step, Waterfall

from .cases import HOSTILE
from .drawings import assert_plain, marked, parsed, texts

MINUS = "\N{MINUS SIGN}"
STEPS = (
    Step("4 weeks to 16 Aug", 4684.0, "total"),
    Step("Paying accounts", 253.0),
    Step("Crews per account", 26.0),
    Step("Engaged share", -92.0),
    Step("Other", -12.0, "rest"),
    Step("4 weeks to 15 Nov", 4859.0, "total"),
)


def why(steps=STEPS, **changed):
    given = {
        "title": "Why it moved",
        "unit": "crews",
        "decimals": 0,
        "kind": "unique",
        "sentence": "Engaged.",
    }
    return Waterfall(**{**given, "steps": steps, **changed})


CASES = {
    "usual": why(),
    "none": why(()),
    "one": why((Step("Now", 5.0, "total"),)),
    "nothing moved": why((Step("Before", 5.0, "total"), Step("A", 0.0), Step("Now", 5.0, "total"))),
    "all zero": why((Step("Before", 0.0, "total"), Step("Now", 0.0, "total"))),
    "below zero": why((Step("Before", 3.0, "total"), Step("A", -8.0), Step("Now", -5.0, "total"))),
    "many": why((STEPS[0], *(Step(f"Part with a long name {i}", (-1) ** i * 9.0 * i) for i in range(9)))),
    "hostile": why((Step(HOSTILE, 5.0, "total"), Step(HOSTILE, 2.0)), title=HOSTILE, unit=HOSTILE),
}


@pytest.mark.parametrize("width", [360, 760])
@pytest.mark.parametrize("name", CASES)
def test_every_case_is_well_formed_and_inside_its_box(name, width):
    assert_plain(waterfall.sketch(CASES[name], width=width, height=280), width=width, height=280)


def test_bars_begin_where_the_last_one_ended_and_add_up():
    first, *changes, last = waterfall.bars(why())
    level = first.end
    for bar in changes:
        assert bar.start == level
        level = bar.end
    assert level == last.end == 4859
    assert [bar.role for bar in (first, *changes, last)] == ["total", "rise", "rise", "fall", "rest", "total"]


def test_the_height_of_a_standing_bar_is_its_change():
    root = parsed(waterfall.sketch(why(), width=760))
    heights = [float(each.get("height")) for each in marked(root, "chart-bar")]
    assert heights[1] / heights[3] == pytest.approx(253 / 92, rel=0.02)


def test_the_length_of_a_lying_bar_is_its_change():
    root = parsed(waterfall.sketch(why(), width=360))
    lengths = [float(each.get("width")) for each in marked(root, "chart-bar")]
    assert lengths[1] / lengths[3] == pytest.approx(253 / 92, rel=0.02)


def test_totals_are_cut_only_where_the_changes_would_vanish_and_it_is_said():
    assert len(marked(parsed(waterfall.sketch(why())), "chart-cut")) == 2
    assert "do not begin at zero" in waterfall.sketch(why())
    large = why((Step("Before", 10.0, "total"), Step("A", 8.0), Step("Now", 18.0, "total")))
    assert not marked(parsed(waterfall.sketch(large)), "chart-cut")
    assert waterfall.floor(large)[0] == 0


def test_rise_and_fall_differ_without_colour():
    root = parsed(waterfall.sketch(why()))
    assert len(marked(root, "chart-hatch")) == len(marked(root, "chart-fall")) == 1


def test_where_less_is_better_a_rise_is_the_worse_one():
    assert "chart-rise chart-better" in waterfall.sketch(why())
    assert "chart-rise chart-worse" in waterfall.sketch(why(direction="down"))


@pytest.mark.parametrize("width", [360, 760])
def test_every_bar_has_its_name_and_value(width):
    words = " ".join(texts(parsed(waterfall.sketch(why(), width=width))))
    for part in ("4,684", "+253", f"{MINUS}92", "4,859", "Engaged share", "Other"):
        assert part in words


def test_the_table_has_every_change_and_the_level_after_it():
    headers, rows = waterfall.table(why())
    assert headers == ("Part", "Change", "Level")
    assert rows[0] == ("4 weeks to 16 Aug", "", "4,684\N{NO-BREAK SPACE}crews")
    assert rows[3][1:] == (f"{MINUS}92\N{NO-BREAK SPACE}crews", "4,871\N{NO-BREAK SPACE}crews")


def test_hostile_names_stay_text():
    for width in (360, 760):
        svg = waterfall.sketch(CASES["hostile"], width=width)
        assert "<img" not in svg
        assert "\u202e" not in svg
