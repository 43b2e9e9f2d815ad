"""What the numbers say to somebody, once: states, signals, guardrails, targets (M8-M11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Annotation, Metric, NorthStar, NorthStarVersion, Source
from teams.models import CheckIn, Delivery, Guardrail, Membership, Omtm, Reminder, Team, User
from teams.reminders import reminding
from tests.cast import person
from tests.teams.bets import omtm_of, settle
from tests.teams.reminded import NBSP, at, judge, keep, lapsing, of, settled_bet, told


@pytest.fixture
def lapse(make_metric: Callable[..., Metric]) -> Metric:
    return lapsing(make_metric)


@pytest.fixture
def bet(marketing: Team, lapse: Metric, idris: User, teo: User, maren: User, vera: User) -> Omtm:
    """Idris leads it, Teo is a member, Maren leads the company."""
    return settled_bet(marketing, lapse)


def test_off_track_is_told_to_lead_and_leaders_with_value_and_plan(bet: Omtm) -> None:
    judge(bet, "on_track", "at_risk", "off_track", "off_track", reading=0.0206, pace=0.0175)
    reminding.remind(at("2026-11-23"))
    reminder = of("health_changed")
    assert reminder.key == f"health_changed:omtm:{bet.pk}:2026-11-09:off_track"
    assert reminder.text == (
        "Crew lapse rate is now off track, confirmed over two weeks: 2.06% against a planned 1.75%. "
        "Anything you need from others?"
    )
    assert reminder.plain_text == (
        "Crew lapse rate is now off track, confirmed over two weeks. Anything you need from others?"
    )
    assert (reminder.urgent, reminder.action, reminder.path) == (
        True,
        "Check in",
        f"/omtms/{bet.pk}/#check-in",
    )
    assert (reminder.omtm, reminder.team, reminder.metric) == (bet, bet.team, bet.metric)
    assert told("health_changed") == {"Idris Vane", "Maren Tolk"}
    assert reminding.remind(at("2026-11-23", "12:00")) == 0


def test_at_risk_waits_for_the_digest_and_is_the_leads(bet: Omtm) -> None:
    judge(bet, "on_track", "on_track", "at_risk", reading=0.0199, pace=0.0175)
    reminding.remind(at("2026-11-23"))
    assert of("health_changed").urgent is False and told("health_changed") == {"Idris Vane"}


def test_back_on_track_is_good_news_that_leaves_after_two_weeks(bet: Omtm) -> None:
    judge(bet, "off_track", "on_track", reading=0.0166, pace=0.0175)
    reminding.remind(at("2026-11-23"))
    reminder = of("health_changed")
    assert reminder.text == "Crew lapse rate is back on track two weeks running."
    assert reminder.urgent and told("health_changed") == {"Idris Vane"}
    reminding.remind(at("2026-12-06"))
    assert of("health_changed").closed_at is None
    reminding.remind(at("2026-12-07"))
    assert of("health_changed").closed_at is not None


def test_a_first_state_is_told_unless_it_is_good(bet: Omtm) -> None:
    judge(bet, "too_early", "on_track")
    assert reminding.remind(at("2026-11-23")) == 0
    judge(bet, "too_early", "at_risk")
    assert reminding.remind(at("2026-11-23")) == 1


def test_after_one_change_only_off_track_is_told_within_two_weeks(bet: Omtm) -> None:
    judge(bet, "on_track", "at_risk")
    reminding.remind(at("2026-11-23"))
    judge(bet, "on_track", "at_risk", "on_track", newest=date(2026, 11, 23))
    assert reminding.remind(at("2026-11-30")) == 0
    assert of("health_changed").closed_at is not None, "it is not at risk any more"
    judge(bet, "on_track", "at_risk", "on_track", "off_track", newest=date(2026, 11, 30))
    reminding.remind(at("2026-12-07"))
    states = [
        row.key.rpartition(":")[2] for row in Reminder.objects.filter(rule="health_changed").order_by("id")
    ]
    assert states == ["at_risk", "off_track"]


def test_after_ten_days_without_a_worker_only_the_newest_state_counts(bet: Omtm) -> None:
    judge(bet, "on_track", "at_risk", "off_track", "at_risk", "on_track")
    assert reminding.remind(at("2026-11-23")) == 1
    assert of("health_changed").text == "Crew lapse rate is back on track two weeks running."


def test_a_check_in_answers_it_and_a_retired_focus_or_an_archived_team_says_nothing(
    bet: Omtm, idris: User
) -> None:
    judge(bet, "on_track", "off_track", reading=0.02, pace=0.0175)
    Team.objects.filter(pk=bet.team_id).update(archived_at=at("2026-11-01"))
    assert reminding.remind(at("2026-11-23")) == 0
    Team.objects.filter(pk=bet.team_id).update(archived_at=None)
    reminding.remind(at("2026-11-23"))
    CheckIn.objects.create(omtm=bet, person=idris, day=date(2026, 11, 24), chance=30)
    reminding.remind(at("2026-11-25"))
    assert of("health_changed").closed_at is not None
    reminding.remind(at("2026-11-26"))
    assert Reminder.objects.filter(rule="health_changed").count() == 1


def test_what_broken_data_said_is_told_when_it_is_mended(bet: Omtm) -> None:
    judge(bet, "on_track", "off_track", reading=0.02, pace=0.0175)
    keep(f"omtm:{bet.pk}", trust={"blocks": True, "badge": "failing"})
    assert reminding.remind(at("2026-11-23")) == 0
    keep(f"omtm:{bet.pk}", trust={"blocks": False, "badge": "trusted"})
    assert reminding.remind(at("2026-11-24")) == 2, "the state and the check-in of Tuesday"


def test_what_was_told_stands_while_its_number_pauses_and_afterwards(
    bet: Omtm, platform: Team, make_metric: Any
) -> None:
    met = omtm_of(platform, make_metric("Qualified trials"), start="2026-09-01")
    settle()
    judge(bet, "on_track", "off_track", reading=0.02, pace=0.0175)
    judge(met, "on_track", "on_track", reading=574, pace=500)
    keep(f"omtm:{met.pk}", reached_twice=True)
    reminding.remind(at("2026-11-23"))
    for omtm in (bet, met):
        judge(omtm, "no_data", newest=date(2026, 11, 23))
    keep(f"omtm:{met.pk}", reached_twice=False)
    reminding.remind(at("2026-11-30"))
    assert of("health_changed").closed_at is None and of("target_reached").closed_at is None
    judge(bet, "off_track", newest=date(2026, 11, 30), reading=0.02, pace=0.0175)
    judge(met, "on_track", newest=date(2026, 11, 30), reading=574, pace=500)
    keep(f"omtm:{met.pk}", reached_twice=True)
    reminding.remind(at("2026-12-07"))
    assert of("health_changed").closed_at is None and of("target_reached").closed_at is None


def test_a_target_met_twice_is_told_to_the_team_once(marketing: Team, make_metric: Any, idris: User) -> None:
    bet = omtm_of(marketing, make_metric("Qualified trials"), start="2026-09-01")
    settle()
    keep(f"omtm:{bet.pk}", reached_twice=True)
    judge(bet, "on_track", "on_track", reading=574, pace=500)
    reminding.remind(at("2026-11-02"))
    assert of("target_reached").text == (
        f"Target met two weeks in a row: Qualified trials 574{NBSP}trials (aim 560{NBSP}trials). "
        "Hold it, or close early and take the next bottleneck?"
    )
    assert "574" not in of("target_reached").plain_text
    reminding.remind(at("2026-11-29"))
    assert of("target_reached").closed_at is None
    reminding.remind(at("2026-11-30"))
    assert of("target_reached").closed_at is not None


def test_a_broken_guardrail_is_told_to_the_lead_and_who_answers_for_it_until_it_holds(
    bet: Omtm, make_metric: Any, vera: User, bruno: User
) -> None:
    crm = Source.objects.create(name="Helpdesk", slug="helpdesk", kind="push", owner=vera)
    contacts = make_metric("Support contacts", unit="contacts", source=crm)
    Guardrail.objects.create(omtm=bet, metric=contacts, side="at_most", limit=Decimal(9))
    guard = {
        "slug": contacts.slug,
        "name": "Support contacts",
        "state": "bad",
        "since": "2026-11-09",
        "value_words": "9.4",
        "limit_short": "at most 9",
    }
    keep(f"omtm:{bet.pk}", guardrails=[guard])
    reminding.remind(at("2026-11-23"))
    assert of("guardrail_broken").text == (
        "A guardrail of Crew lapse rate is broken: Support contacts 9.4, at most 9 was agreed. "
        "Ease off until it is back, or say why it may stay."
    )
    assert told("guardrail_broken") == {"Idris Vane", "Vera Holm"}
    assert reminding.remind(at("2026-11-23", "15:00")) == 0
    keep(f"omtm:{bet.pk}", guardrails=[guard | {"state": "good", "since": ""}])
    reminding.remind(at("2026-11-25"))
    assert of("guardrail_broken").closed_at is not None
    keep(f"omtm:{bet.pk}", guardrails=[guard | {"since": "2026-11-16"}])
    reminding.remind(at("2026-11-26"))
    assert Reminder.objects.filter(rule="guardrail_broken").count() == 2, "another time that it broke"


def test_two_guardrails_that_broke_in_the_same_week_are_both_told(bet: Omtm, make_metric: Any) -> None:
    broken = []
    for name in ("Support contacts", "Refunds"):
        metric = make_metric(name)
        Guardrail.objects.create(omtm=bet, metric=metric, side="at_most", limit=Decimal(9))
        words = {"slug": metric.slug, "name": name, "value_words": "9.4", "limit_short": "at most 9"}
        broken.append({**words, "state": "bad", "since": "2026-11-09"})
    keep(f"omtm:{bet.pk}", guardrails=broken)
    reminding.remind(at("2026-11-23"))
    own = Delivery.objects.filter(recipient__name="Idris Vane", reminder__rule="guardrail_broken")
    assert own.filter(channel="app").count() == own.filter(channel="email").count() == 2


@pytest.fixture
def crews(make_metric: Any, maren: User, vera: User) -> NorthStar:
    """Vera owns the North Star, Maren leads the company."""
    metric = make_metric("Weekly active crews", unit="crews")
    star = NorthStar.objects.create(name="Weekly active crews", state="active", owner=vera)
    NorthStarVersion.objects.create(
        north_star=star, version_no=1, effective_from=date(2026, 1, 5), metric=metric,
        value_proposition="We win.", plain_definition="Crews.",
    )  # fmt: skip
    return star


SIGNAL = {
    "unusual": True,
    "rule": 1,
    "week": "2026-11-16",
    "grain": "week",
    "side": "low",
    "since": "",
    "words": f"−12{NBSP}crews in the week to 22 Nov, usual −10 to +46{NBSP}crews",
    "sentence": "",
}


def test_a_signal_of_the_north_star_is_told_to_owner_and_leaders_until_it_is_noted(crews: NorthStar) -> None:
    metric = Metric.objects.get(slug="weekly-active-crews")
    keep(f"metric:{metric.pk}", signal=SIGNAL)
    reminding.remind(at("2026-11-23"))
    reminder = of("signal")
    assert reminder.text == (
        f"Weekly active crews fell outside its normal range last week "
        f"(−12{NBSP}crews, usual −10 to +46{NBSP}crews). Worth finding the cause; one note is enough."
    )
    assert reminder.path == "/annotations/new/?metric=weekly-active-crews" and reminder.action == "Annotate"
    assert reminder.plain_text == (
        "Weekly active crews fell outside its normal range last week. "
        "Worth finding the cause; one note is enough."
    )
    assert told("signal") == {"Vera Holm", "Maren Tolk"}
    keep(f"metric:{metric.pk}", signal=SIGNAL | {"unusual": False, "rule": 0})
    reminding.remind(at("2026-11-30"))
    assert of("signal").closed_at is None, "its cause is still to be found"
    Annotation.objects.create(day=date(2026, 11, 19), text="Sign-in outage", metric=metric)
    reminding.remind(at("2026-12-01"))
    assert of("signal").closed_at is not None


def test_a_run_is_told_once_and_three_of_four_to_nobody(crews: NorthStar) -> None:
    metric = Metric.objects.get(slug="weekly-active-crews")
    sentence = "Unusual: look for a cause. Eight weeks in a row above the usual 4,850 crews, since 4 Oct."
    run = SIGNAL | {"rule": 2, "since": "2026-09-28", "sentence": sentence}
    keep(f"metric:{metric.pk}", signal=run | {"rule": 3})
    assert reminding.remind(at("2026-11-23")) == 0
    keep(f"metric:{metric.pk}", signal=run)
    reminding.remind(at("2026-11-24"))
    keep(f"metric:{metric.pk}", signal=run | {"week": "2026-11-23"})
    reminding.remind(at("2026-11-30"))
    assert of("signal").text.startswith(
        "Weekly active crews has moved to another level: eight weeks in a row above the usual 4,850 crews"
    )


def test_twice_the_focuses_cost_no_more_queries(bet: Omtm, lapse: Metric, make_metric: Any) -> None:
    counts = []
    contacts = make_metric("Support contacts")
    for number in range(4):
        if number:
            team = Team.objects.create(name=f"Team {number}", slug=f"team-{number}")
            lead = person(f"p{number}@example.com", f"P {number}")
            Membership.objects.create(team=team, user=lead, role="lead")
            other = omtm_of(team, lapse, start="2026-09-01", baseline="0.02", target="0.016")
            Guardrail.objects.create(omtm=other, metric=contacts, side="at_most", limit=Decimal(9))
            judge(other, "on_track", "off_track", reading=0.02, pace=0.0175)
            settle()
        reminding.remind(at("2026-11-23"))
        with CaptureQueriesContext(connection) as queries:
            reminding.remind(at("2026-11-23", "12:00"))
        counts.append(len(queries))
    assert counts[1] == counts[3] <= 26
