"""The migrated database, kept between runs: migrating anew takes ten seconds, copying a tenth of one.

Only SQLite; what is kept was made by the real migrations and is thrown away when one of them changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from unittest import mock

from django.core import management
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".pytest_cache" / "migrated"


@contextlib.contextmanager
def migrations_from_template() -> Iterator[None]:
    """Inside, `migrate` copies the kept database where there is one, and keeps what it made where not."""
    migrate = management.call_command

    def copied(name: str, *args: Any, **options: Any) -> Any:
        # run_syncdb is how Django's test runner asks; a test's own migrating stays what it is.
        if name != "migrate" or not options.get("run_syncdb") or connection.vendor != "sqlite":
            return migrate(name, *args, **options)
        connection.ensure_connection()
        if kept().exists():
            with contextlib.closing(sqlite3.connect(kept())) as template:
                template.backup(connection.connection)
            return None
        migrate(name, *args, **options)
        _keep(kept())
        return None

    with mock.patch.object(management, "call_command", copied):
        yield


def kept() -> Path:
    """Where the database of these migrations is kept; there once a run has made it."""
    return FOLDER / f"{_fingerprint()}.sqlite3"


def _keep(target: Path) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(f".{os.getpid()}")
    with contextlib.closing(sqlite3.connect(draft)) as template:
        connection.connection.backup(template)
    draft.replace(target)
    for old in FOLDER.glob("*.sqlite3"):
        if old != target:
            old.unlink(missing_ok=True)


def _fingerprint() -> str:
    """Changes with any migration of ours and with any installed package."""
    sums = hashlib.sha256()
    for app in ("metrics", "teams"):
        for file in sorted((ROOT / app / "migrations").glob("*.py")):
            sums.update(file.name.encode() + file.read_bytes())
    for name in sorted(f"{each.name} {each.version}" for each in distributions()):
        sums.update(name.encode())
    return sums.hexdigest()[:16]
