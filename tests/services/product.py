"""Northstar itself, as `manage.py up` runs it, for tests that end processes."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests import templating
from tests.services.processes import ROOT, free_port, start, stop

NAMES = {"web": " gunicorn --config ", "worker": " worker --queues ", "beat": " beat --schedule "}


@dataclass
class Product:
    """A running `up` on a data folder and port of its own."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    extra: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """What `up` sees: no database or broker unless `extra` names one, no demo company."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        ours = {"DATA_DIR": str(self.data_dir), "PORT": str(self.port), "DEMO": "0", "WEB_CONCURRENCY": "1"}
        return {**kept, **ours, **self.extra}

    @property
    def log(self) -> Path:
        """Where everything it says is written."""
        return self.data_dir.parent / f"{self.data_dir.name}.log"

    def start(self, *, seconds: float = 60) -> float:
        """Start it and wait until /readyz answers 200; the seconds that took."""
        began = time.monotonic()
        with _environment(self.environment()):
            self.process = start([sys.executable, ROOT / "manage.py", "up"], log=self.log)
        self.wait(self.is_ready, "the product did not get ready", seconds=seconds)
        return time.monotonic() - began

    def run_command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `manage.py` command in the same environment, to its end."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=60, cwd=ROOT
        )

    def stop(self, *, seconds: float = 20) -> int:
        """SIGTERM, then wait; its exit code."""
        assert self.process is not None
        stop(self.process, signum=signal.SIGTERM, seconds=seconds)
        return int(self.process.returncode)

    def is_ready(self) -> bool:
        """Whether /readyz answers 200 now."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def pids(self) -> dict[int, tuple[int, str]]:
        """Every live process of this data folder: pid to (parent's pid, command line)."""
        found = {}
        mark = f"DATA_DIR={self.data_dir}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark not in (folder / "environ").read_bytes().split(b"\0"):
                    continue
                state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
                if state != "Z":
                    words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found[int(folder.name)] = (int(parent), words)
        return found

    def child(self, name: str) -> int | None:
        """The pid of the supervised child web, worker or beat."""
        assert self.process is not None
        for pid, (parent, words) in self.pids().items():
            leads = parent == self.process.pid and NAMES[name] in words
            with contextlib.suppress(ProcessLookupError):
                if leads and os.getpgid(pid) == pid:  # not an orphan that `up` has adopted
                    return pid
        return None

    def wait(self, condition: Callable[[], object], complaint: str, *, seconds: float = 20) -> None:
        """Return when the condition holds; AssertionError with the log's end if it does not in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                said = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
                raise AssertionError(f"{complaint} within {seconds:.0f} s; it said:\n{said}")
            time.sleep(0.05)


def scratch_product(extra: Mapping[str, str] | None = None, *, migrated: bool = False) -> Product:
    """A product on an empty data folder, not started yet.

    `migrated`: with its database migrated already where a run of these tests kept one, for those who care for
    what comes after the first start.
    """
    folder = Path(tempfile.mkdtemp(prefix="northstar-up-")) / "data"
    folder.mkdir()
    if migrated and (kept := templating.kept()).exists():
        shutil.copyfile(kept, folder / "northstar.sqlite3")
    return Product(folder, extra=extra or {})


@contextlib.contextmanager
def _environment(values: Mapping[str, str]):  # type: ignore[no-untyped-def]
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
