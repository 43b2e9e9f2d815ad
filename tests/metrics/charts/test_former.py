from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from metrics.charts import figures, sketch
from metrics.charts.scales import value_range
from metrics.charts.spec import clip

from .cases import CASES

FORMER = CASES["former definition"]


def test_the_former_series_is_never_joined_to_the_new_one() -> None:
    data = {trace["meta"]["role"]: trace for trace in figures.line(FORMER)["data"]}
    assert max(data["former"]["x"]) < min(data["actual"]["x"])
    assert len(data["former"]["x"]) == len(FORMER.grey)


def test_the_break_stands_where_the_new_definition_begins_and_says_so() -> None:
    layout = figures.line(FORMER)["layout"]
    (line,) = [shape for shape in layout["shapes"] if shape["name"] == "break"]
    assert line["x0"] == FORMER.points[0].start.isoformat()
    assert "definition changed" in sketch.line(FORMER)
    labels = [each["text"] for each in layout["annotations"] if each["name"] == "break-label"]
    assert labels == ["definition changed"]


def test_both_definitions_are_in_view_unless_one_would_flatten_the_other() -> None:
    seen = value_range(replace(FORMER, grey=tuple(replace(p, value=p.value + 170) for p in FORMER.grey)))
    assert seen[0] < 870
    assert seen[1] > 957
    flat = replace(FORMER, grey=tuple(replace(point, value=1.0) for point in FORMER.grey))
    assert value_range(flat)[0] > 800


def test_a_range_counts_the_weeks_of_both() -> None:
    part = clip(FORMER, 20)
    assert len(part.points) == 12
    assert len(part.grey) == 8
    assert part.points[0].start - part.grey[-1].start == timedelta(weeks=1)
