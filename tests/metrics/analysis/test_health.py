from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis.health import evaluate
from metrics.analysis.points import Point

TODAY = date(2026, 11, 20)
LAST_MONDAY = date(2026, 11, 9)
START = date(2026, 9, 7)
END = date(2027, 1, 6)

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


def ratios(pairs):
    first = LAST_MONDAY - timedelta(weeks=len(pairs) - 1)
    return [Point(first + timedelta(weeks=i), k / n, k, n) for i, (k, n) in enumerate(pairs)]


def weeks(values, last=LAST_MONDAY):
    first = last - timedelta(weeks=len(values) - 1)
    return [Point(first + timedelta(weeks=i), value) for i, value in enumerate(values)]


def judge(points, **changed):
    given_ = {
        "kind": "unique",
        "baseline": 24.0,
        "target": 34.0,
        "low": None,
        "high": None,
        "start": START,
        "end": END,
        "k": 4,
        "today": TODAY,
    }
    return evaluate(points, **{**given_, **changed})


@pytest.mark.parametrize(
    ("pairs", "baseline", "target", "decimals", "state", "reading"),
    [
        (ACTIVATION, 0.24, 0.34, 1, "on_track", 30.64),
        (TRIAL_TO_PAID, 0.03, 0.04, 2, "at_risk", 3.34),
        (CREW_LAPSE, 0.02, 0.016, 2, "off_track", 2.06),
    ],
)
def test_the_three_demo_focuses(pairs, baseline, target, decimals, state, reading):
    found = judge(ratios(pairs), kind="ratio", baseline=baseline, target=target, decimals=decimals)
    assert found.state == state
    assert found.reading * 100 == pytest.approx(reading, abs=0.005)
    assert found.expected == pytest.approx(70 / 122)


def test_the_reason_is_one_sentence_with_both_numbers():
    found = judge(ratios(ACTIVATION), kind="ratio", baseline=0.24, target=0.34)
    assert found.reason == "30.6%, and the plan says 29.7%."
    found = judge(ratios(CREW_LAPSE), kind="ratio", baseline=0.02, target=0.016, decimals=2)
    assert found.reason == (
        "2.06%, and the plan says 1.77%: 72% of the journey behind, more than chance explains."
    )


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
    found = judge(weeks([24.0] * 12), start=start, end=start + timedelta(days=121))
    assert (found.state, found.reason) == ("too_early", reason)
    assert found.reading == 24


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
    assert judge(weeks([30.0] * 12, last=LAST_MONDAY - timedelta(weeks=1))).state == "on_track"


def test_a_week_that_waits_for_its_latency_is_not_silence():
    points = weeks([30.0] * 12, last=LAST_MONDAY - timedelta(weeks=2))
    waiting = Point(LAST_MONDAY, 30.0, complete=False)
    assert judge([*points, waiting]).state == "on_track"


def test_a_day_changes_nothing():
    found = {judge(weeks([30.0] * 20), today=date(2026, 11, 16) + timedelta(days=i)) for i in range(6)}
    assert len(found) == 1


def test_weeks_after_the_end_do_not_count():
    points = weeks([30.0] * 10 + [34.0] * 7 + [10.0] * 3, last=date(2027, 1, 18))
    found = judge(points, today=date(2027, 1, 28))
    assert (found.reading, found.expected, found.state) == (34, 1, "on_track")


def test_far_behind_within_the_noise_is_only_at_risk():
    noisy = [24, 36, 18, 33, 20, 35, 19, 31, 22, 34]
    assert judge(weeks([*noisy, *noisy])).state == "at_risk"


@pytest.mark.parametrize(
    ("values", "state"),
    [([1.6] * 10, "on_track"), ([1.6] * 8 + [2.1] * 2, "at_risk"), ([2.1] * 10, "off_track")],
)
def test_a_range_is_judged_by_the_share_of_weeks_inside(values, state):
    found = judge(weeks(values), kind="quantile", baseline=None, target=None, low=0.0, high=2.0, unit="s")
    assert found.state == state
    assert found.progress == sum(value <= 2 for value in values) / 10


def test_the_reason_of_a_range():
    found = judge(weeks([1.6] * 10), kind="quantile", target=None, baseline=None, high=2.0, unit="s")
    assert found.reason == "10 of 10 complete weeks at or under 2\N{NO-BREAK SPACE}s."


def test_neither_target_nor_range_is_refused():
    with pytest.raises(ValueError, match="neither a target nor a range"):
        judge(weeks([1.0] * 10), target=None)
    with pytest.raises(ValueError, match="needs a baseline"):
        judge(weeks([1.0] * 10), baseline=None)


@given(st.lists(st.floats(0, 100), min_size=10, max_size=10))
def test_health_is_the_same_in_a_mirror(values):
    up = judge(weeks([24.0] * 8 + values))
    down = judge(weeks([-24.0] * 8 + [-value for value in values]), baseline=-24.0, target=-34.0)
    assert up.state == down.state
    assert up.gap == pytest.approx(down.gap)
    assert up.z == pytest.approx(down.z, rel=1e-6, abs=1e-6)


@given(st.floats(25, 1000))
def test_exactly_on_plan_is_on_track(target):
    plan = [24 + (target - 24) * (i + 1) * 7 / 122 for i in range(10)]
    assert judge(weeks(plan), target=target, k=1).state == "on_track"
