"""Scoring candidates: once a person, in rounds, seen at once or when everybody has scored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from metrics.models import AuditRow, Company
from teams import scoring
from teams.models import Membership, Omtm, Score, Team, User
from teams.refusing import LifecycleError
from tests.teams.bets import at_once, candidate_of, shared_between_threads

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
ICE = {"impact": Decimal(9), "confidence": Decimal(7), "ease": Decimal(6)}
RICE = {"impact": Decimal(2), "confidence": Decimal("0.8"), "effort": Decimal(3)}


@pytest.fixture
def candidate(marketing: Team, idris: User, teo: User) -> Omtm:
    """Of a team of two: idris leads it, teo is in it."""
    return candidate_of(marketing)


def give(candidate: Omtm, person: User, answers: Any = None, *, now: datetime = NOW) -> Score:
    return scoring.give(candidate, person, answers or ICE, company=Company.current(), now=now)


def closed(candidate: Omtm, *, now: datetime = NOW) -> bool:
    candidate.refresh_from_db()
    return scoring.is_closed(candidate, now)


def score_blind() -> None:
    Company.objects.update(blind_scoring=True)


def test_a_person_scores_once_and_may_think_again(candidate: Omtm, teo: User) -> None:
    give(candidate, teo)
    give(candidate, teo, ICE | {"impact": Decimal(3)})
    score = Score.objects.get()
    assert (score.impact, score.confidence, score.ease, score.effort) == (3, 7, 6, None)


def test_the_first_score_opens_the_round_and_the_last_one_closes_it(
    candidate: Omtm, teo: User, idris: User, marketing: Team
) -> None:
    give(candidate, teo)
    assert not closed(candidate) and candidate.scoring_opened_at == NOW
    give(candidate, idris, now=NOW + timedelta(days=1))
    assert closed(candidate) and candidate.scoring_opened_at == NOW


def test_a_round_is_over_after_seven_days(candidate: Omtm, teo: User) -> None:
    give(candidate, teo)
    assert not closed(candidate, now=NOW + timedelta(days=7) - timedelta(seconds=1))
    assert closed(candidate, now=NOW + timedelta(days=7))


def test_somebody_whose_account_is_closed_is_not_waited_for(
    candidate: Omtm, teo: User, idris: User, bruno: User, marketing: Team
) -> None:
    Membership.objects.create(team=marketing, user=bruno)
    give(candidate, teo)
    give(candidate, idris)
    assert closed(candidate)


def test_the_lead_closes_a_round_that_has_scores_and_opens_another(
    candidate: Omtm, teo: User, idris: User
) -> None:
    with pytest.raises(LifecycleError, match="Nobody has scored"):
        scoring.close(candidate, actor=idris, now=NOW)
    give(candidate, teo)
    scoring.close(candidate, actor=idris, now=NOW)
    assert closed(candidate)
    with pytest.raises(LifecycleError, match="over already"):
        scoring.close(candidate, actor=idris, now=NOW)
    scoring.reopen(candidate, actor=idris, now=NOW + timedelta(days=2))
    assert not closed(candidate) and Score.objects.count() == 1
    with pytest.raises(LifecycleError, match="open already"):
        scoring.reopen(candidate, actor=idris, now=NOW)
    told = AuditRow.objects.filter(action__startswith="omtm.scoring").order_by("id")
    assert [row.action for row in told] == ["omtm.scoring_closed", "omtm.scoring_opened"]


def test_blind_scores_cannot_be_changed_once_they_are_seen(candidate: Omtm, teo: User, idris: User) -> None:
    score_blind()
    give(candidate, teo)
    give(candidate, idris)
    with pytest.raises(LifecycleError, match="round of scoring is over"):
        give(candidate, teo, ICE | {"impact": Decimal(1)})
    assert set(Score.objects.values_list("impact", flat=True)) == {9}
    scoring.reopen(candidate, actor=idris, now=NOW)
    give(candidate, teo, ICE | {"impact": Decimal(1)})


def test_open_scores_may_be_changed_until_the_team_has_decided(
    candidate: Omtm, teo: User, idris: User
) -> None:
    give(candidate, teo)
    give(candidate, idris)
    give(candidate, teo, ICE | {"impact": Decimal(1)})
    Omtm.objects.update(state="withdrawn")
    with pytest.raises(LifecycleError, match="no candidate any more"):
        give(candidate, teo)


def test_scores_are_hidden_only_where_the_company_scores_blind(candidate: Omtm, teo: User) -> None:
    give(candidate, teo)
    candidate.refresh_from_db()
    company = Company.current()
    assert not scoring.is_hidden(candidate, company=company, now=NOW)
    company.blind_scoring = True
    assert scoring.is_hidden(candidate, company=company, now=NOW)
    assert not scoring.is_hidden(candidate, company=company, now=NOW + timedelta(days=7))


def test_the_other_method_has_scores_of_its_own(candidate: Omtm, teo: User, idris: User) -> None:
    give(candidate, teo)
    Company.objects.update(score_method="rice")
    give(candidate, idris, RICE)
    assert not closed(candidate), "teo has not scored by RICE"
    give(candidate, teo, RICE)
    assert closed(candidate)
    assert Score.objects.get(person=teo, method="rice").effort == 3


@pytest.mark.parametrize(
    ("method", "answers", "field"),
    [
        ("ice", ICE | {"impact": Decimal(0)}, "impact"),
        ("ice", ICE | {"ease": Decimal(11)}, "ease"),
        ("ice", ICE | {"confidence": Decimal("6.5")}, "confidence"),
        ("ice", {"impact": Decimal(5)}, "confidence"),
        ("rice", RICE | {"impact": Decimal(5)}, "impact"),
        ("rice", RICE | {"confidence": Decimal("0.9")}, "confidence"),
        ("rice", RICE | {"effort": Decimal("0.4")}, "effort"),
        ("rice", RICE | {"effort": Decimal(1000)}, "effort"),
    ],
)
def test_only_what_fits_the_method_is_kept(
    candidate: Omtm, teo: User, method: str, answers: Any, field: str
) -> None:
    Company.objects.update(score_method=method)
    with pytest.raises(LifecycleError) as refused:
        give(candidate, teo, answers)
    assert refused.value.field == field and not Score.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_last_two_who_score_at_once_close_the_round(
    marketing: Team, idris: User, teo: User, tmp_path: Path
) -> None:
    candidate = candidate_of(marketing)
    with shared_between_threads(tmp_path):
        found = at_once(lambda: give(candidate, idris), lambda: give(candidate, teo))
        assert [type(each) for each in found] == [Score, Score]
        assert at_once(lambda: (Score.objects.count(), closed(candidate))) == [(2, True)]


@pytest.mark.django_db(transaction=True)
def test_the_same_score_sent_twice_is_one(marketing: Team, teo: User, tmp_path: Path) -> None:
    candidate = candidate_of(marketing)
    with shared_between_threads(tmp_path):
        found = at_once(lambda: give(candidate, teo), lambda: give(candidate, teo))
        assert [type(each) for each in found] == [Score, Score]
        assert at_once(Score.objects.count) == [1]
