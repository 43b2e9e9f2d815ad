"""What stands in the mail of a reminder: its headers, its text, its one click."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from metrics.models import Company, Metric
from teams.channels import email
from teams.models import Delivery, Omtm, Preference, Reminder, Team, User
from teams.reminders import delivering, reminding
from tests.teams.bets import omtm_of
from tests.teams.posting import PostOffice, part_of, post_office

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with post_office(settings) as office:
        yield office


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric], idris: User) -> Omtm:
    return omtm_of(marketing, make_metric("Qualified trials"), start="2026-09-01")


@pytest.fixture
def told(bet: Omtm) -> Delivery:
    """The half-way reminder to Idris, due by mail."""
    reminding.remind(NOW)
    return Delivery.objects.get(channel="email", recipient__name="Idris Vane")


def test_a_message_id_fits_on_one_line_however_long_its_name_is() -> None:
    names = [
        f"digest.window_ended.omtm.{number}.2027-01-01.{number}" for number in (7, 70_000_000, 70_000_001)
    ]
    made = [email.message_id(name) for name in names]
    assert all(len(f"Message-ID: {each}") <= 78 for each in made)
    assert len(set(made)) == 3
    assert made == [email.message_id(name) for name in names]


def test_the_message_id_follows_from_reminder_and_person(
    office: PostOffice, told: Delivery, bet: Omtm
) -> None:
    delivering.deliver(NOW)
    expected = f"<half_way.omtm.{bet.pk}.2026-11-01.{told.recipient_id}@northstar.example.com>"
    assert office.accepted[0]["Message-ID"] == expected


def test_a_subject_with_line_breaks_adds_no_header(office: PostOffice, told: Delivery) -> None:
    Reminder.objects.update(subject="Half-time\r\nBcc: victim@example.com\r\n\r\nHello")
    delivering.deliver(NOW)
    (message,) = office.accepted
    assert message["Bcc"] is None
    assert message["Subject"] == "Half-time Bcc: victim@example.com Hello"
    assert office.recipients == [["idris@example.com"]]


def test_markup_in_a_name_stays_text_in_the_html(office: PostOffice, told: Delivery) -> None:
    Reminder.objects.update(text="<script>alert(1)</script> & more", subject="<b>x</b>")
    delivering.deliver(NOW)
    html = part_of(office.accepted[0], "text/html")
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    assert "<script>alert(1)</script> & more" in part_of(office.accepted[0], "text/plain")


def test_one_click_turns_off_the_rule_and_programs_know_list_and_thread(
    office: PostOffice, told: Delivery, bet: Omtm, client: Any
) -> None:
    delivering.deliver(NOW)
    (message,) = office.accepted
    assert message["List-Id"] == "<reminders.northstar.example.com>"
    assert message["References"] == f"<focus.{bet.pk}@northstar.example.com>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message["List-Unsubscribe"].strip().strip("<>")
    assert address in part_of(message, "text/plain") and f'href="{address}"' in part_of(message, "text/html")
    path = address.removeprefix("https://northstar.example.com")
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert told.recipient is not None
    assert Preference.objects.get(user=told.recipient).off_rules == ["half_way"]


def test_what_everybody_is_told_offers_no_click_that_would_do_nothing(
    office: PostOffice, told: Delivery
) -> None:
    Reminder.objects.update(rule="window_ended")
    delivering.deliver(NOW)
    (message,) = office.accepted
    assert message["List-Unsubscribe"] is None
    assert "everybody whom it concerns is told" in part_of(message, "text/plain")


def test_a_heading_is_not_said_twice_and_no_sentence_is_cut(office: PostOffice, told: Delivery) -> None:
    for text, said in (
        ("Half-time for X. It stands at 3.", "\nHalf-time for X\nIt stands at 3.\n"),
        ("Half-time for X, at last.", "\nHalf-time for X\nHalf-time for X, at last.\n"),
    ):
        reminder = Reminder(
            pk=7, rule="half_way", subject="Half-time for X", text=text, path="/", action="Go"
        )
        letter = email.Letter(User.objects.get(pk=told.recipient_id), [reminder], "n")
        assert said in f"\n{email.compose(letter, Company.current()).body}"
