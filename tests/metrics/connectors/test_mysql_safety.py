"""What a query may not do to a real MariaDB (F49, F50)."""

from __future__ import annotations

import resource
import signal
import time

import pytest

from tests.metrics.connectors.foreign_database import DATABASE, WRITER, asking
from tests.metrics.connectors.mysql_database import Quick, connector, refusal, wait_for_no_session
from tests.services.mariadb import Server


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("select 1, 2; insert into sales values (now(), 1, '')", "more than one statement"),
        ("select 1; select 2", "more than one statement"),
        ("insert into sales values (now(), 1, '')", "tries to write"),
        ("with w as (select 1) insert into sales select now(), 1, ''", ""),
        ("/*! insert into sales values (now(), 1, '') */", "in a comment with an exclamation mark"),
        ("select 1 /*!50000 into outfile '/tmp/never' */", "in a comment with an exclamation mark"),
        ("select 1 /*M! into outfile '/tmp/never' */", "in a comment with an exclamation mark"),
        ("load data local infile '/etc/passwd' into table sales", "tries to write"),
        ("create table copied as select 1", "tries to write"),
        ("select nextval(counting), 1", "tries to write"),
        ("select 1, 2 into outfile '/tmp/never'", "writes a file on the server"),
        ("select 1, 2 into @a, @b", "returns no table"),
        ("set session transaction read write", "begin with SELECT or WITH; this one begins with SET"),
        ("set statement max_statement_time = 0 for select sleep(1000)", "this one begins with SET"),
        ("commit", "begin with SELECT or WITH"),
        ("call anything()", "begin with SELECT or WITH"),
        ("select x, 1 from hidden", "SELECT command denied"),
        ("select x, 1 from nowhere", ""),
        ("select nothing, 1 from sales", "Unknown column 'nothing'"),
        ("select at, 1 from sales where at > :since", "Parameters are :period_start, :period_end"),
        ("select load_file('/etc/passwd'), 1", "the period is empty"),
        ("-- nothing", ""),
    ],
)
def test_a_query_that_does_more_than_read_is_refused(foreign: Server, sql: str, sentence: str) -> None:
    foreign.run("create sequence if not exists counting", database=DATABASE)
    before = foreign.run("select count(*) from sales", database=DATABASE)
    error = refusal(connector(foreign, user=WRITER), sql)
    assert error.permanent
    assert sentence in error.message
    assert foreign.run("select count(*) from sales", database=DATABASE) == before
    wait_for_no_session(foreign)


@pytest.mark.parametrize(
    "sql",
    [
        "select '2026-11-02', sleep(1000)",
        "select '2026-11-02', benchmark(100000000000, sha2('x', 512))",
        "select '2026-11-02', count(*) from "
        + ", ".join(f"information_schema.collations c{n}" for n in "123456"),
    ],
)
def test_an_endless_query_is_cancelled_within_its_deadline(foreign: Server, sql: str) -> None:
    begun = time.monotonic()
    error = refusal(connector(foreign, made=Quick), sql)
    assert time.monotonic() - begun < Quick.deadline_seconds + 5
    assert (error.code, error.permanent) == ("timeout", False)
    wait_for_no_session(foreign)


def test_a_query_ends_from_here_where_the_server_knows_no_limit(
    foreign: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metrics.connectors.mysql_session.Session._set", lambda *_: None)
    error = refusal(connector(foreign, made=Quick), "select '2026-11-02', sleep(1000)")
    assert (
        error.message == "The query took longer than 1 s and was cancelled. Make it faster or ask for less."
    )
    wait_for_no_session(foreign)


def test_a_query_ends_when_the_task_that_asked_is_stopped(foreign: Server) -> None:
    class Stopped(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(Stopped), connector(foreign) as source:
            source.fetch(asking("select '2026-11-02', sleep(1000)"))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    wait_for_no_session(foreign)


MANY = "with recursive n as (select 1 as i union all select i + 1 from n where i < 3000) "


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        (f"{MANY} select a.i, b.i from n a, n b", "more than 100,000 rows"),
        (f"{MANY} select repeat('x', 20000), i from n", "more than 10 MiB"),
        ("select repeat('x', 70000), 1", "a cell of 70,000 bytes"),
        ("select repeat('x', 16000000), repeat('x', 16000000), repeat('x', 16000000)", "more than 10 MiB"),
        (f"select {', '.join(['1'] * 500)}", "500 columns"),
    ],
)
def test_too_large_an_answer_is_refused_with_flat_memory(foreign: Server, sql: str, sentence: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = refusal(connector(foreign), sql)
    assert (error.code, error.permanent) == ("too_large", True)
    assert sentence in error.message
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
    wait_for_no_session(foreign)
