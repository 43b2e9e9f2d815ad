"""The order of a team's candidates, choosing against it, and what was tried before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Company, Funnel, Metric, Stage
from teams import precedents, ranking
from teams.models import Omtm, Score, Team, User
from teams.ranking import Ranking
from teams.refusing import LifecycleError
from tests.cast import person
from tests.metrics.stars import drive, make_star
from tests.teams.bets import candidate_of, omtm_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


@pytest.fixture
def metric(make_metric: Callable[..., Metric], marketing: Team) -> Metric:
    return make_metric("Trials")


@pytest.fixture
def star(make_metric: Any, make_weeks: Any) -> Any:
    return make_star(make_metric, make_weeks)


def scored(omtm: Omtm, person: User, *answers: float, method: str = "ice") -> None:
    names = ("impact", "confidence", "ease" if method == "ice" else "effort")
    values = dict(zip(names, (Decimal(str(each)) for each in answers), strict=True))
    Score.objects.create(omtm=omtm, person=person, method=method, **values)


def ranked(team: Team, *, now: datetime = NOW) -> Ranking:
    return ranking.rank(team, company=Company.current(), now=now)


def names(found: Ranking) -> list[str]:
    return [row.omtm.name for row in found.rows]


def test_four_people_s_medians_are_multiplied(metric: Metric, marketing: Team) -> None:
    candidate = candidate_of(marketing, metric)
    for number, answers in enumerate([(9, 7, 6), (8, 5, 6), (9, 8, 3), (6, 7, 6)]):
        scored(candidate, person(f"p{number}@example.com", f"P {number}"), *answers)
    row = ranked(marketing).rows[0]
    assert row.standing and row.standing.score == 357
    assert (row.scored, row.place) == (4, 1)


def test_the_effect_on_the_north_star_comes_before_the_score(
    star: Any, metric: Metric, marketing: Team, teo: User
) -> None:
    small = candidate_of(marketing, metric, name="Small", expected_effect=Decimal(40))
    candidate_of(marketing, metric, name="Large", expected_effect=Decimal(90))
    candidate_of(marketing, name="Bare")
    scored(small, teo, 10, 10, 10)
    found = ranked(marketing)
    assert names(found) == ["Large", "Small", "Bare"]
    assert [row.place for row in found.rows] == [1, 2, None]
    assert found.rows[0].effect.startswith("+90")
    assert found.sentence.endswith("the ICE score breaks ties.") and star.name in found.sentence


def test_without_an_effect_of_each_the_score_decides_and_the_page_says_why(
    star: Any, metric: Metric, marketing: Team, teo: User
) -> None:
    large = candidate_of(marketing, metric, name="Large", expected_effect=Decimal(90))
    small = candidate_of(marketing, metric, name="Unknown")
    scored(large, teo, 5, 5, 5)
    scored(small, teo, 6, 5, 5)
    found = ranked(marketing)
    assert names(found) == ["Unknown", "Large"]
    assert "because not every one says" in found.sentence


def test_effects_that_look_the_same_are_the_same(star: Any, metric: Metric, marketing: Team) -> None:
    candidate_of(marketing, metric, name="One", expected_effect=Decimal("90.2"))
    candidate_of(marketing, metric, name="Two", expected_effect=Decimal("90.4"))
    assert [row.place for row in ranked(marketing).rows] == [1, 1]


def test_where_lower_is_better_the_largest_fall_is_first(star: Any, metric: Metric, marketing: Team) -> None:
    Metric.objects.filter(north_star_versions__north_star=star).update(direction="down")
    candidate_of(marketing, metric, name="Rise", expected_effect=Decimal(5))
    candidate_of(marketing, metric, name="Fall", expected_effect=Decimal(-90))
    assert names(ranked(marketing)) == ["Fall", "Rise"]


def test_different_units_of_reach_are_warned_of(metric: Metric, marketing: Team, teo: User) -> None:
    Company.objects.update(score_method="rice")
    trials = candidate_of(marketing, metric, reach=Decimal(420), reach_unit="trials")
    visits = candidate_of(marketing, metric, reach=Decimal(14000), reach_unit="page visits")
    scored(trials, teo, 2, 0.8, 3, method="rice")
    scored(visits, teo, 0.25, 0.8, 1, method="rice")
    found = ranked(marketing)
    assert [row.standing and row.standing.score for row in found.rows] == [2800, 224]
    assert "page visits, trials" in found.warning
    Omtm.objects.filter(pk=visits.pk).update(reach_unit=" Trials")
    assert ranked(marketing).warning == ""


def test_hidden_scores_take_no_part_in_the_order(metric: Metric, marketing: Team, teo: User) -> None:
    Company.objects.update(blind_scoring=True)
    candidate_of(marketing, metric, name="First")
    second = candidate_of(marketing, metric, name="Second", scoring_opened_at=NOW)
    scored(second, teo, 9, 9, 9)
    found = ranked(marketing)
    assert names(found) == ["First", "Second"] and found.rows[1].hidden
    assert (found.rows[1].standing, found.rows[1].scored, found.rows[1].place) == (None, 1, None)
    week_later = ranked(marketing, now=NOW + timedelta(days=7))
    assert names(week_later) == ["Second", "First"]


def test_choosing_against_the_ranking_needs_a_sentence(metric: Metric, marketing: Team, teo: User) -> None:
    first = candidate_of(marketing, metric, name="First")
    other = candidate_of(marketing, metric, name="Other")
    company = Company.current()
    ranking.demand_reason(other, "", company=company, now=NOW)
    scored(first, teo, 9, 9, 9)
    scored(other, teo, 2, 2, 2)
    ranking.demand_reason(first, "", company=company, now=NOW)
    with pytest.raises(LifecycleError, match="First is ranked first") as refused:
        ranking.demand_reason(other, "  ", company=company, now=NOW)
    assert refused.value.field == "choice_reason"
    ranking.demand_reason(other, "The first one waits for the new importer.", company=company, now=NOW)


def test_the_order_takes_as_many_queries_with_twice_the_candidates(
    star: Any, metric: Metric, marketing: Team, teo: User
) -> None:
    counts = []
    for _ in range(2):
        scored(candidate_of(marketing, metric), teo, 5, 5, 5)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ranked(marketing)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_what_was_tried_on_the_same_metric_driver_or_step_is_found(
    star: Any, metric: Metric, marketing: Team, platform: Team, make_metric: Any
) -> None:
    driver = drive(star, make_metric("Paid"))
    stage = Stage.objects.create(
        funnel=Funnel.objects.create(name="Way", slug="way"), aarrr="activation", name="Trial to active"
    )
    other = make_metric("Demos")
    fields = {"state": "retired", "outcome": "missed"}
    omtm_of(platform, other, name="Step", stage=stage, retired_at=NOW, **fields)
    omtm_of(platform, other, name="Driver", driver=driver, retired_at=NOW, **fields)
    omtm_of(platform, metric, name="Old", retired_at=NOW - timedelta(days=9), **fields)
    omtm_of(platform, metric, name="New", retired_at=NOW, **fields)
    omtm_of(platform, other, name="Else", retired_at=NOW, **fields)
    omtm_of(platform, metric, name="Running")
    candidate = candidate_of(marketing, metric, stage=stage, driver=driver)
    bare = candidate_of(marketing)
    with CaptureQueriesContext(connection) as queries:
        found = precedents.of_each([candidate, bare])
    assert len(queries) == 1 and found[bare.pk] == []
    assert [(each.omtm.name, each.alike) for each in found[candidate.pk]] == [
        ("New", "same metric"),
        ("Old", "same metric"),
        ("Step", "same step of the funnel"),
        ("Driver", "same driver"),
    ]
    assert precedents.of(bare) == []
