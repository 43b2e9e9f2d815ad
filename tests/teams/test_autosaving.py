"""What is typed into a review is kept, restored, and never typed over unknowingly."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from metrics.models import Company, Metric
from northstar.lib import clock as clocks
from teams import autosaving, lifecycle
from teams.models import Omtm, Review, Team, User
from tests.teams.bets import at_once, omtm_of, shared_between_threads

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    """Wednesday 18 November 2026, 11:00 in Berlin."""


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric], idris: User) -> Omtm:
    omtm = omtm_of(marketing, make_metric(), start="2026-08-31", end=date(2026, 11, 8))
    lifecycle.advance(date(2026, 11, 18))
    omtm.refresh_from_db()
    return omtm


@pytest.fixture
def lead(client: Client, idris: User) -> Client:
    client.force_login(idris, backend=BACKEND)
    return client


def post(client: Client, omtm: Omtm, seen: int = 0, **typed: str) -> Any:
    return client.post(f"/omtms/{omtm.pk}/drafts/closing/", typed | {"draft_no": str(seen)})


def page_of(client: Client, omtm: Omtm) -> str:
    return client.get(f"/omtms/{omtm.pk}/retirement/").content.decode()


def test_what_was_typed_is_there_when_the_page_is_opened_again(
    lead: Client, bet: Omtm, clock: Any, maren: User
) -> None:
    answer = post(lead, bet, reason="Half a sen", verdict="supported", action_2="Calls")
    assert (answer.status_code, answer["X-Draft-Number"], answer["X-Draft-Saved"]) == (204, "1", "11:00")
    page = page_of(lead, bet)
    assert "Half a sen" in page and "Restored what you typed at 11:00." in page
    assert re.search(r'<input[^>]*value="supported"[^>]*\bchecked', page)
    lead.force_login(maren, backend=BACKEND)
    clock.shift(24 * 3600)
    assert "Restored what Idris Vane typed at 11:00 on 18 Nov 2026." in page_of(lead, bet)


def test_saving_the_same_again_changes_nothing(lead: Client, bet: Omtm) -> None:
    post(lead, bet, reason="Half a sen")
    assert post(lead, bet, seen=1, reason="Half a sen")["X-Draft-Number"] == "1"


def test_nobody_types_over_another_unknowingly(lead: Client, bet: Omtm, maren: User, clock: Any) -> None:
    post(lead, bet, reason="Idris was here.")
    lead.force_login(maren, backend=BACKEND)
    clock.shift(180)
    answer = post(lead, bet, seen=0, reason="Maren was here.")
    assert answer.status_code == 409
    assert answer.json() == {
        "sentence": "Idris Vane saved this review at 11:00, after you opened it.",
        "draft_no": 1,
    }
    assert Review.objects.get().draft["fields"] == {"reason": "Idris was here."}
    assert post(lead, bet, seen=1, reason="Maren was here.").status_code == 204
    page = page_of(lead, bet)
    assert "Maren was here." in page
    assert "What Idris Vane had typed at 11:00" in page and "Idris was here." in page


def test_the_same_person_in_two_windows_is_told(lead: Client, bet: Omtm) -> None:
    post(lead, bet, reason="First window")
    answer = post(lead, bet, seen=0, reason="Second window")
    assert answer.json()["sentence"] == "You saved this review in another window at 11:00."


def test_save_for_later_works_without_a_script(lead: Client, bet: Omtm, maren: User) -> None:
    url = f"/omtms/{bet.pk}/retirement/"
    answer = lead.post(url, {"save": "later", "draft_no": "0", "lesson": "Half a less"}, follow=True)
    assert "Saved. It stays here" in answer.content.decode() and "Half a less" in answer.content.decode()
    lead.force_login(maren, backend=BACKEND)
    answer = lead.post(url, {"save": "later", "draft_no": "0", "lesson": "Another"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Another" in page and "Half a less" in page and 'name="draft_no" value="1"' in page


def test_a_review_is_not_recorded_over_what_another_typed_meanwhile(
    lead: Client, bet: Omtm, maren: User
) -> None:
    post(lead, bet, others="Idris knows more.")
    lead.force_login(maren, backend=BACKEND)
    given = {"reason": "r", "verdict": "supported", "decision": "retire", "lesson": "l", "draft_no": "0"}
    url = f"/omtms/{bet.pk}/retirement/"
    refused = lead.post(url, given)
    assert refused.status_code == 409 and "Idris knows more." in refused.content.decode()
    assert lead.post(url, given | {"draft_no": "1"}).status_code == 302


def test_only_fields_of_the_form_are_kept_and_only_so_much(lead: Client, bet: Omtm) -> None:
    answer = post(
        lead, bet, reason="x" * 9000, lesson="null \x00 byte", state="retired", held_by="1", draft="{}"
    )
    assert answer.status_code == 204
    assert Review.objects.get().draft["fields"] == {"reason": "x" * 2000, "lesson": "null  byte"}


@pytest.mark.parametrize("number", ["-1", "abc", "", "99999999999999999999", "٣"])
def test_a_strange_number_counts_as_none(lead: Client, bet: Omtm, number: str) -> None:
    answer = lead.post(f"/omtms/{bet.pk}/drafts/closing/", {"draft_no": number, "reason": "a"})
    assert answer.status_code == 204


def test_others_cannot_type_into_it_and_other_kinds_do_not_exist(
    lead: Client, bet: Omtm, teo: User, yuki: User
) -> None:
    assert lead.post(f"/omtms/{bet.pk}/drafts/meeting/", {"reason": "a"}).status_code == 404
    for user in (teo, yuki):
        lead.force_login(user, backend=BACKEND)
        assert post(lead, bet, reason="a").status_code == 403
    assert Review.objects.get().draft == {}


def test_a_review_that_was_held_takes_no_more(lead: Client, bet: Omtm) -> None:
    Omtm.objects.update(state="retired")
    answer = post(lead, bet, reason="a")
    assert (answer.status_code, answer.json()["sentence"]) == (
        422,
        "This review takes no more answers: the focus is over.",
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_type_at_once_one_is_told(
    bet: Omtm, idris: User, maren: User, company: Company, tmp_path: Path
) -> None:
    def typing(who: User) -> Any:
        asked = {"seen": 0, "actor": who, "now": clocks.now(), "company": company}
        return autosaving.save(bet, "closing", {"reason": who.name}, **asked).draft_no

    with shared_between_threads(tmp_path):
        found = at_once(lambda: typing(idris), lambda: typing(maren))
        (kept,) = at_once(lambda: Review.objects.get().draft["fields"]["reason"])
    assert sorted(type(each).__name__ for each in found) == ["DraftConflict", "int"]
    assert kept in str(next(each for each in found if not isinstance(each, int)))
