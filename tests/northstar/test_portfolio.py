"""The portfolio shows every bet in one table, in the order and with the filters of its address."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Metric
from teams.models import CheckIn, ExceptionGrant, Omtm, Team, User
from tests.northstar.focuses import draw_omtm, make_omtm, make_team

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
MOST_QUERIES = 12


@pytest.fixture
def share(make_metric: Make) -> Metric:
    return make_metric("Share", kind="ratio", unit="%")


def bet(team: str, share: Metric, state: str = "on_track", **facts: Any) -> Omtm:
    """A bet of a new team, drawn."""
    made = make_omtm(make_team(team), share, name=f"Bet of {team}")
    draw_omtm(made, state, **facts)
    return made


def opened(client: Client, user: User, path: str = "/portfolio/") -> str:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def order_of(page: str) -> list[str]:
    """The teams of the table from the top down."""
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', page[page.index("<tbody") :])


def test_what_needs_help_comes_first(client: Client, vera: User, share: Metric, platform: Team) -> None:
    for name, state in (
        ("Ash", "on_track"),
        ("Birch", "too_early"),
        ("Cedar", "off_track"),
        ("Elm", "at_risk"),
    ):
        bet(name, share, state)
    ended = bet("Fir", share)
    Omtm.objects.filter(pk=ended.pk).update(state="in_review", start=date(2026, 6, 1), end=date(2026, 9, 30))

    page = opened(client, vera)

    assert order_of(page) == ["Cedar", "Elm", "Fir", "Platform", "Birch", "Ash"]
    assert "Review overdue" in page and "No lead who could choose one" in page
    assert 'aria-sort="ascending"' in page


def test_a_line_says_how_a_bet_stands(client: Client, vera: User, teo: User, share: Metric) -> None:
    made = bet(
        "Ash",
        share,
        p=0.62,
        likely_words="about 60% likely",
        as_of="2026-11-09",
        trust={"badge": "stale", "blocks": False, "sentences": []},
        guardrails=[{"state": "good"}, {"state": "warn"}],
    )
    Team.objects.update(stage="activation")
    CheckIn.objects.create(omtm=made, person=teo, day=date(2026, 11, 6), chance=70)

    page = opened(client, vera)
    line = page[page.index("<tbody") :]

    for words in ("Activation", "24.0% → 34.0%", ">30.6%<", "66% there", "57% planned<", "about 60%<",
                  "56 days", "12 days ago", "1 beyond its limit", "to 15 Nov", "stale"):  # fmt: skip
        assert words in line, words


def test_a_heading_puts_the_lines_in_order_and_turns_it_round(
    client: Client, vera: User, share: Metric
) -> None:
    for name, gap in (("Ash", 0.09), ("Birch", -0.2), ("Cedar", None)):
        bet(name, share, gap=gap)

    rising = opened(client, vera, "/portfolio/?sort=progress")
    falling = opened(client, vera, "/portfolio/?sort=-progress")

    assert order_of(rising) == ["Birch", "Ash", "Cedar"]
    assert order_of(falling) == ["Ash", "Birch", "Cedar"]  # what is unknown stands last either way
    assert 'href="?sort=-progress"' in rising and 'aria-sort="descending"' in falling


@pytest.mark.parametrize(
    "key", ["team", "focus", "state", "likely", "days", "check-in", "guardrails", "data"]
)
def test_every_heading_can_be_asked_for(
    client: Client, vera: User, share: Metric, platform: Team, key: str
) -> None:
    bet("Ash", share, p=0.5)
    bet("Birch", share, "off_track")
    for sort in (key, f"-{key}"):
        assert len(order_of(opened(client, vera, f"/portfolio/?sort={sort}"))) == 3


def test_filters_leave_what_fits_all_of_them(client: Client, vera: User, share: Metric) -> None:
    bet("Ash", share)
    bet("Birch", share, "off_track")
    bet("Cedar", share, "off_track")
    Team.objects.filter(name__in=("Ash", "Birch")).update(department="Growth & Co")

    page = opened(client, vera, "/portfolio/?department=Growth+%26+Co&state=off_track")
    none = opened(client, vera, "/portfolio/?department=-&state=on_track")

    assert order_of(page) == ["Birch"]
    assert "department=Growth+%26+Co&amp;state=off_track" in page  # the headings keep the filter
    assert "Show all 3" in page
    assert "Nothing fits these filters" in none


@pytest.mark.parametrize(
    "query", ["sort=<script>", "sort=--team", "state=nonsense", "department=nobody", "stage=1'"]
)
def test_what_nobody_can_ask_for_asks_for_nothing(
    client: Client, vera: User, share: Metric, query: str
) -> None:
    bet("Ash", share)
    page = opened(client, vera, f"/portfolio/?{query}")
    assert order_of(page) == ["Ash"] and "<script>" not in page


def test_two_bets_of_a_team_carry_the_badge_of_the_exception(
    client: Client, vera: User, maren: User, share: Metric
) -> None:
    first = bet("Ash", share)
    grant = ExceptionGrant.objects.create(
        team=first.team, reason="A law.", until=date(2026, 12, 31), granted_by=maren
    )
    draw_omtm(make_omtm(first.team, share, name="Second", slot=2, exception=grant))

    page = opened(client, vera)

    assert order_of(page) == ["Ash", "Ash"]
    assert page.count(">exception<") == 2


def test_the_file_holds_exactly_what_is_shown(client: Client, vera: User, share: Metric) -> None:
    bet("Ash", share)
    bet("Birch", share, "off_track", likely_words="about 35% likely")
    Team.objects.filter(name="Birch").update(name='=HYPERLINK("http://x")')

    opened(client, vera)
    answer = client.get("/portfolio.csv?state=off_track")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "portfolio-2026-11-18.csv" in answer["Content-Disposition"]
    assert [line["Focus"] for line in lines] == ["Bet of Birch"]
    assert lines[0]["Team"] == '\'=HYPERLINK("http://x")'  # no formula for the spreadsheet
    assert lines[0]["Progress"] == "66%" and lines[0]["Likely"] == "about 35%"


def test_without_teams_the_page_says_who_makes_them(client: Client, vera: User, maren: User) -> None:
    assert "A leader or an admin creates the teams" in opened(client, vera)
    assert "Create a team</a>" in opened(client, maren)


def test_the_queries_stay_as_many_with_twice_the_teams(client: Client, maren: User, share: Metric) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/portfolio/").status_code == 200
        return len(queries)

    for number in range(3):
        bet(f"Team {number}", share)
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/portfolio/")
    before = counted()
    for number in range(3, 9):
        bet(f"Team {number}", share)
    client.get("/portfolio/")

    assert counted() == before <= MOST_QUERIES


def test_the_pages_of_the_section_lead_to_each_other(client: Client, vera: User) -> None:
    for path, tab in (("/teams/", "Teams"), ("/portfolio/", "Portfolio")):
        page = opened(client, vera, path)
        tabs = page[page.index('class="tabs"') :].partition("</nav>")[0]
        assert f'aria-current="page">{tab}</a>' in tabs and tabs.count("aria-current") == 1
        assert 'aria-current="page">Teams</a>' in page  # the item of the bar
