"""Checking in: said once a day, kept beside what was measured, shown as the middle, named to few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import ChartDocument, Metric
from northstar.lib.policy import Subject
from teams import check_in_pages, checking_in
from teams.models import CheckIn, Omtm, Team, User
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 16)
NOW = datetime.fromisoformat("2026-11-16T09:00:00+01:00")


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric]) -> Omtm:
    return omtm_of(marketing, make_metric("Trials"))


def panel(bet: Omtm, *, p: float | None = None, subject: Subject | None = None) -> dict[str, Any]:
    return check_in_pages.panel(bet, subject=subject or Subject(user_id=99), facts={"p": p}, today=TODAY)


def test_the_answer_of_a_day_replaces_the_one_before(bet: Omtm, teo: User) -> None:
    checking_in.check_in(bet, teo, chance=50, today=TODAY, now=NOW)
    checking_in.check_in(bet, teo, chance=70, note=" Two partners signed. ", today=TODAY, now=NOW)
    said = CheckIn.objects.get()
    assert (said.chance, said.note) == (70, "Two partners signed.")
    checking_in.check_in(bet, teo, chance=30, today=date(2026, 11, 17), now=NOW)
    assert CheckIn.objects.count() == 2


@pytest.mark.parametrize("today", [date(2026, 9, 13), date(2027, 1, 14)])
def test_outside_the_window_nothing_is_asked(bet: Omtm, teo: User, today: date) -> None:
    with pytest.raises(checking_in.CheckInError, match="not open"):
        checking_in.check_in(bet, teo, chance=50, today=today, now=NOW)


def test_only_the_five_answers_are_taken(bet: Omtm, teo: User) -> None:
    with pytest.raises(checking_in.CheckInError, match="five"):
        checking_in.check_in(bet, teo, chance=60, today=TODAY, now=NOW)


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
    found = check_in_pages.belief([70], p)
    assert found is not None and found.differs == sentence


def judged(bet: Omtm, **facts: Any) -> None:
    """What the worker worked out last."""
    ChartDocument.objects.create(
        key=f"omtm:{bet.pk}", version="x", figure="{}", drawn_on=TODAY, facts={"reading": 481.0} | facts
    )


def test_what_was_measured_is_frozen_beside_what_was_said(bet: Omtm, teo: User) -> None:
    judged(bet, state="at_risk", p=0.55)
    said = checking_in.check_in(bet, teo, chance=70, today=TODAY, now=NOW)
    ChartDocument.objects.update(facts={"reading": 300.0, "state": "off_track"})
    said.refresh_from_db()
    assert (said.reading, said.state, said.via) == (481.0, "at_risk", "page")
    (entry,) = panel(bet, subject=Subject(user_id=teo.pk, team_ids=frozenset([bet.team_id])))["log"]
    assert (entry.reading, entry.state, entry.who, entry.chance) == (
        "481\N{NO-BREAK SPACE}trials", "at_risk", "Teo Lindqvist", 70,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("chance", "p", "state", "owed"),
    [
        (70, 0.40, "at_risk", "You say 70%, the numbers say about 40%. Write in a sentence"),
        (70, 0.41, "at_risk", ""),
        (10, 0.62, "on_track", "You say 10%, the numbers say about 60%."),
        (90, 0.03, "off_track", "You say 90%, the numbers say under 5%."),
        (90, None, "off_track", "It is off track, and you say 90%."),
        (90, 0.61, "off_track", "It is off track, and you say 90%."),
        (70, None, "off_track", ""),
        (90, None, "too_early", ""),
    ],
)
def test_an_answer_far_from_the_numbers_owes_a_sentence(
    bet: Omtm, teo: User, chance: int, p: float | None, state: str, owed: str
) -> None:
    judged(bet, p=p, state=state)
    said = {"chance": chance, "today": TODAY, "now": NOW}
    if owed:
        with pytest.raises(checking_in.CheckInError, match=owed) as refused:
            checking_in.check_in(bet, teo, **said, note="  ")
        assert refused.value.field == "note"
        assert not CheckIn.objects.exists()
    checking_in.check_in(bet, teo, **said, note="Two partners signed." if owed else "")
    assert CheckIn.objects.get().chance == chance


def test_the_missing_sentence_is_asked_for_at_its_field_and_nothing_typed_is_lost(
    client: Client, bet: Omtm, teo: User
) -> None:
    judged(bet, p=0.1, state="off_track")
    client.force_login(teo)
    page = client.post(f"/omtms/{bet.pk}/check-in/", {"chance": "90", "help_wanted": "A day of Yuki <b>"})
    text = page.content.decode()
    assert page.status_code == 422 and not CheckIn.objects.exists()
    assert "You say 90%, the numbers say about 10%." in text and 'aria-describedby="id_note_error"' in text
    assert 'value="90" required data-owes-sentence checked' in text
    assert 'value="A day of Yuki &lt;b&gt;"' in text


def test_names_and_single_answers_are_for_the_team_and_the_leaders_the_sentences_for_everybody(
    client: Client, bet: Omtm, teo: User, vera: User, yuki: User, maren: User
) -> None:
    judged(bet, p=0.35, state="at_risk")
    client.force_login(teo)
    answer = {"chance": "70", "note": "Two partners signed"}
    assert client.post(f"/omtms/{bet.pk}/check-in/", answer).status_code == 302
    for person, named in ((teo, True), (maren, True), (vera, False), (yuki, False)):
        client.force_login(person)
        for path in (f"/omtms/{bet.pk}/", "/teams/marketing/"):
            text = client.get(path).content.decode()
            assert "The team says about 70%, the numbers say about 35%." in text
            log = text[text.index('id="check-ins"') : text.index("</section>", text.index('id="check-ins"'))]
            assert "Two partners signed" in log and "it stood at 481" in log and "at risk" in log
            assert ("Teo Lindqvist" in log, "70%" in log) == (named, named)


def test_a_wish_for_help_stands_on_both_pages_until_its_person_checks_in_without_one(
    client: Client, bet: Omtm, teo: User, vera: User, idris: User
) -> None:
    said = {"chance": 50, "now": NOW}
    checking_in.check_in(bet, teo, **said, help_wanted="Somebody who knows the CRM", today=date(2026, 10, 1))
    checking_in.check_in(bet, idris, **said, today=date(2026, 11, 2))
    client.force_login(vera)
    for path in (f"/omtms/{bet.pk}/", "/teams/marketing/"):
        text = client.get(path).content.decode()
        assert "Somebody who knows the CRM" in text and "Teo Lindqvist, 1 Oct" in text
    checking_in.check_in(bet, teo, **said, today=TODAY)
    for path in (f"/omtms/{bet.pk}/", "/teams/marketing/"):
        assert "Somebody who knows the CRM" not in client.get(path).content.decode()


def test_nobody_is_asked_to_help_somebody_who_left_or_a_bet_that_is_over(bet: Omtm, teo: User) -> None:
    checking_in.check_in(bet, teo, chance=50, help_wanted="A day of Yuki", today=TODAY, now=NOW)
    assert len(panel(bet)["helps"]) == 1
    User.objects.filter(pk=teo.pk).update(is_active=False)
    assert panel(bet)["helps"] == []
    User.objects.filter(pk=teo.pk).update(is_active=True)
    bet.state = "in_review"
    assert panel(bet)["helps"] == []


def test_from_the_page_of_the_team_one_comes_back_to_it(client: Client, bet: Omtm, teo: User) -> None:
    client.force_login(teo)
    assert 'name="from_team"' in client.get("/teams/marketing/").content.decode()
    answer = client.post(f"/omtms/{bet.pk}/check-in/", {"chance": "70", "from_team": "1"})
    assert answer["Location"] == "/teams/marketing/"


def test_twice_the_check_ins_cost_no_more_queries(client: Client, bet: Omtm, teo: User, idris: User) -> None:
    client.force_login(teo)
    counts = []
    for day in (2, 9):
        for person in (teo, idris):
            CheckIn.objects.create(
                omtm=bet, person=person, day=date(2026, 11, day), chance=70, note="N", help_wanted="H"
            )
        for path in (f"/omtms/{bet.pk}/", "/teams/marketing/"):
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_other_teams_may_not_say_it(client: Client, bet: Omtm, yuki: User) -> None:
    client.force_login(yuki)
    assert client.post(f"/omtms/{bet.pk}/check-in/", {"chance": "90"}).status_code == 403
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("chance", ["", "60", "x", "-1", "NaN", "1e400"])
def test_a_wrong_answer_is_told_and_not_kept(client: Client, bet: Omtm, teo: User, chance: str) -> None:
    client.force_login(teo)
    page = client.post(f"/omtms/{bet.pk}/check-in/", {"chance": chance})
    assert page.status_code == 422 and "Choose one of the five answers." in page.content.decode()
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("state", ["committed", "in_review", "retired"])
def test_nobody_is_asked_about_a_bet_that_is_not_running(
    client: Client, bet: Omtm, teo: User, state: str
) -> None:
    Omtm.objects.filter(pk=bet.pk).update(state=state)
    client.force_login(teo)
    page = client.post(f"/omtms/{bet.pk}/check-in/", {"chance": "70"})
    assert page.status_code == 422 and "Its window is not open" in page.content.decode()
    assert not CheckIn.objects.exists()


def test_the_page_of_forecasts_says_so_while_there_are_none(client: Client, vera: User) -> None:
    client.force_login(vera)
    assert "Nothing has been scored yet" in client.get("/calibration/").content.decode()
