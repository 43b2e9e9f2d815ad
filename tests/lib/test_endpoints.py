"""Addresses of the product's own parts, read from its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from northstar.lib.endpoints import database_from, endpoint_of, mail_from, site_host
from northstar.lib.keys import Keys


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@db.internal:6432/northstar", [("db.internal", 6432, "northstar")]),
        ("postgresql:///northstar", [("127.0.0.1", 5432, "northstar")]),
        ("postgresql:///northstar?host=/run/postgresql&port=5433", [("127.0.0.1", 5433, "northstar")]),
        ("postgresql:///northstar?host=db.internal", [("db.internal", 5432, "northstar")]),
        (
            "postgresql://db.internal/northstar?hostaddr=10.1.2.3",
            [("db.internal", 5432, "northstar"), ("10.1.2.3", 5432, "northstar")],
        ),
        (
            "postgres://u@/northstar?host=one.internal,two.internal&port=6432",
            [("one.internal", 6432, "northstar"), ("two.internal", 6432, "northstar")],
        ),
        ("redis://cache", [("cache", 6379, None)]),
        ("", []),
    ],
)
def test_the_own_database_is_known_also_behind_a_socket(url: str, expected: list[object]) -> None:
    """Else a source on this machine could read it."""
    assert endpoint_of(url) == expected


def test_a_port_behind_the_question_mark_is_the_port() -> None:
    assert database_from("postgresql:///northstar?host=/run/postgresql&port=5433", Path())["PORT"] == "5433"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://northstar.example.com", "northstar.example.com"),
        ("http://[::1]:8000", "[::1]"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("northstar.example.com", ""),
        ("https://example.com/northstar", ""),
        ("https://user@example.com", ""),
        ("javascript://example.com", ""),
    ],
)
def test_the_host_of_a_site_is_spelled_as_hosts_are_allowed(url: str, host: str) -> None:
    assert site_host(url) == host


def test_no_secret_stands_in_what_a_log_would_print() -> None:
    mail = mail_from("smtp://post:hunter2@mail.example.com:25", outbox=Path("mail"))
    assert (mail.password, "hunter2" in repr(mail)) == ("hunter2", False)
    assert "hunter2" not in repr(Keys("hunter2", ["hunter2"]))
