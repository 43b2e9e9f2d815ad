"""The whole suite: on SQLite, again on a real PostgreSQL with a real Redis, then in a real browser.

--fast   SQLite only, without browser and real processes
--long   the long forms of the fault tests, on PostgreSQL and Redis
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.dont_write_bytecode = False

from tests.services import chromium, graphite, influxdb, mariadb, postgres, prometheus, redis, victoriametrics  # noqa: E402
from tests.services.processes import CannotProvide  # noqa: E402

# Started by the tests that ask for them; here they are found or installed, so that none is missing later.
STARTED_LATER = {
    "Prometheus": prometheus,
    "Victoria": victoriametrics,
    "InfluxDB": influxdb,
    "Graphite": graphite,
}
WORKERS = ["-n", "2", "--no-loadscope-reorder"]
NOT_BROWSER = ["--ignore=tests/e2e"]


def main() -> None:
    """Exit code 1 if a pass fails or a server cannot be provided."""
    began = time.monotonic()
    option = (sys.argv[1:2] or [""])[0]
    if option == "--fast":
        fast = ["--ignore=tests/faults", "--ignore=tests/services", "-m", "not processes"]
        raise SystemExit(run("SQLite", ["tests", *NOT_BROWSER, *fast, *WORKERS], {"TEST_DB": "sqlite"}))
    provide()
    if option == "--long":
        long_form = {"TEST_DB": "postgresql", "LONG": "1"}
        raise SystemExit(run("faults, long forms", ["tests/faults", "tests/hostile"], long_form))
    codes = [
        run("SQLite", ["tests", *NOT_BROWSER, *WORKERS], {"TEST_DB": "sqlite"}),
        run(
            "PostgreSQL and Redis",
            ["tests", *NOT_BROWSER, *WORKERS],
            {"TEST_DB": "postgresql", "TEST_ONLY_DB": "1"},
        ),
        run("browser", ["tests/e2e", *WORKERS], {"TEST_DB": "sqlite"}),
    ]
    print(f"\nthe whole run took {time.monotonic() - began:.0f} s on {os.cpu_count()} cores", flush=True)
    raise SystemExit(1 if any(codes) else 0)


def provide() -> None:
    """Find or install the real servers and say which they are; ends with a sentence if one is missing."""
    try:
        database, broker, browser = postgres.shared(), redis.shared(), chromium.shared()
        later = {name: server.version() for name, server in STARTED_LATER.items()}
        foreign = mariadb.shared()
    except CannotProvide as problem:
        raise SystemExit(str(problem)) from None
    if browser.path:
        os.environ["TEST_CHROMIUM"] = browser.path
    print(f"Python      {platform.python_version()}")
    print(f"PostgreSQL  {database.version()} at {database.host}:{database.port}, {database.origin}")
    print(f"Redis       {broker.version()} at {broker.host}:{broker.port}, {broker.origin}")
    for name, (version, origin) in later.items():
        print(f"{name:<11} {version}, {origin}")
    print(f"MariaDB     {foreign.version()} at {foreign.host}:{foreign.port}, {foreign.origin}")
    print(f"browser     {browser.version()}, {browser.origin}")
    print(f"real data   {os.environ.get('TEST_DATA_DIR') or 'none: TEST_DATA_DIR is not set'}", flush=True)


def run(title: str, arguments: list[str], extra: dict[str, str]) -> int:
    """One pass of pytest; its exit code, where having run no test at all counts as a failure."""
    print(f"\n── {title} " + "─" * max(3, 90 - len(title)), flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **extra}).returncode


if __name__ == "__main__":
    main()
