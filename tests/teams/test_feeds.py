"""Calendar feeds: what two independent readers find, who may read them, that nothing hidden is in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import vobject
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from metrics.models import AuditRow, Company
from northstar.lib import clock
from teams import granting
from teams.feeds import content, giving
from teams.models import CalendarFeed, GoalChange, Membership, Omtm, Review, Team, User
from tests.northstar.world import as_somebody
from tests.teams.bets import omtm_of

Make = Callable[..., Any]
NOW = datetime.fromisoformat("2026-11-20T09:00:00+00:00")


@pytest.fixture
def bet(marketing: Team, make_metric: Make, maren: User) -> Omtm:
    metric = make_metric("Café sign-ups; from, the ad")
    name = (
        "Activation rate of “Ümläut” crews, within fourteen days; of those that began their trial by a link"
    )
    return omtm_of(marketing, metric, name=name, start="2026-09-07", end="2026-12-31", owner=maren)


def address(person: User, scope: str = "company", team: Team | None = None) -> str:
    return f"/feeds/{giving.give(person, scope, team, now=clock.now())[1]}.ics"


def read(path: str) -> Any:
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer


def events(path: str) -> dict[str, Any]:
    """By the name in the UID, as icalendar reads them."""
    found = Calendar.from_ical(read(path).content)
    return {str(each["uid"]).split("@")[0]: each for each in found.walk("VEVENT")}


def test_two_readers_find_the_same_windows_and_reviews(bet: Omtm, maren: User) -> None:
    path = address(maren)
    mine, theirs = events(path), {}
    for each in vobject.readOne(read(path).content.decode()).vevent_list:
        theirs[each.uid.value.split("@")[0]] = each
    assert set(mine) == set(theirs) >= {f"omtm-{bet.pk}-{kind}" for kind in ("window", "midpoint", "closing")}
    for name, event in mine.items():
        assert event["dtstart"].dt == theirs[name].dtstart.value, name
        assert event["dtend"].dt == theirs[name].dtend.value, name
        assert str(event["summary"]) == theirs[name].summary.value
    window = mine[f"omtm-{bet.pk}-window"]
    assert (window["dtstart"].dt, window["dtend"].dt) == (date(2026, 9, 7), date(2027, 1, 1))
    assert (window["transp"], window["status"], window["sequence"]) == ("TRANSPARENT", "CONFIRMED", 0)
    closing = mine[f"omtm-{bet.pk}-closing"]
    assert (closing["dtstart"].dt, closing["dtend"].dt) == (date(2027, 1, 1), date(2027, 1, 15))


def test_the_file_is_well_formed(bet: Omtm, maren: User) -> None:
    answer = read(address(maren))
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n")) and "\n" not in text.replace(
        "\r\n", ""
    )
    assert "X-WR-CALNAME:Brindlewick · Northstar" in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT4H" in text
    assert "TZID" not in text, "every hour is in UTC"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kolkata"])
def test_the_weekly_review_comes_at_seven_by_the_clocks_of_summer_and_winter(maren: User, zone: str) -> None:
    Company.objects.update(zone=zone)
    feed, _ = giving.give(maren, "company", None, now=NOW)
    place, found = Company.current().tz, set()
    for year in range(2026, 2036):
        for month in (1, 7):
            now = datetime(year, month, 14, 12, tzinfo=place)
            calendar = Calendar.from_ical(content.calendar_of(feed, company=Company.current(), now=now))
            starts = [each["dtstart"].dt for each in calendar.walk("VEVENT") if "weekly" in each["uid"]]
            assert len(starts) == 30 and all(start.tzname() == "UTC" for start in starts)
            found |= {start.astimezone(place) for start in starts}
    assert {(each.weekday(), each.hour, each.minute) for each in found} == {(0, 7, 0)}


def test_a_moved_goal_moves_the_same_event_with_a_higher_sequence(bet: Omtm, maren: User) -> None:
    path = address(maren)
    before = events(path)[f"omtm-{bet.pk}-window"]
    Omtm.objects.filter(pk=bet.pk).update(end=date(2027, 1, 31))
    GoalChange.objects.create(
        omtm=bet, kind="window", day=date(2026, 11, 20), before={}, after={}, reason="More time", actor=maren
    )
    after = events(path)[f"omtm-{bet.pk}-window"]
    assert after["uid"] == before["uid"] and after["sequence"] == before["sequence"] + 1
    assert after["dtend"].dt == date(2027, 2, 1) and after["last-modified"].dt >= before["last-modified"].dt


def test_what_will_not_take_place_is_cancelled(bet: Omtm, maren: User) -> None:
    retired = datetime.fromisoformat("2026-10-05T10:00:00+00:00")
    Omtm.objects.filter(pk=bet.pk).update(
        state="retired", outcome="missed", outcome_computed="missed", retired_at=retired
    )
    found = events(address(maren))
    assert found[f"omtm-{bet.pk}-window"]["dtend"].dt == date(2026, 10, 6)
    assert found[f"omtm-{bet.pk}-window"]["status"] == "CONFIRMED"
    for kind in ("midpoint", "closing"):
        assert found[f"omtm-{bet.pk}-{kind}"]["status"] == "CANCELLED", kind
    Omtm.objects.filter(pk=bet.pk).update(
        state="withdrawn", committed_at=retired, retired_at=None, outcome=""
    )
    assert {each["status"] for name, each in events(address(maren)).items() if "omtm" in name} == {
        "CANCELLED"
    }


def test_ideas_are_in_no_calendar(bet: Omtm, maren: User) -> None:
    Omtm.objects.filter(pk=bet.pk).update(state="proposed")
    assert not [name for name in events(address(maren)) if name.startswith("omtm")]


def test_the_agreed_meeting_stands_at_its_hour(bet: Omtm, maren: User) -> None:
    Review.objects.create(
        omtm=bet, kind="meeting", due_on=date(2026, 11, 2), held_at=NOW,
        next_on=clock.now().date() + timedelta(9), answers={"next_at": "10:00"},
    )  # fmt: skip
    name = f"meeting-{clock.now().date() + timedelta(9)}"
    start = events(address(maren))[name]["dtstart"].dt
    assert start.astimezone(Company.current().tz).time() == time(10)


def test_each_calendar_holds_its_own_bets(
    bet: Omtm, platform: Team, make_metric: Make, teo: User, yuki: User, maren: User, marketing: Team
) -> None:
    other = omtm_of(platform, make_metric("Latency", slug="latency"), name="Latency", start="2026-09-07")
    window = {one.pk: f"omtm-{one.pk}-window" for one in (bet, other)}
    assert window[bet.pk] in events(address(teo, "person")) and window[other.pk] not in events(
        address(teo, "person")
    )
    assert window[bet.pk] in events(address(maren, "person")), "she owns it"
    assert window[bet.pk] not in events(address(yuki, "team", platform))
    assert set(window.values()) <= set(events(address(yuki)))
    Membership.objects.filter(user=teo).delete()
    assert window[bet.pk] not in events(address(teo, "person"))


def test_no_number_and_no_person_is_in_it(bet: Omtm, maren: User, idris: User) -> None:
    text = read(address(maren)).content.decode().replace("\r\n ", "")
    for word in (
        "Maren",
        "Idris",
        "example.com\r\nATTENDEE",
        "ORGANIZER",
        str(bet.target),
        str(bet.baseline),
    ):
        assert word not in text, word


def test_a_new_address_ends_the_one_before_and_so_does_leaving(bet: Omtm, teo: User, marketing: Team) -> None:
    first = address(teo, "team", marketing)
    second = address(teo, "team", marketing)
    assert Client().get(first).status_code == 404 and Client().get(second).status_code == 200
    Team.objects.filter(pk=marketing.pk).update(archived_at=NOW)
    assert Client().get(second).status_code == 404
    Team.objects.filter(pk=marketing.pk).update(archived_at=None)
    User.objects.filter(pk=teo.pk).update(is_active=False)
    assert Client().get(second).status_code == 404
    assert CalendarFeed.objects.count() == 1
    assert AuditRow.objects.filter(action="feed.give").count() == 2


def test_an_unchanged_file_is_answered_with_304_and_a_changed_one_is_not(bet: Omtm, maren: User) -> None:
    path = address(maren)
    first = read(path)
    again = Client().get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert Client().get(path, headers={"if-none-match": f"W/{first['ETag']}"}).status_code == 304
    Omtm.objects.filter(pk=bet.pk).update(name="Another name")
    assert Client().get(path, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_the_address_is_shown_once_and_its_last_reading_is_told(
    bet: Omtm, teo: User, marketing: Team
) -> None:
    client = as_somebody(teo)
    made = client.post("/calendars/new/", {"scope": "team", "team": marketing.pk})
    assert made.status_code == 201
    found = re.search(r"/feeds/([\w-]{32})\.ics", made.content.decode())
    assert found
    assert "Not read yet" in client.get("/calendars/").content.decode()
    read(f"/feeds/{found[1]}.ics")
    page = client.get("/calendars/").content.decode()
    assert "Last read" in page and found[1] not in page


@pytest.mark.parametrize("wrong", [{"scope": "team"}, {"scope": "team", "team": "987"}, {"scope": "x"}, {}])
def test_a_wrong_wish_makes_no_feed(teo: User, wrong: dict[str, str]) -> None:
    assert as_somebody(teo).post("/calendars/new/", wrong).status_code == 422
    assert not CalendarFeed.objects.exists()


def test_an_admin_sees_everybodys_feeds_and_ends_one(teo: User, maren: User, marketing: Team) -> None:
    path = address(teo, "team", marketing)
    read(path)
    assert "Everybody's addresses" not in as_somebody(teo).get("/calendars/").text
    admin = as_somebody(maren)
    page = admin.get("/calendars/").text
    assert "Everybody's addresses" in page and str(teo) in page and "The team Marketing" in page
    admin.post(f"/calendars/{CalendarFeed.objects.get().pk}/end/")
    assert Client().get(path).status_code == 404
    assert AuditRow.objects.get(action="feed.end").actor == maren
    assert "Everybody's addresses" not in admin.get("/calendars/").text


def test_the_feed_of_who_left_stays_ended_when_they_come_back(teo: User, maren: User) -> None:
    path = address(teo)
    granting.deactivate(teo, actor=maren, now=clock.now())
    granting.reactivate(teo, actor=maren, now=clock.now())
    assert Client().get(path).status_code == 404
    assert AuditRow.objects.get(action="feed.end").actor == maren
    assert Client().get(address(teo)).status_code == 200


def test_only_its_reader_or_an_admin_ends_a_feed(teo: User, idris: User) -> None:
    path = address(teo)
    feed = CalendarFeed.objects.get()
    assert as_somebody(idris).post(f"/calendars/{feed.pk}/end/").status_code == 403
    assert as_somebody(teo).post(f"/calendars/{feed.pk}/end/").status_code == 302
    assert Client().get(path).status_code == 404


def test_the_number_of_questions_stays_with_many_bets(bet: Omtm, maren: User, make_metric: Make) -> None:
    feed, _ = giving.give(maren, "company", None, now=NOW)
    counts = []
    for round_no in range(2):
        with CaptureQueriesContext(connection) as asked:
            content.calendar_of(feed, company=Company.current(), now=NOW)
        counts.append(len(asked))
        for number in range(5):
            team = Team.objects.create(name=f"Team {round_no}{number}", slug=f"team-{round_no}{number}")
            omtm_of(team, bet.metric, name=f"Bet {number}", start="2026-09-07")
    assert counts[0] == counts[1] and counts[0] <= 6


@pytest.mark.parametrize("sign", ["\n", "\r", "\u2028"])
def test_a_name_of_two_lines_is_one_line_of_the_calendar(marketing: Team, maren: User, sign: str) -> None:
    Team.objects.filter(pk=marketing.pk).update(name=f"Growth; all, of it{sign}ATTACH:https://evil.example/")
    body = read(address(maren, "team", Team.objects.get(pk=marketing.pk))).content
    assert b"NAME:Growth\\; all\\, of it ATTACH:" in body.replace(b"\r\n ", b"")
    assert not re.search(rb"(^|[\r\n])ATTACH", body)
    assert "attach" not in Calendar.from_ical(body)


def test_names_of_teams_and_of_the_company_are_of_one_printable_line(maren: User) -> None:
    client = as_somebody(maren)
    for name in ("Two\nlines", "Two\rlines", "back\u202ewards"):
        answer = client.post("/teams/new/", {"name": name})
        assert (answer.status_code, "on one line" in answer.text) == (422, True)
        answer = client.post("/settings/", {"name": name, "zone": "Europe/Berlin", "share_links": "nobody"})
        assert (answer.status_code, "on one line" in answer.text) == (422, True)
    assert not Team.objects.filter(name__contains="lines").exists()
    assert client.post("/teams/new/", {"name": "Größe & 👩\u200d💻"}).status_code == 302
