from __future__ import annotations

from datetime import date

import pytest

from metrics.charts.scales import value_range
from metrics.charts.ticks import day_ticks, nice_step, value_ticks

from .cases import CASES


@pytest.mark.parametrize(("rough", "step"), [(0.9, 1), (1, 1), (1.1, 2), (0.024, 0.04), (430, 500), (6, 10)])
def test_steps_are_round(rough, step):
    assert nice_step(rough) == pytest.approx(step)


def test_months_are_named_once_a_year_with_the_year():
    labels = [label for _, label in day_ticks(date(2025, 8, 25), date(2027, 4, 10), room=600)]
    assert labels == ["Sep", "Nov", "Jan 26", "Mar", "May", "Jul", "Sep", "Nov", "Jan 27", "Mar"]


def test_short_ranges_have_mondays():
    labels = [label for _, label in day_ticks(date(2026, 10, 20), date(2026, 11, 16), room=600)]
    assert labels == ["26 Oct", "2 Nov", "9 Nov", "16 Nov"]


def test_axis_labels_differ_from_each_other():
    for name, spec in CASES.items():
        ticks = value_ticks(spec, *value_range(spec), count=6)
        labels = [label for _, label in ticks]
        assert len(set(labels)) == len(labels), name
