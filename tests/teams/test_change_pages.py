"""Small pages: more time, another target, early review, back to draft, withdrawn, followed, approved."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from metrics.models import AuditRow, Company, Metric
from teams import drafting, lifecycle, retiring
from teams.models import ExceptionGrant, GoalChange, Omtm, Team
from tests.northstar.world import as_somebody
from tests.teams.bets import omtm_of
from tests.teams.ideas import TODAY, WEEKS, idea

pytestmark = pytest.mark.django_db


@pytest.fixture
def trials(clock: Any, make_metric: Any, make_weeks: Any) -> Metric:
    metric = make_metric()
    make_weeks(metric, "2026-09-21", WEEKS)
    return metric


@pytest.fixture
def running(marketing: Team, trials: Metric, idris: Any) -> Omtm:
    return lifecycle.start_omtm(marketing, idea(trials), actor=idris, today=TODAY)


@pytest.fixture
def lead(idris: Any) -> Client:
    return as_somebody(idris)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_page_of_a_bet_leads_to_what_can_be_done_with_it(running: Omtm, lead: Client, teo: Any) -> None:
    page = text(lead.get(f"/omtms/{running.pk}/"))
    for title in ("More time", "New target", "Review now"):
        assert f">{title}</a>" in page
    assert "Once, until 15 May 2027 at most." in page and ">Withdraw</a>" not in page
    assert "Change this bet" not in text(as_somebody(teo).get(f"/omtms/{running.pk}/"))


def test_more_time_is_given_on_a_page_that_says_what_follows(running: Omtm, lead: Client) -> None:
    path = f"/omtms/{running.pk}/extension/"
    assert "counts as achieved late" in text(lead.get(path))
    refused = lead.post(path, {"end": "2027-06-30", "reason": "A slow start."})
    assert refused.status_code == 422 and "at most six months" in text(refused)
    assert lead.post(path, {"end": "2027-05-15", "reason": "A slow start."}).status_code == 302
    page = text(lead.get(f"/omtms/{running.pk}/"))
    assert "at first to 15 Mar 2027" in page and "Given more time by Idris Vane" in page
    assert lead.get(path).status_code == 302  # once


WRONG_TARGETS = [("", "Type the value"), ("420", "equal to the baseline"), ("NaN", "not a number"),
                 ("9" * 30, "at most 1"), ("56\x000", "not a number")]  # fmt: skip


@pytest.mark.parametrize(("target", "sentence"), WRONG_TARGETS, ids=[row[1] for row in WRONG_TARGETS])
def test_a_wrong_target_is_refused_at_its_field(
    running: Omtm, lead: Client, target: str, sentence: str
) -> None:
    refused = lead.post(f"/omtms/{running.pk}/target/", {"target": target, "reason": "r"})
    assert refused.status_code == 422
    assert sentence in text(refused) or "Null characters" in text(refused)
    assert not GoalChange.objects.exists()


def test_a_target_is_moved_in_the_unit_in_which_people_type(
    marketing: Team, lead: Client, clock: Any, make_metric: Any, make_weeks: Any, idris: Any
) -> None:
    rate = make_metric("Trial to paid", kind="ratio", unit="%", decimals=1, slug="trial-to-paid")
    make_weeks(rate, "2026-09-21", [(240, 1000)] * 8)
    omtm = lifecycle.start_omtm(marketing, idea(rate, target=Decimal("0.34")), actor=idris, today=TODAY)
    page = text(lead.get(f"/omtms/{omtm.pk}/target/"))
    assert 'value="34"' in page and "The metric itself was corrected" not in page
    lead.post(f"/omtms/{omtm.pk}/target/", {"target": "30", "reason": "Half of it.", "state": "retired"})
    omtm.refresh_from_db()
    assert (omtm.target, omtm.state) == (Decimal("0.3"), "active")
    clock.move_to(datetime(2026, 12, 20, 9, tzinfo=UTC))
    late = as_somebody(idris).post(f"/omtms/{omtm.pk}/target/", {"target": "28", "reason": "r"})
    assert late.status_code == 422 and "in the first quarter" in text(late)
    assert "The metric itself was corrected" in text(late)


def test_a_review_is_opened_early_and_the_page_says_why(running: Omtm, lead: Client) -> None:
    lead.post(f"/omtms/{running.pk}/early-review/", {"reason": "The partner left."})
    assert "Opened early: The partner left." in text(lead.get(f"/omtms/{running.pk}/"))


def test_an_idea_is_withdrawn_by_whoever_had_it_and_a_commitment_by_the_lead(
    marketing: Team, trials: Metric, lead: Client, teo: Any, idris: Any, yuki: Any
) -> None:
    made = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)
    other = as_somebody(yuki).post(f"/omtms/{made.pk}/withdrawal/", {"reason": "r"})
    assert other.status_code == 403
    assert as_somebody(teo).post(f"/omtms/{made.pk}/withdrawal/", {"reason": ""}).status_code == 422
    assert as_somebody(teo).post(f"/omtms/{made.pk}/withdrawal/", {"reason": "No."}).status_code == 302
    mine = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)
    later = idea(trials, start=date(2026, 11, 23), end=date(2027, 2, 22))
    lifecycle.start_omtm(marketing, later, actor=idris, today=TODAY, candidate=mine)
    assert as_somebody(teo).post(f"/omtms/{mine.pk}/withdrawal/", {"reason": "r"}).status_code == 403
    assert lead.post(f"/omtms/{mine.pk}/withdrawal/", {"reason": "Sales needs us."}).status_code == 302
    assert {omtm.state for omtm in Omtm.objects.all()} == {"withdrawn"}


def test_a_commitment_goes_back_to_draft(marketing: Team, trials: Metric, lead: Client, idris: Any) -> None:
    later = idea(trials, start=date(2026, 11, 23), end=date(2027, 2, 22))
    made = lifecycle.start_omtm(marketing, later, actor=idris, today=TODAY)
    assert "frozen anew" in text(lead.get(f"/omtms/{made.pk}/draft/"))
    assert lead.post(f"/omtms/{made.pk}/draft/", {"reason": "Think again."}).status_code == 302
    assert Omtm.objects.get().state == "draft"


def test_a_retired_bet_is_followed_on_the_one_page(running: Omtm, lead: Client, idris: Any) -> None:
    retiring.retire(running, lesson="l", reason="r", actor=idris, today=TODAY, stop_reason="market_change")
    Omtm.objects.filter(pk=running.pk).update(final_reading=Decimal("481.25"))
    path = f"/omtms/{running.pk}/next/"
    refused = lead.post(path, {"how": "replace", "metric_idea": "Shops that invite", "reason": ""})
    assert refused.status_code == 422 and "Write why another metric" in text(refused)
    done = lead.post(path, {"how": "renew"})
    made = Omtm.objects.get(state="draft")
    assert done["Location"] == f"/teams/marketing/omtms/new/?candidate={made.pk}"
    page = text(lead.get(done["Location"]))
    assert 'value="481.25"' in page and "It follows Qualified trials." in page
    assert lead.get(path).status_code == 302 and lead.post(path, {"how": "renew"}).status_code == 302
    assert Omtm.objects.count() == 2


def test_a_leader_turns_the_second_key(
    marketing: Team, trials: Metric, lead: Client, maren: Any, idris: Any
) -> None:
    Company.objects.update(two_key_commit=True)
    answers = {"metric": trials.pk, "target": "560", "months": "4", "start": "2026-11-23", "why": "Because.",
               "no_guardrail_reason": "None."}  # fmt: skip
    assert "Ask for approval" in text(lead.get("/teams/marketing/omtms/new/"))
    lead.post("/teams/marketing/omtms/new/", answers)
    asked = Omtm.objects.get()
    path = f"/omtms/{asked.pk}/approval/"
    assert asked.state == "proposed" and lead.get(path).status_code == 403
    leader = as_somebody(maren)
    assert "Idris Vane asks a leader to approve it." in text(lead.get(f"/omtms/{asked.pk}/"))
    assert path in text(leader.get(f"/omtms/{asked.pk}/"))
    assert "frozen with your approval" in text(leader.get(path))
    leader.post(path)
    asked.refresh_from_db()
    assert (asked.state, asked.approved_by) == ("committed", maren)
    assert leader.get(path).status_code == 302


class TestException:
    def test_a_leader_grants_one_and_both_say_so(
        self, running: Omtm, marketing: Team, trials: Metric, lead: Client, maren: Any, idris: Any
    ) -> None:
        leader = as_somebody(maren)
        assert "Grant an exception" in text(leader.get("/teams/marketing/"))
        assert "Grant an exception" not in text(lead.get("/teams/marketing/"))
        refused = leader.post("/teams/marketing/exceptions/", {"reason": "Audit.", "until": "2026-12-01"})
        assert refused.status_code == 422 and "lasts two to six months" in text(refused)
        leader.post("/teams/marketing/exceptions/", {"reason": "Audit.", "until": "2027-03-31"})
        second = lifecycle.start_omtm(marketing, idea(trials, name="Second"), actor=idris, today=TODAY)
        for page in (f"/omtms/{running.pk}/", f"/omtms/{second.pk}/", "/teams/marketing/"):
            assert "by exception until 31 Mar 2027" in text(lead.get(page))
        leader.post(f"/exceptions/{ExceptionGrant.objects.get().pk}/revocation/")
        assert "by exception until" not in text(lead.get(f"/omtms/{running.pk}/"))


class TestRituals:
    PATH = "/settings/rituals/"

    def test_leaders_agree_them_and_the_audit_keeps_what_changed(self, company: Company, maren: Any) -> None:
        leader = as_somebody(maren)
        page = text(leader.get(self.PATH))
        assert "Off: a lead commits the team alone." in page
        leader.post(self.PATH, {"blind_scoring": "on", "score_method": "rice", "check_in_days": "14"})
        company.refresh_from_db()
        assert (company.blind_scoring, company.score_method, company.check_in_days) == (True, "rice", 14)
        row = AuditRow.objects.get(action="company.rituals")
        assert row.after == {"blind_scoring": True, "score_method": "rice", "check_in_days": 14}
        leader.post(self.PATH, {"blind_scoring": "on", "score_method": "rice", "check_in_days": "14"})
        assert AuditRow.objects.filter(action="company.rituals").count() == 1

    @pytest.mark.parametrize(("name", "value"), [("score_method", "magic"), ("check_in_days", "3")])
    def test_what_is_not_offered_is_refused(
        self, company: Company, maren: Any, name: str, value: str
    ) -> None:
        given = {"score_method": "ice", "check_in_days": "7"} | {name: value}
        assert as_somebody(maren).post(self.PATH, given).status_code == 422


class TestFromACandidate:
    NEW = "/teams/marketing/omtms/new/"

    def answers(self, metric: Metric, **changes: Any) -> dict[str, Any]:
        return {"metric": metric.pk, "target": "560", "months": "4", "start": "2026-11-23", "why": "Because.",
                "no_guardrail_reason": "None."} | changes  # fmt: skip

    def test_the_page_begins_with_what_the_candidate_says_and_commits_its_row(
        self, marketing: Team, trials: Metric, lead: Client, teo: Any
    ) -> None:
        made = drafting.draft(
            marketing,
            idea(trials, wrong_if="No partner links", kill_criterion="Two leave"),
            actor=teo,
            today=TODAY,
        )
        page = text(lead.get(f"{self.NEW}?candidate={made.pk}"))
        assert 'value="560"' in page and "No partner links" in page and "partner pages" in page
        lead.post(f"{self.NEW}?candidate={made.pk}", self.answers(trials, wrong_if="Nobody links"))
        made.refresh_from_db()
        assert (made.state, made.wrong_if, made.created_by) == ("committed", "Nobody links", teo)
        assert lead.get(f"{self.NEW}?candidate={made.pk}").status_code == 302

    def test_what_follows_from_the_candidate_stands_beside_it_at_once(
        self, marketing: Team, trials: Metric, lead: Client, teo: Any
    ) -> None:
        made = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)
        page = text(lead.get(f"{self.NEW}?candidate={made.pk}"))
        assert "It stands at" in page and "on the baseline" in page
        assert "Choose a metric, and its last weeks appear here" not in page
        assert "field-error" not in page

    def test_half_an_answer_is_kept_as_a_candidate(self, trials: Metric, lead: Client) -> None:
        given = {"metric": trials.pk, "months": "4", "start": "2026-11-23", "save": "candidate"}
        lead.post(self.NEW, given)
        made = Omtm.objects.get()
        assert (made.state, made.target, made.name) == ("draft", None, "Qualified trials")
        lead.post(f"{self.NEW}?candidate={made.pk}", given | {"target": "600"})
        made.refresh_from_db()
        assert (made.state, made.target) == ("draft", 600) and Omtm.objects.count() == 1
        wrong = lead.post(self.NEW, given | {"target": "many"})
        assert wrong.status_code == 422 and Omtm.objects.count() == 1

    def test_a_candidate_of_another_team_is_not_found(
        self, platform: Team, trials: Metric, lead: Client, yuki: Any
    ) -> None:
        theirs = drafting.draft(platform, idea(trials), actor=yuki, today=TODAY)
        for pk in (theirs.pk, 0, "x", "9" * 40, "²"):
            assert lead.get(f"{self.NEW}?candidate={pk}").status_code == 404
            assert lead.post(f"{self.NEW}?candidate={pk}", self.answers(trials)).status_code == 404

    def test_the_sign_of_being_wrong_shows_by_half_time(self, trials: Metric, lead: Client) -> None:
        refused = lead.post(self.NEW, self.answers(trials, wrong_if="x", wrong_by="2027-02-28"))
        assert refused.status_code == 422 and "has to show by half-time" in text(refused)

    def test_with_a_quorum_the_team_answers_to_what_is_committed(
        self, marketing: Team, trials: Metric, lead: Client, teo: Any
    ) -> None:
        Company.objects.update(commitment_quorum=True)
        refused = lead.post(self.NEW, self.answers(trials))
        assert refused.status_code == 422 and "Propose it as a candidate first" in text(refused)
        made = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)
        other = lead.post(f"{self.NEW}?candidate={made.pk}", self.answers(trials))
        assert other.status_code == 422 and "answered to other terms" in text(other)


def test_a_bet_in_review_that_is_over_leaves_room_on_the_team_page(
    marketing: Team, trials: Metric, lead: Client
) -> None:
    omtm_of(marketing, trials, start="2026-07-01", end=date(2026, 10, 31), state="in_review")
    assert "Choose the next focus" in text(lead.get("/teams/marketing/"))
