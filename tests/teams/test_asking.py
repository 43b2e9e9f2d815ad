"""Who is asked for a check-in on a Tuesday: people of the team who said nothing, about numbers that hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.header import decode_header, make_header
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import AuditRow, ChartDocument, Company, Metric
from teams import checking_in
from teams.models import (
    Channel,
    CheckIn,
    CheckInLink,
    Delivery,
    HealthSnapshot,
    Membership,
    Omtm,
    Preference,
    Reminder,
    Team,
    User,
)
from teams.reminders import delivering, linking, reminding
from tests.cast import person
from tests.teams.bets import omtm_of
from tests.teams.posting import PostOffice, post_office

NBSP = "\N{NO-BREAK SPACE}"


def at(day: str, clock: str = "09:00") -> datetime:
    """A moment by the clocks of Berlin in winter."""
    return datetime.fromisoformat(f"{day}T{clock}+01:00").astimezone(UTC)


TUESDAY = at("2026-11-10", "07:00")
#: When the letters of the morning leave.
MORNING = at("2026-11-10", "08:00")


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric], idris: User, teo: User, maren: User) -> Omtm:
    """1 September to 31 December; Maren leads the company and is not in the team."""
    bet = omtm_of(marketing, make_metric("Qualified trials"), start="2026-09-01")
    bet.reviews.create(kind="midpoint", due_on=date(2026, 11, 2), held_at=at("2026-11-02"))
    HealthSnapshot.objects.create(
        omtm=bet,
        as_of_week=date(2026, 11, 2),
        state="at_risk",
        reason="",
        reading=481,
        pace=500,
        inputs_hash="a",
    )
    return bet


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office(settings) as office:
        yield office


def asked(channel: str = "app") -> list[str]:
    rows = Delivery.objects.filter(reminder__rule="check_in", channel=channel).order_by("id")
    return list(rows.values_list("recipient__name", flat=True))


def say(bet: Omtm, person: User, day: str) -> None:
    CheckIn.objects.create(omtm=bet, person=person, day=date.fromisoformat(day), chance=70)


def body(message: Any, kind: str) -> str:
    (part,) = (each for each in message.walk() if each.get_content_type() == kind)
    return str(part.get_payload(decode=True).decode()).replace("\r\n", "\n")


def test_on_tuesday_lead_and_team_are_asked_with_value_and_plan(bet: Omtm) -> None:
    assert reminding.remind(at("2026-11-10", "06:59")) == 0
    assert reminding.remind(at("2026-11-10", "07:00")) == 1
    reminder = Reminder.objects.get()
    assert reminder.key == f"check_in:omtm:{bet.pk}:2026-11-10"
    assert reminder.subject == "Ten seconds for Qualified trials: how likely is it?"
    assert reminder.text == (
        f"Qualified trials: it stands at 481{NBSP}trials, the plan says 500{NBSP}trials. "
        f"How likely is 560{NBSP}trials by 31 December? One tap and one sentence."
    )
    assert (reminder.path, reminder.action) == (f"/omtms/{bet.pk}/#check-in", "Check in")
    assert asked() == asked("email") == ["Idris Vane", "Teo Lindqvist"]


def test_without_a_complete_week_it_says_so(bet: Omtm) -> None:
    HealthSnapshot.objects.all().delete()
    reminding.remind(TUESDAY)
    assert "there is no complete week to judge yet" in Reminder.objects.get().text


def test_of_a_range_it_asks_whether_it_stays_there(bet: Omtm) -> None:
    Omtm.objects.update(direction="range", target=None, low=400, high=500)
    reminding.remind(TUESDAY)
    assert Reminder.objects.get().text == (
        f"Qualified trials: it stands at 481{NBSP}trials, "
        f"to be kept between 400{NBSP}trials and 500{NBSP}trials. "
        "How likely is it to stay there until 31 December? One tap and one sentence."
    )


def test_who_has_just_checked_in_is_not_asked(bet: Omtm, teo: User, idris: User) -> None:
    say(bet, teo, "2026-11-04")
    say(bet, idris, "2026-11-03")
    reminding.remind(TUESDAY)
    assert asked() == ["Idris Vane"], "a week ago is a week ago"


def test_where_everybody_has_checked_in_nobody_is_asked_also_not_a_newcomer_of_wednesday(
    bet: Omtm, teo: User, idris: User, marketing: Team, vera: User
) -> None:
    say(bet, teo, "2026-11-04")
    say(bet, idris, "2026-11-10")
    reminding.remind(TUESDAY)
    Membership.objects.create(team=marketing, user=vera)
    reminding.remind(at("2026-11-11"))
    assert asked() == [] and not CheckInLink.objects.exists()


def test_every_second_week_where_the_company_wants_it(bet: Omtm, teo: User) -> None:
    Company.objects.update(check_in_days=14)
    say(bet, teo, "2026-10-29")
    for day in ("2026-11-10", "2026-11-17", "2026-11-24"):
        reminding.remind(at(day))
    days = Reminder.objects.filter(rule="check_in").order_by("occurs_on").values_list("occurs_on", flat=True)
    assert list(days) == [date(2026, 11, 10), date(2026, 11, 24)]
    assert asked() == ["Idris Vane", "Idris Vane", "Teo Lindqvist"]


def test_nobody_is_asked_twice_for_a_tuesday_and_the_next_one_takes_its_place(bet: Omtm, idris: User) -> None:
    for clock in ("07:00", "07:05", "12:00"):
        reminding.remind(at("2026-11-10", clock))
    reminding.remind(at("2026-11-13"))
    assert len(asked()) == 2
    reminding.remind(at("2026-11-17"))
    open_now = Reminder.objects.get(closed_at=None)
    assert open_now.occurs_on == date(2026, 11, 17)
    assert [row.reminder for row in reminding.unseen(idris)] == [open_now]


@pytest.mark.parametrize("state", ["committed", "in_review", "retired", "withdrawn", "draft"])
def test_only_of_active_bets(bet: Omtm, state: str) -> None:
    Omtm.objects.update(state=state)
    reminding.remind(TUESDAY)
    assert asked() == []


def test_a_team_without_people_asks_nobody_instead(bet: Omtm, maren: User) -> None:
    Membership.objects.all().delete()
    Omtm.objects.update(owner=maren)
    reminding.remind(TUESDAY)
    assert asked() == []


@pytest.mark.parametrize(
    "trust", [{"blocks": True, "badge": "incomplete"}, {"badge": "stale"}, {"badge": "failing"}]
)
def test_while_the_numbers_are_in_doubt_it_waits_and_comes_when_they_are_mended(
    bet: Omtm, trust: dict[str, Any]
) -> None:
    facts = {"trust": {"blocks": False, "sentences": []} | trust}
    chart = {"version": "x", "figure": "{}", "drawn_on": date(2026, 11, 9), "facts": facts}
    ChartDocument.objects.create(key=f"omtm:{bet.pk}", **chart)
    assert reminding.remind(TUESDAY) == 0
    ChartDocument.objects.update(facts={"trust": {"blocks": False, "badge": "quiet"}})
    assert reminding.remind(at("2026-11-12")) == 1
    ChartDocument.objects.update(facts=facts)
    reminding.remind(at("2026-11-13"))
    assert Reminder.objects.get().closed_at is None, "what was asked stays asked"


def test_a_check_in_takes_the_question_away_and_leaves_the_reviews(bet: Omtm, teo: User, idris: User) -> None:
    bet.reviews.all().delete()
    reminding.remind(at("2026-11-02"))
    reminding.remind(TUESDAY)
    assert [row.reminder.rule for row in reminding.unseen(teo)] == ["half_way", "check_in"]
    checking_in.check_in(bet, teo, chance=70, today=date(2026, 11, 10), now=TUESDAY)
    assert [row.reminder.rule for row in reminding.unseen(teo)] == ["half_way"]
    assert len(reminding.unseen(idris)) == 2
    mails = Delivery.objects.filter(reminder__rule="check_in", channel="email")
    assert set(mails.values_list("recipient__name", "state")) == {
        ("Teo Lindqvist", "dropped"), ("Idris Vane", "due"),
    }  # fmt: skip


def test_got_it_about_a_check_in_leaves_an_older_review_where_it_is(bet: Omtm, teo: User) -> None:
    bet.reviews.all().delete()
    reminding.remind(at("2026-11-02"))
    reminding.remind(TUESDAY)
    reminding.acknowledge(reminding.unseen(teo)[1], TUESDAY)
    assert [row.reminder.rule for row in reminding.unseen(teo)] == ["half_way"]


def test_the_mail_opens_the_own_link_of_each_and_a_post_without_a_session_is_kept(
    client: Client, office: PostOffice, bet: Omtm, teo: User
) -> None:
    reminding.remind(TUESDAY)
    assert delivering.deliver(MORNING) == 2
    letters = {to: message for (to,), message in zip(office.recipients, office.accepted, strict=True)}
    message = letters["teo@example.com"]
    assert str(make_header(decode_header(message["Subject"]))) == Reminder.objects.get().subject
    found = {}
    for to, letter in letters.items():
        address = r"https://northstar\.example\.com/check-in/([^/]+)/"
        text, html = body(letter, "text/plain"), body(letter, "text/html")
        (token,) = set(re.findall(address, text))
        for chance in (10, 30, 50, 70, 90):
            assert f"/check-in/{token}/?chance={chance}\n" in text
            assert f'href="https://northstar.example.com/check-in/{token}/?chance={chance}"' in html
        assert f"Say more: https://northstar.example.com/check-in/{token}/\n" in text
        assert f'href="https://northstar.example.com/check-in/{token}/"' in html
        assert set(re.findall(address, html)) == {token}
        found[to] = token
    assert found["teo@example.com"] != found["idris@example.com"]
    with time_machine.travel(at("2026-11-12"), tick=False):
        path = f"/check-in/{found['teo@example.com']}/"
        assert b"checked" in client.get(f"{path}?chance=70").content
        assert client.post(path, {"chance": "70", "note": "Two partners signed."}).status_code == 200
    said = CheckIn.objects.get()
    assert (said.person, said.day, said.note, said.via) == (
        teo,
        date(2026, 11, 12),
        "Two partners signed.",
        "link",
    )


def test_who_has_checked_in_is_not_asked_in_their_chat_either(bet: Omtm, idris: User) -> None:
    chat = Channel.objects.create(kind="slack", label="Idris", person=idris, owner=idris)
    Preference.objects.create(user=idris, channel=chat)
    reminding.remind(TUESDAY)
    checking_in.check_in(bet, idris, chance=50, today=date(2026, 11, 10), now=TUESDAY)
    assert Delivery.objects.get(recipient=idris, channel="chat").state == "dropped"


def test_a_letter_that_is_sent_again_holds_the_same_links(office: PostOffice, bet: Omtm) -> None:
    Membership.objects.filter(role="member").delete()
    reminding.remind(TUESDAY)
    office.answers = ["reset"]
    delivering.deliver(MORNING)
    delivering.deliver(MORNING + timedelta(hours=1))
    first, second = office.accepted
    assert body(first, "text/html") == body(second, "text/html")
    assert CheckInLink.objects.count() == 1


def test_what_is_late_shares_a_letter_and_each_keeps_its_own_link(
    office: PostOffice, bet: Omtm, platform: Team, teo: User, make_metric: Callable[..., Metric]
) -> None:
    Membership.objects.filter(user__name="Idris Vane").delete()
    Membership.objects.create(team=platform, user=teo)
    omtm_of(platform, make_metric("Deploys"), start="2026-10-05", months=6)
    reminding.remind(TUESDAY)
    assert delivering.deliver(at("2026-11-12")) == 1
    text = body(office.accepted[0], "text/plain")
    assert text.count("Say more: ") == 2
    assert len(set(re.findall(r"/check-in/([^/]+)/", text))) == 2


def test_nothing_that_is_stored_or_logged_holds_a_key(
    office: PostOffice, bet: Omtm, caplog: pytest.LogCaptureFixture
) -> None:
    reminding.remind(TUESDAY)
    office.answers = ["451 later", "550 no"]
    with caplog.at_level("DEBUG"):
        delivering.deliver(MORNING)
    keys = [linking.token_of(link).split(".")[1] for link in CheckInLink.objects.all()]
    assert len(keys) == 2
    kept = [
        *map(str, Reminder.objects.values_list()), *map(str, Delivery.objects.values_list()),
        *map(str, CheckInLink.objects.values_list()), *map(str, AuditRow.objects.values_list()),
        *(each.getMessage() for each in caplog.records if each.name != "mail.log"),
    ]  # fmt: skip
    assert not [text for text in kept for key in keys if key in text]


def test_names_of_any_kind_stay_text_in_the_mail(office: PostOffice, bet: Omtm) -> None:
    Omtm.objects.update(name="<b>Trials</b>\r\nBcc: x@example.com")
    reminding.remind(TUESDAY)
    delivering.deliver(MORNING)
    message = office.accepted[0]
    assert message["Bcc"] is None and "\n" not in str(make_header(decode_header(message["Subject"])))
    assert "<b>Trials" not in body(message, "text/html")
    assert "&lt;b&gt;Trials" in body(message, "text/html")


def test_six_times_the_people_cost_no_more_queries(bet: Omtm, marketing: Team) -> None:
    reminding.remind(TUESDAY)
    counts = []
    for day in ("2026-11-17", "2026-11-24"):
        with CaptureQueriesContext(connection) as queries:
            reminding.remind(at(day))
        counts.append(len(queries))
        for number in range(10):
            Membership.objects.create(
                team=marketing, user=person(f"{day}{number}@example.com", f"P {number}")
            )
    assert counts[0] == counts[1]
    assert CheckInLink.objects.count() == 2 + 2 + 12
