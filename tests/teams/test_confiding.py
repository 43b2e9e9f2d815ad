"""What people of a bet think of it: said once a day, shown as the middle, named to few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from metrics.models import ChartDocument, Metric
from northstar.lib.policy import Subject
from teams import confiding
from teams.models import CheckIn, Omtm, Team, User
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(datetime.fromisoformat("2026-11-16T09:00:00+01:00"), tick=False):
        yield


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric]) -> Omtm:
    return omtm_of(marketing, make_metric("Trials"))


def panel(bet: Omtm, *, p: float | None = None, subject: Subject | None = None) -> dict[str, Any]:
    return confiding.panel(bet, subject=subject or Subject(user_id=99), p=p, today=TODAY)


def test_the_answer_of_a_day_replaces_the_one_before(bet: Omtm, teo: User) -> None:
    confiding.say(bet, teo, chance=50, today=TODAY)
    confiding.say(bet, teo, chance=70, note=" Two partners signed. ", today=TODAY)
    said = CheckIn.objects.get()
    assert (said.chance, said.note) == (70, "Two partners signed.")
    confiding.say(bet, teo, chance=30, today=date(2026, 11, 17))
    assert CheckIn.objects.count() == 2


@pytest.mark.parametrize("today", [date(2026, 9, 13), date(2027, 1, 14)])
def test_outside_the_window_nothing_is_asked(bet: Omtm, teo: User, today: date) -> None:
    with pytest.raises(confiding.ConfidingError, match="not open"):
        confiding.say(bet, teo, chance=50, today=today)


def test_only_the_five_answers_are_taken(bet: Omtm, teo: User) -> None:
    with pytest.raises(confiding.ConfidingError, match="five"):
        confiding.say(bet, teo, chance=60, today=TODAY)


def test_the_middle_of_the_newest_answers_is_shown(bet: Omtm, teo: User, idris: User, maren: User) -> None:
    for person, day, chance in (
        (teo, 1, 10),
        (teo, 12, 70),
        (idris, 10, 90),
        (maren, 11, 30),
    ):
        CheckIn.objects.create(omtm=bet, person=person, day=date(2026, 11, day), chance=chance)
    belief = panel(bet)["belief"]
    assert (belief.chance, belief.people) == (70, 3)
    assert belief.words == "about 70% likely, middle of 3 answers"


def test_an_answer_stands_for_four_weeks(bet: Omtm, teo: User) -> None:
    CheckIn.objects.create(omtm=bet, person=teo, day=date(2026, 10, 19), chance=70)
    assert panel(bet)["belief"] is None
    CheckIn.objects.update(day=date(2026, 10, 20))
    assert panel(bet)["belief"].words == "about 70% likely, 1 person said"


@pytest.mark.parametrize(
    ("p", "sentence"),
    [
        (0.35, "The team says about 70%, the numbers say about 35%."),
        (0.40, "The team says about 70%, the numbers say about 40%."),
        (0.41, ""),
        (0.99, ""),
        (None, ""),
    ],
)
def test_thirty_points_apart_both_are_told(p: float | None, sentence: str) -> None:
    found = confiding.belief([70], p)
    assert found is not None and found.differs == sentence


def test_names_are_for_the_team_and_the_leaders(
    client: Client, bet: Omtm, teo: User, vera: User, yuki: User, maren: User
) -> None:
    ChartDocument.objects.create(
        key=f"omtm:{bet.pk}", version="x", figure="{}", drawn_on=TODAY, facts={"p": 0.35}
    )
    client.force_login(teo)
    answer = {"chance": "70", "note": "Two partners signed"}
    assert client.post(f"/omtms/{bet.pk}/confidence/", answer).status_code == 302
    for person, named in ((teo, True), (maren, True), (vera, False), (yuki, False)):
        client.force_login(person)
        page = client.get(f"/omtms/{bet.pk}/").content.decode()
        assert "The team says about 70%, the numbers say about 35%." in page
        assert ("Two partners signed" in page) is named


def test_other_teams_may_not_say_it(client: Client, bet: Omtm, yuki: User) -> None:
    client.force_login(yuki)
    assert client.post(f"/omtms/{bet.pk}/confidence/", {"chance": "90"}).status_code == 403
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("chance", ["", "60", "x", "-1", "NaN", "1e400"])
def test_a_wrong_answer_is_told_and_not_kept(client: Client, bet: Omtm, teo: User, chance: str) -> None:
    client.force_login(teo)
    page = client.post(f"/omtms/{bet.pk}/confidence/", {"chance": chance})
    assert page.status_code == 422 and "Choose one of the five answers." in page.content.decode()
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("state", ["committed", "in_review", "retired"])
def test_nobody_is_asked_about_a_bet_that_is_not_running(
    client: Client, bet: Omtm, teo: User, state: str
) -> None:
    Omtm.objects.filter(pk=bet.pk).update(state=state)
    client.force_login(teo)
    page = client.post(f"/omtms/{bet.pk}/confidence/", {"chance": "70"})
    assert page.status_code == 422 and "Its window is not open" in page.content.decode()
    assert not CheckIn.objects.exists()


def test_the_page_of_forecasts_says_so_while_there_are_none(client: Client, vera: User) -> None:
    client.force_login(vera)
    assert "Nothing has been scored yet" in client.get("/calibration/").content.decode()
