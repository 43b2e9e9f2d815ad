"""An idea is kept, said better, proposed, committed from its row, and sent back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics.models import AuditRow, ChartDocument, Company, Driver, Metric
from teams import drafting, lifecycle
from teams.betting import Limit, Plan
from teams.idea import Idea, idea_of
from teams.models import Omtm, Team
from teams.refusing import LifecycleError
from tests.metrics.stars import drive, make_star
from tests.teams.ideas import TODAY, WEEKS, idea

pytestmark = pytest.mark.django_db
NEXT_MONDAY = date(2026, 11, 23)


@pytest.fixture
def trials(clock: Any, make_metric: Any, make_weeks: Any) -> Metric:
    metric = make_metric()
    make_weeks(metric, "2026-09-21", WEEKS)
    return metric


@pytest.fixture
def contacts(make_metric: Any) -> Metric:
    return make_metric("Support contacts", unit="contacts", direction="down")


def test_an_idea_in_words_is_kept_with_the_usual_window(clock: Any, marketing: Team, teo: Any) -> None:
    made = drafting.draft(marketing, Idea(metric_idea="Trials from partners"), actor=teo, today=TODAY)
    assert (made.state, made.name, made.metric) == ("draft", "Trials from partners", None)
    assert (made.start, made.end) == (NEXT_MONDAY, date(2027, 2, 22))
    with pytest.raises(LifecycleError, match="Choose a metric, or write what you would measure"):
        drafting.draft(marketing, Idea(why="Because."), actor=teo, today=TODAY)


def test_a_row_says_what_the_idea_said(marketing: Team, trials: Metric, contacts: Metric, teo: Any) -> None:
    said = idea(
        trials,
        name="More trials",
        wrong_if="No partner links to us",
        wrong_by=date(2027, 1, 10),
        kill_criterion="Two partners leave",
        expected_effect=Decimal("140"),
        effect_weeks=6,
        guardrails=(Limit(contacts, "at_most", Decimal(9)),),
        no_guardrail_reason="",
        owner=teo,
        plan=Plan("mean", "milestones", 0, ((date(2027, 1, 4), Decimal("480")),)),
    )
    made = drafting.draft(marketing, said, actor=teo, today=TODAY)
    assert idea_of(Omtm.objects.get(pk=made.pk)) == said


def test_a_proposal_needs_a_metric_with_values_a_reason_and_a_target(
    marketing: Team, trials: Metric, contacts: Metric, teo: Any
) -> None:
    for lacking, sentence in [
        (Idea(metric_idea="Trials"), "an idea in words cannot be proposed"),
        (idea(trials, why=" "), "Write why"),
        (idea(trials, target=None), "Type the value that you aim for"),
        (idea(trials, target=Decimal(300)), "Higher is better"),
        (idea(contacts, target=Decimal(3)), "no value for the last two complete weeks"),
    ]:
        made = drafting.draft(marketing, lacking, actor=teo, today=TODAY)
        with pytest.raises(LifecycleError, match=sentence):
            drafting.propose(made, actor=teo, today=TODAY)
    made = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)
    assert drafting.propose(made, actor=teo, today=TODAY).state == "proposed"
    with pytest.raises(LifecycleError, match="Only a draft is proposed"):
        drafting.propose(made, actor=teo, today=TODAY)
    assert AuditRow.objects.get(action="omtm.proposed").before == {"state": "draft"}


def test_other_terms_ask_people_anew_and_other_words_do_not(
    marketing: Team, trials: Metric, teo: Any
) -> None:
    made = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)
    same = drafting.edit(made, idea(trials, why="Because partners ask."), actor=teo)
    assert same.commitment_round == 1
    assert drafting.edit(made, idea(trials, target=Decimal(600)), actor=teo).commitment_round == 2
    row = AuditRow.objects.filter(action="omtm.edited").latest("id")
    assert row.after == {"target": "600", "why": "We believe that partner pages will bring more trials."}


def test_a_candidate_is_committed_in_its_own_row_and_frozen(
    marketing: Team, trials: Metric, make_metric: Any, make_weeks: Any, teo: Any, idris: Any
) -> None:
    driver = drive(make_star(make_metric, make_weeks), trials)
    made = drafting.draft(marketing, idea(trials, expected_effect=Decimal(140)), actor=teo, today=TODAY)
    drafting.propose(made, actor=teo, today=TODAY)
    begun = lifecycle.start_omtm(
        marketing,
        idea_of(made),
        actor=idris,
        today=TODAY,
        candidate=made,
        choice_reason="Partners wait for it.",
    )
    assert (begun.pk, begun.state, begun.created_by) == (made.pk, "active", teo)
    assert begun.baseline == Decimal(sum(WEEKS)) / 8 and begun.choice_reason == "Partners wait for it."
    assert begun.driver == driver and begun.effect_weeks == driver.expected_lag_weeks
    assert begun.north_star_version == driver.north_star.versions.get(effective_to=None)
    row = AuditRow.objects.get(action="omtm.active")
    assert row.before == {"state": "proposed"} and row.after["target"] == "560"
    with pytest.raises(LifecycleError, match="is active. It is decided already"):
        lifecycle.start_omtm(marketing, idea_of(begun), actor=idris, today=TODAY, candidate=made)


def test_another_teams_candidate_is_refused(
    marketing: Team, platform: Team, trials: Metric, teo: Any, yuki: Any
) -> None:
    made = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)
    with pytest.raises(LifecycleError, match="belongs to another team"):
        lifecycle.start_omtm(platform, idea(trials), actor=yuki, today=TODAY, candidate=made)


def test_a_commitment_that_has_not_begun_thaws_when_it_is_sent_back(
    marketing: Team, trials: Metric, idris: Any
) -> None:
    later = idea(trials, start=NEXT_MONDAY, end=date(2027, 2, 22))
    made = lifecycle.start_omtm(marketing, later, actor=idris, today=TODAY)
    with pytest.raises(LifecycleError, match="Write what is to be thought over"):
        drafting.send_back(made, reason=" ", actor=idris, today=TODAY)
    back = drafting.send_back(made, reason="Sales needs us first.", actor=idris, today=TODAY)
    assert (back.state, back.baseline, back.committed_at, back.commitment_round) == ("draft", None, None, 2)
    assert back.target == 560 and not ChartDocument.objects.filter(key=f"omtm:{made.pk}").exists()
    running = lifecycle.start_omtm(marketing, idea(trials), actor=idris, today=TODAY)
    with pytest.raises(LifecycleError, match="Only what has not begun"):
        drafting.send_back(running, reason="No.", actor=idris, today=TODAY)


def test_candidates_are_withdrawn_with_a_reason(marketing: Team, trials: Metric, teo: Any) -> None:
    made = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)
    lifecycle.withdraw(made, reason="Somebody else does it.", actor=teo, today=TODAY)
    assert AuditRow.objects.get(action="omtm.withdrawn").after == {"state": "withdrawn"}
    with pytest.raises(LifecycleError, match="is withdrawn already"):
        lifecycle.withdraw(made, reason="Again.", actor=teo, today=TODAY)


class TestTwoKeys:
    @pytest.fixture(autouse=True)
    def _on(self, company: Company) -> None:
        Company.objects.update(two_key_commit=True)

    def test_a_leads_commitment_waits_for_a_leader(
        self, marketing: Team, trials: Metric, idris: Any, maren: Any
    ) -> None:
        asked = lifecycle.start_omtm(marketing, idea(trials), actor=idris, today=TODAY)
        assert (asked.state, asked.approval_asked_by) == ("proposed", idris)
        with pytest.raises(LifecycleError, match="lets a leader decide"):
            lifecycle.approve(asked, actor=idris, today=TODAY)
        begun = lifecycle.approve(asked, actor=maren, today=TODAY)
        assert (begun.state, begun.approved_by, begun.owner) == ("active", maren, idris)
        with pytest.raises(LifecycleError, match="does not wait for approval any more"):
            lifecycle.approve(asked, actor=maren, today=TODAY)

    def test_a_leader_needs_one_act(self, marketing: Team, trials: Metric, maren: Any) -> None:
        assert lifecycle.start_omtm(marketing, idea(trials), actor=maren, today=TODAY).state == "active"

    def test_what_was_changed_since_is_not_approved(
        self, marketing: Team, trials: Metric, idris: Any, maren: Any
    ) -> None:
        asked = lifecycle.start_omtm(marketing, idea(trials), actor=idris, today=TODAY)
        drafting.edit(asked, idea(trials, target=Decimal(425)), actor=idris, today=TODAY)
        with pytest.raises(LifecycleError, match="does not wait for approval"):
            lifecycle.approve(asked, actor=maren, today=TODAY)


def test_a_driver_that_was_chosen_is_kept(
    marketing: Team, trials: Metric, make_metric: Any, make_weeks: Any, idris: Any
) -> None:
    star = make_star(make_metric, make_weeks)
    drive(star, trials)
    other = Driver.objects.create(north_star=star, name="Shops that renew", metric=None)
    assert (
        lifecycle.start_omtm(marketing, idea(trials, driver=other), actor=idris, today=TODAY).driver == other
    )
