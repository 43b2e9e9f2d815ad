"""Microsoft SQL Server and Azure SQL as a source, by the optional driver python-tds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from metrics.connectors import sqlserver_errors as errors
from metrics.connectors.base import ConnectorError, Field
from metrics.connectors.sql_connector import STRONG_ROLE, SqlConnector, checked_host, query_fields
from metrics.connectors.sql_dialects import SQLSERVER, Dialect
from metrics.connectors.sqlserver_session import Session
from metrics.connectors.sqlserver_wire import Line, connect

_MODES = (
    ("verify-full", "Always encrypted, certificate checked"),
    ("require", "Always encrypted"),
    ("disable", "Never encrypted"),
)
_SERVER_ROLES = ("sysadmin", "securityadmin", "serveradmin", "dbcreator", "bulkadmin")
_DATABASE_ROLES = ("db_owner", "db_datawriter", "db_ddladmin", "db_securityadmin", "db_accessadmin")
_WRITABLE = """
SELECT TOP 4 s.name + '.' + o.name FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
 WHERE o.type IN ('U', 'V') AND 1 IN (
   HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'INSERT'),
   HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'UPDATE'),
   HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'DELETE')) ORDER BY 1
"""


class SqlserverConnector(SqlConnector):
    """One connection per pull, with read intent, rolled back."""

    kind: ClassVar[str] = "sqlserver"
    label: ClassVar[str] = "SQL Server"
    description: ClassVar[str] = (
        "A query against Microsoft SQL Server or Azure SQL, by a user who can only read."
    )
    initials: ClassVar[str] = "Ms"
    docs: ClassVar[str] = "sqlserver"
    driver_module: ClassVar[str] = "pytds"
    driver: ClassVar[str] = "mssql"
    dialect: ClassVar[Dialect] = SQLSERVER
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("host", "Host", identity=True, help="A name or an address, such as db.example.com."),
        Field("port", "Port", "integer", identity=True, default=1433, low=1, high=65535),
        Field("database", "Database", identity=True),
        Field("user", "User", identity=True),
        Field("password", "Password", "password", required=False, secret=True),
        Field("encryption", "Encryption", "choice", default="verify-full", identity=True, choices=_MODES),
        STRONG_ROLE,
    )
    query_fields: ClassVar[tuple[Field, ...]] = query_fields("; SQL Server knows others, such as N'UTC'")

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        return checked_host(super().clean_settings(values))

    def check(self) -> tuple[str, ...]:
        """Connect and look at the user's rights; notes. Raises ConnectorError, "role" if it can write."""
        with self.session(zone="UTC") as session:
            version = session.read("SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(40))")[0][0]
            found = [f"has the role {name}" for name in _held(session, "IS_SRVROLEMEMBER", _SERVER_ROLES)]
            found += [f"has the role {name}" for name in _held(session, "IS_MEMBER", _DATABASE_ROLES)]
            if not found and (names := [str(row[0]) for row in session.read(_WRITABLE)]):
                found.append(f"may write to {', '.join(names[:3])}{' and more' if len(names) > 3 else ''}")
        notes = (f"Connected to SQL Server {version}.",)
        script = "\n".join(
            (
                "CREATE LOGIN northstar_reader WITH PASSWORD = 'Choose-a-long-1';",
                "CREATE USER northstar_reader FOR LOGIN northstar_reader;",
                "ALTER ROLE db_datareader ADD MEMBER northstar_reader;",
                "DENY EXECUTE TO northstar_reader;",
            )
        )
        return self.weighed(notes, user=self.settings["user"], powers=", ".join(found), script=script)

    def session(self, *, zone: str) -> Session:
        if missing := self.missing_driver():
            raise ConnectorError("driver", missing, permanent=True)
        settings = self.clean_settings(self.settings)
        password = self.secrets.get("password", "")

        def dial() -> tuple[Any, Line]:
            socket = self.dialled(settings)
            try:
                return connect(settings, password, socket)
            except ConnectorError:
                socket.close()
                raise
            except Exception as error:  # the driver's own kinds exist only where it is installed
                socket.close()
                host, port = settings["host"], settings["port"]
                raise errors.on_connecting(error, host=host, port=port, secrets=(password,)) from None

        return Session(dial, zone=zone, seconds=self.deadline_seconds, secrets=(password,))


def _held(session: Session, function: str, names: tuple[str, ...]) -> list[str]:
    row = session.read(f"SELECT {', '.join(f'{function}(N{name!r})' for name in names)}")[0]
    return [name for name, held in zip(names, row, strict=True) if held == 1]
