"""A real VictoriaMetrics for tests."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable

from tests.services import debian
from tests.services.processes import free_port
from tests.services.prometheus import Server
from tests.services.samples import Sample


def version() -> tuple[str, str]:
    """The version, and in words where the program comes from; installs it where it is missing."""
    binary, origin = debian.program("victoria-metrics", "victoria-metrics")
    # Debian's program does not know its own version.
    asked = ["dpkg-query", "--show", "--showformat=${Version}", "victoria-metrics"]
    said = subprocess.run(asked, capture_output=True, text=True) if shutil.which("dpkg-query") else None
    return (said.stdout.partition("+")[0] if said else "") or binary.name, origin


def start_server(samples: Iterable[Sample]) -> Server:
    """A VictoriaMetrics that holds these samples, in a scratch folder on 127.0.0.1."""
    binary, origin = debian.program("victoria-metrics", "victoria-metrics")
    folder, port = debian.scratch("victoriametrics"), free_port()
    command = [
        binary, f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={folder / 'data'}",
        "-retentionPeriod=100y", "-memory.allowedBytes=64MB",
    ]  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    debian.run(command, folder=folder, url=f"{url}/health")
    lines = "".join(f"{one.series()} {one.value!r} {one.milliseconds}\n" for one in samples)
    debian.post(f"{url}/api/v1/import/prometheus", lines.encode())
    debian.is_up(f"{url}/internal/force_flush")  # what was written can be read from here on
    return Server(url, origin)
