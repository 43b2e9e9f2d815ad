"""How bets stand, week by week, against the vectors of domain 6.6 and the demo company's three focuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.forecast import Forecast, Withheld
from metrics.analysis.health import Remembered, digest, evaluate, weekly
from metrics.analysis.points import Point
from tests.metrics.analysis.cases import (
    BEFORE,
    CLIMBING,
    FLAT,
    LAST_MONDAY,
    SLOWER,
    START,
    TODAY,
    ratios,
    terms,
    weeks,
)

WEEK = timedelta(weeks=1)
# The last 18 complete weeks of the demo company (domain 9), as drawn by its generator.
ACTIVATION = [
    *((155, 623), (153, 599), (130, 589), (161, 614), (154, 609), (130, 612), (136, 574), (144, 598)),
    *((130, 593), (144, 620), (166, 605), (157, 599), (167, 597), (181, 601), (171, 588), (168, 601)),
    *((188, 586), (197, 588)),
]
TRIAL_TO_PAID = [
    *((17, 598), (9, 580), (24, 599), (15, 598), (24, 579), (19, 612), (20, 626), (13, 582)),
    *((23, 614), (13, 596), (14, 608), (22, 601), (16, 634), (13, 618), (19, 585), (20, 614)),
    *((21, 610), (21, 614)),
]
CREW_LAPSE = [
    *((89, 5038), (110, 4850), (108, 4777), (94, 4875), (79, 4897), (126, 4910), (103, 4786), (97, 4853)),
    *((96, 4928), (91, 4699), (85, 4680), (99, 5040), (90, 4728), (95, 4834), (96, 4652), (110, 5044)),
    *((94, 5019), (105, 4945)),
]


def judge(points, *, today=TODAY, **changed):
    return evaluate(points, terms(**changed), today=today)


@pytest.mark.parametrize(
    ("course", "reading", "z", "gap", "p", "likely", "attainment", "raw"),
    [
        (CLIMBING, 30.55, 1.7874, 0.0396, 0.5888, (34.3031, 30.9508, 37.0173), 1.0303, "on_track"),
        (SLOWER, 29.5, -1.3455, -0.0654, 0.2723, (32.5214, 29.4589, 35.1233), 0.8521, "at_risk"),
        (FLAT, 25.275, -21.8917, -0.4879, 0.01, (25.7101, 24.7673, 26.5980), 0.1710, "off_track"),
    ],
)
def test_three_courses_after_ten_weeks(course, reading, z, gap, p, likely, attainment, raw):
    found = judge(weeks(BEFORE + course))
    assert found.pace == pytest.approx(30.153846, abs=1e-6)
    assert (found.reading, found.z, found.gap) == pytest.approx((reading, z, gap), abs=5e-5)
    assert (found.p, found.attainment) == pytest.approx((p, attainment), abs=5e-5)
    cone = found.forecast
    assert (cone.mean, cone.low80, cone.high80) == pytest.approx(likely, abs=5e-5)
    assert found.raw == raw


@pytest.mark.parametrize("course", [CLIMBING, SLOWER, FLAT])
def test_the_mirrored_course_stands_the_same(course):
    up = weekly(weeks(BEFORE + course), terms(), today=TODAY)
    mirrored = weeks([-value for value in BEFORE + course])
    down = weekly(mirrored, terms(baseline=-24.0, target=-34.0), today=TODAY)
    assert [each.state for each in up] == [each.state for each in down]
    for one, other in zip(up, down, strict=True):
        assert (one.z, one.gap) == pytest.approx((other.z, other.gap))
        assert (one.p is None and other.p is None) or one.p == pytest.approx(other.p)


@pytest.mark.parametrize(
    ("pairs", "baseline", "target", "numbers", "states"),
    [
        (ACTIVATION, 0.24, 0.34, (30.64, 30.15, 0.67), "risk risk on on on on on"),
        (TRIAL_TO_PAID, 0.03, 0.04, (3.34, 3.62, -0.92), "risk risk risk risk risk risk risk"),
        (CREW_LAPSE, 0.02, 0.016, (2.06, 1.75, -5.38), "on on on risk off off off"),
    ],
)
def test_the_three_demo_focuses(pairs, baseline, target, numbers, states):
    promised = terms(kind="ratio", baseline=baseline, target=target, end=date(2027, 1, 6))
    found = weekly(ratios(pairs), promised, today=TODAY)
    now = found[-1]
    assert (now.reading * 100, now.pace * 100, now.z) == pytest.approx(numbers, abs=0.005)
    full = {"on": "on_track", "risk": "at_risk", "off": "off_track"}
    assert [each.state for each in found[:3]] == ["too_early"] * 3
    assert [each.state for each in found[3:]] == [full[word] for word in states.split()]


def test_the_reason_gives_both_numbers_and_the_chance():
    assert judge(weeks(BEFORE + CLIMBING)).reason == (
        "30.6 where the plan says 30.2; about 60% likely to reach 34.0."
    )


def test_the_reason_counts_the_weeks_in_a_row():
    assert judge(weeks(BEFORE + FLAT)).reason == (
        "Seven complete weeks in a row off track: 25.3 where the plan says 30.2; "
        "unlikely to reach 34.0 (under 5%)."
    )


def test_a_first_week_on_another_side_is_said_and_does_not_move_the_state():
    promised = terms(kind="ratio", baseline=0.03, target=0.04, decimals=2, end=date(2027, 1, 6))
    found = evaluate(ratios(TRIAL_TO_PAID), promised, today=TODAY)
    assert (found.state, found.raw) == ("at_risk", "on_track")
    assert found.reason.startswith("This week alone would be on track: 3.34% where the plan says 3.62%")
    assert found.reason.endswith("; a second one would make it so.")


def test_a_fall_out_of_the_usual_range_does_not_wait_for_a_second_week():
    slow = [24.6, 25.3, 25.9, 26.2, 26.8, 27.3, 28.5, 29.1, 29.6]
    found = weekly(weeks([*BEFORE, *slow, 22.0]), terms(), today=TODAY)
    assert [(each.state, each.raw, each.jump) for each in found[-2:]] == [
        ("at_risk", "at_risk", False),
        ("off_track", "off_track", True),
    ]
    assert "does not wait for a second week" in found[-1].reason


@pytest.mark.parametrize(
    ("done", "reason"),
    [
        (0, "No complete week yet; a status comes after four."),
        (1, "One complete week in; a status comes after four."),
        (2, "Two complete weeks in; a status comes after four."),
    ],
)
def test_too_early_says_when_a_status_comes(done, reason):
    start = LAST_MONDAY - timedelta(weeks=done - 1)
    found = judge(weeks([23.0, 25.0] * 6), start=start, end=start + timedelta(days=121))
    assert (found.state, found.raw, found.reason) == ("too_early", "too_early", reason)
    assert found.reading == {0: 24, 1: 25, 2: 24}[done]
    assert found.p is None
    assert isinstance(found.forecast, Withheld)


def test_far_below_the_plan_is_at_risk_even_before_a_status():
    found = weekly(weeks([*BEFORE, 21.0, 20.5], last=START + WEEK), terms(), today=START + 2 * WEEK)
    assert [(each.state, each.raw) for each in found] == [("at_risk", "too_early")] * 2
    assert found[-1].reason == (
        "Two complete weeks in, and far below the plan already: 20.8 where the plan says 24.8."
    )


def test_far_above_the_plan_is_bad_where_less_is_better():
    found = weekly(
        weeks([*BEFORE, 27.0, 28.0], last=START + WEEK), terms(target=14.0), today=START + 2 * WEEK
    )
    assert "far above the plan already" in found[-1].reason


def test_a_two_month_window_has_a_status_after_three_weeks():
    start = LAST_MONDAY - timedelta(weeks=2)
    assert judge(weeks([24.0] * 12), start=start, end=start + timedelta(days=60)).state != "too_early"


def test_before_the_start_the_state_is_too_early():
    found = judge(weeks([24.0] * 12), start=date(2026, 11, 23), end=date(2027, 3, 22))
    assert (found.state, found.reason) == ("too_early", "The window starts on 23 Nov.")


def test_two_silent_weeks_are_no_data():
    points = weeks([30.0] * 12, last=LAST_MONDAY - timedelta(weeks=2))
    assert judge(points).state == "no_data"
    assert judge([]).state == "no_data"
    assert judge([*points, *weeks([None, None])]).reason == "No complete value in the last two weeks."


def test_one_silent_week_is_not():
    assert judge(weeks([30.0] * 12, last=LAST_MONDAY - timedelta(weeks=1))).state != "no_data"


def test_a_week_that_waits_for_its_latency_is_not_silence():
    points = weeks([30.0] * 12, last=LAST_MONDAY - timedelta(weeks=2))
    waiting = Point(LAST_MONDAY, 30.0, complete=False)
    assert judge([*points, waiting]).state != "no_data"


@pytest.mark.parametrize("day", range(6))
@pytest.mark.parametrize("running", [None, 5.0, 90.0])
def test_neither_the_day_nor_the_running_week_changes_anything(day, running):
    points = weeks(BEFORE + SLOWER)
    first = weekly(points, terms(), today=LAST_MONDAY + WEEK)
    now = Point(LAST_MONDAY + WEEK, running, complete=False)
    assert weekly([*points, now], terms(), today=LAST_MONDAY + WEEK + timedelta(days=day)) == first


def test_what_was_remembered_of_unchanged_weeks_gives_the_same_states():
    points, promised = weeks(BEFORE + SLOWER), terms()
    full = weekly(points, promised, today=TODAY)
    kept = {
        each.week: Remembered(digest(points, promised, week=each.week), each.raw, each.jump) for each in full
    }
    again = weekly(points, promised, today=TODAY, remembered=kept)
    assert again[-1] == full[-1]
    assert [(each.week, each.raw, each.state) for each in again] == [
        (each.week, each.raw, each.state) for each in full
    ]


def test_what_was_remembered_of_a_revised_week_is_not_used():
    points, promised = weeks(BEFORE + SLOWER), terms()
    kept = {
        point.start: Remembered(digest(points, promised, week=point.start), "off_track")
        for point in points[8:]
    }
    revised = [replace(points[0], value=24.2), *points[1:]]
    assert weekly(revised, promised, today=TODAY, remembered=kept) == weekly(revised, promised, today=TODAY)
    assert weekly(points, promised, today=TODAY, remembered=kept)[5].raw == "off_track"


def test_a_digest_reads_terms_and_weeks_up_to_its_own():
    points, week = weeks(BEFORE + SLOWER), LAST_MONDAY - 2 * WEEK
    first = digest(points, terms(), week=week)
    assert digest([*points[:-1], replace(points[-1], value=1.0)], terms(), week=week) == first
    assert digest([replace(points[0], value=1.0), *points[1:]], terms(), week=week) != first
    assert digest(points, terms(target=35.0), week=week) != first


def test_weeks_after_the_end_do_not_count():
    points = weeks([30.0] * 10 + [34.0] * 7 + [10.0] * 3, last=date(2027, 1, 18))
    found = judge(points, today=date(2027, 1, 28))
    assert (found.reading, found.expected, found.state) == (34, 1, "on_track")
    assert (found.p, found.reason) == (0.99, "34.0 at the end; the target was 34.0.")


@pytest.mark.parametrize(("in_by_now", "over"), [(16, False), (17, True)])
def test_the_end_is_told_when_the_last_week_is_in(in_by_now, over):
    course = [24.0 + 10 * min(1.0, week / 13) + week % 2 for week in range(17)]
    points = weeks([*BEFORE, *course], last=START + 16 * WEEK)
    seen = [replace(point, complete=place < 8 + in_by_now) for place, point in enumerate(points)]
    found = judge(seen, today=START + 17 * WEEK)
    assert ("at the end" in found.reason) is over
    assert (" likely to " in found.reason) is not over


def test_a_last_week_that_does_not_come_is_waited_for_a_week():
    points = weeks([*BEFORE, *[30.0] * 16], last=START + 15 * WEEK)
    assert "at the end" not in judge(points, today=START + 18 * WEEK - timedelta(days=1)).reason
    assert "at the end" in judge(points, today=START + 18 * WEEK).reason


def test_a_window_that_ended_without_values_has_no_data():
    found = judge(weeks([24.0] * 8, last=START - WEEK), today=date(2027, 1, 28))
    assert (found.state, found.reason) == ("no_data", "The window ended without a complete value.")


def test_neither_target_nor_range_is_refused():
    with pytest.raises(ValueError, match="neither a target nor a range"):
        judge(weeks([1.0] * 10), target=None)
    with pytest.raises(ValueError, match="needs a baseline"):
        judge(weeks([1.0] * 10), baseline=None)


def test_the_cone_runs_from_the_next_week_to_the_end():
    found = evaluate(weeks(BEFORE + CLIMBING), terms(), today=TODAY, cone=True).forecast
    assert isinstance(found, Forecast)
    assert [each.day for each in found.cone] == [
        LAST_MONDAY + WEEK * i + timedelta(days=6) for i in range(1, 8)
    ]


def test_without_noise_only_the_side_of_the_plan_counts():
    on_plan = [24.0] * 8 + [24 + 10 * min(1.0, (i + 0.5) / 13) for i in range(10)]
    assert judge(weeks(on_plan)).z == pytest.approx(0, abs=1e-6)
    assert judge(weeks([24.0] * 18)).z == -9


@given(st.lists(st.floats(0, 100), min_size=10, max_size=10))
def test_health_is_the_same_in_a_mirror(values):
    up = judge(weeks([24.0] * 8 + values))
    down = judge(weeks([-24.0] * 8 + [-value for value in values]), baseline=-24.0, target=-34.0)
    assert up.raw == down.raw
    assert up.gap == pytest.approx(down.gap)
    assert up.z == pytest.approx(down.z, rel=1e-6, abs=1e-6)
    # A count is never forecast below zero, so the bands alone may differ.
    assert up.p == pytest.approx(down.p, abs=1e-6)
