"""Test and preview: asked for by a page, done by the worker, seen by nobody else, gone after a while."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from metrics import sourcing, trying
from metrics.connectors.base import Answer, Ask, ConnectorError
from metrics.connectors.demo import DemoConnector
from metrics.models import Company, Source, Trial
from northstar.lib import clock as our_clock
from teams.models import User
from tests.metrics.test_source_pages import FORM
from tests.metrics.test_sourcing import MARKER, SETTINGS, wanted

PANEL = {"HX-Request": "true"}
TEST_WAREHOUSE = "/trials/?kind=postgresql&source=warehouse"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    """What would have been sent to the worker."""
    messages: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr("metrics.waking._send", lambda task, args: messages.append((task, args)))
    return messages


@pytest.fixture
def admin(client: Client, maren: User, sent: Any) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def warehouse(maren: User) -> Source:
    return sourcing.create("postgresql", wanted(secrets={"password": MARKER}), actor=maren)


@pytest.fixture
def demo(company: Company) -> Source:
    return Source.objects.create(name="Demo", slug="demo", kind="demo", settings={"broken": False})


def question(**changes: str) -> dict[str, str]:
    return {"source": "demo", "kind": "flow_sum", "grain": "week", "query_series": "trials"} | changes


def test_the_page_only_writes_a_row_and_wakes_the_worker(
    admin: Client, sent: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post("/trials/?kind=postgresql", FORM, headers=PANEL)
    trial = Trial.objects.get()
    assert sent == [("metrics.tasks.run_trial", (trial.pk,))]
    assert trial.state == "waiting"
    assert f"/trials/{trial.uid}/" in answer.text
    assert MARKER not in answer.text + trial.sealed + json.dumps(trial.result)


def test_without_javascript_the_button_leads_to_a_page_that_looks_again(admin: Client) -> None:
    answer = admin.post("/trials/?kind=postgresql", FORM, follow=True)
    assert answer.headers["Refresh"] == "2"
    assert "Waiting for the worker." in answer.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("set_host", "169.254.169.254", "Such addresses are never allowed."),
        ("set_host", "nowhere.invalid", "No address was found for nowhere.invalid."),
        ("set_user", "", "User: User is required."),
    ],
)
def test_wrong_settings_are_told_before_anything_is_asked(
    admin: Client, field: str, value: str, sentence: str
) -> None:
    answer = admin.post("/trials/?kind=postgresql", FORM | {field: value}, headers=PANEL)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not Trial.objects.exists()


def test_an_unknown_kind_is_a_sentence(admin: Client) -> None:
    assert "There is no kind of source" in admin.post(
        "/trials/?kind=oracle", FORM, headers=PANEL
    ).text.replace("&#x27;", "'")


def test_a_test_of_a_stored_source_uses_its_stored_password(
    admin: Client, warehouse: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.post(TEST_WAREHOUSE, FORM | {"set_password": ""}, headers=PANEL)
    seen = _watch_connector(monkeypatch)
    trying.run(Trial.objects.get().pk)
    assert seen == [{"password": MARKER}]
    assert Trial.objects.get().state == "ok"


def test_the_stored_password_never_goes_to_another_host(admin: Client, warehouse: Source) -> None:
    answer = admin.post(TEST_WAREHOUSE, FORM | {"set_password": "", "set_host": "10.9.9.9"}, headers=PANEL)
    assert answer.status_code == 422
    assert "Type it again" in answer.text


def test_the_worker_refuses_too_if_the_source_changed_in_between(
    warehouse: Source, maren: User, sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = _watch_connector(monkeypatch)
    trial = trying.begin(
        kind="postgresql",
        settings_typed=SETTINGS | {"host": "10.9.9.9"},
        secrets={},
        actor=maren,
        source=warehouse,
        kept=["password"],
    )
    trying.run(trial.pk)
    trial.refresh_from_db()
    assert (trial.state, seen) == ("failed", [])
    assert "Type it again" in trial.error_message


def test_a_preview_shows_raw_rows_and_the_period_of_each_value(
    admin: Client, demo: Source, clock: Any
) -> None:
    admin.post("/trials/", question(**_series()), headers=PANEL)
    trial = Trial.objects.get()
    trying.run(trial.pk)
    text = admin.get(f"/trials/{trial.uid}/", headers=PANEL).text
    assert "First rows as they came" in text
    assert "What would be stored" in text
    assert "9 to 15 Nov 2026" in text
    assert "complete" in text
    assert "hx-get" not in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"source": ""}, "Choose a source first."),
        ({"kind": "guess"}, "Choose what kind of number it is"),
        ({"query_series": "no-such"}, "Series has to be one of"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told(
    admin: Client, demo: Source, changes: dict[str, str], sentence: str
) -> None:
    answer = admin.post("/trials/", question(**changes), headers=PANEL)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_an_error_of_the_source_is_shown_as_its_sentence(
    admin: Client, demo: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any, ask: Ask) -> Answer:
        raise ConnectorError("query", "The query has a syntax error at SELEC.", permanent=True)

    monkeypatch.setattr(DemoConnector, "fetch", broken)
    admin.post("/trials/", question(**_series()), headers=PANEL)
    trial = Trial.objects.get()
    trying.run(trial.pk)
    assert "The query has a syntax error at SELEC." in admin.get(f"/trials/{trial.uid}/", headers=PANEL).text


def test_rows_that_would_be_refused_are_shown_with_the_reason(
    admin: Client, demo: Source, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    from datetime import date
    from decimal import Decimal

    from metrics.connectors.base import Row

    answer = Answer(
        (Row(date(2026, 11, 10), value=Decimal(3)),), columns=("day", "n"), sample=(("2026-11-10", "3"),)
    )
    monkeypatch.setattr(DemoConnector, "fetch", lambda self, ask: answer)
    admin.post("/trials/", question(**_series()), headers=PANEL)
    trial = Trial.objects.get()
    trying.run(trial.pk)
    text = admin.get(f"/trials/{trial.uid}/", headers=PANEL).text
    assert "2026-11-10 is a Tuesday; weeks start on a Monday" in text
    assert "First rows as they came" in text


def test_after_twenty_seconds_without_a_worker_the_page_says_so(admin: Client, clock: Any) -> None:
    admin.post("/trials/?kind=postgresql", FORM, headers=PANEL)
    clock.shift(timedelta(seconds=21))
    text = admin.get(f"/trials/{Trial.objects.get().uid}/", headers=PANEL).text
    assert "The worker has not taken the test yet. Is it running?" in text
    assert "/status/" in text


def test_only_who_asked_may_look_and_only_for_a_quarter_of_an_hour(
    admin: Client, maren: User, clock: Any
) -> None:
    from teams.models import Grant

    admin.post("/trials/?kind=postgresql", FORM, headers=PANEL)
    path = f"/trials/{Trial.objects.get().uid}/"
    other = User.objects.create_user("pia@example.com", "x", name="Pia")
    Grant.objects.create(user=other, name="admin")
    second = Client()
    second.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    assert second.get(path).status_code == 404
    assert admin.get(path).status_code == 200
    clock.shift(timedelta(minutes=15, seconds=1))
    assert admin.get(path).status_code == 404


def test_who_is_no_admin_cannot_ask(client: Client, idris: User) -> None:
    client.force_login(idris, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/trials/?kind=postgresql", FORM).status_code == 403


def test_the_eleventh_test_of_a_minute_is_refused(admin: Client) -> None:
    for _ in range(10):
        admin.post("/trials/?kind=postgresql", FORM, headers=PANEL)
    answer = admin.post("/trials/?kind=postgresql", FORM, headers=PANEL)
    assert answer.status_code == 429
    assert "Wait a moment" in answer.text


def test_a_finished_trial_keeps_no_settings(maren: User, sent: Any, clock: Any) -> None:
    trial = trying.begin(kind="demo", settings_typed={"broken": False}, secrets={}, actor=maren)
    trying.run(trial.pk)
    trial.refresh_from_db()
    assert (trial.state, trial.sealed) == ("ok", "")
    assert our_clock.now() < trial.expires_at


def test_a_tick_deletes_trials_that_are_over(maren: User, sent: Any, clock: Any) -> None:
    from metrics import tasks

    trying.begin(kind="demo", settings_typed={"broken": False}, secrets={}, actor=maren)
    tasks.tick()
    assert Trial.objects.count() == 1
    clock.shift(timedelta(minutes=15, seconds=1))
    tasks.tick()
    assert not Trial.objects.exists()


def _watch_connector(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    from metrics.connectors.postgresql import PostgresqlConnector

    seen: list[dict[str, str]] = []

    def check(self: PostgresqlConnector) -> tuple[str, ...]:
        seen.append(dict(self.secrets))
        return ("Connected.",)

    monkeypatch.setattr(PostgresqlConnector, "check", check)
    return seen


def _series() -> dict[str, str]:
    """A weekly sum of the demo company."""
    from metrics.connectors.demo_series import SERIES

    found = next(one for one in SERIES.values() if (one.grain, one.kind) == ("week", "flow_sum"))
    return {"query_series": found.key}
