"""Servers of Debian packages for tests: found or installed, started in a scratch folder on 127.0.0.1."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.services.processes import CannotProvide, install_debian, start, wait_for

SECONDS = 30


def program(name: str, package: str) -> tuple[Path, str]:
    """The path of a program, installing its package where it is missing, and in words where it comes from."""
    if found := shutil.which(name):
        return Path(found), f"found: {found}"
    if install_debian(package) and (found := shutil.which(name)):
        return Path(found), f"installed from Debian's package {package}"
    raise CannotProvide(f"The tests need {name}. Install it: apt install {package}")


def scratch(name: str) -> Path:
    """A folder that is gone when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"northstar-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run(
    command: Sequence[str | Path], *, folder: Path, url: str, answers: Callable[[str], bool] | None = None
) -> subprocess.Popen[bytes]:
    """Start a server and wait until `url` answers. It ends when this process does."""
    log = folder / "server.log"
    process = start(command, log=log)
    wait_for(lambda: (answers or is_up)(url), process=process, log=log, seconds=SECONDS)
    return process


def is_up(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except (OSError, urllib.error.HTTPError):
        return False
    return True


def post(url: str, body: bytes = b"") -> bytes:
    """What a server answers to a POST; raises for anything but success."""
    with urllib.request.urlopen(
        urllib.request.Request(url, data=body, method="POST"), timeout=SECONDS
    ) as got:
        return bytes(got.read())
