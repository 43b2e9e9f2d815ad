"""A real InfluxDB 1 for tests."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from urllib.parse import urlencode

from tests.services import debian
from tests.services.processes import free_port
from tests.services.prometheus import Server
from tests.services.samples import Sample

DATABASE = "shop"
USER, PASSWORD = "reader", "only-to-read-it"
_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
auth-enabled = true
log-enabled = false
[monitor]
store-enabled = false
"""


def version() -> tuple[str, str]:
    """The version, and in words where the program comes from; installs it where it is missing."""
    binary, origin = debian.program("influxd", "influxdb")
    said = subprocess.run([binary, "version"], capture_output=True, text=True)
    return said.stdout.split()[1], origin


def start_server(samples: Iterable[Sample]) -> Server:
    """An InfluxDB with the database `shop` that holds these samples, and a user who can only read it."""
    binary, origin = debian.program("influxd", "influxdb")
    folder, port = debian.scratch("influxdb"), free_port()
    (folder / "influxdb.conf").write_text(_CONFIG.format(folder=folder, port=port, rpc=free_port()))
    url = f"http://127.0.0.1:{port}"
    debian.run([binary, "-config", folder / "influxdb.conf"], folder=folder, url=f"{url}/ping")
    admin = {"u": "admin", "p": "admins-own"}
    # The first user may be made by anybody; from then on everybody signs in.
    _query(url, f"create user admin with password '{admin['p']}' with all privileges")
    for statement in (
        f"create database {DATABASE}",
        f"create user {USER} with password '{PASSWORD}'",
        f"grant read on {DATABASE} to {USER}",
    ):
        _query(url, statement, **admin)
    target = urlencode({"db": DATABASE, "precision": "ms", **admin})
    debian.post(f"{url}/write?{target}", "\n".join(map(_line, samples)).encode())
    return Server(url, origin)


def _query(url: str, statement: str, **admin: str) -> None:
    debian.post(f"{url}/query?{urlencode({'q': statement, **admin})}")


def _line(sample: Sample) -> str:
    tags = "".join(f",{name}={value}" for name, value in sorted(sample.labels.items()))
    return f"{sample.name}{tags} value={sample.value!r} {sample.milliseconds}"
