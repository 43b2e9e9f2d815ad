"""Trino against a counterpart of its documented client protocol."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import ConnectorError
from metrics.connectors.warehouses.trino import TrinoConnector
from tests.metrics.connectors.foreign_database import OPEN
from tests.metrics.connectors.warehouses.serving import Asked, Says, Served, fetched, refusal, serving

SECRET = "marker-trino-8812"
COLUMNS = [{"name": "period", "type": "date"}, {"name": "value", "type": "decimal(12,2)"}]


class Cluster:
    """Answers a statement in pages: queued, then a row a page."""

    def __init__(self, *rows: list[Any], columns: list[dict[str, str]] | None = None) -> None:
        self.rows, self.columns = rows, columns or COLUMNS
        self.last: dict[str, Any] | None = None
        self.away = ""

    def __call__(self, asked: Asked) -> Says:
        if asked.method == "DELETE":
            return Says({}, 204)
        base = f"http://{asked.headers['host']}/v1/statement/executing/q1"
        if asked.method == "POST" and asked.body == "START TRANSACTION READ ONLY":
            return Says({"id": "q0"}, headers={"X-Trino-Started-Transaction-Id": "tx-7"})
        if asked.method == "POST" and asked.body == "ROLLBACK":
            return Says({"id": "q2"}, headers={"X-Trino-Clear-Transaction-Id": "true"})
        if asked.method == "POST":
            return Says({"id": "q1", "nextUri": self.away or f"{base}/0"})
        page = int(asked.path.rsplit("/", 1)[1])
        if page == len(self.rows):
            return Says({"id": "q1", "columns": self.columns, **(self.last or {})})
        return Says(
            {"id": "q1", "columns": self.columns, "data": [self.rows[page]], "nextUri": f"{base}/{page + 1}"}
        )


@pytest.fixture
def trino() -> Iterator[Served]:
    with serving(Cluster(["2026-11-02", "3.50"], ["2026-11-09", "4.00"])) as server:
        yield server


def to(server: Served, *, made: type[TrinoConnector] = TrinoConnector, **changes: Any) -> TrinoConnector:
    settings = {"host": "127.0.0.1", "port": server.port, "catalog": "hive", "schema": "shop"}
    given = made.clean_settings({**settings, "user": "reader", "encrypted": "http", **changes})
    return made(given, {}, egress=OPEN)


def test_pages_are_followed_in_a_read_only_transaction(trino: Served) -> None:
    sql = """select date_trunc('week', at) as period, sum(x) as value from t
        where at >= :utc_start and d < :period_end ;"""
    rows = fetched(to(trino), sql).rows
    assert [(r.period_start.day, r.value) for r in rows] == [(2, Decimal("3.5")), (9, Decimal(4))]
    begun, asked, ended = trino.of("POST", "/v1/statement")
    assert (begun.body, ended.body) == ("START TRANSACTION READ ONLY", "ROLLBACK")
    assert "at >=  TIMESTAMP '2026-11-01 23:00:00 UTC'  and d <  DATE '2026-11-23' " in asked.body
    assert ";" not in asked.body
    wanted = {
        "x-trino-user": "reader", "x-trino-catalog": "hive", "x-trino-schema": "shop",
        "x-trino-time-zone": "Europe/Berlin", "x-trino-session": "query_max_run_time=60s",
        "x-trino-transaction-id": "tx-7", "x-trino-source": "northstar",
    }  # fmt: skip
    assert wanted.items() <= asked.headers.items()
    assert begun.headers["x-trino-transaction-id"] == "NONE"


@pytest.mark.parametrize(
    ("kinds", "cells", "value"),
    [
        (("timestamp(3)", "bigint"), ["2026-11-02 00:00:00.000", 999999999999999], "999999999999999"),
        (
            ("timestamp(3) with time zone", "double"),
            ["2026-11-01 23:00:00.000 UTC", 0.30000000000000004],
            "0.3",
        ),
        (
            ("timestamp(3) with time zone", "varchar(5)"),
            ["2026-11-02 00:00:00.000 Europe/Berlin", "12.50"],
            "12.5",
        ),
        (("timestamp(0) with time zone", "real"), ["2026-11-02 01:00:00 +02:00", 1.5], "1.5"),
    ],
)
def test_numbers_and_dates_are_read_exactly(
    trino: Served, kinds: tuple[str, str], cells: list[Any], value: str
) -> None:
    names = ("period", "value")
    columns = [{"name": n, "type": k} for n, k in zip(names, kinds, strict=True)]
    trino.answer = Cluster(cells, columns=columns)
    assert fetched(to(trino), "select 1, 2").rows[0].value == Decimal(value)


@pytest.mark.parametrize(
    ("error", "code", "permanent", "words"),
    [
        ({"errorName": "SYNTAX_ERROR", "errorType": "USER_ERROR", "message": "line 1:8: mismatched input"},
         "query", True, "mismatched input"),
        ({"errorName": "PERMISSION_DENIED", "errorType": "USER_ERROR", "message": "Access Denied: t"},
         "query", True, "Grant SELECT on it"),
        ({"errorName": "READ_ONLY_VIOLATION", "errorType": "USER_ERROR", "message": "read-only transaction"},
         "query", True, "tries to write"),
        ({"errorName": "EXCEEDED_TIME_LIMIT", "errorType": "INSUFFICIENT_RESOURCES", "message": "60s"},
         "timeout", False, "cancelled the query"),
        ({"errorName": "NO_NODES_AVAILABLE", "errorType": "INTERNAL_ERROR", "message": "no nodes"},
         "connection", False, "trouble of its own"),
    ],
)  # fmt: skip
def test_errors_of_a_query_are_told(
    trino: Served, error: dict[str, str], code: str, permanent: bool, words: str
) -> None:
    trino.answer = Cluster(["2026-11-02", "1"])
    trino.answer.last = {"error": error}
    found = refusal(to(trino))
    assert (found.code, found.permanent) == (code, permanent)
    assert words in found.message


def test_a_write_that_slips_through_is_no_answer(trino: Served) -> None:
    trino.answer = Cluster()
    trino.answer.last = {"updateType": "INSERT", "updateCount": 1}
    assert "tries to write" in refusal(to(trino), "with w as (select 1) select 1").message


@pytest.mark.parametrize(
    "away", ["http://169.254.169.254/v1/statement/x/1", "http://127.0.0.1:1/v1/statement"]
)
def test_the_rest_of_an_answer_is_not_fetched_elsewhere(trino: Served, away: str) -> None:
    trino.answer = Cluster(["2026-11-02", "1"])
    trino.answer.away = away
    assert "not followed" in refusal(to(trino)).message


def test_a_password_is_never_sent_over_an_open_line(trino: Served) -> None:
    source = to(trino)
    source.secrets = {"password": SECRET}
    error = refusal(source)
    assert (error.code, error.field) == ("config", "encrypted")
    assert trino.asked == []


def test_an_endless_query_is_ended_at_the_server_too(trino: Served) -> None:
    class Quick(TrinoConnector):
        deadline_seconds = 0.5

    cluster = Cluster()

    def endless(asked: Asked) -> Says:
        if asked.method == "GET":
            return Says(
                {"id": "q1", "nextUri": f"http://{asked.headers['host']}/v1/statement/q1/9"}, late=0.1
            )
        return cluster(asked)

    trino.answer = endless
    begun = time.monotonic()
    error = refusal(to(trino, made=Quick))
    assert time.monotonic() - begun < 5
    assert (error.code, error.permanent) == ("timeout", False)
    assert trino.of("DELETE")
    assert trino.of("POST")[-1].body == "ROLLBACK"


def test_more_rows_than_are_read_end_the_query(trino: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.connectors.sql_limits.MAX_ROWS", 1)
    assert refusal(to(trino)).code == "too_large"
    assert trino.of("DELETE")


def test_the_check_says_what_trino_does_not_tell(trino: Served) -> None:
    trino.answer = Cluster(["453"], columns=[{"name": "v", "type": "varchar"}])
    notes = to(trino).check()
    assert notes[0] == "Connected to Trino 453."
    assert "SELECT only" in notes[1]
    trino.answer = lambda asked: Says("Unauthorized", 401)
    with pytest.raises(ConnectorError, match="does not accept the sign-in"):
        to(trino).check()
