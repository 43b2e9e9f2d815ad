"""ClickHouse against a counterpart of its documented HTTP interface."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import ConnectorError
from metrics.connectors.warehouses.clickhouse import ClickhouseConnector
from tests.metrics.connectors.foreign_database import OPEN
from tests.metrics.connectors.warehouses.serving import Asked, Says, Served, fetched, refusal, serving

SECRET = "marker-clickhouse-51c"
WEEK = """select toMonday(at) as period, sum(amount) as value from sales
    where at >= :utc_start and at < :utc_end group by 1"""


def table(*rows: list[Any], types: tuple[str, str] = ("Date", "Decimal(12, 2)")) -> Says:
    meta = [{"name": name, "type": kind} for name, kind in zip(("period", "value"), types, strict=True)]
    return Says({"meta": meta, "data": list(rows), "rows": len(rows)})


def failing(code: int, said: str, status: int = 500) -> Says:
    text = f"Code: {code}. DB::Exception: {said} (version 24.8.1)"
    return Says(text, status, {"X-ClickHouse-Exception-Code": str(code)})


@pytest.fixture
def clickhouse() -> Iterator[Served]:
    with serving(lambda asked: table(["2026-11-02", "3.50"], ["2026-11-09", "4.00"])) as server:
        yield server


def to(server: Served, **changes: Any) -> ClickhouseConnector:
    settings = {"host": "127.0.0.1", "port": server.port, "database": "shop", "user": "reader",
                "encrypted": "http", **changes}  # fmt: skip
    return ClickhouseConnector(
        ClickhouseConnector.clean_settings(settings), {"password": SECRET}, egress=OPEN
    )


def test_sums_by_week_arrive_with_typed_parameters_and_a_read_only_session(clickhouse: Served) -> None:
    rows = fetched(to(clickhouse), f"{WEEK};  -- :tz").rows
    assert [(r.period_start.day, r.value) for r in rows] == [(2, Decimal("3.5")), (9, Decimal(4))]
    asked = clickhouse.asked[0]
    assert "at >=  {utc_start:DateTime('UTC')}  and at <  {utc_end:DateTime('UTC')} " in asked.body
    assert asked.body.endswith("-- :tz")
    wanted = {
        "readonly": "1", "database": "shop", "session_timezone": "Europe/Berlin", "max_execution_time": "60",
        "max_result_rows": "100000", "default_format": "JSONCompact", "param_period_start": "2026-11-02",
        "param_utc_start": "2026-11-01 23:00:00", "param_tz": "Europe/Berlin",
    }  # fmt: skip
    assert wanted.items() <= asked.params.items()
    assert asked.headers["x-clickhouse-user"] == "reader" and asked.headers["x-clickhouse-key"] == SECRET
    assert SECRET not in str(asked.params)


@pytest.mark.parametrize(
    ("types", "cells", "value"),
    [
        (("Nullable(Date)", "LowCardinality(Nullable(String))"), ["2026-11-02", "12.50"], "12.5"),
        (
            ("DateTime('Europe/Berlin')", "UInt64"),
            ["2026-11-01T23:00:00Z", "999999999999999"],
            "999999999999999",
        ),
        (("DateTime64(3)", "Float64"), ["2026-11-01T23:00:00.000Z", 0.30000000000000004], "0.3"),
    ],
)
def test_numbers_and_dates_are_read_exactly(
    clickhouse: Served, types: tuple[str, str], cells: list[Any], value: str
) -> None:
    clickhouse.answer = lambda asked: table(cells, types=types)
    assert fetched(to(clickhouse), "select 1, 2").rows[0].value == Decimal(value)


@pytest.mark.parametrize(
    ("kind", "cell", "words"),
    [
        ("Float64", "nan", "NaN is not a number"),
        ("Bool", True, "true or false, not a number"),
        ("Array(UInt8)", [1], "a type that is not known here"),
        ("UInt64", "18446744073709551615", "is too large"),
    ],
)
def test_what_is_no_number_is_refused(clickhouse: Served, kind: str, cell: Any, words: str) -> None:
    clickhouse.answer = lambda asked: table(["2026-11-02", cell], types=("Date", kind))
    assert words in refusal(to(clickhouse)).message


@pytest.mark.parametrize(
    ("says", "code", "permanent", "words"),
    [
        (failing(516, "reader: Authentication failed", 403), "auth", True, "refuses the sign-in"),
        (failing(60, "Unknown table expression identifier 'x'", 404), "query", True, "Unknown table"),
        (
            failing(62, "Syntax error (Multi-statements are not allowed)", 400),
            "query",
            True,
            "Multi-statements",
        ),
        (failing(497, "reader: Not enough privileges"), "query", True, "Grant SELECT on it"),
        (failing(164, "Cannot execute query in readonly mode"), "query", True, "Only reading is allowed"),
        (failing(159, "Timeout exceeded: elapsed 60 seconds"), "timeout", False, "cancelled the query"),
        (
            failing(396, "Limit for result exceeded, max rows: 100.00 thousand"),
            "too_large",
            True,
            "100,000 rows",
        ),
        (failing(241, "Memory limit (total) exceeded"), "connection", False, "busy"),
        (Says("nothing here", 502), "connection", False, "trouble of its own"),
        (Says({"hello": 1}), "query", True, "returns no table"),
        (
            Says({"meta": [{"name": "a", "type": "Date"}], "data": {"a": 1}}),
            "schema",
            True,
            "documented form",
        ),
    ],
)
def test_what_the_server_says_is_told(
    clickhouse: Served, says: Says, code: str, permanent: bool, words: str
) -> None:
    clickhouse.answer = lambda asked: says
    error = refusal(to(clickhouse))
    assert (error.code, error.permanent) == (code, permanent), error.message
    assert words in error.message


def test_a_user_who_may_not_set_readonly_is_asked_without_it(clickhouse: Served) -> None:
    def locked(asked: Asked) -> Says:
        if "readonly" in asked.params:
            return failing(164, "Cannot modify 'readonly' setting in readonly mode")
        return table(["2026-11-02", "1"])

    clickhouse.answer = locked
    assert fetched(to(clickhouse), "select 1, 2").rows[0].value == 1
    clickhouse.answer = lambda asked: failing(
        164, "Cannot modify 'max_execution_time' setting in readonly mode"
    )
    assert "Give it readonly = 2" in refusal(to(clickhouse)).message


@pytest.mark.parametrize(
    "sql",
    [
        "insert into t values (1)",
        "drop table t",
        "select 1; select 2",
        "set x = 1",
        "with y as (select 1) insert into t select * from y settings max_threads = 1",
    ],
)
def test_what_is_no_question_is_not_even_sent(clickhouse: Served, sql: str) -> None:
    assert refusal(to(clickhouse), sql).code == "query"
    assert clickhouse.asked == []


def test_a_server_that_does_not_answer_is_left_at_the_deadline(clickhouse: Served) -> None:
    class Quick(ClickhouseConnector):
        deadline_seconds = 0.5

    clickhouse.answer = lambda asked: Says({}, late=30)
    source = to(clickhouse)
    begun = time.monotonic()
    error = refusal(Quick(source.settings, source.secrets, egress=OPEN))
    assert time.monotonic() - begun < 5
    assert (error.code, error.permanent) == ("timeout", False)


def test_a_closed_address_is_refused(clickhouse: Served) -> None:
    assert refusal(to(clickhouse, host="169.254.169.254")).code == "egress_denied"


def grants(*lines: str) -> Any:
    def answer(asked: Asked) -> Says:
        column = [{"name": "x", "type": "String"}]
        return Says(
            {"meta": column, "data": [[line] for line in lines] if "GRANTS" in asked.body else [["24.8"]]}
        )

    return answer


def test_a_user_who_can_write_is_refused_with_the_script_of_one_who_cannot(clickhouse: Served) -> None:
    clickhouse.answer = grants("GRANT SELECT ON shop.* TO reader")
    assert to(clickhouse).check() == ("Connected to ClickHouse 24.8.",)
    clickhouse.answer = grants("GRANT SELECT, INSERT ON shop.* TO reader", "GRANT URL ON *.* TO reader")
    with pytest.raises(ConnectorError) as refused:
        to(clickhouse).check()
    assert refused.value.code == "role"
    assert "has insert on shop.*, has url on every database" in refused.value.message
    assert "GRANT SELECT ON `shop`.* TO northstar_reader;" in refused.value.message
