"""Forecasts of bets held against what came of them, and the figures that say how good they were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from metrics.models import ChartDocument, Company, ForecastRecord, Metric
from teams import calibrating, evaluating, reckoning
from teams.models import CheckIn, ExceptionGrant, Omtm, Team, User
from teams.reckoning import Said, Scored
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db
#: A two-month window, 14 September to 13 November; its last whole week ends on 8 November.
HISTORY = [400 + 5 * (n % 3) for n in range(20)]


@pytest.fixture
def moving() -> Any:
    with time_machine.travel(datetime.fromisoformat("2026-10-12T09:00:00+02:00"), tick=False) as moved:
        yield moved


@pytest.fixture
def bet(
    moving: Any,
    company: Company,
    marketing: Team,
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
) -> Omtm:
    trials = make_metric("Trials")
    make_weeks(trials, "2026-04-27", [*HISTORY, 440, 460, 480, 500])
    return omtm_of(marketing, trials, months=2, outcome_weeks=2)


def end(moving: Any, bet: Omtm, make_weeks: Callable[..., None], values: list[int]) -> datetime:
    moving.move_to(datetime.fromisoformat("2026-11-16T09:00:00+01:00"))
    make_weeks(bet.metric, "2026-10-12", values)
    return datetime.fromisoformat("2026-11-16T09:00:00+01:00")


def judge(now: str) -> None:
    evaluating.evaluate(datetime.fromisoformat(now))


@pytest.mark.parametrize(("last", "reached"), [(570, True), (540, False)])
def test_the_forecasts_of_a_bet_get_its_final_reading_when_its_window_is_over(
    moving: Any, bet: Omtm, make_weeks: Callable[..., None], last: int, reached: bool
) -> None:
    judge("2026-10-12T09:00:00+02:00")
    assert ForecastRecord.objects.filter(subject=f"omtm:{bet.pk}").exists()
    assert calibrating.score(datetime.fromisoformat("2026-11-13T09:00:00+01:00")) == 0
    now = end(moving, bet, make_weeks, [520, 540, last, last])
    evaluating.evaluate(now)
    records = ForecastRecord.objects.filter(subject=f"omtm:{bet.pk}").exclude(scored_at=None)
    assert {(record.outcome, record.reached) for record in records} == {(float(last), reached)}
    facts = ChartDocument.objects.get(key="calibration").facts
    assert facts["bets_live"]["subjects"] == 1
    assert "1 bet so far: too few to judge" in facts["bets_live"]["few"]


def test_a_revision_after_the_end_leaves_what_was_scored(
    moving: Any, bet: Omtm, make_weeks: Callable[..., None]
) -> None:
    judge("2026-10-12T09:00:00+02:00")
    now = end(moving, bet, make_weeks, [520, 540, 570, 570])
    calibrating.score(now)
    make_weeks(bet.metric, "2026-10-26", [100, 100])
    assert calibrating.score(now + timedelta(days=1)) == 0
    assert set(ForecastRecord.objects.values_list("outcome", flat=True)) == {570.0}


def test_a_bet_that_was_given_up_counts_nowhere(
    moving: Any, bet: Omtm, make_weeks: Callable[..., None]
) -> None:
    judge("2026-10-12T09:00:00+02:00")
    Omtm.objects.filter(pk=bet.pk).update(state="retired", outcome_computed="abandoned")
    calibrating.score(end(moving, bet, make_weeks, [520, 540, 570, 570]))
    assert set(ForecastRecord.objects.values_list("outcome", "reached")) == {(None, None)}
    assert not ForecastRecord.objects.filter(scored_at=None).exists()
    assert ChartDocument.objects.get(key="calibration").facts["bets_live"]["subjects"] == 0


def test_nothing_due_costs_one_query(bet: Omtm, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    judge("2026-10-12T09:00:00+02:00")
    with django_assert_num_queries(1):
        calibrating.score(datetime.fromisoformat("2026-10-12T09:00:00+02:00"))


def test_bets_that_end_together_are_read_together(
    moving: Any,
    bet: Omtm,
    platform: Team,
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            assert calibrating.score_bets(now)
            transaction.set_rollback(True)
        return len(queries)

    judge("2026-10-12T09:00:00+02:00")
    now = end(moving, bet, make_weeks, [520, 540, 570, 570])
    costs = []
    second = ExceptionGrant.objects.create(team=platform, reason="Two sites.", until=date(2026, 12, 31))
    for slot, exception in ((1, None), (2, second)):
        other = make_metric(f"Trials {slot}")
        make_weeks(other, "2026-04-27", [*HISTORY, 440, 460, 480, 500, 520, 540, 570, 570])
        terms = {"slot": slot, "exception": exception, "months": 2, "outcome_weeks": 2}
        calibrating.replay([omtm_of(platform, other, **terms)], now=now)
        costs.append(cost())
    assert ForecastRecord.objects.values("subject").distinct().count() == 3
    assert costs[0] == costs[1]


def test_a_bet_whose_last_week_is_still_to_come_is_not_read(
    moving: Any, bet: Omtm, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge("2026-10-12T09:00:00+02:00")
    ForecastRecord.objects.update(due_on=date(2026, 11, 7))
    monkeypatch.setattr("teams.looking.see", lambda *_, **__: pytest.fail("read too early"))
    assert calibrating.score_bets(datetime.fromisoformat("2026-11-08T09:00:00+01:00")) == 0


def test_past_bets_are_replayed_week_by_week_and_marked(
    moving: Any, bet: Omtm, make_weeks: Callable[..., None]
) -> None:
    now = end(moving, bet, make_weeks, [520, 540, 570, 570])
    count = calibrating.replay([bet], now=now)
    records = ForecastRecord.objects.filter(subject=f"omtm:{bet.pk}")
    assert count == records.count() == 6
    assert all(record.replayed for record in records)
    assert calibrating.replay([bet], now=now) == 0
    calibrating.score(now)
    facts = ChartDocument.objects.get(key="calibration").facts
    assert (facts["bets_live"]["subjects"], facts["bets_replayed"]["subjects"]) == (0, 1)


def test_what_people_said_is_held_against_the_same_bets_without_their_names(
    moving: Any, bet: Omtm, teo: User, idris: User, make_weeks: Callable[..., None]
) -> None:
    judge("2026-10-12T09:00:00+02:00")
    for person, day, chance in ((teo, 12, 70), (idris, 12, 90), (teo, 20, 70)):
        CheckIn.objects.create(omtm=bet, person=person, day=date(2026, 10, day), chance=chance)
    CheckIn.objects.create(omtm=bet, person=teo, day=date(2026, 11, 15), chance=10)
    calibrating.score(end(moving, bet, make_weeks, [520, 540, 570, 570]))
    facts = ChartDocument.objects.get(key="calibration").facts
    assert [row["words"] for row in facts["people"]["rows"]] == [
        "When we said about 70%, it happened 1 of 1 bet.",
        "When we said about 90%, it happened 1 of 1 bet.",
    ]
    assert "Teo" not in str(facts) and "Idris" not in str(facts)


def scored(subject: str, p: float, reached: bool, **fields: Any) -> Scored:
    defaults: dict[str, Any] = {"replayed": False, "outcome": 5.0, "band80": (0.0, 9.0), "band50": (4.0, 6.0)}
    return Scored(subject, p=p, reached=reached, **(defaults | fields))


def test_a_bet_counts_once_however_many_weeks_it_was_foreseen() -> None:
    """Ten gloomy forecasts of one bet that came true weigh as much as one bright forecast of another."""
    gloomy = [scored("omtm:1", 0.1, True) for _ in range(10)]
    facts = reckoning.facts([*gloomy, scored("omtm:2", 0.9, True)], [])["bets_live"]
    assert [(row["said"], row["hits"], row["count"]) for row in facts["rows"]] == [
        ("about 10%", 1, 1),
        ("about 90%", 1, 1),
    ]
    assert facts["score"]["brier"] == pytest.approx((0.81 + 0.01) / 2)
    assert facts["forecasts"] == 11


def test_what_came_true_is_counted_against_what_was_said() -> None:
    eight = [scored(f"omtm:{n}", 0.8, n < 5) for n in range(10)]
    facts = reckoning.facts(eight, [])["bets_live"]
    assert facts["rows"][0]["words"] == "When we said about 80%, it happened 5 of 10 bets."
    assert facts["score"]["words"].startswith(
        "Brier score 0.34: 0 is perfect, 0.25 is what a coin gets, and 0.25 is what always saying 50%"
    )


def test_from_twenty_bets_on_the_score_is_called_better_or_not() -> None:
    sharp = [scored(f"omtm:{n}", 0.9 if n % 2 else 0.1, bool(n % 2)) for n in range(20)]
    blunt = [scored(f"omtm:{n}", 0.9, bool(n % 2)) for n in range(20)]
    assert reckoning.facts(sharp, [])["bets_live"]["score"]["words"].endswith("better than both.")
    assert reckoning.facts(blunt, [])["bets_live"]["score"]["words"].endswith("better than neither.")
    assert reckoning.facts(sharp, [])["bets_live"]["few"] == ""
    assert "they are" not in reckoning.facts(sharp[:19], [])["bets_live"]["score"]["words"]


def test_the_ranges_are_checked_with_their_counts() -> None:
    outside = scored("omtm:2", 0.5, False, outcome=8.0)
    bands = reckoning.facts([scored("omtm:1", 0.5, True), outside], [])["bets_live"]["bands"]
    assert bands["80"]["words"] == "The 80% range held the outcome in 100% of 2 bets (2 of 2 forecasts)."
    assert bands["50"]["words"] == "The 50% range held the outcome in 50% of 2 bets (1 of 2 forecasts)."


def test_of_the_forecasts_of_a_metric_those_count_that_share_no_week() -> None:
    weeks = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(39)]
    every = [scored("metric:1", 0.9, n % 2 == 0, week=week) for n, week in enumerate(weeks)]
    facts = reckoning.facts(every, [])["metrics_live"]
    assert (facts["rows"][0]["count"], facts["forecasts"]) == (3, 39)
    assert facts["few"].startswith("3 forecasts so far: too few to judge.")
    assert facts["bands"]["80"]["words"].endswith("1 metric (39 of 39 forecasts).")


def test_metrics_and_replays_are_kept_apart_from_bets() -> None:
    facts = reckoning.facts(
        [
            scored("omtm:1", 0.5, True),
            scored("metric:1", 0.5, True),
            scored("target:1", 0.5, True),
            scored("omtm:2", 0.5, True, replayed=True),
        ],
        [Said("omtm:1", 0.7, True)],
    )
    counts = {name: group["subjects"] for name, group in facts.items()}
    assert counts == {
        "bets_live": 1,
        "metrics_live": 2,
        "bets_replayed": 1,
        "metrics_replayed": 0,
        "people": 1,
    }
    assert facts["metrics_replayed"]["few"] == "None was scored so far."
