"""How many trivial sources one worker pulls in a second, and how long a tick takes with 10,000 that are due.

PostgreSQL, Redis, a local HTTP source and one `celery worker` as `manage.py up` starts it; the limits per
host and in all are raised. Each pull claims, fetches one number over HTTP, stores it and plans the next one.
Beside it, in the same run, the least such a pull can be: a bare loop that fetches with the same client and
upserts one row in one transaction. `python -m benchmarks.pulls_per_second [sources]`.
"""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SOURCES = 2000
DUE = 10_000
ROUNDS = 3
WARM = 64
BAR_PULLS, BAR_TICK = 200, 1.0
ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = "400"
PLUGIN = """
from decimal import Decimal
from metrics.connectors.base import Answer, Connector, Field, Row
from northstar.lib.periods import local_day

class Trivial(Connector):
    kind = "trivial"
    label = "Trivial"
    description = "One number over HTTP."
    initials = "Tr"
    settings_fields = (Field("host", "Host", identity=True), Field("port", "Port", "integer", identity=True))

    def check(self):
        return ()

    def fetch(self, ask):
        with self.egress.http_client() as client:
            answer = client.get(f"http://{self.settings['host']}:{self.settings['port']}/number")
        return Answer((Row(local_day(ask.now, ask.zone), value=Decimal(answer.json()["value"])),))
"""


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SOURCES
    scratch = Path(tempfile.mkdtemp(prefix="northstar-bench-"))
    try:
        with _source() as port:
            _prepare(scratch)
            _run(count, port)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _prepare(scratch: Path) -> None:
    """The environment of this process and of the worker, and a schema."""
    from northstar.lib import keys
    from tests.services import postgres, redis

    plugins = scratch / "plugins"
    facts = plugins / "trivial-1.0.dist-info"
    facts.mkdir(parents=True)
    (plugins / "trivial.py").write_text(PLUGIN)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: trivial\nVersion: 1.0\n")
    sys.path.insert(0, str(plugins))
    database = postgres.start_server()
    database.create("northstar")
    os.environ.update(
        DJANGO_SETTINGS_MODULE="northstar.settings", DATA_DIR=str(scratch), LOG_LEVEL="WARNING",
        DATABASE_URL=database.url("northstar"), REDIS_URL=redis.start_server().url(), EGRESS_LOOPBACK="1",
        PULLS_PER_HOST=AT_ONCE, PULLS_AT_ONCE=AT_ONCE, PYTHONPATH=os.pathsep.join([str(ROOT), str(plugins)]),
    )  # fmt: skip
    keys.ensure(scratch)
    import django

    django.setup()
    from django.core.management import call_command

    from metrics.connectors import plugins as kinds

    (facts / "entry_points.txt").write_text(f"[{kinds.GROUP}]\ntrivial = trivial:Trivial\n")
    call_command("migrate", verbosity=0, skip_checks=True)


def _run(count: int, port: int) -> None:
    _fill(count, port)
    least = statistics.median(_least(count, port) for _ in range(ROUNDS))
    print(f"bare loop      {count / least:7.0f} a second   ({least:.2f} s for {count}; one process)")
    for children in (1, 2):
        taken = statistics.median(_round(children, count) for _ in range(ROUNDS))
        rate = count / taken
        print(
            f"worker, {children} child{'' if children == 1 else 'ren':3} {rate:5.0f} a second   "
            f"({taken:.2f} s; {rate / (count / least):.2f} × the bare loop; bar {BAR_PULLS})"
        )
    _ticks(port)


def _fill(count: int, port: int, *, first: int = 0) -> None:
    """Sources with one daily metric each, not due yet."""
    from metrics.models import Company, Metric, Source
    from northstar.lib import clock

    company = Company.current()
    settings = {"host": "127.0.0.1", "port": port}
    sources = Source.objects.bulk_create(
        Source(
            name=f"Source {number}", slug=f"source-{number}", kind="trivial", settings=settings,
            schedule={"kind": "every", "minutes": 1440}, host_key=f"127.0.0.1:{port}",
        )
        for number in range(first, first + count)
    )  # fmt: skip
    Metric.objects.bulk_create(
        Metric(
            name=f"Metric of {source.slug}", slug=f"of-{source.slug}", source=source, kind="flow_sum",
            grain="day", restate_days=0, history_from=clock.today(company.zone),
        )
        for source in sources
    )  # fmt: skip


def _round(children: int, count: int) -> float:
    """Seconds that a worker takes for all sources, once it has loaded what it needs.

    The charts of the new values are drawn when nothing is left to pull, which is not measured here.
    """
    from redis import Redis

    from metrics.models import MetricChange, Source

    Redis.from_url(os.environ["REDIS_URL"]).flushall()
    MetricChange.objects.all().delete()
    Source.objects.update(lease_until=None, lease_token="", next_due_at=None)
    with _worker(children):
        _pull(Source.objects.order_by("pk")[: WARM * children])
        while MetricChange.objects.exists():
            time.sleep(0.1)
        time.sleep(1)
        return _pull(Source.objects.order_by("pk")[:count])


def _pull(which: Any) -> float:
    """Make these due, wake the worker up; seconds until the last one is stored."""
    from metrics import tasks
    from metrics.models import Pull, Source
    from northstar.lib import clock

    ids, now = list(which.values_list("pk", flat=True)), clock.now()
    done = Pull.objects.filter(state="ok").count() + len(ids)
    Source.objects.filter(pk__in=ids).update(next_due_at=now, next_scheduled_at=now)
    began = time.monotonic()
    tasks.claim.delay()
    while Pull.objects.filter(state="ok").count() < done:
        if time.monotonic() - began > 120:
            raise SystemExit(f"{done - Pull.objects.filter(state='ok').count()} pulls were not done")
        time.sleep(0.05)
    return time.monotonic() - began


def _least(count: int, port: int) -> float:
    """Fetch and upsert as often, one after the other, and nothing else."""
    import psycopg
    from django.conf import settings as django_settings

    from northstar.lib import egress

    own = django_settings.DATABASES["default"]
    with psycopg.connect(
        host=own["HOST"], port=own["PORT"], user=own["USER"], password=own["PASSWORD"], dbname=own["NAME"]
    ) as connection:
        connection.execute("create table if not exists least (id integer primary key, value numeric)")
        connection.commit()
        began = time.monotonic()
        for number in range(count):
            with egress.for_admins().http_client() as client:
                value = client.get(f"http://127.0.0.1:{port}/number").json()["value"]
            connection.execute(
                "insert into least values (%s, %s) on conflict (id) do update set value = excluded.value",
                (number, value),
            )
            connection.commit()
        return time.monotonic() - began


def _ticks(port: int) -> None:
    """A tick with 10,000 due sources of one host, by the usual limits and by raised ones."""
    from django.conf import settings
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from metrics import tasks
    from metrics.models import Pull, Source
    from northstar.lib import clock

    _fill(DUE, port, first=1_000_000)
    for words, per_host, at_once in (("usual limits", 2, 20), ("limits of 400", 400, 400)):
        settings.PULLS_PER_HOST, settings.PULLS_AT_ONCE = per_host, at_once
        seconds = []
        for _ in range(ROUNDS):
            Pull.objects.filter(state="waiting").delete()
            now = clock.now()
            Source.objects.update(next_due_at=now, next_scheduled_at=now, lease_until=None, lease_token="")
            began = time.monotonic()
            with CaptureQueriesContext(connection) as queries:
                tasks.tick()
            seconds.append(time.monotonic() - began)
        print(
            f"tick, {words:14} {statistics.median(seconds):6.3f} s with {Source.objects.count()} due, "
            f"{len(queries)} queries   (bar {BAR_TICK} s)"
        )


@contextmanager
def _source() -> Iterator[int]:
    command = [sys.executable, str(ROOT / "benchmarks" / "_number_server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


@contextmanager
def _worker(children: int) -> Iterator[Any]:
    """One worker as `up` starts it."""
    from tests.services import processes

    command = [sys.executable, "-W", "ignore", "-m", "celery", "--quiet", "-A", "northstar.celery:app"]
    command += ["--skip-checks", "worker", "--queues", "tick,pull,notify", "--concurrency", str(children)]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    worker = processes.start(command, log=Path(os.environ["DATA_DIR"]) / "worker.log")
    try:
        yield worker
    finally:
        processes.stop(worker, signum=signal.SIGKILL)


if __name__ == "__main__":
    main()
