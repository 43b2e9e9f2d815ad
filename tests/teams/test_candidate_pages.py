"""Writing candidates down, scoring, proposing and comparing them through the pages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Company, Metric
from teams import scoring
from teams.models import Omtm, Score, Team, User
from tests.metrics.stars import drive, make_star
from tests.teams.bets import candidate_of, omtm_of

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
NEW, LIST = "/teams/marketing/candidates/new/", "/teams/marketing/candidates/"
ICE = {"score-impact": "9", "score-confidence": "7", "score-ease": "6"}


@pytest.fixture(autouse=True)
def _wednesday(clock: Any) -> None:
    """The time stands still at 18 November 2026."""


@pytest.fixture
def rate(marketing: Team, make_metric: Any, make_weeks: Any) -> Metric:
    """Trial to paid: a share of about 24 %."""
    metric: Metric = make_metric("Trial to paid", kind="ratio", unit="%", decimals=1, slug="trial-to-paid")
    make_weeks(metric, "2026-09-21", [(240 + n % 3, 1000) for n in range(8)])
    return metric


def of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def page(user: User, path: str) -> str:
    return of(user).get(path).content.decode()


def test_a_member_writes_down_an_idea_in_words_and_gives_it_a_metric_later(teo: User, rate: Metric) -> None:
    assert "What could Marketing push next?" in page(teo, NEW)
    done = of(teo).post(NEW, {"metric_idea": "How often <b>buyers</b> come back", "months": "3"})
    omtm = Omtm.objects.get()
    assert done["Location"] == f"/omtms/{omtm.pk}/"
    assert (omtm.state, omtm.metric, omtm.created_by) == ("draft", None, teo)
    shown = page(teo, f"/omtms/{omtm.pk}/")
    assert "Not measured yet" in shown and "How often &lt;b&gt;buyers&lt;/b&gt; come back" in shown
    assert "Propose it" not in shown and "Commit this one" not in shown
    fields = {"metric": rate.pk, "target": "34", "months": "4", "why": "We believe it.", "name": "Paying"}
    assert of(teo).post(f"/omtms/{omtm.pk}/idea/", fields).status_code == 302
    omtm.refresh_from_db()
    assert (omtm.metric, omtm.target, omtm.name) == (rate, Decimal("0.34"), "Paying")
    assert (omtm.start, omtm.end) == (date(2026, 11, 23), date(2027, 3, 22))
    shown = page(teo, f"/omtms/{omtm.pk}/")
    assert "34.0%" in shown and "from 24.1%" in shown and "Propose it" in shown
    assert 'value="34"' in page(teo, f"/omtms/{omtm.pk}/idea/")


def test_what_the_form_does_not_ask_for_stays(teo: User, marketing: Team, rate: Metric) -> None:
    omtm = candidate_of(marketing, rate, target=Decimal("0.3"), pace_shape="linear", end=date(2027, 4, 30))
    shown = page(teo, f"/omtms/{omtm.pk}/idea/")
    assert "Until 30 Apr 2027" in shown
    of(teo).post(
        f"/omtms/{omtm.pk}/idea/", {"metric": rate.pk, "target": "31", "months": "other", "why": "x"}
    )
    omtm.refresh_from_db()
    assert (omtm.target, omtm.pace_shape, omtm.end) == (Decimal("0.31"), "linear", date(2027, 4, 30))


def test_everything_a_candidate_may_say_is_kept(
    teo: User, rate: Metric, make_metric: Any, make_weeks: Any
) -> None:
    driver = drive(make_star(make_metric, make_weeks), rate)
    fields = {
        "metric": rate.pk, "target": "30", "months": "3", "why": "Because.", "expected_effect": "90",
        "effect_weeks": "6", "driver": driver.pk, "reach": "420", "reach_unit": "trials",
        "wrong_if": "Nobody calls", "guard_1_metric": rate.pk, "guard_1_side": "at_least",
        "guard_1_limit": "20",
    }  # fmt: skip
    of(teo).post(NEW, fields)
    omtm = Omtm.objects.get()
    assert (omtm.expected_effect, omtm.effect_weeks, omtm.driver) == (90, 6, driver)
    assert (omtm.reach, omtm.reach_unit, omtm.wrong_if) == (420, "trials", "Nobody calls")
    assert omtm.guardrails.get().limit == Decimal("0.2")
    shown = page(teo, f"/omtms/{omtm.pk}/")
    assert "+90" in shown and "420 trials" in shown and "at least 20.0%" in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"metric": ""}, "Choose a metric, or write in words"),
        ({"metric": "987654"}, "valid choice"),
        ({"target": "NaN"}, "not a number"),
        ({"target": "1" * 20}, "at most 1"),
        ({"months": "7"}, "not one of the available choices"),
        ({"months": ""}, "required"),
        ({"why": "x\x00"}, "Null characters are not allowed"),
        ({"reach": "-1"}, "cannot be below zero"),
        ({"reach_unit": "x" * 41}, "at most 40 characters"),
        ({"guard_1_limit": "3"}, "Choose the metric that this limit is for"),
        ({"wrong_by": "2026-02-30"}, "not a date"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(
    teo: User, rate: Metric, changes: dict[str, str], sentence: str
) -> None:
    refused = of(teo).post(NEW, {"metric": rate.pk, "months": "3", "target": "30"} | changes)
    assert refused.status_code == 422 and sentence in refused.content.decode()
    assert not Omtm.objects.exists()


def test_a_proposal_asks_the_team(teo: User, idris: User, marketing: Team, rate: Metric) -> None:
    omtm = candidate_of(marketing, rate, state="draft", target=Decimal("0.34"))
    assert of(teo).post(f"/omtms/{omtm.pk}/proposal/").status_code == 302
    omtm.refresh_from_db()
    assert omtm.state == "proposed" and omtm.scoring_opened_at
    shown = page(idris, f"/omtms/{omtm.pk}/")
    assert "You have not said yet whether you are in" in shown
    assert f"/teams/marketing/omtms/new/?candidate={omtm.pk}" in shown
    assert "Commit this one" not in page(teo, f"/omtms/{omtm.pk}/")


def test_what_lacks_is_said_when_it_is_proposed(teo: User, marketing: Team) -> None:
    omtm = candidate_of(marketing)
    told = of(teo).post(f"/omtms/{omtm.pk}/proposal/", follow=True).content.decode()
    assert "cannot be proposed yet" in told
    assert Omtm.objects.get().state == "draft"


def test_a_score_is_given_and_changed(teo: User, marketing: Team) -> None:
    omtm = candidate_of(marketing)
    path = f"/omtms/{omtm.pk}/scores/"
    refused = of(teo).post(path, ICE | {"score-ease": "11"})
    assert refused.status_code == 422 and "Choose one of these" in refused.content.decode()
    assert of(teo).post(path, ICE).status_code == 302
    shown = page(teo, f"/omtms/{omtm.pk}/")
    assert "378" in shown and "Change your score" in shown
    of(teo).post(path, ICE | {"score-ease": "5"})
    assert Score.objects.get().ease == 5


def test_rice_is_scored_by_its_steps_and_asks_for_a_reach(teo: User, marketing: Team) -> None:
    Company.objects.update(score_method="rice")
    omtm = candidate_of(marketing)
    path, fields = f"/omtms/{omtm.pk}/scores/", {"score-impact": "2", "score-confidence": "0.8"}
    assert of(teo).post(path, fields | {"score-effort": "0.4"}).status_code == 422
    assert of(teo).post(path, fields | {"score-effort": "3"}).status_code == 302
    assert "RICE needs a reach" in page(teo, f"/omtms/{omtm.pk}/")
    Omtm.objects.update(reach=420, reach_unit="trials")
    shown = page(teo, f"/omtms/{omtm.pk}/")
    assert ">224" in shown and "80%" in shown


def test_a_leader_looks_and_does_not_score(maren: User, teo: User, marketing: Team) -> None:
    omtm = candidate_of(marketing)
    assert of(maren).post(f"/omtms/{omtm.pk}/scores/", ICE).status_code == 403
    assert "Your score" not in page(maren, f"/omtms/{omtm.pk}/")


def everywhere(user: User, omtm: Omtm) -> str:
    """Every page on which a score could be seen."""
    places = (f"/omtms/{omtm.pk}/", LIST, "/teams/marketing/", f"/omtms/{omtm.pk}/idea/")
    return "".join(page(user, place) for place in places)


def test_blind_scores_of_others_are_nowhere_before_they_are_revealed(
    teo: User, idris: User, maren: User, vera: User, marketing: Team
) -> None:
    Company.objects.update(blind_scoring=True)
    omtm = candidate_of(marketing)
    # 7 × 9 × 7 is 441, which stands nowhere else on these pages.
    scoring.give(
        omtm, teo, {"impact": Decimal(7), "confidence": Decimal(9), "ease": Decimal(7)},
        company=Company.current(), now=NOW,
    )  # fmt: skip
    for user in (idris, maren, vera):
        shown = everywhere(user, omtm)
        assert (
            "441" not in shown
            and "Who said what" not in shown.partition('id="scores"')[2].split("</section>")[0]
        )
        assert "1 of 2 scored" in shown
        client = of(user)
        with CaptureQueriesContext(connection):
            context = client.get(f"/omtms/{omtm.pk}/").context
        assert context["scores"]["standing"] is None and context["scores"]["people"] == []
        assert context["scores"]["components"] == []
    assert page(teo, f"/omtms/{omtm.pk}/").count(" checked") >= 3, "teo sees the own one"
    scoring.give(
        omtm, idris, {"impact": Decimal(7), "confidence": Decimal(9), "ease": Decimal(7)},
        company=Company.current(), now=NOW,
    )  # fmt: skip
    assert "441" in page(maren, f"/omtms/{omtm.pk}/") and "441" in page(vera, LIST)


def test_the_lead_closes_blind_scoring(teo: User, idris: User, marketing: Team) -> None:
    Company.objects.update(blind_scoring=True)
    omtm = candidate_of(marketing)
    scoring.give(
        omtm, teo, {"impact": Decimal(7), "confidence": Decimal(9), "ease": Decimal(7)},
        company=Company.current(), now=NOW,
    )  # fmt: skip
    path = f"/omtms/{omtm.pk}/scores/round/"
    assert of(teo).post(path).status_code == 403
    of(idris).post(path)
    assert "441" in page(idris, f"/omtms/{omtm.pk}/")
    refused = of(teo).post(f"/omtms/{omtm.pk}/scores/", ICE)
    assert refused.status_code == 422 and "round of scoring is over" in refused.content.decode()
    of(idris).post(path, {"round": "again"})
    assert "441" not in page(idris, f"/omtms/{omtm.pk}/")


def test_names_of_those_who_scored_are_for_the_team_and_the_leaders(
    teo: User, idris: User, maren: User, vera: User, marketing: Team
) -> None:
    omtm = candidate_of(marketing)
    of(teo).post(f"/omtms/{omtm.pk}/scores/", ICE)
    for user, sees in ((idris, True), (maren, True), (vera, False)):
        shown = page(user, f"/omtms/{omtm.pk}/")
        assert "378" in shown and ("Teo Lindqvist" in shown) == sees, user


def test_the_list_is_ordered_and_says_what_was_tried(
    teo: User, marketing: Team, rate: Metric, platform: Team
) -> None:
    omtm_of(
        platform, rate, name="Old bet", baseline="0.2", target="0.3", state="retired", outcome="missed",
        retired_at=NOW, lesson="People skip tours.",
    )  # fmt: skip
    low = candidate_of(marketing, rate, name="Low", target=Decimal("0.3"))
    high = candidate_of(marketing, name="High")
    for omtm, value in ((low, 2), (high, 9)):
        Score.objects.create(omtm=omtm, person=teo, method="ice", impact=value, confidence=5, ease=5)
    shown = page(teo, LIST)
    assert shown.index(">High<") < shown.index(">Low<")
    assert "Ordered by ICE score" in shown and "tried before" in shown
    detail = page(teo, f"/omtms/{low.pk}/")
    assert "Tried before" in detail and "People skip tours." in detail and "same metric" in detail


def test_without_candidates_the_page_says_who_can_write_one_down(teo: User, vera: User) -> None:
    assert "Write one down" in page(teo, LIST)
    shown = page(vera, LIST)
    assert "No candidates yet" in shown and "Write one down" not in shown


def test_a_decided_or_withdrawn_candidate_is_no_longer_changed(
    teo: User, marketing: Team, rate: Metric
) -> None:
    omtm = candidate_of(marketing, rate, state="withdrawn", retire_reason="Not now.")
    assert "Not now." in page(teo, f"/omtms/{omtm.pk}/")
    for path in ("idea/", "scores/"):
        assert of(teo).post(f"/omtms/{omtm.pk}/{path}", ICE).status_code == 302
    told = of(teo).post(f"/omtms/{omtm.pk}/proposal/", follow=True).content.decode()
    assert "is withdrawn" in told and Omtm.objects.get().state == "withdrawn"


def test_lists_take_as_many_queries_with_twice_the_candidates(
    teo: User, idris: User, marketing: Team, rate: Metric
) -> None:
    counts: list[list[int]] = []
    for _ in range(2):
        for number in range(2):
            omtm = candidate_of(marketing, rate, target=Decimal("0.3"))
            Score.objects.create(omtm=omtm, person=teo, method="ice", impact=5, confidence=5, ease=number + 1)
        found = []
        for path in (LIST, "/teams/marketing/", f"/omtms/{omtm.pk}/"):
            client = of(teo)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
    assert counts[0][0] <= 20
