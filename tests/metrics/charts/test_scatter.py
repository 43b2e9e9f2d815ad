"""Where help counts most: bubbles in four quarters, names that never overlap, one sentence."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.charts import scatter
from metrics.charts.canvas import Box
from metrics.charts.scatter import Bubble, Scatter
from tests.metrics.charts.drawings import assert_plain, marked, parsed, texts

SUCCESS = Bubble(
    "Customer Success", "Weekly crew lapse", "off_track", -0.1, 200.0, "+200 crews", "moves with it", 7
)
ONBOARDING = Bubble(
    "Onboarding", "Activation", "on_track", 1.24, 120.0, "+120 crews", "shown by an experiment", 7
)
SALES = Bubble("Sales", "Trial to paid", "at_risk", 0.52, 40.0, "+40 crews", "moves with it", 7)
PLATFORM = Bubble("Platform", "Sync", "on_track", 1.9, 10.0, "+10 crews", "assumed", 3)


def shown(*bubbles: Bubble) -> Scatter:
    return Scatter("estimated change ↑", "crews", 0, "unique", bubbles)


FOUR = shown(SUCCESS, ONBOARDING, SALES, PLATFORM)


def test_each_bet_stands_in_one_of_four_quarters() -> None:
    assert [scatter.quadrant(each, FOUR) for each in FOUR.bubbles] == [
        "big and late: help first",
        "big and fine",
        "small and late",
        "small and fine",
    ]


@pytest.mark.parametrize(
    "attainment, gain, quarter",
    [(1.0, 100.0, "big and fine"), (0.999, 100.0, "big and late: help first"), (1.0, 99.9, "small and fine")],
)
def test_on_the_plan_line_is_fine_and_half_of_the_largest_is_big(
    attainment: float, gain: float, quarter: str
) -> None:
    each = replace(SALES, attainment=attainment, gain=gain)
    assert scatter.quadrant(each, shown(SUCCESS, each)) == quarter


def test_the_sentence_names_where_most_would_be_lost() -> None:
    close = replace(SUCCESS, name="Close", attainment=0.95)
    assert scatter.sentence(shown(close, replace(SUCCESS, gain=150.0), SALES)).startswith(
        "Help counts most at Customer Success: Weekly crew lapse is foreseen to make 0% of its way, and its "
        "target is estimated to change the North Star by +200 crews."
    )


def test_the_sentence_says_when_nothing_big_is_late() -> None:
    assert "reach its target" in scatter.sentence(shown(ONBOARDING, PLATFORM))
    assert scatter.sentence(shown(ONBOARDING, SALES)).startswith("What is late is small")
    assert scatter.sentence(shown()) == "No bet has both a forecast and an estimate yet."


def test_what_would_do_harm_is_never_big() -> None:
    harm = replace(SALES, gain=-40.0)
    assert scatter.quadrant(harm, shown(harm)) == "small and late"
    assert_plain(scatter.sketch(shown(harm)).svg, width=760, height=400)


@pytest.mark.parametrize("width, height", [(760, 400), (360, 400)])
def test_the_drawing_has_shape_state_and_name_of_every_bet(width: int, height: int) -> None:
    drawn = scatter.sketch(FOUR, width=width, height=height)
    root = assert_plain(drawn.svg, width=width, height=height)

    said = texts(root)
    assert {"Customer Success", "Onboarding", "Sales", "Platform"} <= {each.replace("…", "") for each in said}
    assert "small and fine" in said and any("help first" in each for each in said)
    shapes = {name: marked(root, f"chart-bubble--{name}") for name in ("off_track", "at_risk", "on_track")}
    assert [each.tag.split("}")[1] for each in shapes["off_track"]] == ["rect"]
    assert [each.tag.split("}")[1] for each in shapes["at_risk"]] == ["path"]
    assert [each.tag.split("}")[1] for each in shapes["on_track"]] == ["circle", "circle"]
    assert drawn.keys == ()


def test_what_is_beyond_the_axis_stands_on_its_edge() -> None:
    far = scatter.sketch(shown(replace(PLATFORM, attainment=40.0), SUCCESS)).svg
    assert assert_plain(far, width=760, height=400) is not None


def test_the_table_says_the_same_with_the_largest_first() -> None:
    headers, rows = scatter.table(FOUR)
    assert headers[:3] == ("Bet", "Foreseen", "Estimated change")
    assert rows[0] == ("Customer Success: Weekly crew lapse", "−10%", "+200 crews", "moves with it", "7",
                       "big and late: help first")  # fmt: skip
    assert [row[2] for row in rows] == ["+200 crews", "+120 crews", "+40 crews", "+10 crews"]


def test_names_from_people_are_text_and_nothing_else() -> None:
    drawn = scatter.sketch(shown(replace(SALES, name='<b onload="x">', detail="\x00&"))).svg
    assert "<b" not in drawn and parsed(drawn) is not None


bubbles = st.builds(
    Bubble,
    name=st.text("Wi Mé", min_size=1, max_size=60),
    detail=st.just("Bet"),
    state=st.sampled_from(["on_track", "at_risk", "off_track"]),
    attainment=st.floats(-5, 5),
    gain=st.floats(-1e6, 1e6).map(lambda gain: round(gain, 2)),
    said=st.just("+1"),
    evidence=st.just("assumed"),
    weeks=st.integers(0, 26),
)


@given(st.lists(bubbles, max_size=40))
def test_no_two_labels_ever_overlap(some: list[Bubble]) -> None:
    for width, height in ((760, 400), (360, 400)):
        drawn = scatter.sketch(shown(*some), width=width, height=height)
        root = assert_plain(drawn.svg, width=width, height=height)
        labels = marked(root, "chart-halo")
        boxes = [_box(each) for each in labels]
        assert not [
            (one, other) for place, one in enumerate(boxes) for other in boxes[:place] if one.meets(other)
        ]
        assert all(box.right <= width + 1 and box.left >= -1 for box in boxes)


def _box(label) -> Box:
    x, y, wide = float(label.get("x")), float(label.get("y")), 8.0 * len(label.text or "")
    left = x - {"end": wide, "middle": wide / 2}.get(label.get("text-anchor"), 0.0)
    return Box(left, y - 10, left + wide, y + 3)


def test_without_bets_the_sheet_is_empty_and_whole() -> None:
    drawn = scatter.sketch(shown())
    assert_plain(drawn.svg, width=760, height=400)
    assert not re.search("chart-bubble", drawn.svg)
