"""What a MySQL server that means harm gets out of us: nothing (S44, F49)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from metrics.connectors.mysql import MysqlConnector
from tests.metrics.connectors.foreign_database import OPEN, PASSWORD
from tests.metrics.connectors.mysql_database import refusal
from tests.metrics.connectors.rogue_mysql import Rogue


@pytest.fixture(params=[(), (b"SET",), (b"SET", b"START")])
def rogue(request: pytest.FixtureRequest) -> Iterator[Rogue]:
    server = Rogue("file", obliging=request.param)
    yield server
    server.close()


def to(rogue: Rogue, **changes: object) -> MysqlConnector:
    settings = {"host": "127.0.0.1", "port": rogue.port, "database": "d", "user": "u", **changes}
    return MysqlConnector(settings, {"password": PASSWORD}, egress=OPEN)


def test_a_server_that_asks_for_a_file_gets_none(rogue: Rogue) -> None:
    error = refusal(to(rogue), "select '2026-11-02', 1")
    assert (error.code, error.permanent) == ("unexpected", True)
    assert error.message.startswith(
        "The server answered by asking for a file of this machine. Nothing was sent."
    )
    heard = rogue.heard()
    assert heard[-1].startswith((b"\x03", b"\x01")), "the last word was a question of ours or a goodbye"
    lines = Path("/etc/passwd").read_bytes().splitlines()
    assert not any(line in packet for packet in heard for line in lines if line)


def test_the_password_is_not_sent_in_clear(request: pytest.FixtureRequest) -> None:
    rogue = Rogue("clear")
    request.addfinalizer(rogue.close)
    error = refusal(to(rogue), "select 1, 2")
    assert (error.code, error.permanent) == ("auth", True)
    assert "Choose the encryption with certificate check" in error.message
    assert not any(PASSWORD.encode() in packet for packet in rogue.heard())


@pytest.mark.parametrize("turn", ["full", "switch", "sha256"])
def test_a_key_for_the_password_is_not_taken_from_whoever_answers(
    request: pytest.FixtureRequest, turn: str
) -> None:
    rogue = Rogue(turn)
    request.addfinalizer(rogue.close)
    error = refusal(to(rogue), "select 1, 2")
    assert (error.code, error.permanent) == ("auth", True), error.message
    assert "only over an encrypted connection" in error.message
    assert not any(packet in (b"\x01", b"\x02") or PASSWORD.encode() in packet for packet in rogue.heard())


def test_mysql_8_s_own_sign_in_needs_no_encryption_where_it_knows_the_user(
    request: pytest.FixtureRequest,
) -> None:
    rogue = Rogue("fast")
    request.addfinalizer(rogue.close)
    assert "asking for a file" in refusal(to(rogue), "select 1, 2").message


def test_required_encryption_that_is_not_offered_is_an_error(request: pytest.FixtureRequest) -> None:
    rogue = Rogue("file")
    request.addfinalizer(rogue.close)
    error = refusal(to(rogue, sslmode="require"), "select 1, 2")
    assert (error.code, error.permanent) == ("tls", True)
    assert rogue.heard() == []


def test_a_greeting_that_drips_ends_in_time(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metrics.connectors.mysql_wire.CONNECT_SECONDS", 1.0)
    rogue = Rogue("drip")
    request.addfinalizer(rogue.close)
    begun = time.monotonic()
    error = refusal(to(rogue), "select 1, 2")
    assert time.monotonic() - begun < 4
    assert error.code == "connection"
