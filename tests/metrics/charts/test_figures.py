from __future__ import annotations

import json
import re

import pytest

from metrics.charts import figures, sketch
from metrics.charts.scales import frame
from metrics.charts.spec import RANGES, clip
from metrics.charts.tracing import plotly_text

from .cases import CASES, HOSTILE, chart, focus

NBSP = "\N{NO-BREAK SPACE}"


def roles(figure):
    return [trace["meta"]["role"] for trace in figure["data"]]


def words(found):
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for each in found.values():
            yield from words(each)
    elif isinstance(found, list | tuple):
        for each in found:
            yield from words(each)


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_a_valid_figure_of_plain_json(name):
    text = json.dumps(figures.line(CASES[name], ranges=RANGES), allow_nan=False)
    assert json.loads(text)["layout"]["meta"]["views"].keys() == RANGES.keys()


def test_traces_carry_their_roles():
    assert roles(figures.line(focus(former_target=0.3))) == [
        "pace",
        "target-former",
        "baseline",
        "past",
        "actual",
        "incomplete",
        "end",
        "target",
        "note",
    ]


def test_shapes_and_labels_carry_theirs():
    layout = figures.line(focus(low=0.2))["layout"]
    assert [shape["name"] for shape in layout["shapes"]] == ["band", "window"]
    names = {label["name"] for label in layout["annotations"]}
    assert names == {
        *("target-label", "target-word", "bound-label", "window-label", "baseline-label", "note-label")
    }


def test_a_figure_knows_no_colour_and_no_template():
    text = json.dumps(figures.line(focus(), ranges=RANGES))
    assert not re.search(r"color|#[0-9a-f]{3,6}\b|rgb", text)
    assert '"template"' not in text


def test_hover_tells_period_value_plan_and_difference():
    actual = figures.line(focus())["data"][3]
    assert actual["meta"]["role"] == "actual"
    assert actual["text"][-1] == (
        f"<b>9 to 15 Nov 2026</b><br>28.3%<br>plan 29.7%, difference \N{MINUS SIGN}1.4{NBSP}pp"
    )


def test_gaps_stay_gaps():
    trace = figures.line(chart([1, None, 3]))["data"][0]
    assert trace["y"] == [1, None, 3]
    assert trace["connectgaps"] is False


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("box", figures.FRAMES)
def test_figure_and_sketch_share_their_scale(name, box):
    spec = clip(focus([0.24] * 90), RANGES[name])
    width, height = figures.FRAMES[box]
    view = figures.line(focus([0.24] * 90), ranges=RANGES)["layout"]["meta"]["views"][name][box]
    drawn = frame(spec, width=width, height=height)
    assert view["yaxis"]["range"] == [drawn.low, drawn.high]
    assert view["xaxis"]["range"] == [drawn.first.isoformat(), drawn.last.isoformat()]
    svg = sketch.line(spec, width=width, height=height)
    assert all(f">{label}</text>" in svg for label in view["yaxis"]["ticktext"])
    plot = view["plot"]
    assert f'data-plot="{plot["l"]:g} {plot["t"]:g} {plot["r"]:g} {plot["b"]:g}"' in svg


def test_user_text_is_only_text():
    assert plotly_text(HOSTILE) == 'img src=x onerror="alert(1)" & "quoted"'
    assert len(plotly_text("x" * 500)) == 200
    for text in words(figures.line(CASES["hostile"], ranges=RANGES)):
        left = text.replace("<b>", "").replace("</b>", "").replace("<br>", "").replace("<extra></extra>", "")
        assert "<" not in left
        assert "\u202e" not in text
