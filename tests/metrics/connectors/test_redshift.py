"""Redshift's own session, on a real PostgreSQL: all that it says, PostgreSQL understands too."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import ConnectorError
from metrics.connectors.postgresql_redshift import RedshiftConnector
from tests.metrics.connectors.foreign_database import (
    WRITER,
    asking,
    connector,
    count_sales,
    refusal,
    wait_for_no_backend,
)
from tests.services.postgres import Server


class Quick(RedshiftConnector):
    deadline_seconds = 1.5


def redshift(
    server: Server, made: type[RedshiftConnector] = RedshiftConnector, **changes: Any
) -> RedshiftConnector:
    found = connector(server, made=made, sslmode="prefer", **changes)
    assert isinstance(found, RedshiftConnector)
    return found


def test_sums_by_week_fall_into_the_weeks_of_the_company_zone(server: Server) -> None:
    sql = """select date_trunc('week', at) as period, sum(amount) as value from sales
        where at >= :utc_start and at < :utc_end and :tz = current_setting('timezone') group by 1;"""
    with redshift(server) as source:
        rows = source.fetch(asking(sql)).rows
    assert [(r.period_start.day, r.value) for r in rows] == [(2, Decimal("3.5")), (9, Decimal(4))]


def test_more_rows_than_one_batch_are_read(server: Server) -> None:
    sql = "select :period_start - 7 * n, n from generate_series(0, 2500) n"
    with redshift(server) as source:
        assert source.fetch(asking(sql)).notes == ("2500 rows outside the asked range left out.",)


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("select 1, 2; insert into sales values (now(), 1)", "more than one statement"),
        (
            "with w as (insert into sales values (now(), 1) returning 1) select now()::date, 1 from w",
            "to write",
        ),
        ("copy (select 1) to program 'touch /tmp/never'", "this one begins with COPY"),
        ("unload ('select 1') to 's3://x'", "this one begins with UNLOAD"),
    ],
)
def test_a_query_that_does_more_than_read_is_refused(server: Server, sql: str, sentence: str) -> None:
    before = count_sales(server)
    error = refusal(redshift(server, user=WRITER), sql)
    assert (error.code, error.permanent) == ("query", True)
    assert sentence in error.message
    assert count_sales(server) == before
    wait_for_no_backend(server)


def test_an_endless_query_is_cancelled_within_its_deadline(server: Server) -> None:
    begun = time.monotonic()
    error = refusal(redshift(server, Quick), "select now()::date, pg_sleep(1000)")
    assert time.monotonic() - begun < 1.5 + 5
    assert error.code == "timeout"
    wait_for_no_backend(server)


def test_a_user_who_can_write_is_refused_with_the_script_of_one_who_cannot(server: Server) -> None:
    assert redshift(server).check() == ("Connected to Redshift.",)
    with pytest.raises(ConnectorError, match="may write to public.sales") as refused:
        redshift(server, user=WRITER).check()
    assert "GRANT SELECT ON ALL TABLES IN SCHEMA public TO northstar_reader;" in refused.value.message


def test_its_port_and_encryption_are_its_own() -> None:
    settings = RedshiftConnector.clean_settings({"host": "h", "database": "d", "user": "u"})
    assert (settings["port"], settings["sslmode"]) == (5439, "require")
