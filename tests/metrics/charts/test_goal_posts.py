from __future__ import annotations

from datetime import timedelta

import pytest

from metrics.charts import figures, goal_posts, sketch
from metrics.charts.spec import FormerGoal

from .cases import END, START, TODAY, focus
from .drawings import assert_plain, marked, parsed, texts

MOVED = START + timedelta(weeks=3)
FORMER = FormerGoal(START, MOVED, 0.30, 0.34)
FIRST_END = END - timedelta(weeks=5)


def moved(**changed):
    return focus(former_goals=(FORMER,), first_end=FIRST_END, **changed)


@pytest.mark.parametrize("width", [360, 760])
def test_a_moved_chart_is_well_formed_and_inside_its_box(width):
    assert_plain(sketch.line(moved(), width=width, height=320, today=TODAY), width=width, height=320)


def test_a_former_goal_runs_to_its_day_and_steps_to_the_new_one():
    assert goal_posts.steps(FORMER, first=START, last=END) == [(START, 0.30), (MOVED, 0.30), (MOVED, 0.34)]
    later = MOVED + timedelta(days=1)
    assert goal_posts.steps(FORMER, first=later, last=END) == []
    assert goal_posts.steps(FormerGoal(START, END, 0.3), first=MOVED, last=later) == [
        (MOVED, 0.3),
        (later, 0.3),
    ]


def test_sketch_and_figure_show_the_same():
    root = parsed(sketch.line(moved(), today=TODAY))
    assert len(marked(root, "chart-target-former")) == 1 and "first end" in texts(root)
    figure = figures.line(moved())
    [trace] = [each for each in figure["data"] if each["meta"]["role"] == "target-former"]
    assert trace["y"] == [0.30, 0.30, 0.34] and trace["x"][1] == trace["x"][2] == MOVED.isoformat()
    assert "first-end" in [shape["name"] for shape in figure["layout"]["shapes"]]
    assert "first-end-label" in [label["name"] for label in figure["layout"]["annotations"]]


def test_a_card_is_spared_them():
    small = sketch.line(moved(), width=300, height=90, small=True)
    assert "former" not in small and "first end" not in small
