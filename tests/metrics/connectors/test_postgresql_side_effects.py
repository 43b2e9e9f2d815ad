"""Functions that do more than they return: nothing of what they did is left on a real server (S41)."""

from __future__ import annotations

import pytest

from metrics.connectors.base import ConnectorError
from tests.metrics.connectors.foreign_database import (
    DATABASE,
    WRITER,
    asking,
    connector,
    wait_for_no_backend,
)
from tests.services.postgres import Server

pytestmark = pytest.mark.one_database
#: Everything in which a query could leave something behind.
STATE = """
select (select count(*) from sales), (select count(*) from pg_largeobject_metadata),
       (select last_value from counting), (select count(*) from pg_class where relname ~ 'left_behind'),
       (select count(*) from pg_prepared_xacts), (select count(*) from pg_replication_slots),
       (select count(*) from pg_locks where locktype = 'advisory'),
       (select count(*) from pg_db_role_setting), (select count(*) from pg_listening_channels())
"""


@pytest.fixture(scope="module")
def armed(server: Server) -> Server:
    """The foreign database with what a careless owner may have in it, all of it granted to the writer."""
    server.run(
        "create sequence if not exists counting", "grant all on sequence counting to public",
        "create extension if not exists dblink",
        """create or replace function sneak() returns int language plpgsql security definer as
           $$ begin insert into sales values (now(), 666); return 1; end $$""",
        """create or replace function unlock() returns int language plpgsql as
           $$ begin set transaction read write; insert into sales values (now(), 666); return 1; end $$""",
        """create or replace function unlock_late() returns int language plpgsql as
           $$ begin perform set_config('transaction_read_only', 'off', false);
              execute 'insert into sales values (now(), 666)'; return 1; end $$""",
        """create or replace function swallow() returns int language plpgsql as
           $$ begin begin insert into sales values (now(), 666); exception when others then null; end;
              return 1; end $$""",
        """create or replace function complain() returns int language plpgsql as
           $$ begin raise exception 'not on Sundays'; end $$""",
        database=DATABASE,
    )  # fmt: skip
    return server


@pytest.mark.parametrize(
    "sql",
    [
        "select now()::date, sneak()",
        "select now()::date, unlock()",
        "select now()::date, unlock_late()",
        "select now()::date, swallow()",
        "select now()::date, complain()",
        "select now()::date, setval('counting', 4711)",
        "select now()::date, lo_create(0)::int",
        "select now()::date, lo_from_bytea(0, 'left behind')::int",
        "select now()::date, lo_import('/etc/passwd')::int",
        "select now()::date, lo_export(1, '/tmp/left_behind')",
        "select now()::date, pg_advisory_lock(4711)::text::int",
        "select now()::date, pg_try_advisory_lock(4711)::int",
        "select now()::date, length(pg_notify('left_behind', 'x')::text)",
        "select now()::date, length(set_config('role', 'postgres', false))",
        "select now()::date, length(set_config('session_authorization', 'tester', false))",
        "select now()::date, length(set_config('session_replication_role', 'replica', false))",
        "select now()::date, length(set_config('default_transaction_read_only', 'off', false))",
        "select now()::date, length(query_to_xml('delete from sales', true, true, '')::text)",
        "select now()::date, length(pg_create_physical_replication_slot('left_behind')::text)",
        "select now()::date, length(pg_logical_emit_message(false, 'left_behind', 'x')::text)",
        "select now()::date, pg_reload_conf()::int",
        "select now()::date, count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'tester'",
        "select now()::date, length(pg_read_file('/etc/passwd'))",
        "select now()::date, count(*) from pg_ls_dir('/')",
        "select now()::date, 1 from sales for update",
        "with gone as (delete from sales returning 1) select now()::date, count(*) from gone",
        "select now()::date, 1 into left_behind",
        "table sales; drop table sales",
        "select 1, 2; prepare transaction 'left_behind'",
        "declare left_behind cursor with hold for select 1",
        "explain analyze insert into sales values (now(), 1)",
    ],
)
def test_nothing_is_left_behind(armed: Server, sql: str) -> None:
    before = armed.run(STATE, database=DATABASE)
    try:
        with connector(armed, user=WRITER) as source:
            source.fetch(asking(sql))
    except ConnectorError as error:
        assert error.code in {"query", "schema"}
    wait_for_no_backend(armed)
    assert armed.run(STATE, database=DATABASE) == before


def test_a_second_connection_from_within_may_do_no_more_than_its_own_user(armed: Server) -> None:
    """dblink opens a session of its own, which our read-only mode does not reach: rights have to stop it."""
    before = armed.run(STATE, database=DATABASE)
    sql = "select now()::date, length(dblink_exec('dbname=postgres', 'create table left_behind (x int)'))"
    with pytest.raises(ConnectorError) as refused, connector(armed, user=WRITER) as source:
        source.fetch(asking(sql))
    assert refused.value.code == "query"
    assert armed.run(STATE, database=DATABASE) == before
