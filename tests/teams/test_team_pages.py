"""The list of teams, a team's page, and who is in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import AuditRow
from northstar.lib import clock as our_clock
from teams import evaluating, teaming
from teams.models import Membership, Omtm, Team
from tests.cast import person
from tests.teams.bets import at_once, omtm_of, shared_between_threads

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def leader(client: Client, maren: Any) -> Client:
    client.force_login(maren, backend=BACKEND)
    return client


def test_a_team_without_focus_stands_as_a_gap(
    leader: Client, clock: Any, marketing: Team, platform: Team, make_metric: Any, make_weeks: Any
) -> None:
    metric = make_metric()
    make_weeks(metric, "2026-09-14", [400 + 10 * n for n in range(9)])
    omtm_of(marketing, metric)
    evaluating.evaluate(our_clock.now())
    shown = leader.get("/teams/").content.decode()
    assert "1 without a focus" in shown and "Choose a focus" in shown
    assert "400\u00a0trials → 560\u00a0trials" in shown


@pytest.mark.django_db(transaction=True)
def test_a_team_that_is_made_twice_at_once_is_there_once(maren: Any, tmp_path: Path) -> None:
    def make() -> Team:
        return teaming.create(name="Ops", department="", stage="", actor=maren)

    with shared_between_threads(tmp_path):
        found = at_once(make, make, make)
    assert sorted(type(each).__name__ for each in found) == ["NameTaken", "NameTaken", "Team"]


def test_a_lead_who_leaves_is_led_to_a_page_that_is_still_theirs(
    client: Client, marketing: Team, idris: Any
) -> None:
    client.force_login(idris, backend=BACKEND)
    answer = client.post("/teams/marketing/members/", {f"role_{idris.pk}": "out"}, follow=True)
    assert answer.redirect_chain == [("/teams/marketing/", 302)]
    assert "The people of Marketing were saved." in answer.content.decode()


def test_twice_the_teams_cost_no_more_queries(
    leader: Client, clock: Any, make_metric: Any, make_weeks: Any, company: Any
) -> None:
    counts = []
    for half in range(2):
        for number in range(4):
            team = Team.objects.create(name=f"Team {half}{number}", slug=f"team-{half}{number}")
            user = person(f"lead{half}{number}@example.com", f"Lead {half}{number}")
            Membership.objects.create(team=team, user=user, role="lead")
            metric = make_metric(f"Metric {half}{number}")
            make_weeks(metric, "2026-09-14", [400 + 10 * n for n in range(9)])
            omtm_of(team, metric)
        evaluating.evaluate(our_clock.now())
        with CaptureQueriesContext(connection) as queries:
            assert leader.get("/teams/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_a_leader_creates_a_team_and_names_its_lead(leader: Client, vera: Any) -> None:
    made = leader.post("/teams/new/", {"name": "Onboarding", "department": "Growth", "stage": "activation"})
    assert made["Location"] == "/teams/onboarding/edit/"
    team = Team.objects.get(slug="onboarding")
    leader.post("/teams/onboarding/members/", {"add": vera.pk, "add_role": "lead"})
    assert team.memberships.get().role == "lead"
    leader.post("/teams/onboarding/members/", {f"role_{vera.pk}": "out"})
    assert not team.memberships.exists()
    assert AuditRow.objects.filter(object_type="teams.team").count() == 3


def test_a_name_is_taken_once_and_an_address_never_collides(leader: Client, marketing: Team) -> None:
    refused = leader.post("/teams/new/", {"name": "marketing"})
    assert (
        refused.status_code == 422 and "There is a team called marketing already" in refused.content.decode()
    )
    assert leader.post("/teams/new/", {"name": ""}).status_code == 422
    leader.post("/teams/new/", {"name": "New"})
    assert Team.objects.get(name="New").slug == "new-2"


def test_a_lead_edits_only_the_own_team(client: Client, idris: Any, platform: Team, vera: Any) -> None:
    client.force_login(idris, backend=BACKEND)
    assert client.post("/teams/marketing/edit/", {"name": "Growth"}).status_code == 302
    assert Team.objects.get(slug="marketing").name == "Growth"
    assert client.get("/teams/platform/edit/").status_code == 403
    assert client.post("/teams/platform/members/", {"add": vera.pk}).status_code == 403
    assert client.get("/teams/new/").status_code == 403


def test_the_primary_button_follows_the_state(
    client: Client, clock: Any, idris: Any, marketing: Team, make_metric: Any
) -> None:
    client.force_login(idris, backend=BACKEND)
    assert "Choose a focus" in client.get("/teams/marketing/").content.decode()
    omtm = omtm_of(marketing, make_metric(), state="in_review", start="2026-07-06", end=date(2026, 11, 5))
    shown = client.get("/teams/marketing/").content.decode()
    assert "Open review" in shown and "Choose the next focus" in shown
    Omtm.objects.filter(pk=omtm.pk).update(state="retired", outcome="missed", outcome_computed="missed")
    shown = client.get("/teams/marketing/").content.decode()
    assert "Choose a focus" in shown and "Missed" in shown
