from __future__ import annotations

from datetime import date, timedelta

from metrics.analysis.locking import judged, limits_from
from metrics.analysis.points import Point
from metrics.analysis.watching import Mark, Stretch, watch
from metrics.analysis.xmr import around, limits
from tests.metrics.analysis.test_xmr import SERIES, STABLE

MONDAY = date(2026, 1, 5)


def week(place):
    return MONDAY + timedelta(weeks=place)


def rows_of(values):
    return judged([Point(week(place), value) for place, value in enumerate(values)], "level")


def one(values, found):
    return watch(rows_of(values), [Stretch(week(0), week(len(values) - 1), found)])


def test_marks_of_the_vector_say_since_when():
    watched = one(SERIES, limits(STABLE))
    assert watched.marks == (
        Mark(week(22), 57, 2, "high", week(15)),
        Mark(week(23), 66, 1, "high", week(23)),
    )
    assert watched.newest.value == 66


def test_a_run_that_goes_on_asks_for_new_limits_from_its_first_point():
    run = one(SERIES, limits(STABLE)).run
    assert (run.start, run.side, run.length) == (week(15), "high", 9)
    assert run.limits == limits(SERIES[15:])


def test_both_stretches_are_judged_by_their_own_limits():
    new = limits_from(rows_of(SERIES), week(15), floor=None, ceiling=None)
    watched = watch(
        rows_of(SERIES), [Stretch(week(0), week(14), limits(STABLE)), Stretch(week(15), week(23), new)]
    )
    assert (watched.marks, watched.run, watched.creep) == ((), None, None)


def test_a_small_shift_is_heard_before_eight_in_a_row():
    watched = one(SERIES[:21], limits(STABLE))
    assert watched.marks == ()
    assert (watched.creep.since, watched.creep.side) == (week(15), "high")
    assert one(SERIES[:20], limits(STABLE)).creep is None


def test_a_sum_that_grows_for_months_is_no_news():
    slow = [11.3, 11.3, 9.9] * 10
    assert one(slow[:12], around(10, 1, points=12)).creep is not None
    assert one(slow, around(10, 1, points=12)).creep is None


def test_what_is_told_already_is_not_told_as_a_small_shift():
    assert one(SERIES, limits(STABLE)).creep is None


def test_a_run_that_ended_asks_for_nothing():
    watched = one([11] * 9 + [9], around(10, 5, points=12))
    assert [mark.rule for mark in watched.marks] == [2]
    assert watched.run is None


def test_a_gap_at_the_end_leaves_the_newest_value_as_it_was_judged():
    watched = one([11] * 9 + [None, None], around(10, 5, points=12))
    assert (watched.newest.start, watched.run.length) == (week(8), 9)


def test_without_limits_or_values_nothing_stands_out():
    assert watch(rows_of(SERIES), []).marks == ()
    assert one([None, None], around(10, 5, points=12)).newest is None


def test_a_leap_from_one_period_to_the_next_is_noted():
    watched = one([10, 11, 10, 14, 10], around(10, 1, points=12))
    assert watched.jumps == (week(3), week(4))
