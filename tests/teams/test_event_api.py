"""Events that programs send: once under their name, strictly read, by a key that can do nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from metrics.models import Annotation, AuditRow, EventToken, MetricChange
from northstar.lib import clock
from teams.events import receiving
from teams.models import Team, User
from tests.teams.bets import at_once, shared_between_threads

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
RELEASE = {"id": "deploy-1", "text": "New price page", "day": "2026-11-16", "kind": "release"}


@pytest.fixture
def key(company: Any) -> str:
    token, text = EventToken.issue("Pipeline", created_by=None, expires_at=clock.now() + timedelta(days=1))
    return text


def send(key: str, body: Any, path: str = "/api/v1/events/") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(path, data, "application/json", HTTP_AUTHORIZATION=f"Bearer {key}")


def test_an_event_is_stored_once_however_often_it_is_sent(key: str, make_metric: Make) -> None:
    metric = make_metric("One")
    first, again = send(key, RELEASE), send(key, RELEASE)
    assert (first.status_code, first.json()["status"]) == (201, "added")
    assert (again.status_code, again.json()["status"]) == (200, "unchanged")
    note = Annotation.objects.get()
    assert (note.external_id, note.text, note.day, note.kind) == (
        "deploy-1", "New price page", date(2026, 11, 16), "release"
    )  # fmt: skip
    assert list(MetricChange.objects.values_list("metric_id", flat=True)) == [metric.pk]
    assert AuditRow.objects.get(action="annotation.create").actor_label == "Northstar"


def test_an_event_that_says_something_else_is_changed(key: str) -> None:
    send(key, RELEASE)
    answer = send(key, RELEASE | {"text": "New price page, rolled back", "until": "2026-11-17"})
    assert answer.json()["status"] == "changed"
    assert Annotation.objects.get().until == date(2026, 11, 17)


def test_events_without_a_name_are_each_their_own(key: str) -> None:
    for _ in range(2):
        assert send(key, {"text": "Backup restored", "kind": "incident"}).status_code == 201
    assert list(Annotation.objects.values_list("day", flat=True)) == [date(2026, 11, 18)] * 2


def test_a_moment_falls_on_the_day_of_the_company(key: str, company: Any) -> None:
    type(company).objects.update(zone="Asia/Kathmandu")
    send(key, {"text": "Late deploy", "at": "2026-11-16T20:00:00Z"})
    assert Annotation.objects.get().day == date(2026, 11, 17)


def test_an_event_goes_on_the_charts_of_one_team_or_metric(
    key: str, marketing: Team, make_metric: Make
) -> None:
    metric = make_metric("One")
    send(key, RELEASE | {"id": "a", "team": "marketing"})
    send(key, RELEASE | {"id": "b", "metric": metric.slug})
    ours, its = Annotation.objects.order_by("external_id")
    assert (list(ours.teams.all()), ours.of_team) == ([marketing], True)  # type: ignore[attr-defined]
    assert (its.metric, its.of_team) == (metric, False)


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"text": ""}, "text", "Say in a few words what happened."),
        ({"text": "x" * 141}, "text", "141 characters are too many: at most 140."),
        ({"text": 5}, "text", "A text."),
        ({"day": "16.11.2026"}, "day", "A date such as 2026-11-16."),
        ({"day": "1026-11-16"}, "day", "Check the year of this date."),
        ({"day": None, "at": "2026-11-16T10:00:00"}, "at", "A moment with its zone"),
        ({"at": "2026-11-16T10:00:00Z"}, "at", "Give a day or a moment, not both."),
        ({"until": "2026-11-15"}, "until", "The last day lies before the first."),
        ({"kind": "party"}, "kind", "There is no such kind."),
        ({"kind": []}, "kind", "There is no such kind."),
        ({"metric": "there-is-none"}, "metric", "There is no metric 'there-is-none'."),
        ({"team": "there-is-none"}, "team", "There is no team 'there-is-none'."),
        ({"link": "javascript:alert(1)"}, "link", "A whole address that begins with https://"),
        ({"link": "ftp://files.example.com/x"}, "link", "A whole address that begins with https://"),
        ({"author": 1}, "author", "Unknown field."),
    ],
)
def test_a_wrong_event_is_refused_at_its_field(
    key: str, marketing: Team, wrong: dict[str, Any], field: str, sentence: str
) -> None:
    answer = send(key, RELEASE | wrong)
    error = answer.json()["error"]
    assert answer.status_code == 422
    assert error["fields"][0]["path"] == field and sentence in error["message"]
    assert not Annotation.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b"{", b'"text"', b'{"text": "\\ud800"}', b"\xff"])
def test_a_body_that_is_no_event_is_refused(key: str, body: bytes) -> None:
    assert send(key, body).status_code in (400, 422)
    assert not Annotation.objects.exists()


def test_signs_that_turn_text_around_are_taken_out(key: str) -> None:
    send(key, RELEASE | {"text": "Page \u202e\x00 live\n now"})
    assert Annotation.objects.get().text == "Page live now"


def test_a_key_for_events_opens_nothing_else(key: str, make_metric: Make) -> None:
    make_metric("One")
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"}
    asked = "/api/v1/metrics/one/observations/"
    assert Client().get(asked, **headers).status_code == 403
    assert send(key, {"observations": []}, asked).status_code == 403
    for path in ("/", "/events/", "/api/v1/schema/"):
        assert Client().get(path, **headers).status_code == 302


@pytest.mark.parametrize("change", ["revoked_at", "expires_at"])
def test_a_key_that_has_ended_is_refused(key: str, change: str) -> None:
    EventToken.objects.update(**{change: clock.now()})
    assert send(key, RELEASE).status_code == 401


def test_more_than_120_calls_a_minute_are_refused(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.api.counting.PER_MINUTE", 1)
    assert send(key, RELEASE).status_code == 201
    refused = send(key, RELEASE)
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")


def test_events_are_read_in_pages_and_removed_by_their_name(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("teams.events.api.PAGE", 2)
    for number in range(3):
        send(key, RELEASE | {"id": f"deploy-{number}"})
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"}
    page = Client().get("/api/v1/events/", **headers).json()
    assert [each["id"] for each in page["events"]] == ["deploy-2", "deploy-1"]
    rest = Client().get(page["next"], **headers).json()
    assert ([each["id"] for each in rest["events"]], rest["next"]) == (["deploy-0"], None)

    assert Client().delete("/api/v1/events/deploy-1/", **headers).status_code == 204
    assert Client().delete("/api/v1/events/deploy-1/", **headers).status_code == 404
    assert Annotation.objects.count() == 2


def test_a_note_that_a_person_wrote_cannot_be_removed_by_a_program(key: str) -> None:
    Annotation.objects.create(day=date(2026, 11, 2), text="Outage")
    answer = Client().delete("/api/v1/events/None/", HTTP_AUTHORIZATION=f"Bearer {key}")
    assert answer.status_code == 404 and Annotation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_that_send_the_same_new_event_at_once_store_it_once(company: Any, tmp_path: Path) -> None:
    token, _ = EventToken.issue("Pipeline", created_by=None, expires_at=clock.now() + timedelta(days=1))
    event = receiving.read(RELEASE)
    with shared_between_threads(tmp_path):
        found = at_once(*[lambda: receiving.store(event, token=token)[1]] * 3)
    assert sorted(map(str, found)) == ["added", "unchanged", "unchanged"]


def test_a_key_sees_and_changes_only_what_programs_sent(key: str, maren: User) -> None:
    note = Annotation.objects.create(text="Rival bought", day=date(2026, 11, 16), author=maren)
    send(key, RELEASE)
    send(key, {"text": "Backup restored", "kind": "incident"})
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"}
    told = Client().get("/api/v1/events/", **headers).json()["events"]
    assert [each["text"] for each in told] == ["Backup restored", "New price page"]
    assert Client().delete(f"/api/v1/events/{note.pk}/", **headers).status_code == 404
    assert Annotation.objects.filter(pk=note.pk).exists()


def test_the_audit_names_the_key(key: str) -> None:
    send(key, RELEASE)
    send(key, RELEASE | {"text": "Rolled back"})
    Client().delete("/api/v1/events/deploy-1/", HTTP_AUTHORIZATION=f"Bearer {key}")
    rows = AuditRow.objects.filter(action__startswith="annotation.").order_by("pk")
    assert [row.action.split(".")[1] for row in rows] == ["create", "change", "delete"]
    assert {row.reason for row in rows} == {"By the key Pipeline"}


@pytest.mark.parametrize("name", ["release/4.2", "../settings", "..", "two\nlines", "bell\x07"])
def test_a_name_that_no_address_can_hold_is_refused_at_its_field(key: str, name: str) -> None:
    answer = send(key, RELEASE | {"id": name})
    assert answer.status_code == 422 and '"id"' in answer.text
    assert not Annotation.objects.exists()
