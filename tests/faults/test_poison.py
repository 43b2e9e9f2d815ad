"""A connector that ends the interpreter each time it is asked (F51): given up after three times, alone."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator

import pytest

from tests.faults.test_processes import SHORT
from tests.metrics.connectors.plugin_packages import HEAD, lay_out
from tests.services.product import Product, scratch_product

pytestmark = [pytest.mark.long, pytest.mark.processes, pytest.mark.xdist_group("processes")]

POISON = (
    HEAD
    + """
class Poison(Ours):
    kind = "poison"

    def fetch(self, ask):
        import ctypes
        ctypes.string_at(0)
"""
)
SET_UP = """
from metrics.models import Company, Metric, Source
from northstar.lib import clock
Company.objects.get_or_create(id=1, defaults={"zone": "Europe/Berlin"})
now = clock.now()
for name in ("poison", "ours", "theirs"):
    source = Source.objects.create(
        name=name, slug=name, kind="poison" if name == "poison" else "ours", settings={"place": "here"},
        schedule={"kind": "every", "minutes": 1440}, next_due_at=now, next_scheduled_at=now,
    )
    Metric.objects.create(name=name, slug=name, kind="flow_sum", source=source, grain="day",
                          history_from=clock.today("Europe/Berlin"), query={"series": "a"})
"""


@pytest.fixture
def product() -> Iterator[Product]:
    """Web, worker and beat, with a plug-in of two kinds, one of them poison."""
    product = scratch_product()
    plugins = product.data_dir.parent / "plugins"
    plugins.mkdir()
    lay_out(plugins, "northstar-poison", {"ours": "Ours", "poison": "Poison"}, POISON)
    product.extra = SHORT | {"PYTHONPATH": str(plugins), "PULL_LEASE_SECONDS": "2"}
    product.start()
    yield product
    product.stop()
    shutil.rmtree(product.data_dir.parent)


def ask(product: Product, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(product.data_dir / "northstar.sqlite3", timeout=20) as file:
        return file.execute(statement).fetchall()


def test_a_source_that_ends_its_worker_each_time_is_given_up_and_harms_no_other(product: Product) -> None:
    done = product.run_command("shell", "-v0", "-c", SET_UP)
    assert done.returncode == 0, done.stderr
    dead = "select attempt from metrics_pull where state = 'dead'"
    product.wait(lambda: ask(product, dead), "the poison was not given up", seconds=90)
    assert ask(product, dead) == [(4,)]  # three that ended their worker, and the one that counted them
    paused = "select slug, last_error_message from metrics_source where paused_at is not null"
    ((slug, message),) = ask(product, paused)
    assert (slug, str(message)[:54]) == ("poison", "The worker was killed three times while it ran this so")
    assert ask(product, "select count(*) from metrics_observation") == [(2,)]
    others = "select state, attempt from metrics_pull where state != 'dead'"
    product.wait(lambda: {state for state, _ in ask(product, others)} == {"ok"}, "others were not pulled")
    assert max(int(str(attempt)) for _, attempt in ask(product, others)) <= 2
    assert ask(product, "select kind from metrics_sourceevent") == [("paused",)]
    assert os.path.exists(product.log)
