"""When a condition begins and ends: worked series with exact firings, and what holds for every series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.analysis import alarms
from metrics.analysis.alarms import Memory, Seen, Week
from metrics.analysis.locking import judged
from metrics.analysis.points import Point
from metrics.analysis.rolling import fill_missing
from metrics.analysis.watching import Stretch
from metrics.analysis.xmr import around

MONDAY = date(2026, 1, 5)


def day(week: int) -> date:
    return MONDAY + timedelta(weeks=week)


def seen(words: str) -> list[Seen]:
    """ "-++?": did not hold, held, held, unknown."""
    meant = {"+": True, "-": False, "?": None}
    return [Seen(day(place), meant[sign]) for place, sign in enumerate(words)]


def points(values: Sequence[float | None], **fields: float) -> list[Point]:
    return [Point(day(place), value, **fields) for place, value in enumerate(values)]


def begun(words: str, periods: int) -> list[int]:
    return [
        (each.period - MONDAY).days // 7 for each in alarms.story(seen(words), periods=periods).beginnings
    ]


def holds(found: list[Seen]) -> str:
    return "".join({True: "+", False: "-", None: "?"}[each.holds] for each in found)


@pytest.mark.parametrize(
    ("words", "periods", "weeks"),
    [
        ("---+++---++", 1, [3, 9]),
        ("---+++---++", 2, [4, 10]),
        ("--+-+-+-+--", 2, []),
        ("-++-+-++-+-", 2, [2]),
        ("-++--++--++", 2, [2, 6, 10]),
        ("++++--++", 2, [7]),
        ("++++----", 1, []),
        ("-+?+", 2, [3]),
        ("-++??????+", 2, [2]),
        ("-++-?-++", 2, [2, 7]),
        ("?????", 1, []),
        ("???++", 1, [3]),
        ("???++", 2, [4]),
        ("+?+++", 2, []),
        ("", 1, []),
    ],
)
def test_a_condition_begins_after_periods_in_a_row_and_ends_after_as_many(
    words: str, periods: int, weeks: list[int]
) -> None:
    assert begun(words, periods) == weeks


def test_a_flapping_series_is_one_story_until_it_is_quiet_for_as_long() -> None:
    told = alarms.story(seen("-++-+-+-+-"), periods=2)
    assert [each.period for each in told.beginnings] == [day(2)]
    assert told.holds is True and told.since == day(1)
    assert alarms.story(seen("-++-+-+-+--"), periods=2).holds is False


def test_what_is_unknown_ends_nothing_and_begins_nothing() -> None:
    assert alarms.story(seen("-++???"), periods=2).holds is True
    assert alarms.story(seen("-???"), periods=1).holds is False
    assert alarms.story(seen("???"), periods=1).holds is None


def test_above_and_below_are_strict_and_a_share_of_too_few_says_nothing() -> None:
    limit = {"limit": 0.3, "kind": "ratio", "min_den": 30}
    few = points([0.2, 0.3, 0.4], numerator=1, denominator=29)
    many = points([0.2, 0.3, 0.4, None], numerator=10, denominator=30)
    assert holds(alarms.past_limit(few, side="above", **limit)) == "???"
    assert holds(alarms.past_limit(many, side="above", **limit)) == "--+?"
    assert holds(alarms.past_limit(many, side="below", **limit)) == "+--?"


def test_the_running_period_is_not_looked_at() -> None:
    running = [*points([1, 1]), Point(day(2), 9, complete=False)]
    assert holds(alarms.past_limit(running, side="above", limit=5, kind="flow_sum", min_den=0)) == "--"


def test_a_change_is_a_share_of_the_period_before_or_points_of_percent() -> None:
    series = {"grain": "week", "kind": "flow_sum", "min_den": 0}
    counts = alarms.changed(
        points([100, 110, 100, None, 80, 0, 5]), by=0.1, points_of_percent=False, **series
    )
    assert holds(counts) == "?--??+?"
    assert counts[5].judged == -1.0
    shares = alarms.changed(points([0.30, 0.32, 0.299]), by=0.02, points_of_percent=True, **series)
    assert holds(shares) == "?-+"


def test_outside_the_range_is_rule_one_of_its_own_time() -> None:
    old, new = around(10, 1, points=12), around(20, 1, points=12)
    values = points([10, 13, 12.6, 20, 22.6, 23])
    stretches = [Stretch(day(0), day(2), old), Stretch(day(3), day(5), new)]
    found = alarms.out_of_range(values, judged(values, "level"), stretches)
    assert holds(found) == "-+---+"
    assert holds(alarms.out_of_range(values, judged(values, "level"), stretches[1:])) == "???--+"


def test_silence_is_a_complete_period_without_a_value_and_not_a_share_of_nothing() -> None:
    rows = points([1, None, None, 2])
    rows[2] = replace(rows[2], denominator=0)
    assert holds(alarms.silent(rows)) == "-+--"


def test_a_value_carried_forward_is_no_new_period_and_breaks_no_silence() -> None:
    known = {day(0): Point(day(0), 9), day(3): Point(day(3), 2)}
    rows = fill_missing(known, "carry", first=day(0), last=day(3), grain="week")
    series = {"kind": "flow_sum", "min_den": 0}
    assert holds(alarms.past_limit(rows, side="above", limit=5, **series)) == "+??-"
    assert holds(alarms.changed(rows, by=0.1, points_of_percent=False, grain="week", **series)) == "????"
    assert holds(alarms.silent(rows)) == "-++-"


def test_behind_the_plan_knows_which_way_is_good() -> None:
    weeks = [
        Week(day(0), 26.1, 27.7, "at_risk"),
        Week(day(1), 27.7, 27.7, "on_track"),
        Week(day(2), 28.0, 27.7, "on_track"),
        Week(day(3), 20.0, 27.7, "no_data", known=False),
        Week(day(4), None, None, "on_track"),
    ]
    assert holds(alarms.behind(weeks, sign=1)) == "+--??"
    assert holds(alarms.behind(weeks, sign=-1)) == "--+??"
    assert holds(alarms.in_state(weeks, state="on_track")) == "-++?+"


def test_what_was_told_stands_and_is_not_told_again_when_its_value_is_revised() -> None:
    memory = Memory(holds=True, looked_to=day(2), fired=(day(2),), told=(day(2),))
    told, news = alarms.news(memory, seen("-+-++"), periods=2)
    assert news is None and told.holds is True
    assert not alarms.stands(seen("-+-++"), day(2), periods=2)
    assert alarms.stands(seen("-++"), day(2), periods=2)
    _, again = alarms.news(memory, seen("-+--++"), periods=2)
    assert again is not None and again.period == day(5)


def test_a_new_alert_is_not_told_of_what_holds_already() -> None:
    born = Memory(holds=True, looked_to=day(2))
    assert alarms.news(born, seen("-+++"), periods=1)[1] is None
    assert alarms.news(born, seen("-++-+"), periods=1)[1] is not None


def test_what_is_bad_from_its_first_judged_week_is_told_to_an_alert_made_before() -> None:
    too_early = Memory(holds=None, looked_to=day(2))
    assert alarms.news(too_early, seen("???+"), periods=2)[1] is None
    _, news = alarms.news(too_early, seen("???++"), periods=2)
    assert news is not None and news.period == day(4) and news.since == day(3)
    made_later = Memory(holds=True, looked_to=day(4))
    assert alarms.news(made_later, seen("???+++"), periods=2)[1] is None


def test_what_began_and_was_over_between_two_looks_is_no_news() -> None:
    away = Memory(holds=False, looked_to=day(0))
    assert alarms.news(away, seen("-+-"), periods=1)[1] is None


def test_a_revised_past_is_told_if_it_means_that_it_holds_now() -> None:
    before = Memory(holds=False, looked_to=day(3))
    _, news = alarms.news(before, seen("--++"), periods=2)
    assert news is not None and news.period == day(3)


SERIES = st.text(alphabet="+-?", max_size=60)
PERIODS = st.integers(1, 4)
EVERY = st.sampled_from([1, 7, 14, 30, 90])


@given(SERIES, PERIODS, EVERY)
def test_it_fires_no_oftener_than_the_condition_changes_nor_than_was_asked_for(
    words: str, periods: int, every: int
) -> None:
    told = alarms.would_have_told(seen(words), periods=periods, every_days=every)
    known = words.replace("?", "")
    changes = sum(now != before for before, now in zip(known, known[1:], strict=False))
    assert 2 * len(told) <= changes + 1 + words.startswith("?")
    days = [each.period for each in told]
    assert all((later - earlier).days >= every for earlier, later in zip(days, days[1:], strict=False))


@given(SERIES, PERIODS, EVERY)
def test_the_look_back_is_what_would_have_been_told_week_by_week(
    words: str, periods: int, every: int
) -> None:
    series, memory = seen(words), Memory()
    for count in range(1, len(series) + 1):
        told, news = alarms.news(memory, series[:count], periods=periods)
        fired, heard = memory.fired, memory.told
        if news is not None:
            fired = (*fired, news.period)
            if not alarms.too_soon(news.period, heard, every_days=every):
                heard = (*heard, news.period)
        state = memory.holds if told.holds is None else told.holds
        memory = Memory(state, series[count - 1].period, fired, heard)
    expected = alarms.would_have_told(series, periods=periods, every_days=every)
    assert list(memory.told) == [each.period for each in expected]
