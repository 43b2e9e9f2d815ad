"""Mail through a real server: sent once, sent again when it was not taken, given up when it never will be."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest

from metrics.models import Company, Metric
from northstar.lib import clock, leases
from teams.channels import email
from teams.channels.base import ChannelError
from teams.models import Delivery, Omtm, Preference, Reminder, Team, User
from teams.reminders import delivering, reminding
from teams.reminders.merging import Parcel
from tests.teams.bets import at_once, omtm_of, shared_between_threads
from tests.teams.posting import PostOffice, nobody_answers, part_of, post_office

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


def state(row: Delivery) -> str:
    row.refresh_from_db()
    return row.state


def test_a_reminder_leaves_once_in_text_and_html(office: PostOffice, told: Delivery, bet: Omtm) -> None:
    assert [delivering.deliver(NOW), delivering.deliver(NOW + timedelta(days=1))] == [1, 0]
    (message,) = office.accepted
    assert office.recipients == [["idris@example.com"]]
    assert str(make_header(decode_header(message["Subject"]))) == "Half-time for Qualified trials"
    link = f"https://northstar.example.com/told/{told.reminder_id}/"
    assert link in part_of(message, "text/plain")
    assert f'href="{link}"' in part_of(message, "text/html")
    assert state(told) == "sent"
    assert told.sent_at == NOW


def test_a_server_that_asks_for_patience_gets_it_again_later(office: PostOffice, told: Delivery) -> None:
    office.answers = ["451 greylisted, come back"]
    assert delivering.deliver(NOW) == 0
    assert state(told) == "due"
    assert told.error == "The mail server said 451 greylisted, come back"
    assert delivering.deliver(NOW + timedelta(minutes=4)) == 0
    assert delivering.deliver(NOW + timedelta(minutes=6)) == 1
    assert state(told) == "sent"
    assert len(office.accepted) == 1


def test_after_three_more_tries_it_has_failed_and_says_so(office: PostOffice, told: Delivery) -> None:
    office.answers = ["451 no"] * 9
    moment = NOW
    for _ in range(9):
        delivering.deliver(moment)
        moment += timedelta(hours=4)
    assert len(office.answers) == 9 - 4
    assert (state(told), told.attempt) == ("failed", 4)
    assert delivering.failed(NOW) == (1, "The mail server said 451 no")


@pytest.mark.parametrize("answer", ["550 no such person", "554 refused"])
def test_a_refusal_for_good_fails_at_once(office: PostOffice, told: Delivery, answer: str) -> None:
    office.answers = [answer]
    delivering.deliver(NOW)
    assert (state(told), told.attempt, told.error) == ("failed", 1, f"The mail server said {answer}")


def test_a_refused_recipient_fails_alone(office: PostOffice, bet: Omtm, teo: User, told: Delivery) -> None:
    office.refused = {"idris@example.com": "550 unknown"}
    assert delivering.deliver(NOW) == 1
    assert state(told) == "failed"
    assert office.recipients == [["teo@example.com"]]


def test_a_connection_cut_before_the_answer_is_tried_again_with_the_same_id(
    office: PostOffice, told: Delivery
) -> None:
    office.answers = ["cut"]
    delivering.deliver(NOW)
    assert state(told) == "due"
    delivering.deliver(NOW + timedelta(hours=1))
    assert len(office.accepted) == 1


def test_a_connection_reset_after_the_data_makes_at_most_one_duplicate_of_the_same_id(
    office: PostOffice, told: Delivery
) -> None:
    office.answers = ["reset"]
    delivering.deliver(NOW)
    delivering.deliver(NOW + timedelta(hours=1))
    delivering.deliver(NOW + timedelta(hours=9))
    assert len(office.accepted) == 2
    assert len({message["Message-ID"] for message in office.accepted}) == 1


def test_a_letter_that_may_have_been_taken_is_repeated_as_it_was_and_what_is_new_waits_for_the_next(
    office: PostOffice, told: Delivery
) -> None:
    office.answers = ["reset"]
    delivering.deliver(NOW)
    said = {"subject": "New", "text": "T", "path": "/", "action": "Look", "occurs_on": NOW.date()}
    new = Reminder.objects.create(key="new", rule="signal", **said)
    Delivery.objects.create(reminder=new, recipient=told.recipient, channel="email", next_due_at=NOW)
    assert delivering.deliver(NOW + timedelta(minutes=6)) == 1
    first, second = office.accepted
    assert first["Message-ID"] == second["Message-ID"]
    assert part_of(first, "text/plain") == part_of(second, "text/plain")
    assert delivering.deliver(NOW + timedelta(days=1)) == 1
    assert office.accepted[2]["Subject"] == "New"


def test_a_server_that_answers_too_late_gets_the_same_letter_again_and_no_third(
    office: PostOffice, told: Delivery, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    office.answers = ["slow"]
    assert delivering.deliver(NOW) == 0
    assert (state(told), told.attempt) == ("due", 1), "it may have been taken, so it counts"
    settings.EMAIL_TIMEOUT = 20
    assert delivering.deliver(NOW + timedelta(minutes=6)) == 1
    assert delivering.deliver(NOW + timedelta(hours=4)) == 0
    assert len({message["Message-ID"] for message in office.accepted}) == 1


def test_a_process_that_dies_between_yes_and_commit_repeats_it_once_after_its_lease(
    office: PostOffice, told: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> bool:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(delivering, "_settle", die)
        with pytest.raises(Killed):
            delivering.deliver(NOW)
    assert state(told) == "sending"
    assert delivering.deliver(NOW + timedelta(seconds=30)) == 0, "the lease still holds it"
    assert delivering.deliver(NOW + timedelta(seconds=delivering.LEASE_SECONDS + 1)) == 1
    assert delivering.deliver(NOW + timedelta(days=1)) == 0
    assert len(office.accepted) == 2
    assert len({message["Message-ID"] for message in office.accepted}) == 1


def test_a_server_that_is_away_for_two_hours_costs_nobody_a_reminder(
    settings: Any, bet: Omtm, teo: User
) -> None:
    reminding.remind(NOW)
    moment = NOW
    with nobody_answers(settings):
        while moment < NOW + timedelta(hours=2):
            delivering.deliver(moment)
            moment += timedelta(minutes=1)
    assert not Delivery.objects.filter(state="failed").exists()
    with post_office(settings) as office:
        while moment < NOW + timedelta(hours=6):
            delivering.deliver(moment)
            moment += timedelta(minutes=10)
    assert sorted(office.recipients) == [["idris@example.com"], ["teo@example.com"]]


def test_a_server_that_is_away_for_days_costs_nobody_an_attempt_and_ends_in_one_letter_each(
    settings: Any, bet: Omtm, teo: User
) -> None:
    reminding.remind(NOW)
    with nobody_answers(settings):
        for hour in range(0, 90, 3):
            delivering.deliver(NOW + timedelta(hours=hour))
    mails = Delivery.objects.filter(channel="email")
    assert set(mails.values_list("attempt", "state", "message_id")) == {(0, "due", "")}
    assert mails.exclude(error="").exists(), "the status page can say why they wait"
    with post_office(settings) as office:
        delivering.deliver(NOW + timedelta(days=7))
    assert sorted(office.recipients) == [["idris@example.com"], ["teo@example.com"]]


@pytest.mark.parametrize("digest", ["daily", "weekly"])
def test_a_short_outage_of_mail_moves_a_digest_by_minutes(settings: Any, told: Delivery, digest: str) -> None:
    Reminder.objects.update(urgent=False)
    Preference.objects.create(user=told.recipient, digest=digest)
    morning = datetime(2026, 11, 9, 7, 0, tzinfo=UTC)
    Delivery.objects.filter(channel="email").update(next_due_at=morning)
    with nobody_answers(settings):
        assert delivering.deliver(morning) == 0
    with post_office(settings):
        assert delivering.deliver(morning + timedelta(minutes=6)) >= 1
    assert state(told) == "sent"


def test_what_is_late_by_more_than_36_hours_is_one_letter(office: PostOffice, bet: Omtm) -> None:
    Omtm.objects.update(state="in_review")
    later = datetime(2027, 1, 27, 8, 0, tzinfo=UTC)
    reminding.remind(later)
    assert delivering.deliver(later) == 1
    (message,) = office.accepted
    text = part_of(message, "text/plain")
    assert text.count("https://northstar.example.com/told/") == 1, (
        "of one focus the newest reminder is enough"
    )
    assert not Delivery.objects.filter(channel="email").exclude(state="sent").exists()


def test_a_digest_that_was_not_taken_is_sent_again_as_the_same_letter(
    office: PostOffice, bet: Omtm, platform: Team, idris: User, make_metric: Callable[..., Metric]
) -> None:
    platform.memberships.create(user=idris, role="lead")
    omtm_of(platform, make_metric("Deploys"), start="2026-09-01")
    Omtm.objects.update(state="in_review")
    later = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)
    reminding.remind(later)
    office.answers = ["reset"]
    delivering.deliver(later)
    delivering.deliver(later + timedelta(hours=1))
    first, second = office.accepted
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Subject"] == "2 things wait in Northstar"
    assert part_of(first, "text/plain") == part_of(second, "text/plain")
    assert {"Deploys", "Qualified trials"} <= set(_names(part_of(first, "text/plain")))


def _names(text: str) -> list[str]:
    return [name for name in ("Deploys", "Qualified trials") if name in text]


def test_a_review_held_in_the_meantime_is_no_longer_asked_for(office: PostOffice, told: Delivery) -> None:
    Reminder.objects.update(closed_at=NOW)
    assert delivering.deliver(NOW) == 0
    assert (state(told), office.accepted) == ("dropped", [])


def test_somebody_who_left_gets_no_mail(office: PostOffice, told: Delivery) -> None:
    User.objects.update(is_active=False)
    assert delivering.deliver(NOW) == 0
    assert state(told) == "dropped"


def test_an_address_that_no_mail_can_hold_fails_at_once(office: PostOffice, told: Delivery) -> None:
    User.objects.filter(pk=told.recipient_id).update(email="x@example.com\nBcc: y@example.com")
    assert delivering.deliver(NOW) == 0
    assert state(told) == "failed"


def test_what_a_server_says_at_length_is_kept_as_far_as_the_field_goes(told: Delivery) -> None:
    assert (state(told), told.recipient is not None) == ("due", True)
    tokens = delivering._claim(Parcel([told]), NOW)
    parcel = Parcel(delivering._still_wanted(tokens))
    delivering._put_off(parcel, tokens, ChannelError("no " * 200), now=NOW)
    assert (state(told), len(told.error)) == ("due", 300)


def test_without_a_server_mail_is_written_to_files(told: Delivery, settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    assert delivering.deliver(NOW) == 1
    (file,) = (tmp_path / "mail").iterdir()
    assert message_from_bytes(file.read_bytes().split(b"\n-----")[0])["To"] == "idris@example.com"


@pytest.mark.parametrize(
    "refusal",
    [
        smtplib.SMTPConnectError(554, b"your address is on our list"),
        smtplib.SMTPHeloError(550, b"no such host"),
        smtplib.SMTPAuthenticationError(535, b"bad password"),
        smtplib.SMTPAuthenticationError(454, b"the directory is away"),
        smtplib.SMTPSenderRefused(553, b"not your domain", "northstar@example.com"),
        smtplib.SMTPNotSupportedError("STARTTLS extension not supported by server."),
        smtplib.SMTPException("No suitable authentication method found."),
        smtplib.SMTPRecipientsRefused({"idris@example.com": (530, b"sign in first")}),
    ],
)
def test_a_server_that_refuses_us_costs_nobody_a_try(refusal: smtplib.SMTPException) -> None:
    error = email._read(refusal)
    assert (error.permanent, error.unreachable, error.untouched) == (False, True, True)


@pytest.mark.parametrize(
    "refusal",
    [
        smtplib.SMTPRecipientsRefused({"idris@example.com": (550, b"unknown")}),
        smtplib.SMTPDataError(554, b"looks like spam"),
        smtplib.SMTPSenderRefused(552, b"too large", "northstar@example.com"),
    ],
)
def test_a_server_that_refuses_a_letter_fails_that_one_alone(refusal: smtplib.SMTPException) -> None:
    error = email._read(refusal)
    assert (error.permanent, error.unreachable, error.untouched) == (True, False, False)


def test_a_connection_that_ended_on_the_way_may_have_taken_the_letter() -> None:
    error = email._read(smtplib.SMTPServerDisconnected("Connection unexpectedly closed"))
    assert (error.permanent, error.unreachable, error.untouched) == (False, True, False)


def test_of_a_message_whose_other_half_is_held_nothing_leaves(office: PostOffice, told: Delivery) -> None:
    said = {"subject": "New", "text": "T", "path": "/", "action": "Look", "occurs_on": NOW.date()}
    new = Reminder.objects.create(key="new", rule="signal", **said)
    other = Delivery.objects.create(reminder=new, recipient=told.recipient, channel="email", next_due_at=NOW)
    parcel = Parcel([told, other])
    held = leases.claim_all(Delivery, [other.pk], now=NOW, seconds=60)
    assert delivering._send(parcel, company=Company.current(), now=NOW) == 0
    assert (office.accepted, state(told), told.attempt, told.lease_token) == ([], "due", 0, "")
    leases.release(Delivery, other.pk, held[other.pk], attempt=0)
    delivering.deliver(NOW)
    subjects = [message["Subject"] for message in office.accepted]
    assert "2 things wait in Northstar" in subjects and "New" not in subjects


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once(office: PostOffice, told: Delivery, tmp_path: Path) -> None:
    with shared_between_threads(tmp_path):
        found = at_once(*[lambda: delivering.deliver(NOW)] * 4)
    assert [each for each in found if isinstance(each, Exception)] == []
    assert len(office.accepted) == 1


def test_the_day_of_a_reminder_is_not_late_on_its_own_day(office: PostOffice, told: Delivery) -> None:
    assert Reminder.objects.get().occurs_on == date(2026, 11, 2)
    delivering.deliver(NOW + timedelta(hours=30))
    assert office.accepted[0]["Subject"] == "Half-time for Qualified trials"


def test_the_status_page_says_how_many_failed_and_why(
    client: Any, office: PostOffice, told: Delivery, maren: User
) -> None:
    office.answers = ["550 no such person"]
    delivering.deliver(NOW)
    Reminder.objects.update(created_at=clock.now())
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/status/").content.decode()
    assert "1 could not be sent in the last 14 days. The mail server said 550 no such person" in page
