"""SQLite and DuckDB files as kinds of sources."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from metrics.connectors.base import ConnectorError, Field
from metrics.connectors.files import folder
from metrics.connectors.files.session import Session
from metrics.connectors.sql_connector import SqlConnector, query_fields
from metrics.connectors.sql_dialects import DUCKDB, SQLITE, Dialect

MIB = 1024 * 1024


class DatabaseFile(SqlConnector):
    """A file in the folder that SOURCE_FILES_DIR names; nothing of it can be written."""

    needs: ClassVar[str] = "A copy of the database in the folder SOURCE_FILES_DIR, which somebody replaces."
    needs_setting: ClassVar[str] = folder.SETTING
    engine: ClassVar[str]
    memory: ClassVar[int]
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "file", "File", identity=True, help="Its name in the folder SOURCE_FILES_DIR, such as sales.db."
        ),
    )
    query_fields: ClassVar[tuple[Field, ...]] = query_fields("")

    def check(self) -> tuple[str, ...]:
        """Open the file; what kind it is. Raises ConnectorError."""
        with self.session(zone="UTC"):
            return (f"Opened {self.settings['file']}, read-only.",)

    def session(self, *, zone: str) -> Session:
        if missing := self.missing_driver():
            raise ConnectorError("driver", missing, permanent=True)
        path = folder.found(str(self.settings.get("file", "")), self.environment)
        self.whole(path)
        return Session(
            path, engine=self.engine, dialect=self.dialect, zone=zone, seconds=self.deadline_seconds,
            memory=self.memory,
        )  # fmt: skip

    def whole(self, path: Path) -> None:
        """Raise ConnectorError where the file alone is not the whole database."""
        log = path.with_name(path.name + (".wal" if self.engine == "duckdb" else "-wal"))
        if log.exists() and log.stat().st_size:
            raise ConnectorError(
                "config",
                f"{log.name} lies beside the file, so part of the data is not in it. Put a finished copy "
                f"there, made with the database's own backup command.",
                permanent=True,
                field="file",
            )

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        return f"file:{settings['file']}" if settings.get("file") else ""


class SqliteFile(DatabaseFile):
    """A copy of a SQLite database."""

    kind: ClassVar[str] = "sqlite_file"
    label: ClassVar[str] = "SQLite file"
    description: ClassVar[str] = "A query against a copy of a SQLite database on this server."
    initials: ClassVar[str] = "Sq"
    docs: ClassVar[str] = "sqlite_file"
    engine: ClassVar[str] = "sqlite"
    dialect: ClassVar[Dialect] = SQLITE
    memory: ClassVar[int] = 512 * MIB


class DuckdbFile(DatabaseFile):
    """A copy of a DuckDB database."""

    kind: ClassVar[str] = "duckdb_file"
    label: ClassVar[str] = "DuckDB file"
    description: ClassVar[str] = "A query against a copy of a DuckDB database on this server."
    initials: ClassVar[str] = "Du"
    docs: ClassVar[str] = "duckdb_file"
    driver_module: ClassVar[str] = "duckdb"
    driver: ClassVar[str] = "duckdb"
    engine: ClassVar[str] = "duckdb"
    dialect: ClassVar[Dialect] = DUCKDB
    # Address space, of which DuckDB reserves more than it uses; its own limit is 512 MB.
    memory: ClassVar[int] = 6 * 1024 * MIB
