"""The words for how a source fares, and the button that helps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from metrics.models import Source
from metrics.source_state import standing, trouble

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


def source(**fields: Any) -> Source:
    return Source(**({"name": "Warehouse", "slug": "warehouse", "kind": "postgresql"} | fields))


@pytest.mark.parametrize(
    ("fields", "arrived", "words"),
    [
        ({}, False, "First pull waits"),
        ({"kind": "push"}, False, "No value yet"),
        ({}, True, "Active"),
        ({"next_scheduled_at": NOW + timedelta(minutes=1)}, True, "Active"),
        ({"next_scheduled_at": NOW - timedelta(minutes=9)}, True, "Active"),
        ({"next_scheduled_at": NOW - timedelta(minutes=11)}, True, "Late"),
        ({"paused_at": NOW}, True, "Paused"),
        ({"failures": 1, "last_error_code": "auth"}, True, "Needs sign-in"),
        ({"failures": 3, "last_error_code": "auth", "paused_at": NOW}, True, "Needs sign-in"),
        ({"failures": 3, "last_error_code": "config", "paused_at": NOW}, True, "Paused after failures"),
        ({"failures": 1, "last_error_code": "connection"}, True, "Failing: not reachable"),
        ({"failures": 1, "last_error_code": "unexpected"}, True, "Failing"),
    ],
)
def test_a_source_has_one_state_in_words(fields: dict[str, Any], arrived: bool, words: str) -> None:
    assert standing(source(**fields), NOW, arrived=arrived).words == words


@pytest.mark.parametrize(
    ("code", "paused", "action", "post"),
    [
        ("auth", None, "Enter a new password", False),
        ("config", NOW, "Change the settings", False),
        ("role", None, "Change the settings", False),
        ("connection", None, "Pull again now", True),
        ("unexpected", NOW, "Resume the source", True),
    ],
)
def test_each_cause_has_the_one_button_that_helps(
    code: str, paused: datetime | None, action: str, post: bool
) -> None:
    failing = source(
        failures=3, last_error_code=code, paused_at=paused, failing_since=NOW - timedelta(hours=5)
    )
    found = trouble(failing, NOW, metrics=2)
    assert found is not None
    assert (found.action, found.post) == (action, post)
    assert "2 metrics wait; their missing days are fetched once it works again." in found.text


def test_a_banner_says_since_when_and_what_comes_next() -> None:
    failing = source(
        failures=2,
        last_error_code="timeout",
        last_error_message="No answer within 60 seconds.\n\nlong script",
        failing_since=NOW - timedelta(days=2, hours=3),
        next_due_at=NOW + timedelta(minutes=12),
    )
    found = trouble(failing, NOW, metrics=0)
    assert found is not None
    assert found.title == "Warehouse has not answered in time for 2 days."
    assert found.cause == "No answer within 60 seconds."
    assert found.text == "The next try comes in 12 minutes."


def test_a_source_that_works_has_no_banner() -> None:
    assert trouble(source(), NOW, metrics=3) is None
