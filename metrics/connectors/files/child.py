"""The process that opens a database file: started alone, by its path, with nothing of Northstar in it.

Reads one question a line from its input and answers in lines, all JSON: the columns as [name, type], then the
rows, then the end or an error. A cell is null or text behind a letter: i, f, s, b (an integer, a float, text,
bytes).
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

MIB = 1024 * 1024
BATCH_ROWS = 500
LONGEST_CELL = 64 * 1024
# Functions of SQLite builds that open files or load code.
_UNFIT = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zipfile", "sqlar"})
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})

Found = tuple[list[tuple[str, str]], Iterator[Sequence[Any]]]
Answer = Callable[[dict[str, Any]], Found]


def main() -> None:
    """Serve questions until the input ends."""
    order = json.loads(sys.stdin.readline())
    _limit(seconds=order["seconds"], memory=order["memory"])
    try:
        answer = {"sqlite": _sqlite, "duckdb": _duckdb}[order["engine"]](order)
        now = os.stat(order["path"])
        if [now.st_dev, now.st_ino] != order["inode"]:
            raise RuntimeError("the file was exchanged while it was opened")
    except Exception as error:
        _say({"error": _told(error)})
        return
    _say({"ready": True})
    for line in sys.stdin:
        try:
            columns, rows = answer(json.loads(line))
            _say({"columns": columns})
            for batch in _batches(rows):
                _say({"rows": batch})
            _say({"end": True})
        except Exception as error:
            _say({"error": _told(error)})


def _limit(*, seconds: int, memory: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _sqlite(order: dict[str, Any]) -> Answer:
    connection = sqlite3.connect(f"file:{quote(order['path'])}?mode=ro&immutable=1", uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("SELECT count(*) FROM sqlite_schema")
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 10 * MIB)
    connection.set_authorizer(_allowed)

    def answer(question: dict[str, Any]) -> Found:
        cursor = connection.execute(question["sql"], question["values"])
        if cursor.description is None:
            raise RuntimeError("the query returns no table")
        return [(str(column[0]), "") for column in cursor.description], cursor

    return answer


def _allowed(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action in _READING or (action == sqlite3.SQLITE_FUNCTION and str(second).lower() not in _UNFIT):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _duckdb(order: dict[str, Any]) -> Answer:
    import duckdb

    config: dict[str, Any] = {
        "enable_external_access": "false", "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false", "allow_community_extensions": "false", "temp_directory": "",
        "memory_limit": "512MB", "threads": "2",
    }  # fmt: skip
    connection = duckdb.connect(order["path"], read_only=True, config=config)
    connection.execute("SET TimeZone = ?", [order["zone"]])
    connection.execute("SET lock_configuration = true")

    def answer(question: dict[str, Any]) -> Found:
        statements = connection.extract_statements(question["sql"])
        if len(statements) != 1:
            raise RuntimeError("only one statement" if statements else "the query is empty")
        if statements[0].type != duckdb.StatementType.SELECT:
            raise RuntimeError("not a SELECT: read-only")
        shape = connection.execute(f"DESCRIBE {question['sql']}", question["values"]).fetchall()
        columns = [(str(name), str(kind)) for name, kind, *_ in shape]
        # As text, in the server's own words: nothing is lost on the way to Python's types.
        texts = f"SELECT COLUMNS(*)::VARCHAR FROM ({question['sql']}\n) AS northstar"
        connection.execute(texts, question["values"])
        return columns, iter(connection.fetchone, None)

    return answer


def _batches(rows: Iterator[Sequence[Any]]) -> Iterator[list[list[str | None]]]:
    batch: list[list[str | None]] = []
    size = 0
    for row in rows:
        batch.append([_cell(value) for value in row])
        size += sum(len(cell) for cell in batch[-1] if cell)
        if len(batch) >= BATCH_ROWS or size > MIB:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _cell(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        text = "b" + value[:64].hex()
    elif isinstance(value, int):
        text = f"i{value}"
    elif isinstance(value, float):
        text = f"f{value!r}"
    else:
        text = f"s{value}"
    if len(text) > LONGEST_CELL or (isinstance(value, bytes) and len(value) > LONGEST_CELL):
        size = len(value) if isinstance(value, bytes) else len(text) - 1
        raise OverflowError(f"a cell of {size:,} bytes")
    return text


def _told(error: Exception) -> list[str]:
    return [type(error).__name__, str(error)[:1000]]


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
