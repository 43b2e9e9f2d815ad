"""Saying whether one is in, on the page of a bet; seen by the team and the leaders only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from teams import committing
from teams.models import Commitment, Membership, Omtm, Team, User
from tests.cast import person
from tests.teams.bets import candidate_of, omtm_of

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
CONCERN = "Two of us are away in <b>December</b>."
ASKED = "You have not said yet whether you are in"


@pytest.fixture
def bet(clock: Any, marketing: Team, idris: User, teo: User, make_metric: Any) -> Omtm:
    return omtm_of(marketing, make_metric("Trials"))


def page(user: User, path: str) -> str:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client.get(path).content.decode()


def answered(client: Client, user: User, bet: Omtm, **fields: str) -> Any:
    client.force_login(user, backend=BACKEND)
    return client.post(f"/omtms/{bet.pk}/commitment/", fields)


def test_a_person_is_asked_until_they_answer(client: Client, bet: Omtm, teo: User) -> None:
    for path in (f"/omtms/{bet.pk}/", "/teams/marketing/"):
        assert ASKED in page(teo, path)
    done = answered(client, teo, bet, answer="in_with_concern", note=CONCERN)
    assert done.status_code == 302 and done["Location"] == f"/omtms/{bet.pk}/"
    for path in (f"/omtms/{bet.pk}/", "/teams/marketing/"):
        shown = page(teo, path)
        assert ASKED not in shown and "1 of 2 answered, 1 with a concern" in shown


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose one of the three answers"),
        ({"answer": "in", "note": "x\x00"}, "Null characters are not allowed"),
        ({"answer": "not_in", "note": " "}, "Say why you are not in"),
        ({"answer": "in_with_concern"}, "Say what your concern is"),
        ({"answer": "not_in", "note": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_is_wrong_stands_beside_the_answer(
    client: Client, bet: Omtm, teo: User, fields: dict[str, str], sentence: str
) -> None:
    refused = answered(client, teo, bet, **fields)
    assert refused.status_code == 422 and sentence in refused.content.decode()
    assert not Commitment.objects.exists()


def test_a_concern_waits_for_the_lead_and_then_stands_with_the_answer(
    client: Client, bet: Omtm, teo: User, idris: User
) -> None:
    said = committing.answer(bet, teo, answer="in_with_concern", note=CONCERN)
    assert "Waits for an answer of the lead" in page(teo, f"/omtms/{bet.pk}/")
    client.force_login(idris, backend=BACKEND)
    refused = client.post(f"/commitments/{said.pk}/reply/", {"reply": " "})
    assert refused.status_code == 422 and "Write what you answer" in refused.content.decode()
    assert client.post(f"/commitments/{said.pk}/reply/", {"reply": "Half of it, then."}).status_code == 302
    shown = page(teo, f"/omtms/{bet.pk}/")
    assert "Half of it, then." in shown and "Waits for an answer" not in shown


def test_others_see_neither_answers_nor_names_nor_counts(
    bet: Omtm, teo: User, maren: User, vera: User, yuki: User
) -> None:
    committing.answer(bet, teo, answer="in_with_concern", note=CONCERN)
    escaped = "Two of us are away in &lt;b&gt;December&lt;/b&gt;."
    for user, sees in ((teo, True), (maren, True), (vera, False), (yuki, False)):
        shown = page(user, f"/omtms/{bet.pk}/")
        assert (escaped in shown, "Are we in?" in shown) == (sees, sees), user
        assert ("1 of 2 answered" in page(user, "/teams/marketing/")) == sees, user
        assert CONCERN not in shown


def test_a_leader_of_no_team_looks_and_is_not_asked(client: Client, bet: Omtm, maren: User) -> None:
    assert ASKED not in page(maren, f"/omtms/{bet.pk}/")
    assert answered(client, maren, bet, answer="in").status_code == 403


def test_the_page_takes_as_many_queries_in_a_large_team(bet: Omtm, marketing: Team, teo: User) -> None:
    counts = []
    for number in range(2):
        somebody = person(f"p{number}@example.com", f"Person {number}")
        Membership.objects.create(team=marketing, user=somebody)
        committing.answer(bet, somebody, answer="not_in", note="No.")
        with CaptureQueriesContext(connection) as queries:
            page(teo, f"/omtms/{bet.pk}/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_lists_of_candidates_ask_whoever_has_not_answered(
    clock: Any, marketing: Team, make_metric: Any, teo: User, idris: User, vera: User
) -> None:
    candidate = candidate_of(marketing, make_metric("Demos"))
    committing.answer(candidate, idris, answer="in_with_concern", note="Late.")
    assert "you have not answered yet" in page(teo, "/teams/marketing/candidates/")
    assert ASKED in page(teo, "/teams/marketing/")
    assert "you have not answered yet" not in page(idris, "/teams/marketing/candidates/")
    shown = page(vera, "/teams/marketing/candidates/") + page(vera, "/teams/marketing/")
    assert "Concerns" not in shown and "1 concern" not in shown and "not answered yet" not in shown
