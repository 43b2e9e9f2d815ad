"""What a query may return, asked of a real MariaDB."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.metrics.connectors.mysql_database import connector, fetched, refusal
from tests.services.mariadb import Server

WEEK = "select date(at) - interval weekday(at) day as period, sum(amount) as value from sales"
RANGE = "where at >= :period_start and at < :period_end group by 1"


def test_sums_by_week_fall_into_the_weeks_of_the_company_zone(foreign: Server) -> None:
    answer = fetched(foreign, f"{WEEK} {RANGE}")
    assert [(r.period_start, r.value) for r in answer.rows] == [
        (date(2026, 11, 2), Decimal("3.5")),
        (date(2026, 11, 9), Decimal(4)),
    ]


def test_a_preview_shows_the_raw_rows_the_request_and_the_mapping(foreign: Server) -> None:
    answer = fetched(foreign, f"{WEEK} {RANGE} order by 1;  -- done", preview=True)
    assert answer.columns == ("period", "value")
    assert answer.sample == (("2026-11-02", "3.50"), ("2026-11-09", "4.00"))
    assert answer.request.endswith(":period_start = 2026-11-02\n:period_end = 2026-11-23")
    assert answer.mapping == (("period", "column period"), ("value", "column value"))


def test_one_number_is_asked_for_each_period_that_has_begun(foreign: Server) -> None:
    sql = "select sum(amount) from sales where at >= :period_start and at < :period_end"
    answer = fetched(foreign, sql, shape="number")
    assert [(r.period_start.day, r.value) for r in answer.rows] == [
        (2, Decimal("3.5")),
        (9, Decimal(4)),
        (16, None),
    ]


def test_percent_signs_literals_and_comments_stay_as_they_are(foreign: Server) -> None:
    sql = r"""select date '2026-11-02' as `:tz`, 7 % 4  -- :tz 100%
        from dual where '%s :tz' like '\%s%' and "it\"s :tz" <> :tz # :tz
        and 5--1 = 6 /* '; drop */"""
    assert fetched(foreign, sql).rows[0].value == 3


def test_utc_instants_fit_columns_that_keep_utc(foreign: Server) -> None:
    sql = """select :period_start, timestampdiff(hour, :utc_start, :utc_end) from dual
        where :tz = 'Europe/Berlin' and @@session.time_zone = :tz"""
    day = {"grain": "day", "start": date(2026, 10, 25), "end": date(2026, 10, 26)}
    assert fetched(foreign, sql, **day).rows[0].value == 25


def test_the_session_keeps_the_days_of_a_clock_change_whole(foreign: Server) -> None:
    sql = """select date(from_unixtime(n)), count(*) from
        (with recursive h as (select 0 as i union all select i + 1 from h where i < 100)
         select unix_timestamp(:period_start) + 3600 * i as n from h) hours
        where n < unix_timestamp(:period_end) group by 1"""
    now = datetime(2027, 4, 1, tzinfo=UTC)
    days = fetched(foreign, sql, grain="day", start=date(2027, 3, 27), end=date(2027, 3, 30), now=now).rows
    assert [row.value for row in days] == [24, 23, 24]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("cast(12.50 as decimal(10,2))", "12.5"),
        ("cast(999999999999999 as unsigned)", "999999999999999"),
        ("0.1e0 + 0.2e0", "0.3"),
        ("count(*)", "3"),
        ("avg(amount)", "2.5"),
        ("cast(7 as char)", "7"),
        ("max(year(at))", "2026"),
        ("json_extract('{\"a\": 5}', '$.a')", "5"),
    ],
)
def test_numbers_are_read_exactly(foreign: Server, expression: str, value: str) -> None:
    rows = fetched(foreign, f"select '2026-11-02', {expression} from sales group by 1").rows
    assert rows[0].value == Decimal(value)


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("tinyint(1)", "1", "true or false, not a number. Cast it."),
        ("bit(8)", "b'101'", "bits, not a number"),
        (
            "bigint unsigned",
            "18446744073709551615",
            "18446744073709551615 is too large: at most 1e15 is kept",
        ),
        ("varbinary(8)", "'12'", "bytes, not a number"),
        ("datetime", "'2026-11-02'", "a moment, not a number"),
        ("time", "'10:00'", "a time of day, not a number"),
        ("text", "'12,5'", "'12,5' is not a number: write 12.5."),
        ("json", "'[1]'", "'[1]' is not a number"),
    ],
)
def test_what_is_no_number_is_refused(foreign: Server, column: str, cell: str, words: str) -> None:
    foreign.run(f"create or replace table odd (v {column})", f"insert into odd values ({cell})",
                "grant select on odd to public", database=_database(foreign))  # fmt: skip
    error = refusal(connector(foreign), "select date '2026-11-02', v from odd")
    assert (error.code, error.permanent) == ("schema", True)
    assert words in error.message


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("cast('0000-00-00' as date)", "'0000-00-00' is not a date. Return a date such as 2026-11-16."),
        ("cast('2026-11-04' as date)", "weeks start on Monday. Use DATE(…) - INTERVAL WEEKDAY(…) DAY."),
        ("timestamp '2026-11-02 10:00:00'", "is not the start of a day"),
        ("20261102", "holds a number; the period has to be a date"),
    ],
)
def test_what_is_no_period_is_refused(foreign: Server, period: str, words: str) -> None:
    assert words in refusal(connector(foreign), f"select {period}, 1").message


def test_text_of_every_alphabet_arrives_whole(foreign: Server) -> None:
    answer = fetched(foreign, "select note, date '2026-11-02' as period, 1 as value from sales "
                     "where note <> ''", preview=True)  # fmt: skip
    assert answer.sample[0][0] == "café 🦊"


def _database(server: Server) -> str:
    from tests.metrics.connectors.foreign_database import DATABASE

    return DATABASE
