"""What the broker is really sent, and what other processes of this machine can see, holds no secret."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from metrics import pulling, trying
from metrics.models import Source, Trial
from northstar import starting
from teams.models import User
from tests.hostile.test_secret_marker import MARKER, leads_to_marker, settings_of


@pytest.fixture
def broker() -> Any:
    """What waits in the queues, as files or lists of Redis; what came is taken out again."""
    starting.make_broker_folders()
    before = set(_waiting())
    yield lambda: [text for text in _waiting() if text not in before]
    _take_out([text for text in _waiting() if text not in before])


def test_messages_carry_the_numbers_of_rows_and_nothing_else(
    client: Client, maren: User, broker: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    form = settings_of("postgresql") | {"set_host": "10.0.0.5"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/trials/?kind=postgresql", form).status_code == 302
        assert client.post("/sources/new/postgresql/", form).status_code == 302
        pulling.request(Source.objects.get(), actor=maren)
    sent = [json.loads(text) for text in broker()]
    bodies = [json.loads(base64.b64decode(one["body"])) for one in sent]
    assert {one["headers"]["task"] for one in sent} == {"metrics.tasks.run_trial", "metrics.tasks.claim"}
    assert {tuple(args) for args, _, _ in bodies} == {(), (Trial.objects.get().pk,)}
    assert not leads_to_marker(f"{sent} {bodies}")


@pytest.mark.one_database
def test_no_process_shows_it(maren: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """While a source is tried: command lines and environments of everything that runs here."""
    seen: list[str] = []

    def look(*_: Any) -> Any:
        for folder in Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                try:
                    seen.append((folder / name).read_bytes().decode("utf-8", "replace"))
                except OSError:
                    continue
        return ()

    monkeypatch.setattr("metrics.connectors.postgresql.PostgresqlConnector.check", look)
    values = {"host": "10.0.0.5", "port": 5432, "database": "shop", "user": "reader", "sslmode": "prefer"}
    trial = trying.begin(kind="postgresql", settings_typed=values, secrets={"password": MARKER}, actor=maren)
    trying.run(trial.pk)
    trial.refresh_from_db()
    assert (trial.state, trial.sealed) == ("ok", "")
    assert any("pytest" in one for one in seen)
    assert not any(map(leads_to_marker, seen))


def _waiting() -> list[str]:
    if settings.REDIS_URL:
        return [text.decode() for key in ("tick", "pull", "notify") for text in _redis().lrange(key, 0, -1)]
    folder = Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"])
    return [file.read_text() for file in folder.iterdir() if file.is_file()]


def _take_out(texts: list[str]) -> None:
    for text in texts:
        if settings.REDIS_URL:
            for key in ("tick", "pull", "notify"):
                _redis().lrem(key, 0, text)
    if not settings.REDIS_URL:
        for file in Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]).iterdir():
            file.unlink(missing_ok=True)


def _redis() -> Any:
    import redis

    return redis.Redis.from_url(settings.REDIS_URL)
