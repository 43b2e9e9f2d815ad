"""SQL Server: what can be shown without one, with a peer that speaks TDS and the driver that is used."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from metrics.connectors.base import ConnectorError
from metrics.connectors.sql_parameters import Bound
from metrics.connectors.sqlserver import SqlserverConnector
from metrics.connectors.sqlserver_session import check_text, family_of, literal, text_of
from metrics.connectors.sqlserver_wire import is_named
from tests.lib.certifying import self_signed
from tests.metrics.connectors.foreign_database import OPEN, PASSWORD, asking
from tests.metrics.connectors.tds_peer import Peer, Value, done, error, rerouted, table

Peers = Callable[..., Peer]
WEEKS = table((date(2026, 11, 2), Decimal("3.50")), (date(2026, 11, 9), Decimal(4)))


@pytest.fixture
def peers() -> Iterator[Peers]:
    made: list[Peer] = []

    def make(tokens: bytes | None | Callable[[str], bytes | None] = WEEKS, **more: Any) -> Peer:
        def answer(sql: str) -> bytes | None:
            if sql.startswith(("SET NOCOUNT", "IF @@TRANCOUNT")):
                return done()
            return tokens(sql) if callable(tokens) else tokens

        made.append(Peer(answer, **more))
        return made[-1]

    yield make
    for peer in made:
        peer.close()


def to(
    peer: Peer, *, made: type[SqlserverConnector] = SqlserverConnector, **changes: Any
) -> SqlserverConnector:
    settings = {"host": "127.0.0.1", "port": peer.port, "database": "shop", "user": "reader"}
    given = made.clean_settings({**settings, "encryption": "disable", **changes})
    return made(given, {"password": PASSWORD}, egress=OPEN)


def refusal(source: SqlserverConnector, sql: str = "select 1, 2") -> ConnectorError:
    with pytest.raises(ConnectorError) as refused, source:
        source.fetch(asking(sql))
    assert PASSWORD not in refused.value.message
    return refused.value


def test_sums_by_week_arrive_within_a_transaction_that_is_rolled_back(peers: Peers) -> None:
    peer = peers()
    sql = "select [week:tz], sum(x) from t where at >= :utc_start and d < :period_end group by [week:tz];"
    rows = to(peer).fetch(asking(sql)).rows
    assert [(r.period_start.day, r.value) for r in rows] == [(2, Decimal("3.5")), (9, Decimal(4))]
    first, asked, last = peer.asked
    assert first.endswith("SET ROWCOUNT 100001; BEGIN TRANSACTION") and "SET LOCK_TIMEOUT 60000" in first
    assert last == "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION"
    assert "at >=  CAST('2026-11-01T23:00:00+00:00' AS datetimeoffset(0))  and" in asked
    assert "d <  CAST('2026-11-23' AS date)  group by [week:tz]" in asked


@pytest.mark.parametrize(
    ("row", "value"),
    [
        (("2026-11-02", 999999999999999), "999999999999999"),
        (("2026-11-02", "12.50"), "12.5"),
        ((date(2026, 11, 2), Decimal("-0.25")), "-0.25"),
    ],
)
def test_numbers_are_read_exactly(peers: Peers, row: tuple[Value, ...], value: str) -> None:
    assert to(peers(table(row))).fetch(asking("select 1, 2")).rows[0].value == Decimal(value)


@pytest.mark.parametrize(
    ("tokens", "code", "permanent", "words"),
    [
        (
            error(229, "The SELECT permission was denied on the object 't'"),
            "query",
            True,
            "Grant SELECT on it",
        ),
        (error(208, "Invalid object name 'nowhere'."), "query", True, "Invalid object name"),
        (error(1205, "Transaction was deadlocked"), "connection", False, "busy"),
        (error(3906, "Failed to update database because it is read-only"), "query", True, "tries to write"),
        (done(), "query", True, "returns no table"),
        (b"\xee\xee\xee\xee", "connection", False, "The connection failed"),
    ],
    ids=["denied", "unknown", "deadlock", "read-only", "no table", "nonsense"],
)
def test_what_the_server_says_is_told(
    peers: Peers, tokens: bytes, code: str, permanent: bool, words: str
) -> None:
    found = refusal(to(peers(tokens)))
    assert (found.code, found.permanent) == (code, permanent), found.message
    assert words in found.message


def test_a_refused_sign_in_is_told(peers: Peers) -> None:
    found = refusal(to(peers(greeting=error(18456, "Login failed for user 'reader'."))))
    assert (found.code, found.permanent) == ("auth", True)


def test_a_server_that_sends_us_elsewhere_is_not_followed(peers: Peers) -> None:
    other = peers()
    found = refusal(to(peers(greeting=rerouted("127.0.0.1", other.port))))
    assert (found.code, found.field) == ("config", "host")
    assert other.signed_in == 0


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_encryption_that_the_server_lacks_is_an_error_before_the_password(peers: Peers, mode: str) -> None:
    peer = peers()
    found = refusal(to(peer, encryption=mode))
    assert (found.code, found.permanent) == ("tls", True), found.message
    assert peer.signed_in == 0


@pytest.mark.parametrize(
    ("mode", "host", "trusted", "works"),
    [
        ("verify-full", "localhost", True, True),
        ("verify-full", "127.0.0.1", True, False),
        ("verify-full", "localhost", False, False),
        ("require", "127.0.0.1", False, True),
    ],
)
def test_the_certificate_is_checked_as_chosen(
    peers: Peers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    host: str,
    trusted: bool,
    works: bool,
) -> None:
    certificate = self_signed(tmp_path, "localhost")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    peer = peers(certificate=certificate)
    source = to(peer, encryption=mode, host=host)
    if works:
        assert source.fetch(asking("select 1, 2")).rows[0].value == Decimal("3.5")
        return
    found = refusal(source)
    assert (found.code, found.permanent) == ("tls", True), found.message
    assert peer.signed_in == 0


def test_an_endless_query_is_left_at_its_deadline(peers: Peers) -> None:
    class Quick(SqlserverConnector):
        deadline_seconds = 0.7

    begun = time.monotonic()
    found = refusal(to(peers(None), made=Quick))
    assert time.monotonic() - begun < 5
    assert (found.code, found.permanent) == ("timeout", False)


def test_too_large_an_answer_is_refused(peers: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.connectors.sql_limits.MAX_ROWS", 1)
    assert refusal(to(peers())).code == "too_large"
    monkeypatch.setattr("metrics.connectors.sqlserver_session.WIRE_BYTES", 20)
    assert refusal(to(peers())).code == "too_large"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("insert into t values (1)", "tries to write"),
        ("select 1; drop table t", "more than one statement"),
        ("select 1 drop table t", "The word DROP has no place"),
        ("with a as (select 1 x) delete from a", "The word DELETE"),
        ("select 1 exec xp_cmdshell 'dir'", "The word EXEC"),
        ("select * into copied from t", "The word INTO"),
        ("select * from openrowset(bulk 'c:\\x', single_clob) x", "The word OPENROWSET"),
        ("select 1 waitfor delay '01:00'", "The word WAITFOR"),
        ("select 1 commit", "The word COMMIT"),
        ("declare @x int", "begins with DECLARE"),
    ],
)
def test_a_batch_that_does_more_than_read_is_not_sent(peers: Peers, sql: str, words: str) -> None:
    peer = peers()
    found = refusal(to(peer), sql)
    assert (found.code, found.permanent) == ("query", True)
    assert words in found.message
    assert all(said.startswith(("SET NOCOUNT", "IF @@TRANCOUNT")) for said in peer.asked)


@pytest.mark.parametrize(
    "sql", ["select [update], 'drop' -- exec", "with a as (select 1 x) select x /* into */ from a"]
)
def test_such_words_may_stand_in_names_strings_and_comments(sql: str) -> None:
    check_text(sql)


def test_parameters_are_written_so_that_no_setting_reads_them_otherwise() -> None:
    bound = Bound.of(date(2026, 11, 2), date(2026, 11, 9), "Europe/Berlin")
    assert literal(bound, "period_start") == "CAST('2026-11-02' AS date)"
    assert literal(bound, "tz") == "N'Europe/Berlin'"


@pytest.mark.parametrize(
    ("value", "family", "text"),
    [
        (True, "bool", "True"),
        (0.1 + 0.2, "double", "0.30000000000000004"),
        (datetime(2026, 11, 2), "moment", "2026-11-02 00:00:00"),
        (datetime(2026, 11, 2, tzinfo=UTC), "instant", "2026-11-02 00:00:00+00:00"),
        (b"\xff", "bytes", "0xff"),
        (None, None, None),
        ([1], "other", "[1]"),
    ],
)
def test_values_of_the_driver_are_put_in_families(
    value: object, family: str | None, text: str | None
) -> None:
    assert (family_of(value), text_of(value)) == (family, text)


def test_a_user_who_can_write_is_refused_with_the_script_of_one_who_cannot(peers: Peers) -> None:
    def answer(sql: str, *, writer: int) -> bytes:
        if "ProductVersion" in sql:
            return table(("16.0.4131.2",), names=("v",))
        if "IS_MEMBER" in sql:
            return table((0, writer, 0, 0, 0), names=tuple("abcde"))
        if "IS_SRVROLEMEMBER" in sql:
            return table((0, 0, 0, 0, 0), names=tuple("abcde"))
        return done()

    assert to(peers(lambda sql: answer(sql, writer=0))).check() == ("Connected to SQL Server 16.0.4131.2.",)
    with pytest.raises(ConnectorError, match="has the role db_datawriter") as refused:
        to(peers(lambda sql: answer(sql, writer=1))).check()
    assert "ALTER ROLE db_datareader ADD MEMBER northstar_reader;" in refused.value.message


def test_without_its_driver_the_kind_says_the_command(peers: Peers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqlserverConnector, "driver_module", "no_such_driver")
    found = refusal(to(peers()))
    assert (found.code, found.permanent) == ("driver", True)
    assert "make driver NAME=mssql" in found.message


def test_a_certificate_is_for_its_names_only(tmp_path: Path) -> None:
    plain = x509.load_pem_x509_certificate(self_signed(tmp_path, "db.example.com").read_bytes())
    assert is_named(plain, "DB.example.com") and not is_named(plain, "example.com")
    star = x509.load_pem_x509_certificate(self_signed(tmp_path, "*.example.com").read_bytes())
    assert is_named(star, "db.example.com")
    assert not any(is_named(star, host) for host in ("example.com", "a.b.example.com", "db.example.org"))
