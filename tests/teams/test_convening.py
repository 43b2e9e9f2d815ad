"""The review meeting: exceptions first, one decision a bet, minutes mailed once, dates for the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from metrics.models import ChartDocument, Company, Metric
from northstar.lib import clock as clocks
from teams import convening, goal_posts, meeting_pages, reviewing
from teams.convening import Decided
from teams.models import CheckIn, Delivery, Membership, Omtm, Reminder, Review, Team, User
from teams.reminders import delivering
from tests.cast import person
from tests.teams.bets import at_once, omtm_of, shared_between_threads

BACKEND = "django.contrib.auth.backends.ModelBackend"
TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    """Wednesday 18 November 2026, 11:00 in Berlin."""


@pytest.fixture
def running(company: Company, idris: User, make_metric: Callable[..., Metric]) -> Callable[..., Omtm]:
    """running("Alpha", state="at_risk", …): a team with a focus whose chart says so."""

    def make(name: str, *, state: str = "on_track", **facts: Any) -> Omtm:
        team, _ = Team.objects.get_or_create(name=name, slug=name.lower())
        Membership.objects.get_or_create(team=team, user=idris, role="lead")
        omtm = omtm_of(team, make_metric(f"{name} metric"), name=f"{name} metric", start="2026-10-19")
        said = {"state": state, "verdict": f"{name} stands well.", "reading_words": "431 trials"} | facts
        ChartDocument.objects.create(
            key=f"omtm:{omtm.pk}", facts=said, figure="{}", sketches={}, drawn_on=TODAY, version=name
        )
        return omtm

    return make


@pytest.fixture
def lead(client: Client, idris: User) -> Client:
    client.force_login(idris, backend=BACKEND)
    return client


def path(omtm: Omtm, query: str = "") -> str:
    return f"/reviews/run/{omtm.pk}/{query}"


def test_the_gravest_stand_first_and_what_runs_as_planned_last(running: Any, idris: User) -> None:
    calm, no_data = running("Alpha"), running("Bravo", state="no_data")
    guard = {"name": "Contacts", "state": "bad", "value_words": "9.4", "limit_words": "at most 9"}
    broken = running("Charlie", guardrails=[guard])
    helped = running("Delta")
    CheckIn.objects.create(omtm=helped, person=idris, day=TODAY, chance=50, help_wanted="A designer.")
    late = running("Echo")
    Omtm.objects.filter(pk=late.pk).update(state="in_review", start="2026-06-01", end="2026-10-30")
    Review.objects.create(omtm=late, kind="closing", due_on=date(2026, 11, 13))
    risk, off = running("Foxtrot", state="at_risk"), running("Golf", state="off_track")
    items = meeting_pages.agenda(today=TODAY)
    assert [each.omtm for each in items] == [off, risk, late, broken, helped, no_data, calm]
    exceptions, rest = meeting_pages.split(items)
    assert [each.omtm for each in rest] == [calm]
    said = [words for each in exceptions for _, _, words in each.reasons]
    assert said == [
        "Off track",
        "At risk",
        "Closing review 5 days late",
        "Contacts 9.4, at most 9",
        "Help wanted: A designer.",
        "No trusted data",
    ]


def test_a_wish_for_help_stands_for_four_weeks_and_the_newest_check_in_counts(
    running: Any, idris: User
) -> None:
    omtm = running("Alpha")
    CheckIn.objects.create(omtm=omtm, person=idris, day=date(2026, 11, 10), chance=50, help_wanted="Help.")
    assert meeting_pages.agenda(today=TODAY)[0].reasons
    assert not meeting_pages.agenda(today=date(2026, 12, 9))[0].reasons
    CheckIn.objects.create(omtm=omtm, person=idris, day=date(2026, 11, 17), chance=50)
    assert not meeting_pages.agenda(today=TODAY)[0].reasons


def test_a_meeting_from_the_agenda_to_the_minutes(
    lead: Client, running: Any, teo: User, idris: User, marketing: Team
) -> None:
    off, calm = running("Alpha", state="off_track"), running("Bravo")
    Membership.objects.create(team=off.team, user=teo)
    agenda = lead.get("/reviews/run/").content.decode()
    assert "Off track" in agenda and "As planned (1)" in agenda and f'href="{path(off)}"' in agenda
    given = {"decision": "change_lever", "line": "Calls before eight.", "owner": teo.pk, "by": "2026-12-01"}
    assert lead.post(path(off), given)["Location"] == path(calm)
    assert lead.post(path(calm), {"decision": "keep"})["Location"] == "/reviews/meetings/2026-11-18/"
    review = Review.objects.get(omtm=off)
    assert (review.kind, review.decision, review.action_owner, review.action_by, review.held_by) == (
        "meeting",
        "change_lever",
        teo,
        date(2026, 12, 1),
        idris,
    )
    assert convening.minutes_of(TODAY) == (
        "Review meeting of 18 Nov 2026\n\n"
        "Alpha: Alpha metric\nAlpha stands well.\nDecision: change the lever.\nCalls before eight.\n"
        "Next: Teo Lindqvist by 1 Dec 2026\n\n"
        "Bravo: Bravo metric\nBravo stands well.\nDecision: keep going."
    )
    page = lead.get("/reviews/meetings/2026-11-18/").content.decode()
    assert "2 decisions" in page and "Teo Lindqvist" in page
    assert "Change the lever" in lead.get("/reviews/run/").content.decode()


def test_deciding_again_on_the_same_day_takes_its_place_and_the_next_day_is_another(
    lead: Client, running: Any, idris: User
) -> None:
    omtm = running("Alpha")
    for decision in ("keep", "retire"):
        lead.post(path(omtm), {"decision": decision})
    assert Review.objects.get().decision == "retire"
    convening.decide(omtm, Decided("keep"), actor=idris, today=date(2026, 11, 19))
    assert Review.objects.count() == 2


def test_the_last_decision_is_shown_beside_todays(lead: Client, running: Any, idris: User) -> None:
    omtm = running("Alpha")
    convening.decide(omtm, Decided("change_lever", "Calls."), actor=idris, today=date(2026, 10, 21))
    page = lead.get(path(omtm)).content.decode()
    assert "Change the lever: Calls." in page and "Record and go on" in page


def test_what_is_missing_or_foreign_is_refused_with_422(lead: Client, running: Any, yuki: User) -> None:
    omtm = running("Alpha")
    for given, words in (
        ({}, "Choose what is decided."),
        ({"decision": "party"}, "Select a valid choice"),
        ({"decision": "keep", "owner": yuki.pk}, "Select a valid choice"),
        ({"decision": "keep", "by": "soon"}, "This is not a date."),
        ({"decision": "keep", "line": "x" * 281}, "at most 280"),
    ):
        answer = lead.post(path(omtm), given)
        assert answer.status_code == 422 and words in answer.content.decode(), given
    assert not Review.objects.exists()


def test_members_and_strangers_look_on(client: Client, running: Any, vera: User, yuki: User) -> None:
    omtm = running("Alpha")
    for user in (vera, yuki):
        client.force_login(user, backend=BACKEND)
        page = client.get(path(omtm)).content.decode()
        assert "records what is decided" in page and "Record and go on" not in page
        assert client.post(path(omtm), {"decision": "keep"}).status_code == 403
    client.force_login(vera, backend=BACKEND)
    assert client.post("/reviews/meetings/2026-11-18/closing/").status_code == 403


def test_a_meeting_of_one_team_leaves_the_others_out(lead: Client, running: Any) -> None:
    alpha, bravo, charlie = running("Alpha"), running("Bravo", state="off_track"), running("Charlie")
    page = lead.get("/reviews/run/?team=alpha").content.decode()
    assert f"{path(alpha)}?team=alpha" in page and path(bravo) not in page
    answer = lead.post(path(alpha, "?team=alpha"), {"decision": "keep"})
    assert answer["Location"] == "/reviews/meetings/2026-11-18/?team=alpha"
    assert path(charlie) in lead.get("/reviews/run/?team=nobody").content.decode()


def test_closing_mails_the_minutes_once_and_names_the_next_date(
    lead: Client, running: Any, clock: Any, mailoutbox: list[Any]
) -> None:
    alpha = running("Alpha")
    kim = person("kim@example.com", "Kim")
    Membership.objects.create(team=alpha.team, user=kim)
    url = "/reviews/meetings/2026-11-18/closing/"
    assert lead.post(url, {"next_on": "2026-12-16"}).status_code == 422
    lead.post(path(alpha), {"decision": "keep"})
    early = lead.post(url, {"next_on": "2026-11-18"})
    assert early.status_code == 422 and "choose a later day" in early.content.decode()
    for _ in range(2):
        assert lead.post(url, {"next_on": "2026-12-16", "next_at": "10:30"}).status_code == 302
    assert Reminder.objects.get().key == "minutes:meeting:2026-11-18"
    clock.shift(660)
    assert delivering.deliver(clocks.now()) == 2
    assert {each.to[0] for each in mailoutbox} == {"idris@example.com", "kim@example.com"}
    assert mailoutbox[0].subject == "Review meeting of 18 Nov 2026: 1 decision"
    assert "Next meeting: 16 Dec 2026, 10:30" in mailoutbox[0].body
    assert Delivery.objects.count() == 4
    assert "went to 2 people" in lead.get("/reviews/meetings/2026-11-18/").content.decode()


def test_the_next_meeting_is_a_calendar_file_by_the_companys_clocks(
    lead: Client, running: Any, settings: Any
) -> None:
    settings.SITE_URL = "https://northstar.example.com"
    url = "/reviews/meetings/2026-11-18/next.ics"
    assert lead.get(url).status_code == 404
    lead.post(path(running("Alpha")), {"decision": "keep"})
    assert lead.get(url).status_code == 404
    lead.post("/reviews/meetings/2026-11-18/closing/", {"next_on": "2026-12-16", "next_at": "10:30"})
    answer = lead.get(url)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="northstar-meeting.ics"'
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.decoded("dtstart") == datetime(2026, 12, 16, 9, 30, tzinfo=UTC)
    assert event.decoded("dtend") == datetime(2026, 12, 16, 10, 0, tzinfo=UTC)
    assert str(event["uid"]) == "meeting-2026-12-16@northstar.example.com"
    assert str(event["url"]) == "https://northstar.example.com/reviews/run/"


def test_the_review_dates_of_a_bet_move_in_the_calendar_when_they_move_here(
    client: Client, running: Any, vera: User, maren: User
) -> None:
    omtm = running("Alpha")
    Omtm.objects.filter(pk=omtm.pk).update(name="Täglich; \\ aktive, <b>Crews</b>\u2028 " + "x" * 80)
    client.force_login(vera, backend=BACKEND)
    url = f"/omtms/{omtm.pk}/reviews.ics"

    def events() -> dict[str, Any]:
        content = client.get(url).content
        assert all(len(line) <= 75 for line in content.split(b"\r\n"))
        return {
            str(event["uid"]).split("@")[0]: event for event in Calendar.from_ical(content).walk("VEVENT")
        }

    half, closing = (events()[f"omtm-{omtm.pk}-{kind}"] for kind in ("midpoint", "closing"))
    assert half.decoded("dtstart") == date(2026, 12, 21)
    assert (closing.decoded("dtstart"), closing.decoded("dtend")) == (date(2027, 2, 19), date(2027, 3, 5))
    assert str(half["summary"]).startswith("Half-way review: Täglich; \\ aktive, <b>Crews</b>")
    goal_posts.extend(omtm, end=date(2027, 3, 31), reason="More time.", actor=maren, today=TODAY)
    moved = events()[f"omtm-{omtm.pk}-closing"]
    assert moved["uid"] == closing["uid"]
    assert (moved.decoded("dtstart"), moved["sequence"], closing["sequence"]) == (date(2027, 4, 1), 1, 0)


def test_what_is_retired_has_no_dates(client: Client, running: Any, vera: User) -> None:
    omtm = running("Alpha")
    Omtm.objects.filter(pk=omtm.pk).update(
        state="retired", outcome="missed", outcome_computed="missed", lesson="l", retired_at=clocks.now()
    )
    client.force_login(vera, backend=BACKEND)
    assert client.get(f"/omtms/{omtm.pk}/reviews.ics").status_code == 404
    assert client.get(path(omtm)).status_code == 404


@pytest.mark.parametrize("day", ["2026-13-01", "today", "2026-11-18T10:00", "٢٠٢٦-١١-١٨", "20261118"])
def test_a_strange_day_is_not_found(lead: Client, day: str) -> None:
    for end in ("", "next.ics"):
        assert lead.get(f"/reviews/meetings/{day}/{end}").status_code == 404


def test_without_a_focus_the_agenda_says_so(lead: Client) -> None:
    assert "No team has a focus that runs." in lead.get("/reviews/run/").content.decode()
    assert "No decision yet" in lead.get("/reviews/meetings/2026-11-18/").content.decode()


def test_agenda_screen_and_minutes_take_the_same_number_of_queries_with_more_teams(
    lead: Client, running: Any, idris: User
) -> None:
    def queries(omtm: Omtm) -> list[int]:
        found = []
        for url in ("/reviews/run/", path(omtm), "/reviews/meetings/2026-11-18/"):
            with CaptureQueriesContext(connection) as caught:
                assert lead.get(url).status_code == 200
            found.append(len(caught))
        return found

    def add(name: str) -> Omtm:
        omtm = running(name)
        CheckIn.objects.create(omtm=omtm, person=idris, day=TODAY, chance=50, help_wanted="Help.")
        convening.decide(omtm, Decided("keep", owner=idris), actor=idris, today=date(2026, 11, 4))
        convening.decide(omtm, Decided("keep", owner=idris), actor=idris, today=TODAY)
        return omtm

    first = add("Alpha")
    add("Bravo")
    few = queries(first)
    for name in ("Charlie", "Delta", "Echo"):
        add(name)
    assert queries(first) == few


def test_the_list_shows_meetings_by_their_day(lead: Client, running: Any) -> None:
    lead.post(path(running("Alpha")), {"decision": "keep"})
    page = lead.get("/reviews/").content.decode()
    assert 'href="/reviews/run/"' in page
    assert 'href="/reviews/meetings/2026-11-18/"' in page and "1 decision" in page


def test_a_meeting_is_no_review_that_waits(running: Any, idris: User, company: Company) -> None:
    from teams.middleware import subject_for

    Review.objects.create(omtm=running("Alpha"), kind="meeting", due_on=TODAY)
    assert reviewing.due_count(subject_for(idris), company) == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_row_stays(running: Any, idris: User, tmp_path: Path) -> None:
    omtm = running("Alpha")

    def deciding(decision: str) -> Callable[[], Any]:
        return lambda: convening.decide(omtm, Decided(decision), actor=idris, today=TODAY).decision

    with shared_between_threads(tmp_path):
        found = at_once(deciding("keep"), deciding("retire"))
        (kept,) = at_once(lambda: list(Review.objects.values_list("decision", flat=True)))
    assert sorted(found) == ["keep", "retire"] and len(kept) == 1


def test_a_decision_keeps_what_was_seen(running: Any, idris: User) -> None:
    omtm = running("Alpha", state="at_risk")
    review = convening.decide(omtm, Decided("keep"), actor=idris, today=TODAY)
    ChartDocument.objects.update(facts={})
    Team.objects.update(name="Renamed")
    review.refresh_from_db()
    assert (review.facts["state"], review.facts["team"]) == ("at_risk", "Alpha")
    assert "Alpha stands well." in convening.minutes_of(TODAY)
