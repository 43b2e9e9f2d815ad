"""A real process that dies between the mail server's yes and its own commit (reliability F54)."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest

from tests.services.product import Product, scratch_product
from tests.teams.posting import post_office

pytestmark = [pytest.mark.processes, pytest.mark.long]

TOLD = """
import os, signal
from datetime import UTC, datetime, timedelta
from metrics.models import Company
from teams.models import Delivery, Reminder, User
from teams.reminders import addressing, delivering
now = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
"""
DIE = """
Company.objects.get_or_create(id=1, defaults={"zone": "Europe/Berlin", "country": "DE"})
user = User.objects.create(email="idris@example.com", name="Idris")
for number in range(2):
    reminder = Reminder.objects.create(key=f"signal:{number}", rule="signal", occurs_on=now.date(),
                                       subject=f"S {number}", text="T", path="/", action="Look")
    Delivery.objects.bulk_create(addressing.tellings(reminder, user, now))
delivering._settle = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
delivering.deliver(now)
"""
LIVE = """
print([delivering.deliver(now + timedelta(seconds=each)) for each in (30, 361, 420, 7200, 100000)])
print(sorted(Delivery.objects.exclude(channel="app").values_list("state", "attempt")))
"""


KEYS = {
    "SITE_URL": "https://northstar.example.com",
    "SECRET_KEY": "a-key-for-fault-tests-only-" + "0123456789abcdef" * 3,
    "DATA_KEYS": "VGhpcyBpcyBhIGtleSBmb3IgdGVzdHMgb25seSAhISE=",
}


@pytest.fixture
def product() -> Any:
    product = scratch_product(KEYS, migrated=True)
    yield product
    shutil.rmtree(product.data_dir.parent)


def run(product: Product, words: str) -> subprocess.CompletedProcess[str]:
    return product.run_command("shell", "-v", "0", "-c", TOLD + words)


def test_a_process_that_dies_after_the_servers_yes_makes_one_duplicate_of_the_same_name(
    product: Product, settings: Any
) -> None:
    assert product.run_command("migrate", "-v", "0").returncode == 0
    with post_office(settings) as office:
        product.extra = {**product.extra, "EMAIL_URL": f"smtp://127.0.0.1:{office.port}"}
        died = run(product, DIE)
        assert died.returncode == -9, died.stderr
        assert len(office.accepted) == 1
        lived = run(product, LIVE)
    assert lived.stdout.splitlines() == ["[0, 1, 0, 0, 0]", "[('sent', 2), ('sent', 2)]"], lived.stderr
    first, second = office.accepted
    assert first["Message-ID"] == second["Message-ID"] and "digest." in first["Message-ID"]
    assert first["Subject"] == second["Subject"] == "2 things wait in Northstar"
