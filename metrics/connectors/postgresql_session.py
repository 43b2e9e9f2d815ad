"""One short read-only session with a foreign PostgreSQL: a statement at a time, bounded in time and size."""

from __future__ import annotations

import contextlib
import os
import ssl
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import psycopg
from psycopg import pq
from psycopg.raw_cursor import RawCursor
from psycopg.types.string import StrDumper

from metrics.connectors import postgresql_errors as errors
from metrics.connectors.base import ConnectorError
from metrics.connectors.postgresql_types import FAMILIES
from metrics.connectors.sql_dialects import POSTGRESQL
from metrics.connectors.sql_errors import cancelled
from metrics.connectors.sql_limits import MAX_CELL, MAX_ROWS, Gathering, too_large
from metrics.connectors.sql_parameters import NAMES, Bound, translate
from metrics.connectors.sql_rows import Column, Table
from metrics.connectors.sql_watch import GRACE_SECONDS, Watch, shut

CONNECT_SECONDS = 5
_MAX_ADDRESSES = 3
# A password kept in the home folder of the worker must not stand in for one that nobody typed.
_NO_FILE = f"{os.devnull}/none"
_BATCH_BYTES = 1024 * 1024

Connection = psycopg.Connection[tuple[Any, ...]]


def connect(settings: Mapping[str, Any], password: str, *, addresses: list[str]) -> Connection:
    """A connection to one of the checked addresses, the first that answers. Raises ConnectorError."""
    host, port = str(settings["host"]), int(settings["port"])
    failure = ConnectorError("connection", f"{host} has no address.")
    for address in addresses[:_MAX_ADDRESSES]:
        try:
            connection = psycopg.connect(
                host=host, hostaddr=address, port=port, dbname=settings["database"], user=settings["user"],
                password=password, connect_timeout=CONNECT_SECONDS, application_name="northstar",
                client_encoding="utf8", gssencmode="disable", passfile=_NO_FILE, prepare_threshold=None,
                keepalives_idle=20, tcp_user_timeout=20_000, **_tls(str(settings["sslmode"])),
            )  # fmt: skip
        except (psycopg.Error, UnicodeError) as error:
            failure = errors.on_connecting(error, host=host, port=port, secrets=(password,))
            if failure.permanent:
                break
            continue
        # Typed as text: an untyped parameter that the query does not use is an error.
        connection.adapters.register_dumper(str, StrDumper)
        return connection
    raise failure


def _tls(mode: str) -> dict[str, Any]:
    if mode != "verify-full":
        return {"sslmode": mode}
    known = ssl.get_default_verify_paths().cafile
    return {"sslmode": mode, "sslrootcert": known or "system"}


class Session:
    """One read-only transaction, rolled back in the end; `seconds` is the deadline for all of it."""

    batch_rows = 5000

    def __init__(
        self, connection: Connection, *, zone: str, seconds: float, secrets: tuple[str, ...] = ()
    ) -> None:
        self._connection = connection
        self._zone = zone
        self._secrets = secrets
        self._watch = Watch(seconds, cancel=self._cancel, cut=self._cut)

    def __enter__(self) -> Session:
        self._watch.start()
        try:
            with self._explained(""):
                self._prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(psycopg.Error):
            if self._connection.info.transaction_status == pq.TransactionStatus.ACTIVE:
                # Something else than the database ended the wait, such as the task's own time limit.
                self._connection.cancel_safe(timeout=GRACE_SECONDS)
            else:
                self._connection.rollback()
        self._watch.stop()
        self._connection.close()

    def ask(self, text: str, start: date, end: date) -> Table:
        """The answer of the user's query for the half-open range of local dates. Raises ConnectorError."""
        with self._explained(text), RawCursor(self._connection) as cursor:
            self._declare(cursor, text, Bound.of(start, end, self._zone))
            table = _all_rows(cursor, most=self.batch_rows).table()
            cursor.execute(b"CLOSE northstar_rows")
        return table

    def _declare(self, cursor: RawCursor[tuple[Any, ...]], text: str, values: Bound) -> None:
        bound = [getattr(values, name) for name in NAMES]
        sent = translate(text, POSTGRESQL, numbered)
        # Bound parameters mean the extended protocol, in which the server refuses a second statement.
        cursor.execute(f"DECLARE northstar_rows NO SCROLL CURSOR FOR {sent}".encode(), bound)

    def read(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement of our own."""
        with self._explained(""), RawCursor(self._connection) as cursor:
            return cursor.execute(statement.encode()).fetchall()

    def _prepare(self) -> None:
        milliseconds = str(int(self._watch.seconds * 1000))
        wanted = {
            "statement_timeout": milliseconds,
            "lock_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            "client_connection_check_interval": "2000",
            "timezone": self._zone,
            "datestyle": "ISO, YMD",
            "standard_conforming_strings": "on",
            "bytea_output": "hex",
            "cursor_tuple_fraction": "1.0",
        }
        self._connection.read_only = True
        self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        # Once a first query has run, the transaction cannot be made to write any more.
        self._connection.execute("SELECT 1")
        self._connection.execute(
            "SELECT set_config(s.name, w.value, true) FROM pg_settings s"
            " JOIN unnest(%s::text[], %s::text[]) AS w(name, value) ON lower(s.name) = w.name",
            (list(wanted), list(wanted.values())),
        )

    @contextlib.contextmanager
    def _explained(self, text: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            if self._watch.expired:
                raise cancelled(self._watch.seconds) from None
            raise errors.on_querying(error, text=text, secrets=self._secrets) from None
        if self._watch.expired:
            raise cancelled(self._watch.seconds)

    def _cancel(self) -> None:
        with contextlib.suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=GRACE_SECONDS)

    def _cut(self) -> None:
        with contextlib.suppress(psycopg.Error, OSError):
            shut(self._connection.fileno())


def numbered(name: str) -> str:
    """A parameter as PostgreSQL takes it."""
    return f"${NAMES.index(name) + 1}"


def _all_rows(cursor: RawCursor[tuple[Any, ...]], *, most: int) -> Gathering:
    gathered: Gathering | None = None
    batch = 1
    while True:
        cursor.execute(f"FETCH FORWARD {batch} FROM northstar_rows".encode())
        result = cursor.pgresult
        assert result is not None
        gathered = gathered or Gathering(_columns(result))
        for row in range(result.ntuples):
            gathered.take([_cell(result, row, column) for column in range(result.nfields)])
        if result.ntuples < batch:
            return gathered
        # Few rows first, then as many as fit: one batch is held twice in memory.
        count = len(gathered.rows)
        fitting = _BATCH_BYTES * count // (gathered.size + 1)
        batch = max(1, min(batch * 8, most, fitting, MAX_ROWS + 1 - count))


def _columns(result: pq.abc.PGresult) -> list[Column]:
    return [
        Column(
            (result.fname(place) or b"").decode("utf-8", "replace"),
            FAMILIES.get(result.ftype(place), "other"),
        )
        for place in range(result.nfields)
    ]


def _cell(result: pq.abc.PGresult, row: int, column: int) -> str | None:
    value = result.get_value(row, column)
    if value is None:
        return None
    if len(value) > MAX_CELL:
        raise too_large(f"a cell of {len(value):,} bytes in row {row + 1}")
    return bytes(value).decode("utf-8", "replace")
