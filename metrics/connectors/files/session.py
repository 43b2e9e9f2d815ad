"""Questions to a database file, put to the process that has it open."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from metrics.connectors.base import ConnectorError
from metrics.connectors.sql_dialects import Dialect
from metrics.connectors.sql_errors import SECOND, WRITES, cancelled, lint, query, redacted
from metrics.connectors.sql_limits import MAX_BYTES, Gathering, too_large
from metrics.connectors.sql_parameters import Bound, translate, without_end
from metrics.connectors.sql_rows import Column, Family, Table
from metrics.connectors.sql_watch import Watch

CHILD = Path(__file__).with_name("child.py")
LONGEST_LINE = 2 * MAX_BYTES
_DUCKDB: dict[str, Family] = {
    "TINYINT": "exact", "SMALLINT": "exact", "INTEGER": "exact", "BIGINT": "exact", "HUGEINT": "exact",
    "UTINYINT": "exact", "USMALLINT": "exact", "UINTEGER": "exact", "UBIGINT": "exact", "UHUGEINT": "exact",
    "DECIMAL": "exact", "FLOAT": "double", "DOUBLE": "double", "VARCHAR": "text", "DATE": "date",
    "TIMESTAMP": "moment", "TIMESTAMP_S": "moment", "TIMESTAMP_MS": "moment", "TIMESTAMP_NS": "moment",
    "TIMESTAMP WITH TIME ZONE": "instant", "BOOLEAN": "bool", "BLOB": "bytes", "BIT": "bits",
    "JSON": "json", "TIME": "time",
}  # fmt: skip


class Session:
    """One process for all questions of a pull, ended at the deadline by force."""

    def __init__(
        self, path: Path, *, engine: str, dialect: Dialect, zone: str, seconds: float, memory: int
    ) -> None:
        seen = path.stat()
        self._dialect, self._engine, self._zone = dialect, engine, zone
        self._order = {
            "engine": engine, "path": str(path), "inode": [seen.st_dev, seen.st_ino], "zone": zone,
            "seconds": int(seconds) + 5, "memory": memory,
        }  # fmt: skip
        self._watch = Watch(seconds, cancel=self._kill, cut=self._kill)

    def __enter__(self) -> Session:
        # Isolated, and without our environment: neither the keys nor the settings are in reach of the file.
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(CHILD)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}, cwd="/", start_new_session=True,
        )  # fmt: skip
        self._watch.start()
        try:
            self._tell(self._order)
            self._hear(opening=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.stop()
        self._kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                assert pipe is not None
                pipe.close()
        self._process.wait()

    def ask(self, text: str, start: date, end: date) -> Table:
        """The answer of the user's query for the half-open range of local dates. Raises ConnectorError."""
        lint(text, self._dialect)
        bound = Bound.of(start, end, self._zone)
        used: dict[str, str] = {}

        def put(name: str) -> str:
            value, duck = getattr(bound, name), self._engine == "duckdb"
            # Without its offset, DuckDB would read an instant in the session's zone.
            used[name] = _text(value) + ("+00" if duck and isinstance(value, datetime) else "")
            return f"${name}" if duck else f":{name}"

        sent = translate(without_end(text, self._dialect), self._dialect, put)
        self._tell({"sql": sent, "values": used})
        columns: list[list[str]] = self._hear()["columns"]
        gathered = Gathering([Column(name, "text") for name, _ in columns])
        letters: list[set[str]] = [set() for _ in columns]
        while not (said := self._hear()).get("end"):
            for row in said["rows"]:
                gathered.take([cell and cell[1:] for cell in row])
                for seen, cell in zip(letters, row, strict=True):
                    seen.update(cell[:1] if cell else "")
        families = [_family(kind, seen) for (_, kind), seen in zip(columns, letters, strict=True)]
        named = zip(gathered.columns, families, strict=True)
        return Table(tuple(Column(column.name, family) for column, family in named), tuple(gathered.rows))

    def _tell(self, what: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # a process that is gone is found out when it is heard
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()

    def _hear(self, *, opening: bool = False) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline(LONGEST_LINE)
        if self._watch.expired:
            raise cancelled(self._watch.seconds)
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:
            raise ConnectorError(
                "too_large",
                "The process that reads the file ended: the query needs more memory or time than it has.",
                permanent=True,
            ) from None
        if "error" in said:
            raise _explained(*said["error"], opening=opening)
        return said

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, 9)


def _text(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)


def _family(kind: str, letters: set[str]) -> Family:
    """What a column holds: by its type in DuckDB; SQLite has a type for each cell."""
    if kind:
        return _DUCKDB.get(kind.split("(")[0], "other")
    if "b" in letters:
        return "bytes"
    if "s" in letters or not letters:
        return "text"
    return "exact" if letters == {"i"} else "double"


def _explained(name: str, said: str, *, opening: bool) -> ConnectorError:
    told = redacted(said, ())
    lower = said.lower()
    if name == "OverflowError":
        return too_large(f"{said}")
    if name == "MemoryError" or "out of memory" in lower or "too big" in lower:
        return too_large("more than the memory a file's process may use")
    if opening:
        return ConnectorError("config", f"The file cannot be opened: {told}", permanent=True, field="file")
    if "one statement" in lower:
        return query(SECOND)
    if "read-only" in lower or "readonly" in lower or "not a select" in lower:
        return query(WRITES)
    if "not authorized" in lower or "prohibited" in lower or "disabled" in lower or "permission" in lower:
        return query(f"Only reading from the tables of this file is allowed here: {told}")
    return query(f"The database says: {told}")
