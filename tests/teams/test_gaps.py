"""Gaps of four kinds are kept apart, and each says what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from teams import gaps
from teams.gaps import Answers, Bet, Column

TODAY = date(2026, 11, 18)
BET = Bet(
    pk=7,
    team=3,
    state="active",
    health="on_track",
    reason="As planned.",
    start=date(2026, 9, 14),
    end=date(2027, 1, 13),
    review_due=date(2027, 1, 27),
    checked_in=TODAY - timedelta(days=3),
    answers=Answers(members=5, answered=5),
)


def whats(bet: Bet, *, check_in_days: int = 7) -> list[tuple[str, str]]:
    return [(gap.kind, gap.what) for gap in gaps.of_bet(bet, today=TODAY, check_in_days=check_in_days)]


def words(bet: Bet) -> list[str]:
    return [gap.words for gap in gaps.of_bet(bet, today=TODAY, check_in_days=7)]


def test_a_bet_on_track_with_all_that_belongs_to_it_has_no_gap() -> None:
    assert whats(BET) == []


@pytest.mark.parametrize("health", ["off_track", "at_risk"])
def test_behind_the_plan_is_a_gap_of_performance_with_its_reason(health: str) -> None:
    behind = replace(BET, health=health, reason="Progress is 40 points behind the plan.")
    assert whats(behind) == [("performance", health)]
    assert words(behind) == ["Progress is 40 points behind the plan."]


def test_a_number_that_cannot_be_relied_on_is_a_gap_of_data_and_no_bad_result() -> None:
    blocked = replace(BET, health="off_track", blocks=True, badge="stale", doubt="CRM has not answered.")
    assert whats(blocked) == [("data", "untrusted")]
    assert words(blocked) == ["CRM has not answered."]


def test_no_value_is_a_gap_of_data_and_late_data_is_one_beside_the_result() -> None:
    late = replace(BET, health="off_track", badge="failing", doubt="CRM has been failing since 3 Nov.")
    assert whats(replace(BET, health="no_data")) == [("data", "no_data")]
    assert whats(late) == [("performance", "off_track"), ("data", "late_data")]
    assert whats(replace(BET, badge="redefined", doubt="What is counted changed.")) == []


@pytest.mark.parametrize("days, late", [(0, False), (1, True)])
def test_a_half_way_review_is_overdue_the_day_after(days: int, late: bool) -> None:
    waiting = replace(BET, half_way=TODAY - timedelta(days=days))
    assert whats(waiting) == ([("ritual", "review_overdue")] if late else [])
    assert words(waiting) == (["The half-way review is 1 day late."] if late else [])


def test_a_closing_review_is_overdue_after_its_day_and_nothing_else_is_asked_of_the_bet() -> None:
    ended = replace(BET, state="in_review", health="off_track", checked_in=None, half_way=BET.start)
    assert whats(replace(ended, review_due=TODAY)) == []
    late = replace(ended, review_due=TODAY - timedelta(days=5), end=TODAY - timedelta(days=19))
    assert words(late) == ["The closing review is 5 days late."]


@pytest.mark.parametrize(
    "every, silent, gap", [(7, 14, False), (7, 15, True), (14, 28, False), (14, 29, True)]
)
def test_a_check_in_is_missed_after_two_of_its_rounds(every: int, silent: int, gap: bool) -> None:
    quiet = replace(BET, checked_in=TODAY - timedelta(days=silent))
    assert whats(quiet, check_in_days=every) == ([("ritual", "no_check_in")] if gap else [])


def test_without_any_check_in_the_days_count_from_the_start() -> None:
    assert words(replace(BET, checked_in=None)) == ["Nobody has checked in yet, for 65 days."]
    assert whats(replace(BET, checked_in=None, start=TODAY - timedelta(days=10))) == []


@pytest.mark.parametrize(
    "answers, found",
    [
        (Answers(5, answered=3), []),  # 60 %
        (Answers(5, answered=2), ["2 of 5 have said whether they are in."]),
        (Answers(5), ["0 of 5 have said whether they are in."]),
        (Answers(1), []),  # whoever leads alone need not ask anybody
        (Answers(5, 5, concerns=1), ["1 concern waits for an answer."]),
        (Answers(5, 5, not_in=1), ["1 is not in and waits for an answer."]),
        (
            Answers(9, 4, concerns=2, not_in=2),
            [
                "2 are not in and wait for an answer.",
                "2 concerns wait for an answer.",
                "4 of 9 have said whether they are in.",
            ],
        ),
    ],
)
def test_commitment_is_told_in_counts_alone(answers: Answers, found: list[str]) -> None:
    bet = replace(BET, answers=answers)
    assert words(bet) == found
    assert {kind for kind, _ in whats(bet)} <= {"commitment"}


def test_who_may_not_know_the_answers_is_told_nothing_of_them() -> None:
    assert whats(replace(BET, answers=None)) == []


def test_a_bet_that_has_not_begun_has_no_gap() -> None:
    assert whats(replace(BET, state="committed", health="no_data", checked_in=None, answers=Answers(5))) == []


def test_a_team_without_a_bet_is_a_gap_that_says_who_can_close_it() -> None:
    assert gaps.of_team(3, lead="Idris Vane").words == "Idris Vane can choose one."
    alone = gaps.of_team(3, lead="")
    assert (alone.kind, alone.words) == ("ritual", "The team has no lead who could choose one.")


def test_what_nobody_owns_and_what_nobody_measures_are_two_things() -> None:
    columns = [
        Column("referral", "Referral"),
        Column("revenue", "Revenue", owners=frozenset({2, 1}), measured=frozenset({1})),
        Column("retention", "Retention", owners=frozenset({1}), measured=frozenset({1})),
    ]
    found = gaps.of_columns(columns)
    assert [(gap.kind, gap.what, gap.team, gap.column) for gap in found] == [
        ("owner", "no_owner", None, "referral"),
        ("data", "not_measured", 2, "revenue"),
    ]


def test_gaps_are_counted_one_by_one_and_never_added_to_a_score() -> None:
    """Domain 7.4: "3 gaps: 1 not measured, 1 without owner, 1 off track"."""
    columns = [Column("a", "A"), Column("b", "B", owners=frozenset({1}))]
    found = gaps.of_columns(columns) + gaps.of_bet(
        replace(BET, health="off_track"), today=TODAY, check_in_days=7
    )
    assert gaps.counted(found) == "3 gaps: 1 not measured, 1 without owner, 1 off track"
    assert gaps.counted(found[:1]) == "1 gap: 1 without owner"
    assert gaps.counted([]) == "No gaps"
    assert gaps.by_kind(found) == {"performance": 1, "data": 1, "ritual": 0, "commitment": 0, "owner": 1}
