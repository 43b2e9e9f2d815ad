"""`manage.py doctor` says what is wrong and what to do, and nothing that is secret."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command

from metrics import sourcing
from metrics.models import Heartbeat, Source
from northstar import watching
from northstar.lib import clock as our_clock
from northstar.lib import vault
from teams.models import User
from tests.metrics.test_sourcing import MARKER, wanted


@pytest.fixture
def warehouse(maren: User, settings: Any) -> Source:
    Heartbeat.beat("worker", our_clock.now(), version="1")
    return sourcing.create("postgresql", wanted(secrets={"password": MARKER}), actor=maren)


def doctor() -> tuple[str, int]:
    """What it says, and its exit code."""
    said = io.StringIO()
    try:
        call_command("doctor", stdout=said)
    except SystemExit as end:
        return said.getvalue(), int(str(end.code))
    return said.getvalue(), 0


def test_a_healthy_installation_is_all_right(warehouse: Source) -> None:
    said, code = doctor()
    assert code == 0, said
    for sentence in (
        "1 secrets open.",
        "The broker takes messages.",
        "answers, with every migration.",
        "Private networks are open to sources, this machine is closed",
        "EGRESS_ALLOW opens nothing.",
        "The beat has not been seen yet.",
    ):
        assert sentence in said
    assert MARKER not in said


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATA_KEYS", ["not-a-key"], "is not a Fernet key"),
        ("DATA_KEYS", [vault.new_key()], "No key of DATA_KEYS opens secrets of: Warehouse. Type them again."),
        ("EGRESS_ALLOW", ["10.0.0.0/99"], "EGRESS_ALLOW holds '10.0.0.0/99'"),
        ("SECRET_KEY", "short", "Use at least 50 random characters."),
        ("DATA_DIR", "/proc", "bad   Disk"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    warehouse: Source, settings: Any, name: str, value: Any, sentence: str
) -> None:
    setattr(settings, name, value)
    said, code = doctor()
    assert sentence in said
    assert code == 1
    assert MARKER not in said


def test_secrets_under_an_older_key_are_told(warehouse: Source, settings: Any) -> None:
    settings.DATA_KEYS = [vault.new_key(), *settings.DATA_KEYS]
    said, code = doctor()
    assert "note  Secrets    1 are under an older key. Run: manage.py rotate_keys" in said
    assert code == 0


def test_a_wrong_clock_and_a_kind_that_is_gone_are_told(
    warehouse: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "clock_skew", lambda: -45.0)
    Source.objects.update(kind="oracle")
    said, code = doctor()
    assert "The clock is 45.0 s off the database's. Set it right." in said
    assert "There is no kind of source called 'oracle'" in said
    assert code == 1
