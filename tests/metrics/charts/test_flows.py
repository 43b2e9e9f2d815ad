from __future__ import annotations

from datetime import date, timedelta

import pytest

from metrics.charts import flows
from metrics.charts.flows import Flows, FlowWeek

from .cases import HOSTILE, LAST
from .drawings import assert_plain, marked, parsed, texts

MINUS, NBSP = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"


def week(back=0, *, new=180.0, back_again=60.0, lapsed=190.0, name="New"):
    ins = ((name, new), ("Reactivated", back_again))
    return FlowWeek(LAST - timedelta(weeks=back), ins, (("Lapsed", lapsed),))


QUARTER = tuple(week(back) for back in reversed(range(13)))


def grown(weeks=QUARTER, **changed):
    given = {"title": "What came and went", "unit": "crews", "decimals": 0, "sentence": "Net +50."}
    return Flows(**{**given, "weeks": tuple(weeks), **changed})


CASES = {
    "usual": grown(),
    "none": grown(()),
    "one week": grown([week()]),
    "nothing happened": grown([week(1, new=0, back_again=0, lapsed=0), week(new=0, back_again=0, lapsed=0)]),
    "only losses": grown([FlowWeek(LAST, (), (("Lapsed", 9.0), ("Downgraded", 3.0)))]),
    "a year": grown(week(i) for i in reversed(range(52))),
    "hostile": grown([week(name=HOSTILE)], title=HOSTILE, unit=HOSTILE, sentence=HOSTILE),
}


@pytest.mark.parametrize("width", [360, 760])
@pytest.mark.parametrize("name", CASES)
def test_every_case_is_well_formed_and_inside_its_box(name, width):
    root = assert_plain(flows.sketch(CASES[name], width=width, height=260), width=width, height=260)
    assert not any("<img" in text for text in texts(root) if name != "hostile")


def test_the_parts_of_a_week_stack_up_to_its_net():
    parts = flows.pieces(week())
    assert [(part.inner, part.outer) for part in parts] == [(0, 180), (180, 240), (0, -190)]
    assert sum(part.value for part in parts) == week().net == 50


def test_sizes_may_come_with_or_without_a_sign():
    assert week(lapsed=-190.0).net == week(lapsed=190.0).net


def test_ins_stand_above_the_line_and_outs_hang_below_it():
    root = parsed(flows.sketch(grown()))
    ups, downs = marked(root, "chart-flow-in"), marked(root, "chart-flow-out")
    zero = float(marked(root, "chart-foot")[0].get("d").split()[-1])
    ups = [each for each in ups if each.get("y")]
    downs = [each for each in downs if each.get("y")]
    assert len(ups) == 26
    assert len(downs) == 13
    assert all(float(each.get("y")) < zero for each in ups)
    assert all(float(each.get("y")) == pytest.approx(zero, abs=0.11) for each in downs)


def test_every_part_is_named_at_the_edge_and_looks_its_own():
    root = parsed(flows.sketch(grown()))
    assert {"New", "Reactivated", "Lapsed", "Net"} <= set(texts(root))
    looks = {(piece.side, piece.look) for piece in flows.pieces(week())}
    assert looks == {("in", "solid"), ("in", "hatched"), ("out", "hatched")}


def test_the_net_runs_through_every_week():
    root = parsed(flows.sketch(grown()))
    assert len([each for each in marked(root, "chart-net") if each.get("r")]) == 13


def test_the_table_has_the_newest_week_first_with_signs():
    headers, rows = flows.table(grown())
    assert headers == ("Week", "New", "Reactivated", "Lapsed", "Net")
    assert rows[0] == (
        "9 to 15 Nov 2026",
        f"+180{NBSP}crews",
        f"+60{NBSP}crews",
        f"{MINUS}190{NBSP}crews",
        f"+50{NBSP}crews",
    )
    assert date(2026, 11, 9) == LAST


def test_hostile_names_stay_text():
    svg = flows.sketch(CASES["hostile"])
    assert "<img" not in svg
    assert "\u202e" not in svg
