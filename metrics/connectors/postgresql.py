"""PostgreSQL as a source: a query an admin wrote, run so that it can only read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from metrics.connectors import asked
from metrics.connectors import postgresql_role as role
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field, Row
from metrics.connectors.postgresql_session import Session, connect
from metrics.connectors.sql_rows import Column, Table, mapping_of, parts_of, rows_of, single_row
from northstar.lib.egress import EgressDenied, EgressError
from northstar.lib.periods import local_day, next_start, starts

SAMPLE_ROWS = 20
MAX_PERIODS = 400
_SAMPLE_CELL = 80
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]*[A-Za-z0-9])?|::[0-9A-Fa-f:.]*")

_SSL_MODES = (
    ("prefer", "If the server offers it"),
    ("require", "Always encrypted"),
    ("verify-full", "Always encrypted, certificate checked"),
    ("disable", "Never encrypted"),
)
_PARAMETERS = (
    "Parameters: :period_start and :period_end (local dates, end exclusive), :utc_start and :utc_end "
    "(instants), :tz (the company's time zone, also the session's)."
)


class PostgresqlConnector(Connector):
    """One connection per question, read-only, one statement, rolled back (S41)."""

    kind: ClassVar[str] = "postgresql"
    label: ClassVar[str] = "PostgreSQL"
    description: ClassVar[str] = "A query against a PostgreSQL database, as a user who can only read."
    initials: ClassVar[str] = "Pg"
    group: ClassVar[str] = "Databases"
    needs: ClassVar[str] = "A database user with SELECT and nothing else."
    deadline_seconds: ClassVar[float] = 60.0
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("host", "Host", identity=True, help="A name or an address, such as db.example.com."),
        Field("port", "Port", "integer", identity=True, default=5432, low=1, high=65535),
        Field("database", "Database", identity=True),
        Field("user", "User", identity=True),
        Field("password", "Password", "password", required=False, secret=True),
        Field("sslmode", "Encryption", "choice", default="prefer", choices=_SSL_MODES),
        Field("allow_strong_role", "Accept a user who can write", "flag", required=False,
              help="Leave this off: a user with more rights than SELECT can harm the database."),
    )  # fmt: skip
    query_fields: ClassVar[tuple[Field, ...]] = (
        Field("sql", "Query", "sql", help=_PARAMETERS),
        Field("shape", "What the query returns", "choice", default="rows",
              choices=(("rows", "A row for each period"), ("number", "One number, asked for each period"))),
        Field("empty", "No row or NULL means", "choice", default="missing",
              choices=(("missing", "missing"), ("zero", "zero")), help="For one number only."),
    )  # fmt: skip

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean_settings(values)
        if not _HOST.fullmatch(cleaned["host"]):
            raise ConnectorError(
                "config",
                "Host has to be one name or address such as db.example.com, without path, port or comma.",
                permanent=True,
                field="host",
            )
        return cleaned

    def check(self) -> tuple[str, ...]:
        """Connect and look at the user's rights; notes. Raises ConnectorError, "role" if it can write."""
        with self._session(zone="UTC") as session:
            version = session.read("SHOW server_version")[0][0]
            notes = (f"Connected to PostgreSQL {version}.",)
            powers = role.too_strong(session)
            if not powers:
                return notes
            sentence = f"The user {self.settings['user']} can do more than read: this user {powers}."
            if self.settings.get("allow_strong_role"):
                return (*notes, f"{sentence} This was accepted in the settings.")
            raise ConnectorError(
                "role",
                f"{sentence} Make one who can only read and type that user here:\n\n{role.script(session)}",
                permanent=True,
            )

    def fetch(self, ask: Ask) -> Answer:
        query = self.clean_query(ask.query)
        with self._session(zone=ask.zone) as session:
            if query["shape"] == "number":
                return _number_by_number(session, query, ask)
            table = session.ask(query["sql"], ask.start, ask.end)
        rows, notes = rows_of(table, ask)
        answer = _answer(ask, table, rows, notes=notes)
        if not ask.preview:
            return answer
        request = asked.sql(query["sql"], ask.start, ask.end, zone=ask.zone)
        mapping = mapping_of(table.columns, ("period", *parts_of(ask.kind)))
        return replace(answer, request=request, mapping=mapping)

    def _session(self, *, zone: str) -> Session:
        # Once more here: settings may have come in by an import.
        settings = self.clean_settings(self.settings)
        password = self.secrets.get("password", "")
        try:
            addresses = self.egress.resolve(settings["host"], settings["port"], settings["database"])
        except EgressDenied as error:
            raise ConnectorError("egress_denied", str(error), permanent=True) from None
        except EgressError as error:
            raise ConnectorError("connection", str(error)) from None
        connection = connect(settings, password, addresses=addresses)
        return Session(connection, zone=zone, seconds=self.deadline_seconds, secrets=(password,))


def _number_by_number(session: Session, query: Mapping[str, Any], ask: Ask) -> Answer:
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
    needed = table.columns
    table = Table((Column("period", 0), *table.columns), tuple(raw[:SAMPLE_ROWS]))
    answer = _answer(ask, table, tuple(rows), notes=())
    if not (ask.preview and periods):
        return answer
    last, times = periods[-1], len(periods)
    request = asked.sql(query["sql"], last, next_start(last, ask.grain), zone=ask.zone, times=times)
    mapping = (("period", "each period that was asked for"), *mapping_of(needed, parts_of(ask.kind)))
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
