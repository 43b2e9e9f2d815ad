"""The trend of a step: axis, benchmark, matured and waiting cohorts."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from metrics.charts.funnel_trend import Mark, Trend, sketch

FIRST = date(2026, 8, 23)


def trend(*values: float | None, waiting: int = 0, benchmark: float | None = 0.4, scale: int = 100) -> Trend:
    marks = tuple(
        Mark(FIRST + place * timedelta(weeks=1), value, place < len(values) - waiting, f"week {place}")
        for place, value in enumerate(values)
    )
    return Trend("Trial to active", marks, benchmark, scale, "One sentence.")


def labels(svg: str) -> list[str]:
    return re.findall(r'class="chart-axis" x="38"[^>]*>([^<]*)<', svg)


def test_matured_cohorts_are_joined_and_waiting_ones_hollow() -> None:
    svg = sketch(trend(0.24, 0.25, None, 0.24, 0.1, 0.02, waiting=2))
    assert svg.count("chart-actual chart-point") == 3 and svg.count("chart-incomplete") == 2
    assert svg.count('class="chart-actual" d=') == 1 and svg.count("chart-pace") == 1


def test_the_axis_has_round_labels_that_hold_the_benchmark() -> None:
    assert labels(sketch(trend(0.24, 0.26, 0.25))) == ["20%", "30%", "40%", "50%"]
    assert labels(sketch(trend(0.030, 0.0312, benchmark=0.035))) == ["2.8%", "3.2%", "3.6%"]
    assert labels(sketch(trend(0.1, 0.11, benchmark=0.15, scale=1)))[0].startswith("0.")


@pytest.mark.parametrize(
    "values", [(), (None,), (0.0,), (0.0, 0.0), (1.0,), (1e-9, 2e-9), (4e9, 5e9), (0.5,) * 60]
)
def test_any_numbers_can_be_drawn(values: tuple[float | None, ...]) -> None:
    for benchmark in (None, 0.0, 0.4):
        svg = sketch(trend(*values, benchmark=benchmark))
        assert "nan" not in svg and svg.startswith("<svg")


def test_names_are_escaped() -> None:
    assert "<script>" not in sketch(Trend("<script>", (), None))
