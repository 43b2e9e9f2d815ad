from __future__ import annotations

import pytest

from metrics.charts.edges import edge_rows, spread
from metrics.charts.scales import frame

from .cases import CASES


def test_labels_at_the_edge_are_pushed_apart_but_stay_inside():
    assert spread([10, 12, 90], gaps=[14] * 3, low=0, high=100) == [10, 24, 90]
    assert spread([95, 99], gaps=[14] * 2, low=0, high=100) == [86, 100]


def test_words_that_belong_together_stay_together():
    for name in ("forecast", "forecast beyond the window", "range with forecast", "signals"):
        spec = CASES[name]
        rows = edge_rows(spec, frame(spec, width=360, height=270))
        heights = {role: y for y, _, role in rows}
        if "cone-label" in heights:
            assert heights["cone-word"] - heights["cone-label"] == pytest.approx(14)
        ordered = sorted(y for y, _, _ in rows)
        assert all(low - high > 13.9 for high, low in zip(ordered, ordered[1:], strict=False))


def test_bounds_that_were_chosen_have_no_empty_decimals():
    spec = CASES["range"]
    assert [words for _, words, _ in edge_rows(spec, frame(spec, width=760, height=320))] == [
        "0\N{NO-BREAK SPACE}s",
        "2\N{NO-BREAK SPACE}s",
    ]
