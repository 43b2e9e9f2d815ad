"""One short read-only session with a foreign MySQL or MariaDB, bounded in time and size."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import date

import pymysql

from metrics.connectors import mysql_errors as errors
from metrics.connectors.base import ConnectorError
from metrics.connectors.mysql_wire import FAILURES, Wire, cells_of, close, columns_of
from metrics.connectors.sql_dialects import MYSQL
from metrics.connectors.sql_errors import cancelled, lint, query
from metrics.connectors.sql_limits import MAX_ROWS, Gathering
from metrics.connectors.sql_parameters import Bound, pieces, translate, words
from metrics.connectors.sql_rows import Table
from metrics.connectors.sql_watch import GRACE_SECONDS, Watch, shut

_UNKNOWN_VARIABLE = 1193
_UNKNOWN_ZONE = 1298

#: MySQL and MariaDB run what stands in such a comment.
RUN_COMMENTS = ("/*!", "/*M!")


class Session:
    """One read-only transaction, rolled back in the end; `seconds` is the deadline for all of it.

    `dial` opens a signed-in connection: one for the questions, and one more to stop an endless one.
    """

    def __init__(
        self, dial: Callable[[], Wire], *, zone: str, seconds: float, secrets: tuple[str, ...] = ()
    ) -> None:
        self._dial = dial
        self._zone = zone
        self._secrets = secrets
        self._wire = dial()
        self._number = self._wire.thread_id()
        self._clean = True
        self._watch = Watch(seconds, cancel=self._kill, cut=lambda: shut(self._wire.descriptor()))

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
        if self._wire.idle and self._clean:
            with contextlib.suppress(pymysql.Error, OSError, ConnectorError):
                self._wire.rollback()
            self._watch.stop()
            close(self._wire)
            return
        # Closing alone does not end a query: the server looks for its client only when it has a row to send.
        if not self._watch.expired:
            self._kill()
        self._watch.stop()
        self._wire.abandon()

    def ask(self, text: str, start: date, end: date) -> Table:
        """The answer of the user's query for the half-open range of local dates. Raises ConnectorError."""
        sent = translate(text, MYSQL, Bound.of(start, end, self._zone).literal)
        lint(text, MYSQL)
        if any(part.kind == "comment" and part.text.startswith(RUN_COMMENTS) for part in pieces(text, MYSQL)):
            raise query(
                "The server runs what stands in a comment with an exclamation mark. Write it without."
            )
        if {"outfile", "dumpfile"} & set(words(text, MYSQL)):
            raise query("The query writes a file on the server. Only reading is allowed here.")
        with self._explained(text):
            self._clean = False
            result = self._wire.asked(sent)
            columns = columns_of(result)
            if not columns:
                raise query("The query returns no table. Use a SELECT that returns rows.")
            gathered = Gathering(columns)
            for cells in cells_of(result):
                gathered.take(cells)
            self._clean = True
        return gathered.table()

    def read(self, statement: str) -> list[tuple[str, ...]]:
        """Rows of a statement of our own."""
        with self._explained(""):
            self._clean = False
            result = self._wire.asked(statement)
            rows = (
                [tuple(cell or "" for cell in cells) for cells in cells_of(result)] if result.fields else []
            )
            self._clean = True
        return rows

    @property
    def version(self) -> str:
        """The server in words, such as "MariaDB 10.11.6"."""
        text = str(self._wire.server_version).removeprefix("5.5.5-")
        return f"{'MariaDB' if self.is_mariadb else 'MySQL'} {text.split('-')[0][:20]}"

    @property
    def is_mariadb(self) -> bool:
        return "mariadb" in str(self._wire.server_version).lower()

    def _prepare(self) -> None:
        seconds = max(1, int(self._watch.seconds))
        self._wire.wait_at_most(self._watch.seconds + GRACE_SECONDS * 2)
        # Later than ours: at the server's own limit some functions return a number instead of an error.
        latest = seconds + int(GRACE_SECONDS)
        limit = f"max_statement_time = {latest}" if self.is_mariadb else f"max_execution_time = {latest}000"
        for variable in (limit, f"lock_wait_timeout = {seconds}", f"sql_select_limit = {MAX_ROWS + 1}"):
            self._set(variable)
        zone = "+00:00" if self._zone == "UTC" else self._zone.replace("'", "''")
        try:
            self._wire.asked(f"SET SESSION time_zone = '{zone}'")
        except pymysql.Error as error:
            raise (errors.no_zone(self._zone) if error.args[:1] == (_UNKNOWN_ZONE,) else error) from None
        # The session, so that a COMMIT among the questions would gain nothing; the transaction, for one view.
        self._wire.asked("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        self._wire.asked("START TRANSACTION READ ONLY")

    def _set(self, variable: str) -> None:
        try:
            self._wire.asked(f"SET SESSION {variable}")
        except pymysql.Error as error:
            # An old server, or a fork of it, without this limit: the watch still ends the query.
            if error.args[:1] != (_UNKNOWN_VARIABLE,):
                raise

    def _kill(self) -> None:
        """Stop our own query from a second connection: users may end what is theirs."""
        with contextlib.suppress(ConnectorError, *FAILURES):
            other = self._dial()
            try:
                other.wait_at_most(GRACE_SECONDS)
                # Behind a balancer this may be another server, where the number belongs to somebody else.
                if other.server_version == self._wire.server_version:
                    other.asked(f"KILL {self._number}")
            finally:
                close(other)

    @contextlib.contextmanager
    def _explained(self, text: str) -> Iterator[None]:
        try:
            yield
        except FAILURES as error:
            if self._watch.expired:
                raise cancelled(self._watch.seconds) from None
            raise errors.on_querying(error, text=text, secrets=self._secrets) from None
        if self._watch.expired:
            raise cancelled(self._watch.seconds)
