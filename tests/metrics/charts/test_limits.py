from __future__ import annotations

from xml.etree import ElementTree

from metrics.charts import figures, limits, sketch
from metrics.charts.spec import SignalMark

from .cases import CASES, signals


def trace(role):
    return next(each for each in figures.line(CASES["signals"])["data"] if each["meta"]["role"] == role)


def test_every_rule_has_its_own_shape() -> None:
    day = CASES["signals"].points[0].start
    shapes = {limits.shape_of(SignalMark(day, 1.0, rule)) for rule in range(1, 5)}
    assert shapes == {"circle", "diamond", "square", "triangle"}


def test_two_signals_at_one_point_lie_around_each_other() -> None:
    _, first, second = limits.ringed(CASES["signals"])
    assert first[0] == second[0]
    assert second[2] > first[2]


def test_each_segment_keeps_its_own_limits_and_a_missing_one_is_not_drawn() -> None:
    assert trace("limit")["y"] == [46.0, 46.0, None, 58.0, 58.0, None, 66.2, 66.2]
    assert trace("centre")["y"] == [52.0, 52.0, None, 57.6, 57.6]


def test_the_newest_limits_are_written_at_the_edge() -> None:
    drawn = ElementTree.fromstring(sketch.line(CASES["signals"]))
    words = ["".join(each.itertext()) for each in drawn.iter() if each.tag.endswith("text")]
    at_edge = [word for word in words if word in ("66", "58", "limit", "centre")]
    assert at_edge == ["66", "limit", "58", "centre"]


def test_figure_and_sketch_have_a_shape_for_each_signal_and_a_mark_for_each_revision() -> None:
    svg = sketch.line(CASES["signals"])
    assert svg.count("chart-signal") == len(trace("signal")["x"]) == 3
    assert svg.count("chart-restated") == len(trace("restated")["x"]) == 1
    assert trace("signal")["marker"]["symbol"] == ["diamond", "circle", "square"]


def test_what_is_unusual_is_said_where_the_point_is_hovered() -> None:
    assert trace("actual")["text"][-1].endswith("above the upper limit; three of four near the limit")
    assert trace("actual")["text"][6].endswith("<br>restated")


def test_words_of_a_signal_stay_text() -> None:
    hostile = signals(signals=(SignalMark(CASES["signals"].points[3].start, 53.0, 1, "<b onclick=x>&"),))
    svg = sketch.line(hostile)
    ElementTree.fromstring(svg)
    assert "<b " not in svg
    assert "&lt;b onclick=x&gt;&amp;" in svg


def test_a_small_card_has_neither_limits_nor_signals() -> None:
    assert "chart-limit" not in sketch.line(CASES["signals"], small=True)
    assert "chart-signal" not in sketch.spark(CASES["signals"])
