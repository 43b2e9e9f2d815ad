"""Connecting to a real MariaDB, and the user's rights there."""

from __future__ import annotations

import pytest

from metrics.connectors.base import ConnectorError
from metrics.connectors.mysql import MysqlConnector
from northstar.lib.egress import Egress
from tests.metrics.connectors.foreign_database import DATABASE, OPEN, READER, WRITER, asking
from tests.metrics.connectors.mysql_database import connector, fetched, refusal
from tests.services import mariadb
from tests.services.mariadb import Server


def test_a_wrong_password_is_a_refused_sign_in(foreign: Server) -> None:
    error = refusal(connector(foreign, password="wrong"), "select 1, 2")
    assert (error.code, error.permanent) == ("auth", True)
    assert "refuses the sign-in" in error.message


def test_an_unknown_database_is_named(foreign: Server) -> None:
    error = refusal(connector(foreign, database="no_such"), "select 1, 2")
    assert (error.code, error.permanent, error.field) == ("config", True, "database")
    assert "no_such" in error.message


def test_a_port_where_nobody_listens_is_no_connection(foreign: Server) -> None:
    error = refusal(connector(foreign, port=1), "select 1, 2")
    assert (error.code, error.permanent) == ("connection", False)


@pytest.mark.parametrize(
    ("host", "closed"),
    [("169.254.169.254", OPEN), ("0.0.0.0", OPEN), ("127.0.0.1", Egress("admin"))],
)
def test_a_closed_address_is_refused_before_anything_is_sent(
    foreign: Server, host: str, closed: Egress
) -> None:
    error = refusal(connector(foreign, host=host, egress=closed), "select 1, 2")
    assert (error.code, error.permanent) == ("egress_denied", True)


@pytest.fixture(scope="module")
def encrypting(foreign: Server) -> Server:
    """One whose certificate we know."""
    return foreign if foreign.certificate else mariadb.start_server()


CIPHER = """select '2026-11-02', length(variable_value) from information_schema.session_status
    where variable_name = 'ssl_cipher'"""


@pytest.mark.parametrize(
    ("mode", "host", "encrypted"),
    [("prefer", "127.0.0.1", True), ("require", "127.0.0.1", True), ("verify-full", "localhost", True),
     ("disable", "127.0.0.1", False)],
)  # fmt: skip
def test_the_connection_is_encrypted_as_chosen(
    encrypting: Server, monkeypatch: pytest.MonkeyPatch, mode: str, host: str, encrypted: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", encrypting.certificate)
    source = connector(encrypting, sslmode=mode, host=host)
    assert bool(source.fetch(asking(CIPHER)).rows[0].value) == encrypted


@pytest.mark.parametrize(("host", "trusted"), [("127.0.0.1", True), ("localhost", False)])
def test_a_certificate_that_proves_nothing_is_an_error(
    encrypting: Server, monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", encrypting.certificate)
    error = refusal(connector(encrypting, sslmode="verify-full", host=host), "select 1, 2")
    assert (error.code, error.permanent) == ("tls", True)
    assert "certificate" in error.message


def test_a_zone_the_server_does_not_know_is_told_with_its_remedy(foreign: Server) -> None:
    error = refusal(connector(foreign), "select '2026-11-02', 1", zone="Europe/Paris")
    assert (error.code, error.permanent) == ("config", True)
    assert "mysql_tzinfo_to_sql" in error.message
    assert fetched(foreign, "select '2026-11-02', 1", zone="UTC").rows[0].value == 1


def test_a_user_who_can_only_read_passes_the_check(foreign: Server) -> None:
    notes = connector(foreign).check()
    assert len(notes) == 1 and notes[0].startswith("Connected to MariaDB 10.")


def test_a_user_who_can_write_is_refused_with_the_script_of_one_who_cannot(foreign: Server) -> None:
    with pytest.raises(ConnectorError) as refused:
        connector(foreign, user=WRITER).check()
    assert (refused.value.code, refused.value.permanent) == ("role", True)
    assert f"has insert, create, drop on {DATABASE}.*" in refused.value.message
    script = refused.value.message.split("\n\n", 1)[1]
    foreign.run(*filter(None, (line.strip() for line in script.split(";"))))
    try:
        assert connector(foreign, user="northstar_reader", password="choose-a-long-one").check()
    finally:
        foreign.run("drop user northstar_reader@'%'")


@pytest.mark.parametrize(
    ("grant", "revoke", "words"),
    [
        ("grant file on *.* to {reader}", "revoke file on *.* from {reader}", "has file on every database"),
        (
            "grant update (note) on {database}.sales to {reader}",
            "revoke update (note) on {database}.sales from {reader}",
            "has update on {database}.sales",
        ),
        (
            "grant select on {database}.* to {reader} with grant option",
            "revoke grant option, select on {database}.* from {reader}",
            "may grant rights on {database}.*",
        ),
        (
            "grant {role} to {reader}; set default role {role} for {reader}",
            "revoke {role} from {reader}",
            "has delete on {database}.sales",
        ),
    ],
)
def test_every_right_beyond_reading_is_named(foreign: Server, grant: str, revoke: str, words: str) -> None:
    role = f"cleaners_{DATABASE}"
    names = {"reader": f"'{READER}'@'%'", "database": DATABASE, "role": role}
    foreign.run(f"create or replace role {role}", f"grant delete on {DATABASE}.sales to {role}")
    foreign.run(*grant.format(**names).split("; "))
    try:
        with pytest.raises(ConnectorError) as refused:
            connector(foreign).check()
        assert words.format(**names) in refused.value.message
        notes = connector(foreign, allow_strong_role=True).check()
        assert "accepted" in notes[1]
    finally:
        foreign.run(revoke.format(**names), f"drop role {role}")


@pytest.mark.parametrize("host", ["/var/run/mysqld.sock", "a,b", "user@db", "a=b"])
def test_a_host_is_one_name_or_address(host: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        MysqlConnector.clean_settings({"host": host, "database": "d", "user": "u"})
    assert refused.value.field == "host"
