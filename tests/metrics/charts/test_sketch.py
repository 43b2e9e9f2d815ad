from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from metrics.charts import sketch
from metrics.charts.layout import day_label
from metrics.charts.scales import CHAR, frame
from metrics.charts.spec import Note

from .cases import CASES, TODAY, chart, focus

SVG = "{http://www.w3.org/2000/svg}"
SIZES = {"wide": (760, 320, False), "narrow": (360, 270, False), "card": (300, 90, True)}


def drawn(spec, **given):
    return ElementTree.fromstring(sketch.line(spec, **given))


def classes(root):
    return {word for each in root.iter() for word in each.get("class", "").split()}


def texts(root):
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CASES)
def test_every_case_is_well_formed_and_inside_its_box(name, size):
    width, height, small = SIZES[size]
    root = drawn(CASES[name], width=width, height=height, today=TODAY, small=small)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == root.get("aria-label")
    for each in root.iter():
        assert "style" not in each.attrib
        numbers = [each.get(key) for key in ("x", "cx", "x1")] + re.findall(
            r"[ML](-?[\d.e+]+) ", each.get("d", "")
        )
        assert all(-0.5 <= float(number) <= width + 0.5 for number in numbers if number is not None)
        heights = [each.get(key) for key in ("y", "cy")] + re.findall(r" (-?[\d.e+]+)", each.get("d", ""))
        assert all(-0.5 <= float(number) <= height + 0.5 for number in heights if number is not None)


def _boxes(root):
    for each in root.iter(f"{SVG}text"):
        long = len("".join(each.itertext())) * 6.0
        x, y = float(each.get("x")), float(each.get("y"))
        left = x - {"start": 0, "middle": long / 2, "end": long}[each.get("text-anchor", "start")]
        yield left, y - 9, left + long, y + 2, "".join(each.itertext())


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("name", [name for name in CASES if name != "hostile"])
def test_words_neither_overlap_nor_leave_the_box(name, size):
    width, height, small = SIZES[size]
    boxes = list(_boxes(drawn(CASES[name], width=width, height=height, today=TODAY, small=small)))
    for i, one in enumerate(boxes):
        assert one[0] >= -1, one
        assert one[2] <= width + 1, one
        for other in boxes[i + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)


def test_the_parts_of_a_focus_are_all_there():
    root = drawn(focus([0.25] * 30, former_target=0.3), today=TODAY)
    wanted = "actual past incomplete pace target target-former baseline window grid axis note today label end"
    assert {f"chart-{word}" for word in wanted.split()} <= classes(root)
    assert {
        "34.0%",
        "target",
        "was 30.0%",
        "baseline 24.0%",
        "window starts 7 Sep",
        "ends 6 Jan",
        "today",
    } <= set(texts(root))


def test_a_range_is_a_band():
    assert "chart-band" in classes(drawn(CASES["range"]))


def test_a_card_has_no_words():
    assert texts(drawn(focus(), small=True, width=300, height=90, today=TODAY)) == []


def test_an_empty_chart_says_so():
    assert texts(drawn(chart())) == ["No values yet"]


def test_a_line_breaks_at_a_gap():
    root = drawn(chart([1, 2, None, 4, 5]))
    assert len([each for each in root.iter(f"{SVG}path") if each.get("class") == "chart-actual"]) == 2


def test_few_short_notes_have_their_words_and_many_have_numbers():
    assert "Guided first job" in texts(drawn(focus()))
    assert "0" in texts(drawn(CASES["crowded"]))


def test_notes_outside_the_chart_are_left_out():
    far = focus(notes=(Note(date(2020, 1, 1), "Long ago", 1), Note(TODAY + timedelta(days=900), "Later", 2)))
    assert "chart-note" not in classes(drawn(far))


def test_hostile_text_stays_text():
    svg = sketch.line(CASES["hostile"], today=TODAY)
    assert "<img" not in svg
    assert "\u202e" not in svg
    assert "\x07" not in svg


def test_the_sentence_is_what_a_screen_reader_says():
    label = drawn(focus()).get("aria-label")
    assert label.startswith("Activation. 27.0%, and the plan says 29.7%. The axis starts at ")


def test_a_spark_is_the_bare_series():
    root = ElementTree.fromstring(sketch.spark(focus()))
    assert root.get("viewBox") == "0 0 90 24"
    assert classes(root) == {"chart-actual", "chart-end"}


def test_words_for_the_baseline_are_left_out_where_they_would_cross_the_line():
    jagged = [0.21 + 0.06 * (i % 2) for i in range(30)]
    assert "baseline 24.0%" not in texts(drawn(focus(jagged)))
    assert "chart-baseline" in classes(drawn(focus(jagged)))


def test_the_line_of_today_runs_through_no_words_of_the_window() -> None:
    spec = focus()
    for width in (300, 360, 420, 760):
        box = frame(spec, width=width, height=270)
        now = box.x(spec.incomplete_day)
        for day, words, side in day_label(spec, box):
            left = box.x(day) + 5 if side == "left" else box.x(day) - 5 - len(words) * CHAR
            assert not left < now < left + len(words) * CHAR
