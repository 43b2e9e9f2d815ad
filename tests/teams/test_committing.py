"""Who is in: answers a round, concerns that wait for the lead, a quorum where the company asks for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from metrics.models import Company, Metric
from teams import committing, reviewing
from teams.committing import Coverage
from teams.models import Commitment, Membership, Omtm, Team, User
from teams.refusing import LifecycleError
from tests.cast import person
from tests.teams.bets import candidate_of, omtm_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def bet(clock: Any, marketing: Team, idris: User, teo: User, make_metric: Callable[..., Metric]) -> Omtm:
    """Of a team of two: idris leads it, teo is in it."""
    return candidate_of(marketing, make_metric("Trials"))


def words(bet: Omtm) -> str:
    return committing.coverage_of(Omtm.objects.get(pk=bet.pk)).words


def test_an_answer_replaces_the_one_before_in_its_round(bet: Omtm, teo: User) -> None:
    committing.answer(bet, teo, answer="not_in", note=" No time before January. ")
    committing.answer(bet, teo, answer="in", note="forgotten")
    said = Commitment.objects.get()
    assert (said.answer, said.note, said.asked_in) == ("in", "", 1)


@pytest.mark.parametrize(
    ("answer", "note", "field", "sentence"),
    [
        ("in_with_concern", " ", "note", "Say what your concern is"),
        ("not_in", "", "note", "Say why you are not in"),
        ("perhaps", "x", "answer", "one of the three"),
    ],
)
def test_a_concern_and_a_refusal_say_what_they_are(
    bet: Omtm, teo: User, answer: str, note: str, field: str, sentence: str
) -> None:
    with pytest.raises(LifecycleError, match=sentence) as refused:
        committing.answer(bet, teo, answer=answer, note=note)
    assert refused.value.field == field and not Commitment.objects.exists()


@pytest.mark.parametrize("state", ["draft", "in_review", "withdrawn"])
def test_people_are_asked_from_the_proposal_on_and_while_it_runs(bet: Omtm, teo: User, state: str) -> None:
    Omtm.objects.update(state=state, baseline=400)
    with pytest.raises(LifecycleError, match="asks nobody"):
        committing.answer(bet, teo, answer="in")


def test_the_lead_answers_a_concern_in_writing(bet: Omtm, teo: User, idris: User) -> None:
    said = committing.answer(bet, teo, answer="in_with_concern", note="Two of us are away in December.")
    with pytest.raises(LifecycleError, match="Write what you answer"):
        committing.reply(said, text=" ", actor=idris, now=said.answered_at)
    committing.reply(said, text="We start with half of it.", actor=idris, now=said.answered_at)
    kept = Commitment.objects.get()
    assert (kept.reply, kept.replied_by, kept.answered_at) == (
        "We start with half of it.", idris, said.answered_at,
    )  # fmt: skip


def test_another_concern_takes_the_reply_away_and_the_same_one_keeps_it(
    bet: Omtm, teo: User, idris: User
) -> None:
    said = committing.answer(bet, teo, answer="in_with_concern", note="December.")
    committing.reply(said, text="Half of it.", actor=idris, now=said.answered_at)
    assert committing.answer(bet, teo, answer="in_with_concern", note="December.").reply == "Half of it."
    assert committing.answer(bet, teo, answer="in_with_concern", note="January too.").reply == ""


def test_there_is_nothing_to_reply_to_somebody_who_is_in(bet: Omtm, teo: User, idris: User) -> None:
    said = committing.answer(bet, teo, answer="in")
    with pytest.raises(LifecycleError, match="no concern"):
        committing.reply(said, text="Good.", actor=idris, now=said.answered_at)


def test_coverage_says_who_answered_what_without_names(bet: Omtm, marketing: Team) -> None:
    for number in range(7):
        somebody = person(f"p{number}@example.com", f"Person {number}")
        Membership.objects.create(team=marketing, user=somebody)
        if number < 6:
            committing.answer(bet, somebody, answer="in")
        else:
            committing.answer(bet, somebody, answer="in_with_concern", note="Winter.")
    assert words(bet) == "7 of 9 answered, 6 in, 1 with a concern"


def test_a_new_round_asks_everybody_again(bet: Omtm, teo: User) -> None:
    committing.answer(bet, teo, answer="in")
    committing.ask_again(bet)
    assert words(bet) == "0 of 2 answered"
    committing.answer(bet, teo, answer="in")
    assert words(bet) == "1 of 2 answered, 1 in"
    assert sorted(Commitment.objects.values_list("asked_in", flat=True)) == [1, 2]


def test_a_newcomer_and_somebody_who_came_back_are_asked(bet: Omtm, teo: User, marketing: Team) -> None:
    committing.answer(bet, teo, answer="in")
    Membership.objects.create(team=marketing, user=person("new@example.com", "Newt New"))
    assert words(bet) == "1 of 3 answered, 1 in"
    Membership.objects.filter(user=teo).update(since=Commitment.objects.get().answered_at + timedelta(days=1))
    assert words(bet) == "0 of 3 answered"


def test_who_left_or_was_deactivated_is_not_counted(bet: Omtm, teo: User, idris: User) -> None:
    committing.answer(bet, teo, answer="in")
    committing.answer(bet, idris, answer="in")
    User.objects.filter(pk=teo.pk).update(is_active=False)
    assert words(bet) == "1 of 1 answered, 1 in"


def test_when_the_half_way_review_opens_people_are_asked_again_once(
    bet: Omtm, marketing: Team, make_metric: Callable[..., Metric]
) -> None:
    running = omtm_of(marketing, make_metric("Demos"))
    half = running.start + (running.end - running.start) / 2
    for _ in range(2):
        reviewing.open_due(half + timedelta(days=3), country="DE")
        running.refresh_from_db()
        assert running.commitment_round == 2


QUORUM = [
    # members, answered, concerns, not in, of those unanswered → what is missing
    (10, 6, 0, 0, 0, ""),
    (10, 5, 0, 0, 0, "at least 6"),
    (9, 5, 0, 0, 0, "at least 6"),
    (9, 6, 6, 0, 0, ""),
    (9, 6, 0, 2, 2, ""),
    (9, 6, 0, 3, 3, "Answer each of them"),
    (9, 6, 0, 3, 1, "Answer each of them"),
    (9, 6, 0, 3, 0, ""),
    (5, 3, 0, 1, 1, ""),
    (0, 0, 0, 0, 0, ""),
]


@pytest.mark.parametrize(("members", "answered", "concerns", "not_in", "waiting", "missing"), QUORUM)
def test_a_quorum_is_sixty_percent_and_at_most_a_third_against_it(
    members: int, answered: int, concerns: int, not_in: int, waiting: int, missing: str
) -> None:
    short = Coverage(members, answered, concerns, not_in, waiting).short
    assert missing in short and bool(missing) == bool(short)


def test_a_quorum_is_demanded_only_where_the_company_asks_for_it(bet: Omtm, teo: User, idris: User) -> None:
    committing.demand_quorum(bet)
    committing.demand_quorum(None)
    Company.objects.update(commitment_quorum=True)
    with pytest.raises(LifecycleError, match="0 of 2 people"):
        committing.demand_quorum(bet)
    with pytest.raises(LifecycleError, match="Propose it as a candidate first"):
        committing.demand_quorum(None)
    committing.answer(bet, teo, answer="not_in", note="The wrong number.")
    refusal = committing.answer(bet, idris, answer="in")
    with pytest.raises(LifecycleError, match="1 of 2 answers are not in"):
        committing.demand_quorum(bet)
    refusal = Commitment.objects.get(person=teo)
    committing.reply(refusal, text="It is the only one we can move.", actor=idris, now=refusal.answered_at)
    committing.demand_quorum(bet)
