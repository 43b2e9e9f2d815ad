"""Bets are counted by stage and quarter; shares come with twenty, and nobody's name at all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from teams import hit_rate
from teams.hit_rate import Bet
from teams.models import Effect, Team, User
from tests.teams.bets import omtm_of

DAY = date(2026, 5, 20)


def bets(*outcomes: str, stage: str = "activation", day: date = DAY, moved: str = "") -> list[Bet]:
    return [Bet(stage, day, outcome, moved) for outcome in outcomes]


def test_counts_by_stage_in_the_order_of_the_funnel_and_empty_stages_too() -> None:
    found = hit_rate.of([*bets("missed", "achieved", "costly"), *bets("partly", stage="revenue")])
    assert [row.label for row in found.stages] == [
        "Acquisition",
        "Activation",
        "Retention",
        "Referral",
        "Revenue",
    ]
    activation = found.stages[1]
    assert activation.marks == ["achieved", "costly", "missed"]
    assert activation.outcome_words == "1 achieved, 1 won at a cost, 1 missed"
    assert found.stages[0].bets == []


def test_a_bet_without_a_stage_is_counted_apart() -> None:
    assert [row.label for row in hit_rate.of(bets("missed", stage="")).stages][-1] == "Without a stage"


def test_quarters_come_newest_first() -> None:
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 10, 1))
    found = hit_rate.of([each for day in days for each in bets("missed", day=day)])
    assert [row.label for row in found.quarters] == ["Q4 2026", "Q1 2026", "Q4 2025"]


def test_few_bets_get_counts_and_no_share() -> None:
    found = hit_rate.of(bets("achieved", "costly", "missed", "neutral"))
    assert found.sentence == "2 of 3 bets that could be judged reached their target, 1 of them at a cost."
    assert found.few == "Fewer than 20 bets: counts, and no shares yet."


def test_from_twenty_on_a_share_is_told() -> None:
    found = hit_rate.of(bets(*["achieved"] * 9, *["missed"] * 11))
    assert "9 of 20 bets that could be judged reached their target, 45%." in found.sentence and not found.few


def test_effects_are_told_of_those_that_can_be_told() -> None:
    found = hit_rate.of(
        [
            *bets("achieved", moved="supported"),
            *bets("missed", moved="not_supported"),
            *bets("missed", moved="cannot_tell"),
        ]
    )
    assert found.stages[1].moved_words == "1 of 2 as predicted; 1 cannot be told"
    assert found.sentence.endswith("The North Star moved as predicted in 1 of the 2 that can be told.")


@pytest.mark.django_db
def test_the_page_counts_bets_and_names_nobody(
    client: Client, vera: User, idris: User, marketing: Team, make_metric: Any
) -> None:
    Team.objects.filter(pk=marketing.pk).update(stage="acquisition")
    omtm = omtm_of(
        marketing, make_metric(), state="retired", outcome="achieved", outcome_computed="achieved",
        retired_at=datetime(2026, 6, 30, 23, 0, tzinfo=UTC), owner=idris, retired_by=idris,
    )  # fmt: skip
    Effect.objects.create(omtm=omtm, on="north_star", due_on=omtm.end, verdict="supported")
    client.force_login(vera)
    page = client.get("/lessons/bets/").content.decode()
    # Berlin's clocks show the first of July.
    assert "Q3 2026" in page and "1 achieved" in page and "1 of 1 as predicted" in page
    assert "Idris" not in page and "Marketing" not in page


@pytest.mark.django_db
def test_without_bets_it_says_when_there_will_be_some(client: Client, vera: User) -> None:
    client.force_login(vera)
    assert "Nothing retired yet" in client.get("/lessons/bets/").content.decode()
