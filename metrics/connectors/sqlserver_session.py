"""One short session with a foreign SQL Server, bounded in time and size, always rolled back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from metrics.connectors import sqlserver_errors as errors
from metrics.connectors.base import ConnectorError
from metrics.connectors.sql_dialects import SQLSERVER
from metrics.connectors.sql_errors import cancelled, lint, query
from metrics.connectors.sql_limits import MAX_CELL, MAX_ROWS, Gathering
from metrics.connectors.sql_parameters import Bound, translate, words
from metrics.connectors.sql_rows import Column, Family, Table
from metrics.connectors.sql_watch import GRACE_SECONDS, Watch, shut
from metrics.connectors.sqlserver_wire import WIRE_BYTES, Line

# Reserved words, which stand bare in no SELECT that only reads; as names they need brackets anyway. T-SQL
# needs no semicolon between statements, so that these are how a second one shows.
_UNFIT = frozenset(
    {
        "insert", "update", "delete", "merge", "into", "exec", "execute", "drop", "alter", "create",
        "truncate", "grant", "revoke", "deny", "backup", "restore", "commit", "rollback", "save", "kill",
        "shutdown", "waitfor", "dbcc", "bulk", "reconfigure", "openrowset", "openquery", "opendatasource",
        "declare", "use", "set", "print", "raiserror", "writetext", "updatetext", "setuser", "revert",
        "checkpoint",
    }
)  # fmt: skip
_FAMILIES: tuple[tuple[type, Family], ...] = (
    (bool, "bool"), (int, "exact"), (Decimal, "exact"), (float, "double"), (str, "text"),
    (datetime, "moment"), (date, "date"), (time, "time"), (bytes, "bytes"),
)  # fmt: skip


class Session:
    """One transaction, rolled back in the end; `seconds` is the deadline for all of it."""

    def __init__(
        self,
        dial: Callable[[], tuple[Any, Line]],
        *,
        zone: str,
        seconds: float,
        secrets: tuple[str, ...] = (),
    ) -> None:
        self._zone, self._secrets = zone, secrets
        self._connection, self._line = dial()
        self._clean = True
        self._descriptor = self._line.fileno()
        # The server ends a query, and rolls back, as soon as its connection is gone.
        self._watch = Watch(seconds, cancel=lambda: shut(self._descriptor), cut=lambda: None)

    def __enter__(self) -> Session:
        self._watch.start()
        try:
            self._line.settimeout(self._watch.seconds + GRACE_SECONDS)
            milliseconds = int(self._watch.seconds * 1000)
            self.read(
                f"SET NOCOUNT ON; SET TEXTSIZE {MAX_CELL * 2 + 2}; SET LOCK_TIMEOUT {milliseconds}; "
                f"SET DATEFIRST 1; SET XACT_ABORT ON; SET ROWCOUNT {MAX_ROWS + 1}; BEGIN TRANSACTION"
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._clean and not self._watch.expired:
            with contextlib.suppress(ConnectorError):
                self.read("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION")
        self._watch.stop()
        if not self._clean:
            # Else the driver reads what is left of the answer before it closes.
            shut(self._descriptor)
        with contextlib.suppress(Exception):
            self._connection.close()

    def ask(self, text: str, start: date, end: date) -> Table:
        """The answer of the user's query for the half-open range of local dates. Raises ConnectorError."""
        check_text(text)
        bound = Bound.of(start, end, self._zone)
        columns, rows = self._run(translate(text, SQLSERVER, lambda name: literal(bound, name)))
        if not columns:
            raise query("The query returns no table. Use a SELECT that returns rows.")
        gathered = Gathering([Column(name, "text") for name in columns])
        families: list[Family | None] = [None] * len(columns)
        with self._explained():
            for row in rows:
                gathered.take([text_of(cell) for cell in row])
                families = [known or family_of(cell) for known, cell in zip(families, row, strict=True)]
        self._clean = True
        named = zip(gathered.columns, families, strict=True)
        return Table(
            tuple(Column(column.name, family or "text") for column, family in named), tuple(gathered.rows)
        )

    def read(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a statement of our own."""
        with self._explained():
            columns, rows = self._run(statement)
            found = [tuple(row) for row in rows] if columns else []
        self._clean = True
        return found

    def _run(self, statement: str) -> tuple[list[str], Iterator[Sequence[Any]]]:
        self._line.left, self._clean = WIRE_BYTES, False
        with self._explained():
            cursor = self._connection.cursor()
            cursor.execute(statement)
            return [str(column[0]) for column in cursor.description or ()], iter(cursor.fetchone, None)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except ConnectorError:
            raise
        except Exception as error:
            if self._watch.expired:
                raise cancelled(self._watch.seconds) from None
            raise errors.on_querying(error, secrets=self._secrets) from None
        if self._watch.expired:
            raise cancelled(self._watch.seconds)


def check_text(text: str) -> None:
    """Raise ConnectorError for what is more than one SELECT: a lint against mistakes, no wall (S42)."""
    lint(text, SQLSERVER)
    if found := [word for word in words(text, SQLSERVER) if word in _UNFIT]:
        raise query(
            f"The word {found[0].upper()} has no place in a query that only reads. "
            "If it is the name of a column, put it in brackets."
        )


def literal(bound: Bound, name: str) -> str:
    """A parameter as T-SQL text, in forms that no session setting reads otherwise."""
    value = getattr(bound, name)
    if isinstance(value, datetime):
        return f"CAST('{value:%Y-%m-%dT%H:%M:%S}+00:00' AS datetimeoffset(0))"
    return f"CAST('{value}' AS date)" if isinstance(value, date) else "N'" + value.replace("'", "''") + "'"


def family_of(cell: object) -> Family | None:
    """What a value of the driver is; None for NULL, which says nothing."""
    if cell is None:
        return None
    if isinstance(cell, datetime) and cell.tzinfo is not None:
        return "instant"
    return next((family for kind, family in _FAMILIES if isinstance(cell, kind)), "other")


def text_of(cell: object) -> str | None:
    """A value of the driver as text."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, (bytes, bytearray)):
        return f"0x{cell[:64].hex()}"
    return repr(cell) if isinstance(cell, float) else str(cell)
