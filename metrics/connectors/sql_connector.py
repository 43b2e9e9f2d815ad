"""What all kinds of SQL sources share: the question in the form, and how its table becomes rows."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, Protocol

from metrics.connectors import asked
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field, Row
from metrics.connectors.sql_dialects import Dialect
from metrics.connectors.sql_examples import examples
from metrics.connectors.sql_rows import Column, Table, mapping_of, parts_of, rows_of, single_row
from northstar.lib.egress import EgressDenied, EgressError, Socket
from northstar.lib.periods import local_day, next_start, starts

SAMPLE_ROWS = 20
MAX_PERIODS = 400
_SAMPLE_CELL = 80
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?|::[0-9A-Fa-f:.]*")
_PARAMETERS = (
    "Parameters: :period_start and :period_end (local dates, end exclusive), :utc_start and :utc_end "
    "(instants), :tz (the company's time zone{session})."
)
STRONG_ROLE = Field(
    "allow_strong_role", "Accept a user who can write", "flag", required=False,
    help="Leave this off: a user with more rights than SELECT can harm the database.",
)  # fmt: skip


def query_fields(session: str = ", also the session's", *, advice: str = "") -> tuple[Field, ...]:
    """The question of a metric; `session` goes on about the time zone, `advice` is one more sentence."""
    return (
        Field("sql", "Query", "sql", help=f"{_PARAMETERS.format(session=session)} {advice}".rstrip()),
        Field("shape", "What the query returns", "choice", default="rows",
              choices=(("rows", "A row for each period"), ("number", "One number, asked for each period"))),
        Field("empty", "No row or NULL means", "choice", default="missing",
              choices=(("missing", "missing"), ("zero", "zero")), when=("shape", "number")),
    )  # fmt: skip


class Asks(Protocol):
    """An open session with a database."""

    def ask(self, text: str, start: date, end: date) -> Table:
        """The answer of the admin's query for the half-open range of local dates. Raises ConnectorError."""


class SqlConnector(Connector):
    """One session per pull, read-only, one statement, within limits of time and size (S41)."""

    dialect: ClassVar[Dialect]
    group: ClassVar[str] = "Databases"
    needs: ClassVar[str] = "A database user with SELECT and nothing else."
    deadline_seconds: ClassVar[float] = 60.0
    query_fields: ClassVar[tuple[Field, ...]] = query_fields()

    def __init_subclass__(cls) -> None:
        if "dialect" in cls.__dict__ and "suggestions" not in cls.__dict__:
            cls.suggestions = examples(cls.dialect)

    @abstractmethod
    def session(self, *, zone: str) -> AbstractContextManager[Asks]:
        """A session whose local time is that of `zone`. Raises ConnectorError."""

    def fetch(self, ask: Ask) -> Answer:
        query = self.clean_query(ask.query)
        request = asked.sql(query["sql"], ask.start, ask.end, zone=ask.zone)
        with (
            asked.shown_beside(lambda: Answer((), request=request)),
            self.session(zone=ask.zone) as session,
        ):
            if query["shape"] == "number":
                return _number_by_number(session, query, ask)
            table = session.ask(query["sql"], ask.start, ask.end)
        with asked.shown_beside(lambda: replace(_answer(ask, table, (), notes=()), request=request)):
            rows, notes = rows_of(table, ask, dialect=self.dialect)
        answer = _answer(ask, table, rows, notes=notes)
        if not ask.preview:
            return answer
        mapping = mapping_of(table.columns, ("period", *parts_of(ask.kind)))
        return replace(answer, request=request, mapping=mapping)

    def resolved(self, settings: Mapping[str, Any]) -> list[str]:
        """The checked addresses of the host. Raises ConnectorError."""
        try:
            return self.egress.resolve(settings["host"], settings["port"], settings.get("database"))
        except EgressDenied as error:
            raise ConnectorError("egress_denied", str(error), permanent=True) from None
        except EgressError as error:
            raise ConnectorError("connection", str(error)) from None

    def dialled(self, settings: Mapping[str, Any]) -> Socket:
        """A socket to one of the checked addresses of the host. Raises ConnectorError."""
        try:
            return self.egress.connect(settings["host"], settings["port"], settings.get("database"))
        except EgressDenied as error:
            raise ConnectorError("egress_denied", str(error), permanent=True) from None
        except EgressError as error:
            raise ConnectorError("connection", str(error)) from None

    def weighed(self, notes: tuple[str, ...], *, user: str, powers: str, script: str) -> tuple[str, ...]:
        """The notes of a check of a user with these powers beyond reading. Raises ConnectorError("role")
        with the script of a harmless one, unless the settings accept it (S43)."""
        if not powers:
            return notes
        sentence = f"The user {user} can do more than read: this user {powers}."
        if self.settings.get("allow_strong_role"):
            return (*notes, f"{sentence} This was accepted in the settings.")
        raise ConnectorError(
            "role",
            f"{sentence} Make one who can only read and type that user here:\n\n{script}",
            permanent=True,
        )


def checked_host(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings if their host is one name or address. Raises ConnectorError naming the field."""
    if not _HOST.fullmatch(settings["host"]):
        raise ConnectorError(
            "config",
            "Host has to be one name or address such as db.example.com, without path, port or comma.",
            permanent=True,
            field="host",
        )
    return settings


def _number_by_number(session: Asks, query: Mapping[str, Any], ask: Ask) -> Answer:
    today = local_day(ask.now, ask.zone)
    periods = [s for s in starts(ask.start, ask.end, ask.grain) if ask.start <= s <= today]
    if len(periods) > MAX_PERIODS:
        raise ConnectorError(
            "too_large",
            f"One number for each of {len(periods)} periods is too much (at most {MAX_PERIODS}). "
            "Let the query return a row for each period, or ask for a shorter range.",
            permanent=True,
        )
    rows: list[Row] = []
    table, raw = Table((), ()), []
    for start in periods:
        table = session.ask(query["sql"], start, next_start(start, ask.grain))
        rows.append(single_row(table, start, kind=ask.kind, empty_is_zero=query["empty"] == "zero"))
        raw += [(start.isoformat(), *cells) for cells in table.rows]
    shown = Table((Column("period", "date"), *table.columns), tuple(raw[:SAMPLE_ROWS]))
    answer = _answer(ask, shown, tuple(rows), notes=())
    if not (ask.preview and periods):
        return answer
    last, times = periods[-1], len(periods)
    request = asked.sql(query["sql"], last, next_start(last, ask.grain), zone=ask.zone, times=times)
    mapping = (("period", "each period that was asked for"), *mapping_of(table.columns, parts_of(ask.kind)))
    return replace(answer, request=request, mapping=mapping)


def _answer(ask: Ask, table: Table, rows: tuple[Row, ...], *, notes: tuple[str, ...]) -> Answer:
    columns = tuple(column.name for column in table.columns)
    if not ask.preview:
        return Answer(rows, columns=columns, notes=notes)
    sample = tuple(tuple(_shown(cell) for cell in cells) for cells in table.rows[:SAMPLE_ROWS])
    return Answer(rows, columns=columns, sample=sample, notes=notes)


def _shown(cell: str | None) -> str:
    if cell is None:
        return "NULL"
    return cell if len(cell) <= _SAMPLE_CELL else f"{cell[:_SAMPLE_CELL]}…"
