"""The portfolio says where help counts most, and of which bets nobody can tell."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Metric
from teams.models import ExceptionGrant, Omtm, User
from tests.metrics.stars import drive, make_star
from tests.northstar.focuses import draw_omtm, make_omtm, make_team

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]


@pytest.fixture
def share(make_metric: Make) -> Metric:
    return make_metric("Share", kind="ratio", unit="%")


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> Any:
    return make_star(make_metric, make_weeks)


def section(client: Client, user: User, query: str = "") -> str:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/portfolio/{query}")
    page = " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())
    return page[page.index('id="help"') :]


def bet(
    team: str, metric: Metric, *, ahead: float | None = 0.5, state: str = "at_risk", **fields: Any
) -> Omtm:
    made = make_omtm(make_team(team), metric, name=f"Bet of {team}", **fields)
    draw_omtm(made, state, attainment_ahead=ahead)
    return made


def test_the_effect_of_a_driver_times_the_way_is_the_estimate(
    client: Client, vera: User, star: Any, share: Metric
) -> None:
    drive(star, share, sensitivity=Decimal(1200), evidence="experiment")
    bet("Ash", share)  # 0.24 to 0.34, so 120 crews

    told = section(client, vera)

    assert "Help counts most at Ash: Bet of Ash is foreseen to make 50% of its way" in told
    assert "+120 crews" in told and "shown by an experiment" in told
    assert "chart-bubble--at_risk" in told and "Show data" in told


def test_what_the_team_wrote_down_comes_before_the_model(
    client: Client, vera: User, star: Any, share: Metric
) -> None:
    drive(star, share, sensitivity=Decimal(1200))
    bet("Ash", share, expected_effect=Decimal(33))
    told = section(client, vera)
    assert "+33 crews" in told and "written down by the team" in told and "+120" not in told


def test_what_cannot_be_drawn_says_what_is_missing(
    client: Client, vera: User, maren: User, star: Any, share: Metric, make_metric: Make
) -> None:
    bare = drive(star, make_metric("Bare"))
    bet("No driver", share)
    bet("No effect", bare.metric)
    bet("Range", make_metric("Delay", direction="range"), target=None, direction="range", low=0, high=2)
    bet("Total", make_metric("Sum"), outcome_rule="total")
    early = bet("Early", make_metric("Rate"), ahead=None, state="too_early", expected_effect=Decimal(5))
    ended = bet("Ended", make_metric("Old"))
    Omtm.objects.filter(pk=ended.pk).update(state="in_review")

    told = section(client, vera)

    for words in (
        "Its metric is no driver of the North Star",
        "The effect of Bare on the North Star is not written down.",
        "It is kept within a range",
        "Its target is a total",
        "Too early: a forecast comes",
    ):
        assert words in told, words
    assert early.name in told and ended.name not in told
    assert "Write down its effect" not in told  # vera only looks
    assert f'/north-star/drivers/{bare.pk}/">Write down its effect' in section(client, maren)


def test_without_a_north_star_nobody_can_say(client: Client, vera: User, share: Metric) -> None:
    bet("Ash", share)
    assert "Without a North Star nobody can say" in section(client, vera)


def test_the_drawing_follows_the_filters_of_the_table(
    client: Client, vera: User, star: Any, share: Metric
) -> None:
    drive(star, share, sensitivity=Decimal(1200))
    bet("Ash", share)
    bet("Birch", share, state="on_track", ahead=1.2)
    told = section(client, vera, "?state=on_track")
    assert "Bet of Birch" in told and "Bet of Ash" not in told


def test_sixty_teams_with_two_bets_each_take_as_many_queries_as_one(
    client: Client, maren: User, star: Any, share: Metric
) -> None:
    drive(star, share, sensitivity=Decimal(1200))
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            one = bet(f"Team {number} of a department with a long name", share, ahead=number / 40)
            grant = ExceptionGrant.objects.create(team=one.team, reason="x", until=date(2027, 1, 1))
            draw_omtm(make_omtm(one.team, share, slot=2, exception=grant), attainment_ahead=0.4)

    def counted(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    fill(0, 1)
    before = [counted("/portfolio/"), counted("/gaps/"), counted("/")]
    fill(1, 60)

    assert [counted("/portfolio/"), counted("/gaps/"), counted("/")] == before
    page = client.get("/portfolio/").content.decode()
    assert len(re.findall(r'class="row-link"', page)) == 120 and page.count(">exception<") == 120
    assert len(page) < 700_000
