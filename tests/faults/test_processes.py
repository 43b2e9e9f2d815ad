"""Processes die, messages are lost, schedulers run twice: each value still arrives once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from redis import Redis

from tests.faults.plant import LEASE_SECONDS, TICK_SECONDS, WEEKS, Plant, open_gate
from tests.services import postgres, redis
from tests.services.processes import ROOT, start, stop
from tests.services.product import Product, scratch_product

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

SHORT = {
    "PULL_LEASE_SECONDS": str(LEASE_SECONDS),
    "TICK_SECONDS": str(TICK_SECONDS),
    "EGRESS_LOOPBACK": "1",
    "SECRET_KEY": "a-key-for-fault-tests-only-" + "0123456789abcdef" * 3,
    "DATA_KEYS": "VGhpcyBpcyBhIGtleSBmb3IgdGVzdHMgb25seSAhISE=",
}
# Lease and tick, and what a machine with other work on its two cores may add to them.
IN_TIME = LEASE_SECONDS + TICK_SECONDS + 20


@pytest.fixture(scope="module")
def broker() -> Iterator[redis.Server]:
    """A Redis of this module's own, because it is emptied and killed here."""
    server = redis.start_server()
    yield server
    if server.process:
        stop(server.process)


@pytest.fixture(scope="module", params=["embedded", "postgresql and redis"])
def plant(request: pytest.FixtureRequest, postgres_server: postgres.Server) -> Iterator[Plant]:
    open_gate(postgres_server)
    extra, database = dict(SHORT), None
    if request.param != "embedded":
        database = postgres_server
        database.create("northstar_faults")
        broker = request.getfixturevalue("broker")
        extra |= {"DATABASE_URL": database.url("northstar_faults"), "REDIS_URL": broker.url()}
    product = scratch_product(extra, migrated=database is None)
    product.start()
    running = Plant(product, database, postgres_server)
    running.prepare(sources=5)
    yield running
    product.stop()
    shutil.rmtree(product.data_dir.parent)
    for name in ("northstar_faults", "gated"):
        postgres_server.drop(name)


@pytest.fixture(autouse=True)
def fresh(plant: Plant) -> None:
    plant.hold(0)
    plant.product.wait(lambda: plant.product.child("worker"), "the worker is not there")
    plant.product.wait(lambda: plant.product.child("beat"), "beat is not there")
    plant.forget()


def wait(plant: Plant, condition: object, complaint: str, *, seconds: float = IN_TIME) -> None:
    plant.product.wait(condition, complaint, seconds=seconds)  # type: ignore[arg-type]


def settled(plant: Plant) -> bool:
    """Every source was pulled and nothing is left to do."""
    pulls = plant.pulls()
    return len(pulls) >= 5 and all(state == "ok" for state, _ in pulls)


def revisions_a_period(plant: Plant) -> set[int]:
    counts = plant.ask("select count(*) from metrics_observationrevision group by metric_id, period_start")
    return {int(count) for (count,) in counts}


def test_a_worker_killed_in_the_middle_of_a_pull_costs_a_lease_and_no_value(plant: Plant) -> None:
    plant.hold(120)
    plant.make_due()
    wait(plant, plant.asking, "the source was not asked")
    worker = plant.product.child("worker")
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    plant.hold(0)
    plant.warehouse.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gatekeeper'")
    wait(plant, lambda: settled(plant), "the pulls were not done again")
    assert plant.values() == 5 * WEEKS
    assert revisions_a_period(plant) == {1}
    assert max(attempt for _, attempt in plant.pulls()) == 2


def test_a_killed_beat_comes_back_and_ticks_go_on(plant: Plant) -> None:
    beat = plant.product.child("beat")
    assert beat is not None
    os.kill(beat, signal.SIGKILL)
    wait(plant, lambda: plant.product.child("beat") not in (None, beat), "beat did not come back")
    before = plant.last_tick()
    wait(plant, lambda: plant.last_tick() > before, "no tick after beat came back")
    plant.make_due()
    wait(plant, lambda: settled(plant), "nothing was pulled after beat came back")


def test_two_beats_pull_nothing_twice(plant: Plant) -> None:
    schedule = plant.product.data_dir.parent / "second-beat"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "northstar",
        "beat",
        "--schedule",
        schedule,
        "--pidfile=",
    ]
    second = start_beside(plant.product, command)
    try:
        before = plant.last_tick()
        wait(plant, lambda: plant.last_tick() > before, "no tick with two beats")
        plant.make_due()
        wait(plant, lambda: settled(plant), "the pulls were not done")
        ticks = plant.last_tick()
        wait(plant, lambda: plant.last_tick() > ticks, "no later tick")
        assert second.poll() is None
    finally:
        stop(second)
    assert len(plant.pulls()) == 5
    assert revisions_a_period(plant) == {1}


def test_a_broker_that_lost_everything_loses_no_pull(plant: Plant, request: pytest.FixtureRequest) -> None:
    """The worker stands still while messages are sent, and they are gone before it goes on."""
    worker = plant.product.child("worker")
    assert worker is not None
    os.killpg(worker, signal.SIGSTOP)
    try:
        plant.make_due()
        wait(plant, lambda: messages(plant, request) > 1, "beat sent nothing that could be lost")
        lose_messages(plant, request)
    finally:
        os.killpg(worker, signal.SIGCONT)
    wait(plant, lambda: settled(plant), "the pulls were not done", seconds=IN_TIME + 30)
    assert plant.values() == 5 * WEEKS
    assert revisions_a_period(plant) == {1}


def start_beside(product: Product, command: list[object]) -> subprocess.Popen[bytes]:
    """Another process in the product's environment."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(product.environment() | {"PYTHONPATH": str(ROOT)})
    try:
        return start(command, log=product.log)  # type: ignore[arg-type]
    finally:
        os.environ.clear()
        os.environ.update(before)


def messages(plant: Plant, request: pytest.FixtureRequest) -> int:
    """How many messages lie in the broker, taken by nobody."""
    if plant.database is None:
        return len(list((plant.product.data_dir / "broker" / "queue").glob("*.msg")))
    client = Redis(port=request.getfixturevalue("broker").port)
    return sum(int(client.llen(queue)) for queue in ("tick", "pull", "notify"))


def lose_messages(plant: Plant, request: pytest.FixtureRequest) -> None:
    if plant.database is None:
        for message in (plant.product.data_dir / "broker" / "queue").glob("*.msg"):
            message.unlink()
        return
    server = request.getfixturevalue("broker")
    stop(server.process, signum=signal.SIGKILL)
    redis.start_server(port=server.port)
