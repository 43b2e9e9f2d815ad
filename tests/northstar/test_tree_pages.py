"""The pages of the metric tree: what hangs from what, whose it is, what is missing, and who changes it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics import drawing
from metrics.models import ChartDocument, Driver, NorthStar
from northstar.lib import clock as lib_clock
from teams.models import Team, User
from tests.metrics.stars import drive, make_star
from tests.northstar.focuses import draw_omtm, make_omtm, make_team
from tests.northstar.test_home import opened

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
EDIT, NEW = "/north-star/drivers/", "/north-star/drivers/new/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> NorthStar:
    return make_star(make_metric, make_weeks)


@pytest.fixture
def leader(client: Client, maren: User) -> Client:
    client.force_login(maren, backend=BACKEND)
    return client


def answers(**given: Any) -> dict[str, Any]:
    return {"edge": "influences", "evidence": "assumed", "lag_weeks": "0", "name": ""} | given


def counted(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_a_leader_adds_a_driver_with_its_owner(leader: Client, star: NorthStar, marketing: Team) -> None:
    answer = leader.post(NEW, answers(name="Referrals by crews", teams=[marketing.pk], lag_weeks="4"))

    assert answer.status_code == 302 and answer.url == EDIT
    driver = Driver.objects.get()
    assert (driver.name, driver.metric, driver.expected_lag_weeks) == ("Referrals by crews", None, 4)
    assert list(driver.teams.all()) == [marketing]
    page = leader.get(EDIT).content.decode()
    assert "Belief · not measured yet · Marketing" in page


def test_one_more_can_follow_at_once(leader: Client, star: NorthStar) -> None:
    assert leader.post(NEW, answers(name="Referrals", another="1")).url == NEW


def test_the_effect_is_typed_as_it_is_shown(leader: Client, star: NorthStar, make_metric: Make) -> None:
    share = make_metric("Activation rate", kind="ratio", unit="%")
    leader.post(NEW, answers(metric=share.pk, sensitivity="12.5"))

    driver = Driver.objects.get()
    assert driver.sensitivity == Decimal(1250)  # crews for a whole share, so 12.5 for a point of it
    assert 'value="12.5"' in leader.get(f"{EDIT}{driver.pk}/").content.decode()


@pytest.mark.parametrize(
    "number", ["\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT ONE}", "9" * 5000, "-1", "x"]
)
def test_a_number_that_is_no_row_moves_nothing(leader: Client, star: NorthStar, number: str) -> None:
    assert leader.post(EDIT, {"up": number}).status_code == 302
    assert leader.get(NEW, {"parent": number}).status_code == 200
    answer = leader.post(NEW, answers(name="Referrals", teams=[number]))
    assert answer.status_code == 422 and not Driver.objects.exists()


def test_a_team_beyond_every_number_is_refused(leader: Client, star: NorthStar) -> None:
    answer = leader.post(NEW, answers(name="Referrals", teams=["9" * 19]))
    assert answer.status_code == 422 and "Choose teams that are on the list." in answer.content.decode()


def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
    leader: Client, star: NorthStar, marketing: Team, make_metric: Make
) -> None:
    driver = drive(star, make_metric("Accounts"))
    wrong = answers(name="Accounts", metric=driver.metric_id, parent=driver.pk, teams=[marketing.pk])

    answer = leader.post(f"{EDIT}{driver.pk}/", wrong)

    assert answer.status_code == 422
    assert "Accounts cannot hang from itself" in answer.content.decode()
    assert not driver.teams.exists()
    assert "Give it a name, or choose its metric." in leader.post(NEW, answers()).content.decode()
    said = leader.post(NEW, answers(name="X", sensitivity="many")).content.decode()
    assert "The effect" in said


def test_owners_that_were_archived_stay(leader: Client, star: NorthStar, make_metric: Make) -> None:
    driver, gone = drive(star, make_metric("Accounts")), make_team("Gone")
    Team.objects.filter(pk=gone.pk).update(archived_at=lib_clock.now())
    driver.teams.add(gone)

    leader.post(f"{EDIT}{driver.pk}/", answers(name="Accounts", metric=driver.metric_id))

    assert list(driver.teams.all()) == [gone]


def test_removing_asks_first_and_says_what_stands_in_the_way(
    leader: Client, star: NorthStar, make_metric: Make
) -> None:
    driver = drive(star, make_metric("Accounts"))
    below = drive(star, make_metric("New accounts"), parent=driver)
    path = f"{EDIT}{driver.pk}/removal/"
    assert "Remove Accounts?" in leader.get(path).content.decode()

    answer = leader.post(path)
    assert answer.status_code == 422 and "New accounts hangs from Accounts." in answer.content.decode()
    leader.post(f"{EDIT}{below.pk}/removal/")
    assert leader.post(path).status_code == 302
    assert not Driver.objects.exists()


def test_the_list_moves_a_driver_up_and_forgives_one_that_is_gone(
    leader: Client, star: NorthStar, make_metric: Make
) -> None:
    first, second = (drive(star, make_metric(f"Driver {place}"), sort=place) for place in (0, 1))

    leader.post(EDIT, {"up": second.pk})

    assert list(star.drivers.all()) == [second, first]
    assert leader.post(EDIT, {"up": "x"}).status_code == 302


def test_the_tree_names_values_owners_and_what_is_missing(
    client: Client, vera: User, star: NorthStar, marketing: Team, make_metric: Make, make_weeks: Make
) -> None:
    accounts = make_metric("Accounts", kind="snapshot_stock", unit="accounts")
    make_weeks(accounts, "2026-10-26", [1600, 1610, 1620])
    drawing.draw_metric(accounts, lib_clock.now())
    above = drive(star, accounts, edge="factor")
    below = Driver.objects.create(north_star=star, name="Referrals by crews", parent=above)
    below.teams.add(marketing)

    page = opened(client, vera, "/drivers/")

    assert "1,620 accounts" in page and "Week to Sun 15 Nov" in page
    assert '<span class="node-owner node-owner--none">no owner</span>' in page
    assert '<span class="node-owner">Marketing</span>' in page
    assert "Not measured yet." in page and "a leader links it here" in page
    assert "They multiply to it" in page and EDIT not in page


def test_a_running_bet_hangs_under_the_driver_of_its_metric(
    client: Client, maren: User, star: NorthStar, marketing: Team, make_metric: Make
) -> None:
    share, other = make_metric("Activation rate", kind="ratio", unit="%"), make_metric("Loose one")
    drive(star, share, sensitivity=Decimal(1000), evidence="correlated")
    draw_omtm(make_omtm(marketing, share, name="Activation"), reading=0.306)
    draw_omtm(make_omtm(make_team("Sales"), other, name="Elsewhere"), "off_track")

    page = opened(client, maren, "/drivers/")

    assert page.index("Activation rate") < page.index("node-bet") < page.index("Linked to no driver")
    assert page.index("Elsewhere") > page.index("Linked to no driver")
    assert "+66 crews, an estimate from the model (moves with it)" in page
    assert "pill--on_track" in page and EDIT in page


def test_without_a_star_or_drivers_the_page_says_who_begins(
    client: Client, vera: User, maren: User, make_metric: Make, make_weeks: Make
) -> None:
    assert "A leader defines it." in opened(client, vera, "/drivers/")
    make_star(make_metric, make_weeks)
    assert "A leader names three to six inputs" in opened(client, vera, "/drivers/")
    assert "Add a driver</a>" in opened(client, maren, "/drivers/")


def test_a_large_tree_costs_as_many_queries_as_a_small_one(
    client: Client, maren: User, star: NorthStar, make_metric: Make
) -> None:
    def grow(first: int, last: int) -> None:
        above = None
        for number in range(first, last):
            metric = make_metric(f"Driver {number}")
            above = drive(star, metric, parent=above if number % 3 else None, sort=number)
            above.teams.add(make_team(f"Team {number}"))
            draw_omtm(make_omtm(make_team(f"Pusher {number}"), metric))
            ChartDocument.objects.create(
                key=f"metric:{metric.pk}", version="1", drawn_on=lib_clock.now().date(), figure="{}",
                sketches={"spark": "<svg></svg>"}, facts={"value": "1", "period": "week"},
            )  # fmt: skip

    client.force_login(maren, backend=BACKEND)
    grow(0, 3)
    for path in ("/drivers/", EDIT):
        client.get(path)
    before = [counted(client, path) for path in ("/drivers/", EDIT)]

    grow(3, 25)
    client.get("/drivers/")

    assert [counted(client, path) for path in ("/drivers/", EDIT)] == before
    assert before[0] <= 12
