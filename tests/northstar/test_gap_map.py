"""The gap map says who pushes what, what is missing, of which kind, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from metrics.models import Driver, Funnel, Metric, Stage, StageCount
from teams.models import CheckIn, Commitment, Membership, Omtm, Team, User
from tests.metrics.stars import drive, make_star
from tests.northstar.focuses import draw_omtm, make_omtm, make_team

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
MOST_QUERIES = 12
TODAY = date(2026, 11, 18)


@pytest.fixture
def share(make_metric: Make) -> Metric:
    return make_metric("Share", kind="ratio", unit="%")


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> Any:
    return make_star(make_metric, make_weeks)


def opened(client: Client, user: User, path: str = "/gaps/") -> str:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def count_of(page: str) -> str:
    """The sentence at the top."""
    found = re.search(r'class="gap-count">([^<]*)<', page)
    assert found is not None
    return found.group(1)


def row_of(page: str, team: str, heading: str) -> str:
    """The row of a team in the table that follows a heading."""
    part = page[page.index(heading) :]
    part = part[: part.index("</table>")]
    return next(row for row in part.split("<tr") if f">{team}<" in row)


def quiet(team: Team, share: Metric, *, name: str = "", state: str = "on_track", **facts: Any) -> Omtm:
    """A bet of which nothing is overdue: it began ten days ago."""
    made = make_omtm(
        team, share, name=name or f"Bet of {team.name}", start=date(2026, 11, 8), end=date(2027, 2, 7)
    )
    draw_omtm(made, state, **facts)
    return made


def test_what_is_not_measured_what_nobody_owns_and_what_is_off_track_are_counted(
    client: Client, vera: User, share: Metric
) -> None:
    """Domain 7.4, in its words."""
    funnel = Funnel.objects.create(name="Customers", slug="customers")
    for place, stage in enumerate(("acquisition", "activation", "referral")):
        Stage.objects.create(funnel=funnel, position=place, aarrr=stage, name=stage)
    ash, birch = make_team("Ash"), make_team("Birch")
    Team.objects.filter(pk=ash.pk).update(stage="acquisition")
    Team.objects.filter(pk=birch.pk).update(stage="activation")
    quiet(ash, share, state="off_track", gap=-0.4)
    loose = quiet(make_team("Cedar"), share)
    Stage.objects.create(funnel=funnel, position=9, aarrr="activation", name="x").teams.add(birch)
    Omtm.objects.filter(pk=loose.pk).update(team=birch, stage=Stage.objects.get(aarrr="referral"))
    Team.objects.filter(name="Cedar").delete()

    page = opened(client, vera)

    assert count_of(page) == "3 gaps: 1 not measured, 1 without owner, 1 off track."
    assert "■" not in page and "Off track <span" in row_of(page, "Ash", "Who pushes what")
    assert "−40 pt" in row_of(page, "Ash", "Who pushes what")
    assert "Not measured" in row_of(page, "Birch", "Who pushes what")
    assert "No owner" in row_of(page, "Nobody", "Who pushes what")


def test_each_kind_of_gap_stands_in_its_own_column_with_its_next_action(
    client: Client, maren: User, idris: User, share: Metric, marketing: Team
) -> None:
    off = quiet(marketing, share, state="off_track", reason="Far behind the plan.")
    late = make_omtm(make_team("Late"), share, name="Late bet")
    draw_omtm(late, trust={"badge": "failing", "blocks": True, "sentences": ["CRM has been failing."]})
    make_team("Empty")

    page = opened(client, maren)

    assert "Far behind the plan." in row_of(page, "Marketing", "What to do")
    assert f'href="/omtms/{off.pk}/">Look at the focus' in row_of(page, "Marketing", "What to do")
    row = row_of(page, "Late", "What to do")
    assert "CRM has been failing." in row and "Look at the source" in row
    assert "The half-way review is 2 days late." in row and reverse("omtm-midpoint", args=[late.pk]) in row
    assert "Nobody has checked in yet, for 65 days." in row
    row = row_of(page, "Empty", "What to do")
    assert "no lead who could choose one" in row and ">Name a lead" in row


def test_who_may_not_act_reads_the_gap_without_a_button(
    client: Client, vera: User, share: Metric, marketing: Team, idris: User
) -> None:
    draw_omtm(make_omtm(make_team("Late"), share, name="Late bet"))

    page = opened(client, vera)

    assert "The half-way review is 2 days late." in page and "Idris Vane can choose one." in page
    for words in ("Hold the half-way review", "Check in", "Choose a focus", "Ask the team"):
        assert f">{words}" not in page


def answers(omtm: Omtm, people: dict[User, tuple[str, str]]) -> None:
    for person, (answer, reply) in people.items():
        note = "" if answer == "in" else "Because."
        Commitment.objects.create(omtm=omtm, person=person, asked_in=omtm.commitment_round, answer=answer,
                                  note=note, reply=reply)  # fmt: skip


def test_commitment_is_told_in_counts_to_the_team_and_to_leaders_alone(
    client: Client,
    maren: User,
    idris: User,
    teo: User,
    yuki: User,
    vera: User,
    share: Metric,
    marketing: Team,
    platform: Team,
) -> None:
    Membership.objects.update(since=datetime(2026, 1, 1, tzinfo=UTC))
    answers(quiet(marketing, share), {teo: ("in_with_concern", ""), idris: ("in", "")})
    Membership.objects.create(team=platform, user=vera, role="member")
    quiet(platform, share)

    for who, sees in ((maren, True), (teo, True), (yuki, False)):
        page = opened(client, who)
        assert ("1 concern waits for an answer." in page) is sees
        assert who == teo or "Teo Lindqvist" not in page
    page = opened(client, yuki)
    assert "0 of 2 have said whether they are in." in row_of(page, "Platform", "What to do")
    assert "0 of 2" not in opened(client, teo)
    vera.memberships.all().delete()
    page = opened(client, vera)
    assert "Commitment" not in page and "for the team and the leaders" in page
    assert "concern" not in count_of(page)


def test_answers_of_another_round_and_of_who_left_do_not_count(
    client: Client, maren: User, idris: User, teo: User, share: Metric, marketing: Team
) -> None:
    Membership.objects.update(since=datetime(2026, 1, 1, tzinfo=UTC))
    bet = quiet(marketing, share)
    answers(bet, {teo: ("in", ""), idris: ("in", "")})
    assert "have said whether" not in opened(client, maren)

    Membership.objects.filter(user=teo).update(since=timezone.now().replace(year=2027))
    assert "1 of 2 have said whether they are in." in opened(client, maren)
    Omtm.objects.filter(pk=bet.pk).update(commitment_round=2)
    assert "0 of 2 have said whether they are in." in opened(client, maren)


def test_a_check_in_closes_the_gap_that_waited_for_it(
    client: Client, vera: User, share: Metric, teo: User
) -> None:
    bet = make_omtm(make_team("Ash"), share)
    draw_omtm(bet)
    assert "Nobody has checked in yet" in opened(client, vera)
    CheckIn.objects.create(omtm=bet, person=teo, day=date(2026, 11, 10), chance=70)
    assert "has checked in" not in opened(client, vera)


def test_a_kind_filters_what_is_to_be_done_and_not_the_count(
    client: Client, vera: User, share: Metric
) -> None:
    quiet(make_team("Ash"), share, state="off_track")
    make_team("Birch")

    page = opened(client, vera, "/gaps/?kind=ritual")
    todo = page[page.index("What to do") :]

    assert "1 off track" in count_of(page) and "1 without a focus" in count_of(page)
    assert ">Birch<" in todo.partition("What came of it")[0] and ">Ash<" not in todo.partition("What came")[0]
    assert re.search(r'aria-current="true">Ritual <span class="range-count">1<', page)
    assert opened(client, vera, "/gaps/?kind=<b>&by=nothing").count("<b>") == 0


def test_drivers_are_the_other_columns(
    client: Client, vera: User, star: Any, share: Metric, make_metric: Make
) -> None:
    owned, free = drive(star, share), drive(star, make_metric("Free"))
    bare = Driver.objects.create(north_star=star, name="Referrals by crews")
    ash = make_team("Ash")
    owned.teams.add(ash)
    bare.teams.add(ash)
    quiet(ash, share)

    page = opened(client, vera, "/gaps/?by=drivers")
    row = row_of(page, "Ash", "Who pushes what")

    assert "On track" in row and "Not measured" in row
    assert f"Nobody owns {free.name}." in page
    assert count_of(page) == "2 gaps: 1 not measured, 1 without owner."


def test_the_count_is_the_same_whichever_columns_are_shown(
    client: Client, vera: User, star: Any, share: Metric
) -> None:
    drive(star, share)
    Team.objects.filter(pk=make_team("Ash").pk).update(stage="revenue")
    found = count_of(opened(client, vera, "/gaps/?by=stages"))
    assert count_of(opened(client, vera, "/gaps/?by=drivers")) == found
    assert "5 without owner" in found  # four stages and the driver


def test_without_stages_in_use_the_drivers_come_first(
    client: Client, vera: User, star: Any, share: Metric
) -> None:
    drive(star, share).teams.add(make_team("Ash"))
    assert ">Share</th>" in opened(client, vera)
    Team.objects.update(stage="revenue")
    assert ">Revenue</th>" in opened(client, vera)


def test_what_a_funnel_counts_is_measured_without_a_metric(client: Client, vera: User) -> None:
    ash = make_team("Ash")
    stage = Stage.objects.create(
        funnel=Funnel.objects.create(name="F", slug="f"), aarrr="revenue", name="Week 4 to paid"
    )
    stage.teams.add(ash)
    assert "Not measured" in row_of(opened(client, vera), "Ash", "Who pushes what")
    StageCount.objects.create(stage=stage, cohort_start=date(2026, 10, 5), cohort_end=date(2026, 10, 11),
                              entered=10, converted=2, as_of=timezone.now())  # fmt: skip
    assert "Measured, no focus" in row_of(opened(client, vera), "Ash", "Who pushes what")


def test_outcomes_of_a_year_are_counts_beside_their_context(
    client: Client, vera: User, share: Metric
) -> None:
    ash = make_team("Ash")
    Team.objects.update(department="Growth")
    for place, (outcome, when) in enumerate((("achieved", 2026), ("missed", 2026), ("achieved", 2024))):
        make_omtm(ash, share, state="retired", outcome=outcome, guardrail_breach=place == 0,
                  retired_at=datetime(when, 5, 1, tzinfo=UTC))  # fmt: skip

    page = opened(client, vera)
    row = row_of(page, "Growth", "What came of it")

    assert "2 bets" in row and "1 achieved" in row and "1 missed" in row and "4 months" in row
    assert "1 of them at a cost" in row and "%" not in row


def test_a_long_name_and_one_that_is_markup_stay_text(client: Client, vera: User, share: Metric) -> None:
    team = make_team("x")
    Team.objects.update(name="<script>alert(1)</script>" + "W" * 50, stage="revenue")
    quiet(team, share, name="</a><img src=x>" + "M" * 100)
    page = opened(client, vera)
    assert "<script>alert" not in page and "<img" not in page


def test_without_teams_the_page_says_who_makes_them(client: Client, vera: User, maren: User) -> None:
    assert "A leader or an admin creates the teams." in opened(client, vera)
    assert "Create a team</a>" in opened(client, maren)


def test_the_home_page_counts_the_same_gaps(client: Client, maren: User, star: Any, share: Metric) -> None:
    quiet(make_team("Ash"), share, state="off_track")
    make_team("Birch")

    page, home = opened(client, maren), opened(client, maren, "/")

    for kind, words in (("performance", "Performance"), ("ritual", "Ritual"), ("owner", "No owner")):
        count = re.search(rf'kind={kind}"[^>]*>{words} <span class="range-count">(\d+)<', page)
        assert count is not None
        if count.group(1) != "0":
            assert f'/gaps/?kind={kind}"><b>{count.group(1)}</b> {words.lower()}</a>' in home
    assert 'href="/gaps/">Gap map</a>' in home


@pytest.mark.parametrize("by", ["stages", "drivers"])
def test_the_queries_stay_as_many_with_twice_the_teams(
    client: Client, maren: User, star: Any, share: Metric, make_metric: Make, by: str
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/gaps/?by={by}").status_code == 200
        return len(queries)

    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            team = make_team(f"Team {number}")
            drive(star, make_metric(f"Driver {number}")).teams.add(team)
            quiet(team, share, state="off_track")
        Team.objects.update(stage="revenue")

    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    grow(0, 3)
    client.get("/gaps/")
    before = counted()
    grow(3, 9)
    client.get("/gaps/")

    assert counted() == before <= MOST_QUERIES
