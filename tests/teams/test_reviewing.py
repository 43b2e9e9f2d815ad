"""Opening and holding reviews: who is asked, when, and what holding one changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics import checklist
from metrics.models import Company, Metric, NorthStar
from metrics.models.audit import AuditRow
from northstar.lib.policy import Subject
from teams import lifecycle, reviewing
from teams.middleware import subject_for
from teams.models import Membership, Omtm, Reminder, Review, Team, User
from tests.teams.bets import at_once, omtm_of, shared_between_threads

HALF_WAY = date(2026, 11, 2)
TERMS: dict[str, Any] = {"decision": "continue", "note": "It moves.", "answers": {"hypothesis": "supported"}}


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric], idris: User) -> Omtm:
    return omtm_of(marketing, make_metric("Qualified trials"), start="2026-09-01")


def subject(user: User) -> Subject:
    return subject_for(user)


def asked(user: User, today: date) -> list[str]:
    return list(reviewing.due_for(subject(user), today).values_list("kind", flat=True))


def hold(omtm: Omtm, actor: User, today: date = HALF_WAY, **terms: Any) -> Review:
    return reviewing.hold_half_way(omtm, **(TERMS | terms), actor=actor, today=today, country="DE")


def test_a_half_way_review_opens_on_its_day_once(bet: Omtm) -> None:
    reviewing.open_due(date(2026, 11, 1), country="DE")
    assert not Review.objects.exists()
    for _ in range(3):
        reviewing.open_due(HALF_WAY, country="DE")
    assert Review.objects.get().due_on == HALF_WAY


def test_the_lead_is_asked_and_nobody_else(
    bet: Omtm, idris: User, teo: User, yuki: User, maren: User
) -> None:
    reviewing.open_due(HALF_WAY, country="DE")
    assert asked(idris, HALF_WAY) == ["midpoint"]
    assert [asked(user, HALF_WAY) for user in (teo, yuki, maren)] == [[], [], []]


def test_a_leader_is_asked_where_the_team_has_no_lead(bet: Omtm, idris: User, maren: User) -> None:
    reviewing.open_due(HALF_WAY, country="DE")
    Membership.objects.filter(user=idris).delete()
    assert asked(maren, HALF_WAY) == ["midpoint"]


def test_a_leader_is_asked_once_the_closing_review_waits_for_21_days(bet: Omtm, maren: User) -> None:
    lifecycle.advance(date(2027, 1, 1))
    assert asked(maren, date(2027, 1, 20)) == []
    assert asked(maren, date(2027, 1, 21)) == ["closing"]


def test_the_badge_counts_in_one_query(
    bet: Omtm, idris: User, company: Company, clock: Any, django_assert_num_queries: Callable[..., Any]
) -> None:
    clock.move_to(f"{HALF_WAY} 09:00+00:00")
    reviewing.open_due(HALF_WAY, country="DE")
    lead = subject(idris)
    with django_assert_num_queries(1):
        assert reviewing.due_count(lead, company) == 1


def test_holding_it_keeps_decision_note_and_answers_and_leaves_an_audit_row(bet: Omtm, idris: User) -> None:
    Reminder.objects.create(
        key="k", rule="half_way", omtm=bet, occurs_on=HALF_WAY, subject="s", text="t", path="/", action="a"
    )
    review = hold(bet, idris)
    review.refresh_from_db()
    assert (review.decision, review.note, review.answers) == tuple(TERMS.values())
    assert (review.held_by, review.due_on) == (idris, HALF_WAY)
    assert asked(idris, HALF_WAY) == []
    assert Reminder.objects.get().closed_at is not None
    row = AuditRow.objects.get(action="review.held")
    assert (row.actor, row.reason) == (idris, "It moves.")


def test_it_is_held_once(bet: Omtm, idris: User) -> None:
    hold(bet, idris)
    with pytest.raises(reviewing.ReviewError, match="already"):
        hold(bet, idris)


def test_it_is_not_held_before_half_of_the_window_is_over(bet: Omtm, idris: User) -> None:
    with pytest.raises(reviewing.ReviewError, match="2 November 2026"):
        hold(bet, idris, HALF_WAY - timedelta(days=1))
    assert not Review.objects.exists()


def test_after_the_window_the_closing_review_takes_its_place(bet: Omtm, idris: User) -> None:
    reviewing.open_due(HALF_WAY, country="DE")
    lifecycle.advance(date(2027, 1, 1))
    assert asked(idris, date(2027, 1, 4)) == ["closing"]
    with pytest.raises(reviewing.ReviewError, match="closing review"):
        hold(bet, idris, date(2027, 1, 4))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_hold_it_at_once_one_is_told_that_it_was_held(
    bet: Omtm, idris: User, tmp_path: Path
) -> None:
    with shared_between_threads(tmp_path):
        found = at_once(*[lambda: hold(Omtm.objects.get(pk=bet.pk), idris)] * 2)
    assert sorted(type(each).__name__ for each in found) == ["Review", "ReviewError"]


@pytest.fixture
def star(company: Company, maren: User) -> NorthStar:
    return NorthStar.objects.create(name="Crews", state="active", next_review_on=date(2026, 12, 10))


def test_the_north_star_review_opens_two_weeks_ahead_for_leaders(
    star: NorthStar, maren: User, idris: User
) -> None:
    reviewing.open_due(date(2026, 11, 25), country="DE")
    assert asked(maren, date(2026, 11, 25)) == []
    for _ in range(2):
        reviewing.open_due(date(2026, 11, 26), country="DE")
    assert asked(maren, date(2026, 11, 26)) == ["north_star"]
    assert asked(idris, date(2026, 11, 26)) == []


def test_holding_it_moves_the_next_one_by_its_rhythm(star: NorthStar, maren: User) -> None:
    today = date(2026, 12, 15)
    reviewing.open_due(today, country="DE")
    reviewing.hold_north_star(star, decision="keep", note="n", answers={}, actor=maren, today=today)
    star.refresh_from_db()
    assert star.next_review_on == date(2027, 6, 10)
    assert Review.objects.get().held_by == maren
    row = AuditRow.objects.get(action="north_star.reviewed")
    assert (row.before["next_review_on"], row.after["next_review_on"]) == ("2026-12-10", "2027-06-10")
    assert asked(maren, today) == []


def test_it_is_held_once_a_day_however_often_the_form_is_sent(
    star: NorthStar, maren: User, clock: Any
) -> None:
    answers: dict[str, Any] = {"decision": "keep", "note": "n", "answers": {}, "actor": maren}
    reviewing.hold_north_star(star, **answers, today=date(2026, 11, 18))
    with pytest.raises(reviewing.ReviewError, match="Maren Tolk has recorded the review of Crews today"):
        reviewing.hold_north_star(star, **answers, today=date(2026, 11, 18))
    star.refresh_from_db()
    assert star.next_review_on == date(2027, 6, 10)
    reviewing.hold_north_star(star, **answers, today=date(2026, 11, 19))


def test_half_way_is_not_held_after_the_window_though_no_clock_has_moved_it_on(
    bet: Omtm, idris: User
) -> None:
    with pytest.raises(reviewing.ReviewError, match="write the closing review instead"):
        hold(bet, idris, today=bet.end + timedelta(days=1))


def test_an_open_review_follows_the_day_that_the_north_star_names(star: NorthStar) -> None:
    reviewing.open_due(date(2026, 12, 1), country="DE")
    NorthStar.objects.update(next_review_on=date(2026, 12, 12))
    reviewing.open_due(date(2026, 12, 1), country="DE")
    assert Review.objects.get().due_on == date(2026, 12, 12)
    NorthStar.objects.update(next_review_on=date(2027, 3, 1))
    reviewing.open_due(date(2026, 12, 1), country="DE")
    assert not Review.objects.exists()


def test_answers_are_told_in_words() -> None:
    answers = {question.name: "2" for question in checklist.QUESTIONS}
    assert len(answers) == 11
    assert checklist.summary(answers) == "11 yes"
    answers |= {"value": "0", "leading": "1"}
    assert checklist.summary(answers) == "9 yes, 1 partly, 1 no: Expresses value"
    assert checklist.summary({}) == ""
