"""What a query may not do to a real server."""

from __future__ import annotations

import resource
import signal
import time
from datetime import date

import pytest

from tests.metrics.connectors.foreign_database import (
    DATABASE,
    WRITER,
    Quick,
    asking,
    connector,
    count_sales,
    refusal,
    wait_for_no_backend,
)
from tests.services.postgres import Server


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("select 1, 2; commit; insert into sales values (now(), 1)", "more than one statement"),
        ("select 1; select 2", "more than one statement"),
        ("insert into sales values (now(), 1)", "tries to write"),
        (
            "with w as (insert into sales values (now(), 1) returning 1) select now()::date, 1 from w",
            "tries to write",
        ),
        ("select now()::date, nextval('counting')", "tries to write"),
        ("select 1 into copied", ""),
        ("set transaction_read_only = off", "begin with SELECT or WITH; this one begins with SET"),
        ("commit", "begin with SELECT or WITH"),
        (
            "copy (select 1) to program 'touch /tmp/never'",
            "begin with SELECT or WITH; this one begins with COPY",
        ),
        ("do $$ begin end $$", "begin with SELECT or WITH; this one begins with DO"),
        ("select set_config('transaction_read_only', 'off', false), 1", "transaction"),
        ("select x, 1 from hidden", "permission denied for table hidden. Grant SELECT"),
        ("select x, 1 from nowhere", 'relation "nowhere" does not exist'),
        ("select nothing, 1 from sales", 'column "nothing" does not exist'),
        ("select at, 1 from sales where at > :since", "Parameters are :period_start, :period_end"),
        ("select 1/0, 1", "division by zero"),
        ("select pg_read_file('/etc/passwd'), 1", "permission denied"),
        ("-- nothing", ""),
    ],
)
def test_a_query_that_does_more_than_read_is_refused(server: Server, sql: str, sentence: str) -> None:
    server.run(
        "create sequence if not exists counting",
        "grant all on sequence counting to public",
        database=DATABASE,
    )
    before = count_sales(server)
    error = refusal(connector(server, user=WRITER), sql)
    assert (error.code, error.permanent) == ("query", True)
    assert sentence in error.message
    assert count_sales(server) == before
    wait_for_no_backend(server)


@pytest.mark.parametrize(
    "sql",
    [
        "select now()::date, pg_sleep(1000)",
        "select set_config('statement_timeout', '0', false)::text, pg_sleep(1000)",
        "select now()::date, count(*) from generate_series(1, 10000000000) a",
    ],
)
def test_an_endless_query_is_cancelled_within_its_deadline(server: Server, sql: str) -> None:
    begun = time.monotonic()
    error = refusal(connector(server, made=Quick), sql)
    assert time.monotonic() - begun < Quick.deadline_seconds + 5
    assert (error.code, error.permanent) == ("timeout", False)
    wait_for_no_backend(server)


def test_a_query_ends_when_the_task_that_asked_is_stopped(server: Server) -> None:
    class Stopped(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(Stopped), connector(server) as source:
            source.fetch(asking("select now()::date, pg_sleep(1000)"))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    wait_for_no_backend(server)


def test_a_timeout_of_the_server_is_switched_off_and_ours_still_holds(server: Server) -> None:
    sql = """with off as materialized (select set_config('statement_timeout', '0', false) as s)
        select s, pg_sleep(1000) from off"""
    error = refusal(connector(server, made=Quick), sql)
    assert (
        error.message == "The query took longer than 2 s and was cancelled. Make it faster or ask for less."
    )
    wait_for_no_backend(server)


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("select n, n from generate_series(1, 10000000) n", "more than 100,000 rows"),
        ("select repeat('x', 1000), n from generate_series(1, 10000000) n", "more than 10 MiB"),
        ("select repeat('x', 70000), 1", "a cell of 70,000 bytes"),
        (f"select {', '.join(['1'] * 500)}", "500 columns"),
    ],
)
def test_too_large_an_answer_is_refused_with_flat_memory(server: Server, sql: str, sentence: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = refusal(connector(server), sql)
    assert (error.code, error.permanent) == ("too_large", True)
    assert sentence in error.message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024
    wait_for_no_backend(server)


def test_one_number_for_too_many_periods_is_refused(server: Server) -> None:
    error = refusal(connector(server), "select 1", shape="number", grain="day", start=date(2020, 1, 1))
    assert error.code == "too_large"
