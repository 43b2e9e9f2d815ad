from __future__ import annotations

from datetime import timedelta

import pytest

from metrics.analysis.effect import Ahead
from metrics.analysis.points import Point
from metrics.charts import effect
from metrics.charts.effect import Compared

from .cases import HOSTILE, LAST, weeks
from .drawings import assert_plain, marked, parsed, texts

DUE = LAST + timedelta(days=6)


def path(*means, width=20.0):
    first = DUE - timedelta(weeks=len(means) - 1)
    return tuple(
        Ahead(first + timedelta(weeks=n), mean, mean - width * (n + 1), mean + width * (n + 1))
        for n, mean in enumerate(means)
    )


def compared(**changed):
    given = {
        "title": "Crews",
        "sentence": "Crews moved as predicted.",
        "unit": "crews",
        "decimals": 0,
        "kind": "unique",
        "points": weeks([4000.0 + 3 * (n % 5) for n in range(20)] + [4000.0 + 20 * n for n in range(12)]),
        "path": path(*[4010.0] * 12),
        "window": (LAST - timedelta(weeks=11), LAST - timedelta(weeks=4)),
        "predicted": 4260.0,
        "observed": 4210.0,
    }
    return Compared(**{**given, **changed})


CASES = {
    "usual": compared(),
    "nothing predicted": compared(predicted=None),
    "nothing observed": compared(observed=None),
    "one week": compared(path=path(4010.0)),
    "no noise": compared(path=path(*[4010.0] * 12, width=0.0)),
    "all the same": compared(
        points=weeks([5.0] * 20), path=path(*[5.0] * 4, width=0.0), predicted=5.0, observed=5.0
    ),
    "gaps": compared(points=(Point(LAST - timedelta(weeks=9), None), *weeks([4000.0, None, 4010.0]))),
    "no points": compared(points=()),
    "shares": compared(
        kind="ratio", unit="", decimals=1, points=weeks([0.2] * 20), path=path(*[0.2] * 4, width=0.01),
        predicted=0.25, observed=0.22,
    ),
    "hostile": compared(title=HOSTILE, sentence=HOSTILE, unit=HOSTILE),
}  # fmt: skip


@pytest.mark.parametrize("width", [360, 720])
@pytest.mark.parametrize("name", CASES)
def test_every_case_is_well_formed_and_inside_its_box(name, width):
    assert_plain(effect.sketch(CASES[name], width=width, height=260), width=width, height=260)


def test_it_says_what_was_expected_predicted_and_observed():
    root = parsed(effect.sketch(compared(), width=720, height=260))
    said = texts(root)
    for words in ("without it", "4,010", "predicted", "4,260", "observed", "4,210", "window"):
        assert words in said
    assert len(marked(root, "chart-noise")) == len(marked(root, "chart-alone")) == 1


def test_words_at_the_edge_do_not_cover_each_other():
    root = parsed(effect.sketch(compared(predicted=4012.0, observed=4014.0), width=720, height=260))
    heights = sorted(float(each.get("y")) for each in marked(root, "chart-label"))
    assert all(below - above >= 27.9 for above, below in zip(heights, heights[1:], strict=False))


def test_weeks_after_the_day_that_counts_are_left_out():
    later = compared(points=(*weeks([4000.0] * 10), Point(LAST + timedelta(weeks=1), 9999.0)))
    assert effect.sketch(later, width=720, height=260).count("9999") == 0
    assert "9,999" not in str(effect.table(later))


def test_the_table_says_the_same():
    rows = dict(effect.table(compared()))
    assert rows["Observed"] == "4,210\N{NO-BREAK SPACE}crews"
    assert rows["Usual without the bet"] == "3,770 to 4,250\N{NO-BREAK SPACE}crews"
