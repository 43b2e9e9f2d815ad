"""A real Prometheus for tests, filled before it starts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from tests.services import debian
from tests.services.processes import CannotProvide, free_port
from tests.services.samples import Sample


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    origin: str


def version() -> tuple[str, str]:
    """The version, and in words where the program comes from; installs it where it is missing."""
    binary, origin = debian.program("prometheus", "prometheus")
    said = subprocess.run([binary, "--version"], capture_output=True, text=True)
    return (said.stdout + said.stderr).split()[2].partition("+")[0], origin


def start_server(samples: Iterable[Sample]) -> Server:
    """A Prometheus that scrapes nothing and holds these samples, in a scratch folder on 127.0.0.1."""
    binary, origin = debian.program("prometheus", "prometheus")
    folder, port = debian.scratch("prometheus"), free_port()
    (folder / "prometheus.yml").write_text("scrape_configs: []\n")
    (folder / "samples.txt").write_text(open_metrics(samples))
    promtool = debian.program("promtool", "prometheus")[0]
    filling = [promtool, "tsdb", "create-blocks-from", "openmetrics", folder / "samples.txt", folder / "data"]
    # One block for all of it: the usual ones of two hours would take half a minute to write.
    filling.insert(3, "--max-block-duration=8760h")
    filled = subprocess.run([*filling, "--quiet"], capture_output=True, text=True)
    if filled.returncode:
        raise CannotProvide(f"promtool could not fill Prometheus: {filled.stderr[-500:]}")
    command = [
        binary, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    debian.run(command, folder=folder, url=f"http://127.0.0.1:{port}/-/ready")
    return Server(f"http://127.0.0.1:{port}", origin)


def open_metrics(samples: Iterable[Sample]) -> str:
    """The samples in the text format that promtool takes: by series, oldest first."""
    ordered = sorted(samples, key=lambda sample: (sample.name, sample.series(), sample.at))
    lines = []
    for name, same in groupby(ordered, key=lambda sample: sample.name):
        lines.append(f"# TYPE {name} gauge")
        lines += [f"{one.series()} {one.value!r} {one.milliseconds / 1000:.3f}" for one in same]
    return "\n".join([*lines, "# EOF", ""])
