"""Amazon Redshift: PostgreSQL's protocol, but an older language, other settings and no bound cursors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from psycopg import IsolationLevel
from psycopg.raw_cursor import RawCursor

from metrics.connectors.base import Field
from metrics.connectors.postgresql import PostgresqlConnector
from metrics.connectors.postgresql_session import Session
from metrics.connectors.sql_dialects import REDSHIFT, Dialect
from metrics.connectors.sql_parameters import Bound, translate

# What both of them know: Redshift has no pg_roles, and its functions take one right at a time.
_SUPER = "SELECT 1 FROM pg_user WHERE usename = current_user AND (usesuper OR usecreatedb)"
_WRITABLE = """
SELECT schemaname || '.' || tablename FROM pg_tables
 WHERE schemaname <> 'information_schema' AND schemaname !~ '^pg_' AND (
   {rights})
 ORDER BY 1 LIMIT 4
"""
_RIGHT = """has_table_privilege(current_user,
     quote_ident(schemaname) || '.' || quote_ident(tablename), '{right}')"""
_CREATABLE = """
SELECT nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
   AND has_schema_privilege(current_user, quote_ident(nspname), 'create')
 ORDER BY 1 LIMIT 4
"""
_SCRIPT = """CREATE USER northstar_reader PASSWORD 'Choose-a-long-1' NOCREATEDB NOCREATEUSER;
GRANT USAGE ON SCHEMA public TO northstar_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO northstar_reader;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;"""


class RedshiftSession(Session):
    """As PostgreSQL's, in the words that Redshift knows."""

    # One node gives no more than a thousand rows at once.
    batch_rows = 1000

    def _prepare(self) -> None:
        milliseconds = int(self._watch.seconds * 1000)
        zone = self._zone.replace("'", "''")
        self._connection.read_only = True
        self._connection.isolation_level = IsolationLevel.SERIALIZABLE
        # Once a first query has run, the transaction cannot be made to write any more.
        self._connection.execute("SELECT 1")
        self.run(f"SET statement_timeout TO {milliseconds}")
        self.run(f"SET timezone TO '{zone}'")

    def run(self, statement: str) -> None:
        """Execute a statement of our own."""
        with RawCursor(self._connection) as cursor:
            cursor.execute(statement.encode())

    def _declare(self, cursor: RawCursor[tuple[Any, ...]], text: str, values: Bound) -> None:
        sent = translate(text, REDSHIFT, lambda name: values.literal(name, instant=_INSTANT))
        # The binary form means the extended protocol, in which the server refuses a second statement.
        cursor.execute(f"DECLARE northstar_rows CURSOR FOR {sent}".encode(), binary=True)


_INSTANT = "TIMESTAMP WITH TIME ZONE '{0:%Y-%m-%d %H:%M:%S}+00'"


class RedshiftConnector(PostgresqlConnector):
    """A Redshift cluster or workgroup."""

    kind: ClassVar[str] = "redshift"
    label: ClassVar[str] = "Redshift"
    description: ClassVar[str] = "A query against Amazon Redshift, by a user who can only read."
    initials: ClassVar[str] = "Rs"
    group: ClassVar[str] = "Warehouses"
    docs: ClassVar[str] = "redshift"
    dialect: ClassVar[Dialect] = REDSHIFT
    session_class: ClassVar[type[Session]] = RedshiftSession
    settings_fields: ClassVar[tuple[Field, ...]] = tuple(
        replace(field, default={"port": 5439, "sslmode": "require"}.get(field.name, field.default))
        for field in PostgresqlConnector.settings_fields
    )

    def check(self) -> tuple[str, ...]:
        """Connect and look at the user's rights; notes. Raises ConnectorError, "role" if it can write."""
        rights = " OR ".join(_RIGHT.format(right=right) for right in ("insert", "update", "delete"))
        with self.session(zone="UTC") as session:
            found = ["may create databases or users"] if session.read(_SUPER) else []
            if not found:
                found += _listed("may write to ", session.read(_WRITABLE.format(rights=rights)))
                found += _listed("may create tables in the schema ", session.read(_CREATABLE))
        user = self.settings["user"]
        return self.weighed(("Connected to Redshift.",), user=user, powers=", ".join(found), script=_SCRIPT)


def _listed(words: str, rows: list[tuple[Any, ...]]) -> list[str]:
    names = [str(row[0]) for row in rows]
    return [words + ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")] if names else []
