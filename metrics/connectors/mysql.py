"""MySQL and MariaDB as a source: a query an admin wrote, run so that it can only read (S44)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from metrics.connectors import mysql_errors as errors
from metrics.connectors import mysql_role as role
from metrics.connectors.base import Field
from metrics.connectors.mysql_session import Session
from metrics.connectors.mysql_wire import FAILURES, Wire, connect
from metrics.connectors.postgresql import SSL_MODES
from metrics.connectors.sql_connector import STRONG_ROLE, SqlConnector, checked_host, query_fields
from metrics.connectors.sql_dialects import MYSQL, Dialect

_ZONES = "SELECT CONVERT_TZ('2026-01-01', '+00:00', 'Europe/Berlin') IS NULL"


class MysqlConnector(SqlConnector):
    """MySQL, MariaDB, and what speaks their protocol: Aurora, Cloud SQL, PlanetScale."""

    kind: ClassVar[str] = "mysql"
    label: ClassVar[str] = "MySQL"
    description: ClassVar[str] = "A query against a MySQL or MariaDB database, by a user who can only read."
    initials: ClassVar[str] = "My"
    docs: ClassVar[str] = "mysql"
    dialect: ClassVar[Dialect] = MYSQL
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("host", "Host", identity=True, help="A name or an address, such as db.example.com."),
        Field("port", "Port", "integer", identity=True, default=3306, low=1, high=65535),
        Field("database", "Database", identity=True),
        Field("user", "User", identity=True),
        Field("password", "Password", "password", required=False, secret=True),
        Field("sslmode", "Encryption", "choice", default="prefer", identity=True, choices=SSL_MODES),
        STRONG_ROLE,
    )

    query_fields: ClassVar[tuple[Field, ...]] = query_fields(
        advice="Compare TIMESTAMP columns with :period_start, DATETIME columns that keep UTC with :utc_start."
    )

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return checked_host(super().clean_settings(values))

    def check(self) -> tuple[str, ...]:
        """Connect and look at the user's rights; notes. Raises ConnectorError, "role" if it can write."""
        with self.session(zone="UTC") as session:
            notes = [f"Connected to {session.version}."]
            if session.read(_ZONES)[0][0] == "1":
                notes.append(errors.no_zone("of the company").message)
            powers = role.too_strong(session)
        script = role.script(self.settings["database"])
        return self.weighed(tuple(notes), user=self.settings["user"], powers=powers, script=script)

    def session(self, *, zone: str) -> Session:
        settings = self.clean_settings(self.settings)
        password = self.secrets.get("password", "")

        def dial() -> Wire:
            socket = self.dialled(settings)
            try:
                return connect(settings, password, socket)
            except FAILURES as error:
                socket.close()
                raise errors.on_connecting(
                    error, host=settings["host"], port=settings["port"], secrets=(password,)
                ) from None

        return Session(dial, zone=zone, seconds=self.deadline_seconds, secrets=(password,))
