"""What Core Scheduling could push next, and who is in (domain 9, number 8)."""

from __future__ import annotations

import pytest

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import Subject
from teams import commitment_pages, committing, precedents, ranking
from teams.models import Omtm, Team

pytestmark = pytest.mark.django_db


def test_jobs_per_crew_is_proposed_scored_and_first_with_one_concern() -> None:
    team = Team.objects.get(slug="core-scheduling")
    found = ranking.rank(team, company=Company.current(), now=clock.now())
    first, second = found.rows
    jobs = first.omtm
    assert (jobs.name, jobs.state, float(jobs.target or 0)) == (
        "Jobs per active crew and week",
        "proposed",
        16,
    )
    assert first.standing and first.standing.score == 357 and first.effect == "+110\N{NO-BREAK SPACE}crews"
    assert committing.coverage_of(jobs).words == "3 of 4 answered, 2 in, 1 with a concern"
    leader = Subject(user_id=1, grants=frozenset({"leader"}))
    assert commitment_pages.glances([jobs], subject=leader)[jobs.pk].concerns == 1
    assert (
        second.omtm.state == "draft" and second.standing and second.standing.to_talk_about == ["confidence"]
    )
    assert [each.omtm.outcome for each in precedents.of(second.omtm)] == ["missed"]


def test_the_people_of_the_bets_that_run_were_asked() -> None:
    said = {omtm.team.slug: committing.coverage_of(omtm) for omtm in Omtm.objects.active()}
    assert said["onboarding"].words == "3 of 3 answered, 2 in, 1 with a concern"
    assert said["marketing"].words == "2 of 3 answered, 2 in"
    assert all(coverage.not_in == 0 for coverage in said.values())
