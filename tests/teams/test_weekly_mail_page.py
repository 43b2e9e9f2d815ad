"""The page on which everybody sees their own weekly mail, and has it sent at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from metrics import waking
from metrics.charts import letters
from metrics.models import Metric
from teams import tasks
from teams.digests import pictures
from teams.models import Delivery, Preference, Team, User, WeeklyReview
from tests.teams.posting import post_office
from tests.teams.weekly_letters import SUNDAY, Page, kept_week

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with time_machine.travel(SUNDAY, tick=False):
        yield


@pytest.fixture
def review(
    marketing: Team, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> WeeklyReview:
    return kept_week(make_metric, make_weeks, marketing)


def test_before_the_first_review_the_page_says_when_it_comes(client: Client, teo: User) -> None:
    client.force_login(teo)
    assert "The first letter comes" in client.get("/weekly/mail/").content.decode()
    assert client.get("/weekly/mail/letter/").status_code == 404
    assert client.post("/weekly/mail/send/").status_code == 404


def test_the_letter_may_do_nothing_but_be_looked_at(client: Client, teo: User, review: WeeklyReview) -> None:
    client.force_login(teo)
    page = client.get("/weekly/mail/")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    answer = client.get("/weekly/mail/letter/")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline';")
    assert "sandbox" in policy and "allow-scripts" not in policy and "allow-same-origin" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    shown = Page(answer.content.decode())
    assert len(shown.all("img")) == 4
    assert all(each["src"].startswith("data:image/png;base64,") for each in shown.all("img"))


def test_who_turned_it_off_is_told_so(client: Client, teo: User, review: WeeklyReview) -> None:
    Preference.objects.create(user=teo, weekly_mail=False)
    client.force_login(teo)
    assert "It is turned off for you." in client.get("/weekly/mail/").content.decode()


@pytest.fixture
def ask(django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """ask(client, person): they press the button, and the worker does what it is woken for."""
    asked: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(waking, "_send", lambda task, args: asked.append((task, args)))

    def ask(client: Client, person: User, fields: Any = None) -> Any:
        client.force_login(person)
        asked.clear()
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post("/weekly/mail/send/", fields or {}, follow=True)
        for task, args in asked:
            assert task == tasks.send_weekly_letter.name
            tasks.send_weekly_letter(*args)
        return answer

    return ask


def test_a_fourth_letter_within_an_hour_is_not_sent(
    client: Client, teo: User, review: WeeklyReview, settings: Any, ask: Callable[..., Any]
) -> None:
    with post_office(settings) as office:
        said = [ask(client, teo).text for _ in range(4)]
    assert len(office.recipients) == 3
    assert ["on its way" in each for each in said] == [True, True, True, False]
    assert "three times within an hour" in said[3]


def test_the_page_itself_sends_nothing(
    client: Client, teo: User, review: WeeklyReview, settings: Any
) -> None:
    client.force_login(teo)
    with post_office(settings) as office:
        client.post("/weekly/mail/send/")
    assert office.accepted == []


def test_it_is_sent_at_once_to_whoever_asks_and_to_nobody_else(
    client: Client, teo: User, idris: User, review: WeeklyReview, settings: Any, ask: Callable[..., Any]
) -> None:
    with post_office(settings) as office:
        for number in range(2):
            ask(client, teo, {"to": "other@example.com"} if number else {})
    assert office.recipients == [["teo@example.com"], ["teo@example.com"]]
    first, second = (each["Message-ID"] for each in office.accepted)
    assert first != second
    assert not Delivery.objects.exists()


def test_without_a_mail_server_it_says_what_to_do(client: Client, teo: User, review: WeeklyReview) -> None:
    client.force_login(teo)
    answer = client.post("/weekly/mail/send/", follow=True)
    assert "E-mail is not set up here" in answer.content.decode()


def test_a_letter_that_cannot_be_drawn_is_an_error_and_not_an_empty_page(
    client: Client,
    teo: User,
    review: WeeklyReview,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    ask: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    client.force_login(teo)
    pictures._drawn.cache_clear()
    monkeypatch.setattr(letters, "FOLDER", tmp_path)
    answer = client.get("/weekly/mail/letter/")
    assert answer.status_code == 503 and b"inter-400.ttf is missing" in answer.content
    with post_office(settings) as office:
        ask(client, teo)
    assert "could not be drawn" in caplog.text and office.accepted == []
