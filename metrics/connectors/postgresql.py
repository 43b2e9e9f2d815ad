"""PostgreSQL as a source: a query an admin wrote, run so that it can only read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from metrics.connectors import postgresql_role as role
from metrics.connectors.base import Field
from metrics.connectors.postgresql_session import Session, connect
from metrics.connectors.sql_connector import STRONG_ROLE, SqlConnector, checked_host
from metrics.connectors.sql_dialects import POSTGRESQL, Dialect

SSL_MODES = (
    ("prefer", "If the server offers it"),
    ("require", "Always encrypted"),
    ("verify-full", "Always encrypted, certificate checked"),
    ("disable", "Never encrypted"),
)


class PostgresqlConnector(SqlConnector):
    """PostgreSQL, and what is PostgreSQL at heart: Timescale, Citus, Aurora, Cloud SQL, Neon, Supabase."""

    kind: ClassVar[str] = "postgresql"
    label: ClassVar[str] = "PostgreSQL"
    description: ClassVar[str] = "A query against PostgreSQL or Timescale, by a user who can only read."
    initials: ClassVar[str] = "PG"
    docs: ClassVar[str] = "postgresql"
    dialect: ClassVar[Dialect] = POSTGRESQL
    session_class: ClassVar[type[Session]] = Session
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("host", "Host", identity=True, help="A name or an address, such as db.example.com."),
        Field("port", "Port", "integer", identity=True, default=5432, low=1, high=65535),
        Field("database", "Database", identity=True),
        Field("user", "User", identity=True),
        Field("password", "Password", "password", required=False, secret=True),
        Field("sslmode", "Encryption", "choice", default="prefer", identity=True, choices=SSL_MODES),
        STRONG_ROLE,
    )

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return checked_host(super().clean_settings(values))

    def check(self) -> tuple[str, ...]:
        """Connect and look at the user's rights; notes. Raises ConnectorError, "role" if it can write."""
        with self.session(zone="UTC") as session:
            version = session.read("SHOW server_version")[0][0]
            powers = role.too_strong(session)
            script = role.script(session) if powers else ""
        notes = (f"Connected to PostgreSQL {version}.",)
        return self.weighed(notes, user=self.settings["user"], powers=powers, script=script)

    def session(self, *, zone: str) -> Session:
        # Once more here: settings may have come in by an import.
        settings = self.clean_settings(self.settings)
        password = self.secrets.get("password", "")
        connection = connect(settings, password, addresses=self.resolved(settings))
        return self.session_class(connection, zone=zone, seconds=self.deadline_seconds, secrets=(password,))
