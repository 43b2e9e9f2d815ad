"""What a query may return, asked of a real server."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from metrics.connectors.base import Suggestion
from metrics.connectors.postgresql import PostgresqlConnector
from tests.metrics.connectors.foreign_database import (
    connector,
    fetched,
    refusal,
)
from tests.services.postgres import Server

WEEK = "select date_trunc('week', at) as period, sum(amount) as value from sales"
RANGE = "where at >= :period_start and at < :period_end group by 1"


def test_sums_by_week_fall_into_the_weeks_of_the_company_zone(server: Server) -> None:
    answer = fetched(server, f"{WEEK} {RANGE}")
    assert [(r.period_start, r.value) for r in answer.rows] == [
        (date(2026, 11, 2), Decimal("3.5")),
        (date(2026, 11, 9), Decimal(4)),
    ]
    assert (answer.columns, answer.sample) == (("period", "value"), ())


def test_a_preview_shows_the_raw_rows_too(server: Server) -> None:
    answer = fetched(server, f"{WEEK} {RANGE} order by 1;  -- done", preview=True)
    assert answer.columns == ("period", "value")
    assert answer.sample == (("2026-11-02 00:00:00+01", "3.5"), ("2026-11-09 00:00:00+01", "4"))


def test_one_number_is_asked_for_each_period_that_has_begun(server: Server) -> None:
    sql = "select sum(amount) from sales where at >= :utc_start and at < :utc_end"
    answer = fetched(server, sql, shape="number", preview=True)
    assert [(r.period_start.day, r.value) for r in answer.rows] == [
        (2, Decimal("3.5")),
        (9, Decimal(4)),
        (16, None),
    ]
    assert answer.sample[2] == ("2026-11-16", "NULL")
    zeros = fetched(server, sql, shape="number", empty="zero")
    assert zeros.rows[2].value == 0


def test_a_query_may_use_no_parameter_at_all(server: Server) -> None:
    assert fetched(server, "select '2026-11-02', 7").rows[0].value == 7


def test_percent_signs_literals_and_comments_stay_as_they_are(server: Server) -> None:
    sql = """select date '2026-11-02', 7 % 4  -- :tz 100%
        where '%s %(a)s :tz' like '\\%s%' and $$:tz$$ <> :tz and 'x'::text = 'x' /* '; drop */"""
    assert fetched(server, sql).rows[0].value == 3


def test_the_parameters_carry_dates_instants_and_the_zone(server: Server) -> None:
    sql = """select :period_start, extract(epoch from :utc_end - :utc_start) / 3600
        where :tz = 'Europe/Berlin' and current_setting('timezone') = :tz
          and :period_end = date '2026-10-26'"""
    day = {"grain": "day", "start": date(2026, 10, 25), "end": date(2026, 10, 26)}
    assert fetched(server, sql, **day).rows[0].value == 25


def test_the_days_of_a_clock_change_are_whole(server: Server) -> None:
    sql = """select date_trunc('day', t), count(*)
        from generate_series(:utc_start, :utc_end - interval '1 hour', interval '1 hour') t group by 1"""
    now = datetime(2027, 4, 1, tzinfo=UTC)
    spring = fetched(server, sql, grain="day", start=date(2027, 3, 27), end=date(2027, 3, 30), now=now)
    assert [r.value for r in spring.rows] == [24, 23, 24]
    autumn = fetched(server, sql, grain="day", start=date(2026, 10, 24), end=date(2026, 10, 27), now=now)
    assert [r.value for r in autumn.rows] == [24, 25, 24]


def test_a_session_without_a_midnight_is_answered(server: Server) -> None:
    sql = """select date_trunc('day', t), 1
        from generate_series(:utc_start, :utc_end - interval '1 h', '1 day') t"""
    range_ = {"start": date(2018, 11, 4), "end": date(2018, 11, 5)}
    rows = fetched(server, sql, grain="day", zone="America/Sao_Paulo", **range_).rows
    assert [r.period_start for r in rows] == [date(2018, 11, 4)]


@pytest.mark.parametrize(
    "value", ["'NaN'::numeric", "'Infinity'::float8", "'twelve'::text", "true", "'1e400'::text"]
)
def test_what_is_no_number_is_refused(server: Server, value: str) -> None:
    error = refusal(connector(server), f"select date '2026-11-02', {value}")
    assert (error.code, error.permanent) == ("schema", True)
    assert error.message.startswith("Row 1: ")


def test_the_period_may_not_be_infinite(server: Server) -> None:
    error = refusal(connector(server), "select 'infinity'::timestamptz, 1")
    assert error.message.startswith("Row 1: 'infinity' is not a date.")


@pytest.mark.parametrize("example", PostgresqlConnector.suggestions, ids=lambda one: one.key)
def test_every_suggested_query_runs(server: Server, example: Suggestion) -> None:
    rows = "(select at as created_at, at as paid_at, amount, amount as account_id from sales)"
    sql = re.sub(r"from (\w+)", rf"from {rows} as \1", example.query["sql"])
    answer = fetched(server, sql, kind=example.kind, preview=True)
    assert [row.period_start for row in answer.rows] == [date(2026, 11, 2), date(2026, 11, 9)]
    assert dict(answer.mapping)["period"] == "column period"


def test_an_error_carries_what_was_asked_and_what_came(server: Server) -> None:
    refused = refusal(connector(server), "select 'soon', 1 where :period_start is not null", preview=True)
    assert refused.answer.sample == (("soon", "1"),)
    assert ":period_start = 2026-11-02" in refused.answer.request
    assert "selec 1" in refusal(connector(server), "selec 1").answer.request
