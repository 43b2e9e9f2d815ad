"""The badge of a number: each fault with the facts that show it, and the facts just short of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from metrics.analysis.trust import Facts, Trust, judge

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


MONDAY_NINE = at("2026-11-16 09:00")
WELL = Facts(
    now=MONDAY_NINE,
    way="pull",
    source="Partner CRM",
    period=date(2026, 11, 9),
    expected=7,
    seen=7,
    valued=7,
    good=date(2026, 11, 15),
    last_look=at("2026-11-16 08:00"),
    interval=timedelta(hours=1),
    next_look=at("2026-11-16 10:00"),
)
SENT = replace(WELL, way="push", source="Till", interval=None, next_look=None)
TYPED = replace(SENT, way="typed", source="Typed by hand")


def badge(facts: Facts, **changed: Any) -> tuple[str, bool]:
    found = judge(replace(facts, **changed))
    assert (found.badge == "trusted") == (not found.sentences)
    return found.badge, found.blocks


def test_what_was_read_after_it_was_over_is_trusted_and_says_nothing() -> None:
    assert judge(WELL) == judge(SENT) == judge(TYPED) == Trust(False, "trusted")


def test_a_week_that_was_read_before_it_was_over_waits_for_the_next_pull() -> None:
    found = judge(replace(WELL, unsettled=at("2026-11-15 14:00")))
    sentence = (
        "The newest week was last read on Sunday 14:00, before it was over; the next pull completes it."
    )
    assert found == Trust(True, "incomplete", (sentence,))


def test_a_week_of_which_days_were_never_asked_for_is_not_known() -> None:
    found = judge(replace(WELL, seen=5, valued=5))
    sentence = "Only 5 of 7 days of the week to 15 Nov have been read so far; the next pull completes it."
    assert found == Trust(True, "incomplete", (sentence,))


def test_a_refused_sign_in_says_since_when_and_what_the_last_complete_week_is() -> None:
    facts = replace(
        WELL,
        seen=3,
        error="auth",
        failing_since=at("2026-11-12 07:00"),
        good=date(2026, 11, 8),
        paused=True,
    )
    assert judge(facts).sentences == (
        "Partner CRM has refused the sign-in since 12 Nov; the last complete week is the one to 8 Nov."
        " It is paused until it is resumed.",
    )
    assert (judge(facts).badge, judge(facts).blocks) == ("failing", True)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("timeout", "has not answered in time"),
        ("connection", "has not been reachable"),
        ("schema", "failing"),
    ],
)
def test_a_source_that_fails_after_the_week_was_read_blocks_nothing(code: str, words: str) -> None:
    found = judge(replace(WELL, error=code, failing_since=at("2026-11-16 08:30")))
    assert (found.badge, found.blocks) == ("failing", False)
    assert words in found.sentences[0] and "on Monday 10:00" in found.sentences[0]


def test_nothing_known_is_never_good() -> None:
    empty = {"has_values": False, "seen": 0, "valued": 0, "lacks_value": True, "silent": 0, "good": None}
    assert badge(WELL, **empty) == ("quiet", True)
    assert badge(WELL, **empty, error="auth") == ("failing", True)
    assert badge(SENT, **empty) == badge(TYPED, **empty) == ("quiet", True)


def test_a_look_is_overdue_after_two_intervals_and_the_time_that_the_source_needs() -> None:
    late = {"interval": timedelta(hours=1), "latency": timedelta(hours=2)}
    assert badge(WELL, **late, last_look=at("2026-11-16 05:00")) == ("trusted", False)
    assert badge(WELL, **late, last_look=at("2026-11-16 04:59")) == ("stale", False)
    assert badge(WELL, interval=None, last_look=at("2026-06-01 00:00")) == ("trusted", False)


def test_a_pause_stales_what_is_complete_and_blocks_what_is_not() -> None:
    assert badge(WELL, paused=True) == ("stale", False)
    assert badge(WELL, paused=True, seen=6) == ("incomplete", True)


def test_days_that_the_source_had_nothing_for_make_the_week_incomplete() -> None:
    assert badge(WELL, valued=4, lacks_value=True, silent=1) == ("incomplete", True)
    assert badge(WELL, valued=6, estimated=True) == ("incomplete", False)
    assert badge(WELL, valued=7) == ("trusted", False)


def test_a_source_that_answers_without_values_blocks_from_the_third_week_on() -> None:
    nothing = {"valued": 0, "lacks_value": True}
    assert badge(WELL, **nothing, silent=1) == badge(WELL, **nothing, silent=2) == ("quiet", False)
    assert badge(WELL, **nothing, silent=3) == ("quiet", True)


def test_what_people_bring_is_missed_from_the_first_week_and_blocks_from_the_third() -> None:
    gone = {"valued": 0, "lacks_value": True, "good": date(2026, 11, 8)}
    found = judge(replace(TYPED, **gone, silent=1))  # type: ignore[arg-type]
    sentence = "No value has been typed for the week to 15 Nov. The newest value is of the week to 8 Nov."
    assert found == Trust(False, "quiet", (sentence,))
    assert badge(SENT, **gone, silent=2) == ("quiet", False)
    assert badge(SENT, **gone, silent=3) == ("stale", True)


def test_what_is_typed_never_goes_stale_by_the_clock_alone() -> None:
    assert badge(TYPED, last_look=at("2026-01-01 00:00"), interval=timedelta(hours=1)) == ("trusted", False)


def test_a_week_that_was_sent_before_it_was_over_is_said_and_counts() -> None:
    assert badge(SENT, unsettled=at("2026-11-15 14:00")) == ("incomplete", False)
    assert badge(TYPED, unsettled=at("2026-11-15 14:00")) == ("trusted", False)


def test_days_that_are_fetched_again_block_until_they_are_there() -> None:
    found = judge(replace(WELL, backfill=(date(2026, 10, 1), date(2026, 10, 31))))
    assert (found.badge, found.blocks) == ("backfilling", True)
    assert found.sentences == (
        "1 Oct to 31 Oct is being fetched again; it is judged as soon as that is done.",
    )


def test_another_meaning_blocks_while_both_stand_side_by_side() -> None:
    assert badge(WELL, redefined_on=date(2026, 11, 5), mixed=True) == ("redefined", True)
    assert badge(WELL, redefined_on=date(2026, 11, 5)) == ("redefined", False)


def test_the_gravest_fault_names_the_badge_and_all_are_told() -> None:
    found = judge(
        replace(
            WELL,
            error="auth",
            failing_since=at("2026-11-16 08:30"),
            backfill=(date(2026, 10, 1), date(2026, 10, 1)),
        )
    )
    assert (found.badge, found.blocks, len(found.sentences)) == ("backfilling", True, 2)


def test_months_are_named_as_months() -> None:
    month = {"grain": "month", "period": date(2026, 10, 1), "expected": 1, "seen": 0, "valued": 0}
    found = judge(replace(WELL, **month))  # type: ignore[arg-type]
    sentence = "The month of Oct 2026 has not been read so far; the next pull completes it."
    assert found.sentences == (sentence,)
