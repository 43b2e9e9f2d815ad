from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from metrics.analysis.points import Point
from metrics.charts.layout import arrange
from metrics.charts.spec import RANGES, Note, clip, runs

from .cases import END, chart, focus, weeks

NBSP = "\N{NO-BREAK SPACE}"


def test_lines_break_at_gaps():
    assert [len(run) for run in runs(weeks([1, 2, None, 4, None, None, 7, 8, 9]))] == [2, 1, 3]


def test_a_week_that_is_not_even_listed_is_a_gap_too():
    points = weeks([1, 2, 3, 4])
    assert [len(run) for run in runs((points[0], points[1], points[3]))] == [2, 1]


def test_months_follow_each_other_without_a_gap():
    months = [Point(date(2026, 1, 1), 1.0), Point(date(2026, 2, 1), 2.0), Point(date(2026, 3, 1), 3.0)]
    assert len(runs(months, "month")) == 1


def test_26_weeks_are_26_complete_ones_and_the_one_in_progress():
    clipped = clip(focus([0.24] * 60), RANGES["26w"])
    assert len([point for point in clipped.points if point.complete]) == 26
    assert len(clipped.incomplete) == 1


def test_everything_stays_as_it_is():
    spec = focus()
    assert clip(spec, None) is spec
    assert clip(spec, 500) is spec


def test_a_plan_that_began_before_the_range_is_cut_on_its_line():
    spec = focus()
    clipped = clip(spec, 4)
    assert clipped.pace[0] == (clipped.day_of(clipped.points[0]), spec.plan_at(clipped.pace[0][0]))
    assert clipped.pace[-1] == (END, 0.34)


def test_what_began_before_the_range_and_lasts_is_marked_at_its_left_edge():
    before, gone = date(2026, 3, 2), date(2026, 3, 9)
    lasts = Note(before, "A long fair", 1, date(2026, 12, 31), "market")
    over = Note(before, "A short fair", 2, gone, "market")
    clipped = clip(replace(chart(list(range(60))), notes=(lasts, over)), 4)
    assert clipped.notes == (lasts,)
    layout = arrange(clipped, width=900, height=400)
    (placed,) = layout.notes
    assert placed.x == layout.box.left


def test_the_plan_lies_straight_between_its_corners_and_nowhere_else():
    spec = focus()
    assert spec.plan_at(date(2026, 11, 15)) == pytest.approx(0.24 + 0.1 * 70 / 122)
    assert spec.plan_at(date(2026, 1, 1)) is None
    assert spec.plan_at(date(2028, 1, 1)) is None


def test_labels_inside_a_chart_leave_long_units_to_the_title():
    assert chart().label(5400) == "5,400"
    assert chart(unit="s", decimals=2).label(2) == f"2.00{NBSP}s"
    assert focus().label(0.34) == "34.0%"
    assert chart(unit="£").label(9.9e14) == "£990T"


def test_points_stand_at_the_end_of_their_week():
    spec = focus()
    assert spec.day_of(spec.points[-2]) == date(2026, 11, 15)
    assert spec.day_of(spec.points[-1]) == date(2026, 11, 19)
    assert replace(spec, incomplete_day=None).day_of(spec.points[-1]) == date(2026, 11, 19)


def test_a_week_that_waits_for_its_source_stands_at_its_end():
    waiting = Point(date(2026, 11, 9), 0.29, complete=False)
    spec = replace(focus(), points=(*focus().points[:-2], waiting, focus().points[-1]))
    assert [spec.day_of(point) for point in spec.incomplete] == [date(2026, 11, 15), date(2026, 11, 19)]
