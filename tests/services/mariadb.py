"""A real MariaDB for tests: the one named by TEST_MARIADB_URL, else one found, else one installed."""

from __future__ import annotations

import atexit
import functools
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from tests.lib.certifying import self_signed
from tests.services.processes import CannotProvide, free_port, install_debian, start, user_group, wait_for

# Tests throw all of it away, so nothing in it needs to survive a power cut.
_SETTINGS = (
    "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
    "--performance-schema=OFF", "--skip-name-resolve", "--local-infile=1", "--bind-address=127.0.0.1",
)  # fmt: skip
_ZONES = ["Europe/Berlin", "Europe/London", "America/Sao_Paulo", "Asia/Tokyo"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where a MariaDB listens, and a user who may do everything."""

    host: str
    port: int
    user: str
    password: str
    origin: str
    #: The PEM file of the certificate that it signed itself for "localhost"; empty if somebody else runs it.
    certificate: str = ""

    def url(self) -> str:
        """The address as TEST_MARIADB_URL takes it."""
        return f"mysql://{self.user}:{quote(self.password)}@{self.host}:{self.port}"

    def run(self, *statements: str, database: str | None = None) -> list[tuple[object, ...]]:
        """Execute statements, each committed by itself; rows of the last one."""
        import pymysql

        rows: Sequence[tuple[object, ...]] = ()
        with pymysql.connect(
            host=self.host, port=self.port, user=self.user, password=self.password, database=database,
            autocommit=True,
        ) as connection, connection.cursor() as cursor:  # fmt: skip
            for statement in statements:
                cursor.execute(statement)
                rows = cursor.fetchall()
        return list(rows)

    def version(self) -> str:
        """The server's own version number."""
        return str(self.run("select version()")[0][0]).split("-")[0]


@functools.cache
def shared() -> Server:
    """The run's MariaDB; CannotProvide with a sentence if there is no way to one.

    Its address is put into TEST_MARIADB_URL, so that processes started by this one share it.
    """
    if given := os.environ.get("TEST_MARIADB_URL"):
        origin = os.environ.get("TEST_MARIADB_ORIGIN", "named by TEST_MARIADB_URL")
        parts = urlsplit(given)
        user, password = unquote(parts.username or "root"), unquote(parts.password or "")
        return Server(
            parts.hostname or "127.0.0.1",
            parts.port or 3306,
            user,
            password,
            origin,
            os.environ.get("TEST_MARIADB_CERTIFICATE", ""),
        )
    server = start_server()
    os.environ.update(
        TEST_MARIADB_URL=server.url(), TEST_MARIADB_ORIGIN=server.origin,
        TEST_MARIADB_CERTIFICATE=server.certificate,
    )  # fmt: skip
    return server


def start_server() -> Server:
    """A new server in a scratch folder on a free port of 127.0.0.1, gone when this process ends."""
    binary, origin = _binary()
    user = "mysql" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="northstar-maria-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    certificate = self_signed(folder, "localhost", days=3000)  # the first test may stand in another year
    server = Server("127.0.0.1", free_port(), "tester", secrets.token_hex(12), origin, str(certificate))
    # Without it the server would read the settings of the machine's own MariaDB.
    (folder / "my.cnf").write_text("[mariadbd]\n")
    if user:
        for path in (folder, certificate):
            shutil.chown(path, user, user_group(user))
    _create_cluster(folder, user=user)
    (folder / "init.sql").write_text(
        f"CREATE USER '{server.user}'@'%' IDENTIFIED BY '{server.password}';\n"
        f"GRANT ALL ON *.* TO '{server.user}'@'%' WITH GRANT OPTION;\n"
    )
    command = [binary, f"--defaults-file={folder / 'my.cnf'}", f"--datadir={folder / 'data'}", *_SETTINGS]
    command += [f"--port={server.port}", f"--socket={folder / 's.sock'}", f"--pid-file={folder / 'pid'}"]
    command += [f"--init-file={folder / 'init.sql'}", f"--tmpdir={folder}"]
    command += [f"--ssl-{part}={certificate}" for part in ("ca", "cert", "key")]
    process = start(command, log=folder / "server.log", user=user)
    wait_for(lambda: _answers(server), process=process, log=folder / "server.log", seconds=60)
    _load_zones(server)
    return server


def _create_cluster(folder: Path, *, user: str | None) -> None:
    command = ["mariadb-install-db", f"--defaults-file={folder / 'my.cnf'}", f"--datadir={folder / 'data'}"]
    command += [
        "--skip-test-db",
        "--auth-root-authentication-method=normal",
        *([f"--user={user}"] if user else []),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise CannotProvide(f"mariadb-install-db failed: {(done.stdout + done.stderr)[-800:]}")


def _load_zones(server: Server) -> None:
    """The zones that tests use; all of them would take seconds."""
    for zone in _ZONES:
        path = Path("/usr/share/zoneinfo") / zone
        script = subprocess.run(
            ["mariadb-tzinfo-to-sql", path, zone], capture_output=True, text=True, check=True
        ).stdout
        statements = [line.strip() for line in script.split(";")]
        wanted = ("INSERT", "SET @time_zone_id")
        server.run(*(line for line in statements if line.startswith(wanted)), database="mysql")


def _answers(server: Server) -> bool:
    import pymysql

    try:
        server.run("select 1")
    except pymysql.Error:
        return False
    return True


def _binary() -> tuple[Path, str]:
    """The server program, and in words where it comes from."""
    if found := _found():
        return found, f"found: {found}"
    if install_debian("mariadb-server") and (found := _found()):
        return found, "installed from Debian's package mariadb-server"
    raise CannotProvide(
        "The tests need a MariaDB server. Set TEST_MARIADB_URL to one (the address of a user who may do "
        "everything), or install it: apt install mariadb-server"
    )


def _found() -> Path | None:
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    found = shutil.which("mariadbd", path=path)
    return Path(found) if found and shutil.which("mariadb-install-db") else None
