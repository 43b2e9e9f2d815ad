"""The push API, as a program sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from metrics import pushing
from metrics.models import Company, Metric, Observation, ObservationRevision, PushToken, Source
from teams.models import User

ROW = {"period_start": "2026-11-09", "value": "12.5"}
PATH = "/api/v1/metrics/trials/observations/"


@pytest.fixture
def jobs(company: Company) -> Source:
    return Source.objects.create(name="Billing jobs", slug="jobs", kind="push")


@pytest.fixture
def trials(jobs: Source, make_metric: Callable[..., Metric], clock: Any) -> Metric:
    return make_metric("Trials", source=jobs)


@pytest.fixture
def key(jobs: Source, maren: User, trials: Metric) -> str:
    return pushing.issue(jobs, "Nightly", days=90, actor=maren)[1]


@pytest.fixture
def push(client: Client, key: str) -> Callable[..., Any]:
    """push(body, path=…, **headers): POST with the key; a str body is sent as it is."""

    def send(body: Any, path: str = PATH, content_type: str = "application/json", **headers: str) -> Any:
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        given = {"Authorization": f"Bearer {key}"} | headers
        return client.post(path, text, content_type=content_type, headers=given)

    return send


def rows(*items: Any) -> dict[str, Any]:
    return {"observations": list(items)}


def one(value: str) -> str:
    """A batch with this text as its value, whatever it is."""
    return '{"observations": [{"period_start": "2026-11-09", "value": ' + value + "}]}"


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The error of the answer, in the one shape; nothing was stored."""
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields"}
    assert body["error"]["code"] == code
    assert not ObservationRevision.objects.exists()
    return dict(body["error"])


def test_a_value_is_stored_and_counted(push: Any) -> None:
    answer = push(rows(ROW))
    assert answer.status_code == 200
    assert answer.json() == {"added": 1, "changed": 0, "unchanged": 0, "missing": 0, "suppressed": 0}
    assert Observation.objects.get().value == Decimal("12.5")


def test_the_same_call_twice_has_one_effect(push: Any) -> None:
    push(rows(ROW))
    assert push(rows(ROW)).json()["unchanged"] == 1
    assert ObservationRevision.objects.count() == 1


def test_a_correction_keeps_the_old_value_in_the_history(push: Any) -> None:
    push(rows(ROW))
    assert push(rows(ROW | {"value": 13})).json()["changed"] == 1
    assert ObservationRevision.objects.count() == 2


def test_a_json_number_is_taken_exactly_as_it_is_written(push: Any) -> None:
    push('{"observations": [{"period_start": "2026-11-09", "value": 0.1}]}')
    assert Observation.objects.get().value == Decimal("0.1")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(push: Any, value: str) -> None:
    error = refused(push(one(value)), 400, "malformed")
    assert value in error["message"]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("1e400", "too large"),
        ("12345678901234567890", "too large"),
        ("9" * 100_000, "is not a number"),
        ("0.30000000000000004", "significant digits"),
        ("true", "true is not a number"),
        ('"abc"', "'abc' is not a number"),
        ("1e999999999999", "is not a number"),
    ],
)
def test_a_wrong_number_is_told_with_its_path(push: Any, value: str, sentence: str) -> None:
    error = refused(push(one(value)), 422, "invalid")
    assert error["fields"][0]["path"] == "observations[0].value"
    assert sentence in error["fields"][0]["message"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 422, "invalid"),
        ("{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        ("[" * 100_000, 400, "malformed"),
        ("[]", 422, "invalid"),
        ("7", 422, "invalid"),
        ('{"observations": {}}', 422, "invalid"),
        ('{"observations": []}', 422, "invalid"),
        ('{"observations": [], "token": "x"}', 422, "invalid"),
        ('{"observations": [], "observations": []}', 400, "malformed"),
        (json.dumps(rows(*[ROW] * 1001)), 413, "too_large"),
        ('{"observations": "' + "x" * 1024 * 1024 + '"}', 413, "too_large"),
    ],
)
def test_a_body_that_is_no_batch_is_refused(push: Any, body: Any, status: int, code: str) -> None:
    refused(push(body), status, code)


def test_one_wrong_row_stores_nothing_of_the_batch(push: Any) -> None:
    error = refused(push(rows(ROW, {"period_start": "2026-11-02", "value": "x"})), 422, "invalid")
    assert error["message"] == "1 row is wrong of 2; nothing was stored."
    assert error["fields"][0]["path"] == "observations[1].value"


def test_with_partial_the_right_rows_are_stored_and_each_gets_a_verdict(push: Any) -> None:
    answer = push(rows(ROW, {"period_start": "2026-11-02", "value": "x"}), path=f"{PATH}?partial=true").json()
    assert answer["added"] == 1
    assert [row["stored"] for row in answer["rows"]] == [True, False]
    assert "'x' is not a number" in answer["rows"][1]["message"]


def test_partial_with_no_right_row_is_refused(push: Any) -> None:
    refused(push(rows(ROW | {"value": "x"}), path=f"{PATH}?partial=true"), 422, "invalid")
    refused(push(rows(ROW), path=f"{PATH}?partial=maybe"), 422, "invalid")


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer nsm_wrong", "Bearer " + "x" * 500])
def test_without_a_right_key_nothing_is_let_in(push: Any, header: str) -> None:
    answer = push(rows(ROW), Authorization=header)
    refused(answer, 401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_in_the_address_is_refused_even_if_it_is_right(client: Client, key: str) -> None:
    for name in ("token", "key", "access_token"):
        answer = client.post(f"{PATH}?{name}={key}", json.dumps(rows(ROW)), content_type="application/json")
        assert "does not belong in an address" in refused(answer, 401, "not_authenticated")["message"]


def test_a_signed_in_admin_has_no_key_by_being_signed_in(client: Client, maren: User, trials: Metric) -> None:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(PATH, json.dumps(rows(ROW)), content_type="application/json")
    refused(answer, 401, "not_authenticated")


def test_a_metric_of_another_source_is_not_there(push: Any, make_metric: Callable[..., Metric]) -> None:
    make_metric("Visits")
    for slug in ("visits", "no-such-metric"):
        error = refused(push(rows(ROW), path=f"/api/v1/metrics/{slug}/observations/"), 404, "not_found")
        assert f"has no metric '{slug}'" in error["message"]


def test_a_paused_source_takes_nothing_in(push: Any, jobs: Source) -> None:
    from northstar.lib import clock as our_clock

    Source.objects.update(paused_at=our_clock.now())
    assert "Billing jobs is paused" in refused(push(rows(ROW)), 403, "not_allowed")["message"]


def test_an_archived_source_ends_its_keys(push: Any) -> None:
    from northstar.lib import clock as our_clock

    Source.objects.update(archived_at=our_clock.now())
    refused(push(rows(ROW)), 401, "not_authenticated")


def test_a_body_of_unknown_length_is_refused(push: Any) -> None:
    refused(push(rows(ROW), **{"Transfer-Encoding": "chunked"}), 411, "length_required")


def test_only_json_is_read(push: Any) -> None:
    refused(push("a=b", content_type="application/x-www-form-urlencoded"), 415, "unsupported_media_type")


def test_other_methods_are_refused(client: Client, key: str) -> None:
    answer = client.delete(PATH, headers={"Authorization": f"Bearer {key}"})
    refused(answer, 405, "method_not_allowed")


def test_the_121st_call_of_a_minute_waits(push: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.api.counting.PER_MINUTE", 3)
    for _ in range(3):
        assert push(rows(ROW)).status_code == 200
    answer = push(rows(ROW))
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"


def test_an_unexpected_error_is_told_without_its_details(push: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(pushing, "store", broken)
    error = refused(push(rows(ROW)), 500, "unexpected")
    assert "hunter2" not in json.dumps(error)


def test_what_was_sent_can_be_read_back_exactly(client: Client, push: Any, key: str) -> None:
    push(rows(ROW, {"period_start": "2026-11-02", "value": None}))
    found = client.get(PATH, headers={"Authorization": f"Bearer {key}"}).json()
    assert [(row["period_start"], row["status"], row["value"]) for row in found["observations"]] == [
        ("2026-11-02", "missing", None),
        ("2026-11-09", "value", "12.5"),
    ]
    assert (found["metric"], found["grain"], found["next"]) == ("trials", "week", None)


def test_a_long_history_comes_in_pages(
    client: Client, push: Any, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metrics.api.observations.PAGE", 1)
    push(rows(ROW, {"period_start": "2026-11-02", "value": 1}))
    headers = {"Authorization": f"Bearer {key}"}
    first = client.get(PATH, headers=headers).json()
    second = client.get(first["next"], headers=headers).json()
    assert second["observations"][0]["period_start"] == "2026-11-09"
    assert second["next"] is None


def test_evaluation_is_asked_for_after_the_commit(
    push: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("metrics.waking._send", lambda task, args: sent.append(task))
    with django_capture_on_commit_callbacks(execute=True):
        push(rows(ROW))
    assert sent == ["teams.tasks.evaluate"]


def test_a_key_is_shown_once_and_then_only_its_end(client: Client, maren: User, jobs: Source) -> None:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    made = client.post("/sources/jobs/tokens/", {"label": "Nightly", "days": "90"})
    text = made.text.split('id="key" tabindex="0">')[1].split("<")[0]
    assert made.status_code == 201
    assert text.startswith("nsm_")
    page = client.get("/sources/jobs/").text
    assert text not in page
    assert f"…{text[-4:]}" in page
    client.post(f"/sources/jobs/tokens/{PushToken.objects.get().pk}/revocation/")
    assert "Revoked" in client.get("/sources/jobs/").text


@pytest.mark.parametrize(
    ("days", "sentence"), [("366", "at most 365 days"), ("0", "At least"), ("x", "whole number")]
)
def test_a_key_lives_for_a_year_at_most(
    client: Client, maren: User, jobs: Source, days: str, sentence: str
) -> None:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/sources/jobs/tokens/", {"label": "Nightly", "days": days})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not PushToken.objects.exists()


def test_only_a_push_source_has_keys(client: Client, maren: User, by_hand: Source) -> None:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/sources/by-hand/tokens/").status_code == 404


def test_schema_and_explanation_are_for_signed_in_people(client: Client, vera: User) -> None:
    for path in ("/api/v1/schema/", "/api/v1/docs/"):
        assert client.get(path).status_code == 302
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    schema = client.get("/api/v1/schema/", headers={"Accept": "application/json"}).text
    assert "push_observations" in schema
    assert "bearer" in schema
    assert "observations" in client.get("/api/v1/docs/").text
