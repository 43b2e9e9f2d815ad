"""`manage.py up` with real processes: what is killed comes back, and nothing is left behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
from collections.abc import Iterator

import pytest

from tests.services.product import Product, scratch_product

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    running = scratch_product()
    running.start()
    running.wait(lambda: running.child("worker") and running.child("beat"), "worker and beat did not start")
    yield running
    running.stop()
    shutil.rmtree(running.data_dir.parent)


def test_only_the_owner_reads_keys_and_data(product: Product) -> None:
    for name in ("keys.json", "northstar.sqlite3"):
        assert stat.S_IMODE((product.data_dir / name).stat().st_mode) == 0o600, name


def test_a_second_one_on_the_same_data_is_refused_in_words(product: Product) -> None:
    other = Product(product.data_dir)
    refused = other.run_command("up")
    assert refused.returncode == 1
    assert "already running" in refused.stderr
    assert "DATA_DIR=" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_taken_port_is_refused_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        other = scratch_product()
        other.port = taken.getsockname()[1]
        refused = other.run_command("up")
    assert refused.returncode == 1
    assert f"Port {other.port} cannot be used" in refused.stderr
    assert "PORT=" in refused.stderr


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_killed_child_comes_back(product: Product, name: str) -> None:
    before = product.child(name)
    assert before is not None
    beside = {pid for pid, (parent, _) in product.pids().items() if parent == before}
    os.kill(before, signal.SIGKILL)
    product.wait(lambda: product.child(name) not in (None, before), f"{name} did not come back")
    product.wait(lambda: not beside & set(product.pids()), f"children of the killed {name} were left")
    product.wait(product.is_ready, "the pages did not come back")


def test_a_killed_pool_process_is_replaced(product: Product) -> None:
    worker = product.child("worker")

    def pool() -> set[int]:
        return {pid for pid, (parent, _) in product.pids().items() if parent == worker}

    product.wait(lambda: len(pool()) == 2, "the worker has no pool of two")
    victim = pool().pop()
    os.kill(victim, signal.SIGKILL)
    product.wait(lambda: len(pool()) == 2 and victim not in pool(), "the pool was not filled again")


def test_stopping_leaves_nothing_and_the_second_start_is_quick() -> None:
    product = scratch_product(migrated=True)
    product.start()
    keys = (product.data_dir / "keys.json").read_bytes()
    assert product.stop(seconds=17) == 0
    assert product.pids() == {}
    assert product.start(seconds=30) <= 5.0
    assert (product.data_dir / "keys.json").read_bytes() == keys
    product.stop()
    shutil.rmtree(product.data_dir.parent)


def test_killing_the_supervisor_ends_everything() -> None:
    product = scratch_product(migrated=True)
    product.start()
    product.wait(lambda: product.child("worker") and product.child("beat"), "worker and beat did not start")
    assert product.process is not None
    product.process.kill()
    product.process.wait()
    product.wait(lambda: product.pids() == {}, "processes outlived their supervisor")
    shutil.rmtree(product.data_dir.parent)


def test_it_runs_on_postgresql_and_redis_when_they_are_named(postgres_server, redis_server) -> None:
    postgres_server.create("up_test")
    product = scratch_product(
        {"DATABASE_URL": postgres_server.url("up_test"), "REDIS_URL": redis_server.url(5)}
    )
    product.start()
    tables = postgres_server.run(
        "select count(*) from pg_tables where schemaname = 'public'", database="up_test"
    )
    assert product.stop() == 0
    assert tables[0][0] > 10
    assert not (product.data_dir / "northstar.sqlite3").exists()
    postgres_server.drop("up_test")
    shutil.rmtree(product.data_dir.parent)
