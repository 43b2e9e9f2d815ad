"""Connecting to a real server, and the user's rights there."""

from __future__ import annotations

import pytest

from metrics.connectors.base import ConnectorError
from metrics.connectors.postgresql import PostgresqlConnector
from northstar.lib.egress import Egress
from tests.metrics.connectors.foreign_database import (
    DATABASE,
    OPEN,
    READER,
    WRITER,
    connector,
    refusal,
)
from tests.services.postgres import Server


def test_a_wrong_password_is_a_refused_sign_in(server: Server) -> None:
    error = refusal(connector(server, password="wrong"), "select 1, 2")
    assert (error.code, error.permanent) == ("auth", True)
    assert "wrong" not in error.message


def test_an_unknown_database_is_named(server: Server) -> None:
    error = refusal(connector(server, database="no_such"), "select 1, 2")
    assert (error.code, error.permanent) == ("config", True)
    assert 'database "no_such" does not exist' in error.message


def test_a_port_where_nobody_listens_is_no_connection(server: Server) -> None:
    error = refusal(connector(server, port=1), "select 1, 2")
    assert (error.code, error.permanent) == ("connection", False)
    assert error.message.startswith("Nothing listens on")


@pytest.mark.parametrize(
    ("host", "closed"),
    [
        ("169.254.169.254", OPEN),
        ("::ffff:169.254.169.254", OPEN),
        ("0.0.0.0", OPEN),
        ("127.0.0.1", Egress("admin")),
        ("10.0.0.1", Egress("admin", private=False)),
    ],
)
def test_a_closed_address_is_refused_before_anything_is_sent(
    server: Server, host: str, closed: Egress
) -> None:
    error = refusal(connector(server, host=host, egress=closed), "select 1, 2")
    assert (error.code, error.permanent) == ("egress_denied", True)
    assert error.message.startswith("Blocked: ")


def test_the_product_s_own_database_is_refused_but_not_its_neighbours(server: Server) -> None:
    own = Egress("admin", loopback=True, forbidden=[(server.host, server.port, DATABASE)])
    assert refusal(connector(server, egress=own), "select 1, 2").code == "egress_denied"
    other = Egress("admin", loopback=True, forbidden=[(server.host, server.port, "northstar")])
    assert connector(server, egress=other).check()


def test_a_name_without_an_address_is_no_connection(server: Server) -> None:
    error = refusal(connector(server, host="nowhere.invalid"), "select 1, 2")
    assert (error.code, error.permanent) == ("connection", False)
    assert "nowhere.invalid" in error.message


def test_the_checked_address_is_the_one_that_is_opened(server: Server) -> None:
    class Elsewhere:
        def resolve(self, host: str, port: int, dbname: str | None = None) -> list[str]:
            return OPEN.resolve(server.host, port, dbname)

    source = connector(server, host="db.example.com", egress=Elsewhere())
    assert source.check()[0].startswith("Connected to PostgreSQL")


def test_required_encryption_is_used_or_its_lack_is_an_error(server: Server) -> None:
    source = connector(server, sslmode="require")
    if server.run("show ssl")[0][0] == "on":
        assert source.check()
        return
    error = refusal(source, "select 1, 2")
    assert (error.code, error.permanent) == ("tls", True)


@pytest.mark.parametrize(
    "host", ["/var/run/postgresql", "@abstract", "a,b", "a b", "a/b", "user@db", "a=b", ".."]
)
def test_a_host_is_one_name_or_address(host: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        PostgresqlConnector.clean_settings({"host": host, "database": "d", "user": "u"})
    assert refused.value.field == "host"


@pytest.mark.parametrize("host", ["db.example.com", "10.0.0.1", "::1", "2001:db8::5", "db_1", "x"])
def test_names_and_addresses_are_hosts(host: str) -> None:
    assert PostgresqlConnector.clean_settings({"host": host, "database": "d", "user": "u"})["host"] == host


def test_a_user_who_can_only_read_passes_the_check(server: Server) -> None:
    notes = connector(server).check()
    assert len(notes) == 1 and notes[0].startswith("Connected to PostgreSQL")


def test_a_user_who_can_write_is_refused_with_the_script_of_one_who_cannot(server: Server) -> None:
    with pytest.raises(ConnectorError) as refused:
        connector(server, user=WRITER).check()
    assert (refused.value.code, refused.value.permanent) == ("role", True)
    assert "may write to public.sales" in refused.value.message
    assert f"GRANT CONNECT ON DATABASE {DATABASE} TO northstar_reader;" in refused.value.message


def test_the_script_makes_a_user_who_passes_the_check(server: Server) -> None:
    with pytest.raises(ConnectorError) as refused:
        connector(server, user=server.user, password=server.password).check()
    assert "is a superuser" in refused.value.message
    script = refused.value.message.split("\n\n", 1)[1]
    server.run(*filter(None, (line.strip() for line in script.split(";"))), database=DATABASE)
    try:
        assert connector(server, user="northstar_reader", password="choose-a-long-one").check()
    finally:
        server.run("drop owned by northstar_reader", "drop role northstar_reader", database=DATABASE)


@pytest.mark.parametrize(
    ("grant", "revoke", "words"),
    [
        (
            "grant pg_read_server_files to {reader}",
            "revoke pg_read_server_files from {reader}",
            "is a member of pg_read_server_files",
        ),
        (
            "grant update (note) on sales to {reader}",
            "revoke update (note) on sales from {reader}",
            "may write to public.sales",
        ),
        (
            "grant create on schema public to {reader}",
            "revoke create on schema public from {reader}",
            "may create tables in the schema public",
        ),
        (
            "alter role {reader} createrole",
            "alter role {reader} nocreaterole",
            "may create roles",
        ),
    ],
)
def test_every_right_beyond_reading_is_named(server: Server, grant: str, revoke: str, words: str) -> None:
    server.run(grant.format(reader=READER), database=DATABASE)
    try:
        with pytest.raises(ConnectorError, match=words):
            connector(server).check()
        notes = connector(server, allow_strong_role=True).check()
        assert words in notes[1] and "accepted" in notes[1]
    finally:
        server.run(revoke.format(reader=READER), database=DATABASE)
