"""The look as far as it can be computed: contrast, marks with words, forms wired for screen readers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template.loader import render_to_string

from northstar.ui.marks import SHAPES, WORDS
from northstar.ui.templatetags import ui

ROOT = Path(__file__).resolve().parent.parent.parent
# Mail programs read inline styles only, and have no policy of ours.
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*.html") if not p.parent.name.startswith("email"))
STATES = ("on_track", "at_risk", "off_track", "too_early", "no_data")
TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "muted") for ground in ("ground", "card", "grid", "neutral-ground")),
    *(
        (f"{tone}-ink", ground)
        for tone in ("good", "warn", "bad")
        for ground in (f"{tone}-ground", "card", "ground")
    ),
    *(("ink", f"{tone}-ground") for tone in ("good", "warn", "bad", "accent")),
    *(("accent-ink", ground) for ground in ("accent-ground", "card", "ground")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-bad", "bad"),
]
SHAPE_PAIRS = [(ink, "card") for ink in ("accent", "good", "warn", "bad", "edge", "muted")]


def test_text_has_the_contrast_of_wcag_aa_in_both_themes() -> None:
    assert not _too_weak(TEXT_PAIRS, least=4.5)


def test_lines_and_control_borders_have_three_to_one_in_both_themes() -> None:
    assert not _too_weak(SHAPE_PAIRS, least=3.0)


@pytest.mark.parametrize("state", STATES)
def test_a_state_is_shape_and_word_and_class(state: str) -> None:
    pill = ui.pill(state)
    assert f"pill--{state}" in pill
    assert SHAPES[state] in pill
    assert WORDS[state] in pill


def test_every_state_has_a_shape_of_its_own() -> None:
    assert len({SHAPES[state] for state in STATES}) == len(STATES)


def test_words_of_a_pill_are_escaped() -> None:
    assert "<b>" not in ui.pill("bad", "<b>Token expired</b>")


def test_a_bar_never_leaves_its_track_but_says_the_true_number() -> None:
    bar = ui.progress(1.31, -0.2, "on_track")
    assert 'width="100.00%"' in bar
    assert 'x="0.00%"' in bar
    assert 'aria-label="131% there, -20% expected"' in bar


def test_a_bar_without_a_value_says_so() -> None:
    assert 'aria-label="No progress known"' in ui.progress(None)


def test_initials_come_from_first_and_last_name_or_the_address() -> None:
    assert ">MK<" in ui.avatar("Maren van der Kamp")
    assert ">TE<" in ui.avatar("Teo")
    assert ">?<" in ui.avatar("")


def test_a_strip_of_pulls_shows_the_last_28_and_counts_trouble_in_words() -> None:
    strip = ui.tick_strip(["ok"] * 40 + ["failed"])
    assert strip.count("<rect") == 28
    assert "Last 28 pulls: 1 failed" in strip


def test_what_a_pull_says_cannot_end_its_strip() -> None:
    pull = SimpleNamespace(state='"><script>', share=0.5, words="</title><script>")
    assert "<script>" not in ui.tick_strip([pull], '"><script>')


def test_a_figure_cannot_end_its_script_element() -> None:
    script = ui.figure_script(json.dumps({"title": "</script><script>alert(1)</script>"}), "f")
    assert script.count("</script>") == 1
    body = script.split(">", 1)[1].rsplit("</script>", 1)[0]
    assert json.loads(body)["title"].startswith("</script>")


def test_the_chart_frame_offers_ranges_table_and_sketch() -> None:
    sketches = {
        "card": "<svg></svg>",
        "26w": "<svg id='wide'></svg>",
        "26w-small": "<svg></svg>",
        "all": "<svg></svg>",
    }
    facts = {"sentence": "A normal week.", "columns": ["Week", "Value"], "table": [["9 to 15 Nov", "4,871"]]}
    chart = SimpleNamespace(figure="{}", sketches=sketches, facts=facts)
    page = render_to_string("_chart.html", {"chart": chart, "id": "ns", "range": "26w"})
    assert re.findall(r'<button type="button" data-range="(\w+)"', page) == ["26w", "all"]
    assert "<svg id='wide'></svg>" in page
    assert "chart-sketch--small" in page
    assert 'data-chart="ns-figure"' in page and 'id="ns-figure"' in page
    assert "A normal week." in page and "9 to 15 Nov" in page


class _Goal(forms.Form):
    target = forms.DecimalField(help_text="It stands at 24.0%.")
    months = forms.ChoiceField(widget=forms.RadioSelect, choices=[("2", "2 months"), ("3", "3")])
    password = forms.CharField(widget=forms.PasswordInput, required=False)


def test_an_invalid_field_names_its_help_and_its_error() -> None:
    page = str(_Goal({"target": "12 or so"}))
    described = re.search(r'name="target"[^>]*aria-describedby="([^"]*)"', page)
    assert described is not None
    assert all(f'id="{name}"' in page for name in described.group(1).split())
    assert 'aria-invalid="true"' in page
    assert "things need another look" in page


def test_a_radio_choice_is_a_group_with_a_legend() -> None:
    page = str(_Goal())
    assert "<legend>Months</legend>" in page
    assert page.count('type="radio"') == 2


def test_unit_and_stored_secret_are_written_beside_their_controls() -> None:
    form = _Goal(initial={"password": "hunter2"})
    form.fields["target"].unit = "%"  # type: ignore[attr-defined]
    form.fields["password"].stored = "…ab12"  # type: ignore[attr-defined]
    page = str(form)
    assert '<span class="control-unit">%</span>' in page
    assert "Stored: …ab12. Leave empty to keep it." in page
    assert "hunter2" not in page


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_carry_no_inline_style_script_or_handler(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:", text)
    assert not re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_ask_nothing_of_other_hosts(path: Path) -> None:
    assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", path.read_text())


def _too_weak(pairs: list[tuple[str, str]], *, least: float) -> list[str]:
    tokens = re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (ROOT / "static/css/tokens.css").read_text()
    )
    themes = {
        "light": {name: light for name, light, _ in tokens},
        "dark": {name: dark for name, _, dark in tokens},
    }
    return [
        f"{theme}: {ink} on {ground} has {ratio:.2f}"
        for theme, colours in themes.items()
        for ink, ground in pairs
        if (ratio := _contrast(colours[ink], colours[ground])) < least
    ]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_notes_of_a_single_kind_can_be_hidden_and_brought_back() -> None:
    flag = {"id": 1, "number": 1, "kind": "release", "when": "5 Oct", "text": "New prices", "ranges": ["all"]}
    page = render_to_string("_notes.html", {"flags": [flag], "range": "all", "can_remove": False})
    assert page.count("data-hide-kind=") == 1 and 'data-hide-kind="release"' in page
    assert "<summary>Kinds of notes<span data-hidden-kinds></span></summary>" in page
    page = render_to_string("_notes.html", {"flags": [flag | {"kind": ""}], "range": "all"})
    assert "data-hide-kind" not in page


def test_notes_of_the_shown_range_come_first_and_the_others_are_folded() -> None:
    flags = [{"number": 1, "ranges": ["all"]}, {"number": 2, "ranges": ["all", "26w"]}]
    assert ui.by_view(flags, "26w") == {"shown": [flags[1]], "older": [flags[0]]}
    assert ui.by_view(flags, "all") == {"shown": [flags[1], flags[0]], "older": []}
