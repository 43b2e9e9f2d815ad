"""A sketch as a picture: the colours of the page, every letter there, and nothing from outside."""

from __future__ import annotations

import re
import shutil
from xml.etree import ElementTree

import pytest

from metrics.charts import (
    calendar,
    effect,
    flows,
    funnel_trend,
    letters,
    picture,
    reliability,
    scatter,
    six_twelve,
    sketch,
    stylesheet,
    waterfall,
)
from metrics.charts.picture import Caption, Look, PictureError
from tests.metrics.charts import test_effect, test_flows, test_scatter, test_waterfall
from tests.metrics.charts.cases import CASES, HOSTILE, TODAY, chart, focus
from tests.metrics.charts.test_calendar import days
from tests.metrics.charts.test_funnel_trend import trend
from tests.metrics.charts.test_reliability import HELD
from tests.metrics.charts.test_six_twelve import crews

SVG = "{http://www.w3.org/2000/svg}"
BOX = {"width": 760, "height": 320}
#: One of each drawing that the server makes, beside the sketches of charts.
DRAWINGS = {
    "waterfall": waterfall.sketch(test_waterfall.why(), **BOX),
    "flows": flows.sketch(test_flows.grown(), **BOX),
    "six and twelve": six_twelve.sketch(crews(), **BOX),
    "reliability": reliability.sketch(HELD, **BOX),
    "scatter": scatter.sketch(test_scatter.FOUR, **BOX).svg,
    "effect": effect.sketch(test_effect.compared(), **BOX),
    "calendar": calendar.draw(days(9, "missing"), "day", says="Coverage"),
    "trend": funnel_trend.sketch(trend(0.24, 0.25, None, 0.24, 0.1, 0.02, waiting=2)),
}
SHAPES = {f"{SVG}{name}" for name in ("path", "rect", "circle", "text", "line", "polyline")}
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">'


def styles(svg: str) -> list[dict[str, str]]:
    return [each.attrib for each in ElementTree.fromstring(svg).iter() if each.tag in SHAPES]


@pytest.mark.parametrize("theme", picture.THEMES)
@pytest.mark.parametrize("name", [*CASES, *DRAWINGS])
def test_every_shape_of_every_drawing_has_a_colour_of_its_theme(name: str, theme: str) -> None:
    drawn = DRAWINGS[name] if name in DRAWINGS else sketch.line(CASES[name], today=TODAY)
    svg = picture.svg(drawn, Look(theme, "on_track"))
    assert all(each.get("fill") for each in styles(svg))
    assert not re.search(r"var\(|light-dark|class=|style=|href|url\(|data-", svg)
    sheet = stylesheet.SHEET.read_text().lower()
    assert all(f"{colour}" in sheet or colour in _functional(sheet) for colour in _colours(svg))


def _colours(svg: str) -> set[str]:
    return set(re.findall(r'"(#[0-9a-f]{3,8})"', svg.lower()))


def _functional(sheet: str) -> set[str]:
    found = re.findall(r"rgb\((\d+) (\d+) (\d+) /", sheet)
    return {"#" + "".join(f"{int(part):02x}" for part in each) for each in found}


def test_the_line_has_the_colour_of_its_state_as_on_the_page() -> None:
    drawn = sketch.line(focus(), today=TODAY)

    def line(look: Look) -> set[str | None]:
        return {
            each.get("stroke")
            for each in styles(picture.svg(drawn, look))
            if each.get("stroke-width") == "2.4"
        }

    assert line(Look("light", "on_track")) == {"#0f8a6d"}
    assert line(Look("dark", "on_track")) == {"#4fd1a5"}
    assert line(Look("light", "off_track")) == {"#c2334d"}
    assert line(Look("light")) == {"#3b5bdb"}


def test_a_rule_with_more_to_it_wins_and_a_later_one_among_equals() -> None:
    rules = list(
        stylesheet.read(
            ".a { fill: #111; } path.a { fill: #222; } .b { --x: 1; } @media print { .a { fill: #333; } }"
        )
    )
    assert [rule.declared for rule in rules] == [(("fill", "#111"),), (("fill", "#222"),), (("--x", "1"),)]
    assert rules[1].weight > rules[0].weight


@pytest.mark.parametrize("theme", picture.THEMES)
def test_a_png_is_as_wide_as_asked_and_shows_its_words(theme: str) -> None:
    drawn = sketch.line(focus(), today=TODAY)
    whole = picture.png(drawn, Look(theme), width=600)
    assert picture.size(whole) == (1200, 506)
    assert picture.size(picture.png(drawn, Look(theme), width=300, scale=1)) == (300, 127)
    silent = picture.png(re.sub(r"<text.*?</text>", "", drawn), Look(theme), width=600)
    assert len(whole) > len(silent) * 1.3
    assert picture.png(drawn, Look(theme), width=600) == whole


def test_words_around_a_picture_make_it_higher_and_are_escaped() -> None:
    drawn = sketch.line(focus(), today=TODAY)
    bare, framed = (
        picture.png(drawn, Look(), caption, width=600) for caption in (None, Caption("A", "B", "C"))
    )
    assert picture.size(framed)[1] > picture.size(bare)[1]
    hostile = picture.svg(drawn, Look(), Caption(HOSTILE, HOSTILE, HOSTILE))
    ElementTree.fromstring(hostile)
    assert "<img" not in hostile and "\u202e" not in hostile


def test_a_letter_that_the_font_does_not_have_is_a_square_and_never_nothing() -> None:
    assert letters.drawable("Łódź → 5%, Δ und Ж") == "Łódź → 5%, Δ und Ж"
    assert letters.drawable("漢字 a") == "□□ a"
    named = HEAD + '<text class="chart-axis" x="0" y="9">{}</text></svg>'
    unknown, none = (picture.png(named.format(words), width=40) for words in ("漢字", "□□"))
    assert unknown == none
    assert "漢字" in picture.svg(named.format("漢字"))


def test_without_the_fonts_or_the_stylesheet_there_is_an_error_and_no_picture(tmp_path, monkeypatch) -> None:
    drawn = sketch.line(focus(), today=TODAY)
    with monkeypatch.context() as changed:
        changed.setattr(letters, "FOLDER", tmp_path)
        shutil.copy(letters.__file__, tmp_path / "inter-400.ttf")
        with pytest.raises(PictureError, match=r"inter-600.ttf is missing"):
            picture.png(drawn, width=600)
    stylesheet.rules.cache_clear()
    stylesheet.by_subject.cache_clear()
    monkeypatch.setattr(stylesheet, "SHEET", tmp_path / "northstar.css")
    with pytest.raises(PictureError, match="make assets"):
        picture.svg(drawn)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "<p>no drawing</p>",
        "<svg",
        HEAD + "</svg>",
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1e9"><path d="M0 0"/></svg>',
        HEAD + '<image href="https://elsewhere.example/x.png"/></svg>',
        HEAD + '<use href="#a"/></svg>',
        HEAD + "<script>1</script></svg>",
        HEAD + "<style>a{}</style></svg>",
        '<!DOCTYPE svg [<!ENTITY a "aa">]>' + HEAD + "<text>&a;</text></svg>",
        HEAD + "x" * picture.MOST_LETTERS + "</svg>",
    ],
)
def test_what_is_no_drawing_or_more_than_one_is_refused(bad: str) -> None:
    with pytest.raises(PictureError):
        picture.png(bad, width=600)


def test_a_picture_is_not_larger_than_memory_likes() -> None:
    drawn = sketch.line(focus(), today=TODAY)
    for width in (0, 100_000):
        with pytest.raises(PictureError, match="too large"):
            picture.png(drawn, width=width)
    with pytest.raises(PictureError, match="theme"):
        picture.png(drawn, Look("pink"), width=600)


def test_shapes_that_show_nothing_are_no_picture() -> None:
    with pytest.raises(PictureError, match="empty"):
        picture.png(HEAD + '<path class="chart-grid" d="M-9 -9L-8 -8"/></svg>', width=60)


def test_what_refers_elsewhere_or_acts_does_not_come_along() -> None:
    acts = 'class="chart-grid" onclick="x()" style="fill:url(http://a)"'
    linked = f'<a href="https://elsewhere.example/"><path {acts} d="M0 0L5 5"/></a></svg>'
    svg = picture.svg(HEAD + linked)
    assert not re.search(r"elsewhere|onclick|url\(|http://a", svg)
    assert '<g><path d="M0 0L5 5"' in svg


def test_an_empty_chart_says_so() -> None:
    assert "No values yet" in picture.svg(sketch.line(chart()))
