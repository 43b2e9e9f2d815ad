"""What every test stands on: an environment of its own, no network, a clock, the cast.

Environment first, Django second: the settings read the environment once, when they are imported.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from tests import guarding, leaving_out, sharing_out
from tests.services import mariadb, postgres, redis

ROOT = Path(__file__).resolve().parent.parent
# A busy machine must not turn a slow example of a property test into a failure.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def _prepare_environment() -> None:
    """Settings of the test process: a scratch DATA_DIR, known keys, the database that TEST_DB names."""
    scratch = tempfile.mkdtemp(prefix="northstar-tests-")
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    for name in ("SITE_URL", "ALLOWED_HOSTS", "EMAIL_URL", "EGRESS_ALLOW", "EGRESS_PRIVATE", "DEMO"):
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="northstar.settings",
        DATA_DIR=scratch,
        SECRET_KEY="a-key-for-tests-only-" + "0123456789abcdef" * 3,
        DATA_KEYS="VGhpcyBpcyBhIGtleSBmb3IgdGVzdHMgb25seSAhISE=",
        TIME_ZONE="Europe/London",
    )
    if os.environ.get("TEST_DB", "sqlite") == "postgresql":
        os.environ["DATABASE_URL"] = postgres.shared().url("northstar")
        os.environ["REDIS_URL"] = redis.shared().url()
    else:
        os.environ.pop("DATABASE_URL", None)
        os.environ.pop("REDIS_URL", None)


_prepare_environment()

import django  # noqa: E402

django.setup()

from django.core.cache import cache  # noqa: E402
from pytest_django import Settings  # noqa: E402

from tests import templating  # noqa: E402
from tests.cast import *  # noqa: E402, F403
from tests.chats import receivers  # noqa: E402, F401

pytest_xdist_make_scheduler = sharing_out.pytest_xdist_make_scheduler
pytest_collection_modifyitems = leaving_out.pytest_collection_modifyitems
pytest_runtest_makereport = leaving_out.pytest_runtest_makereport
pytest_terminal_summary = leaving_out.pytest_terminal_summary


@pytest.fixture(scope="session", autouse=True)
def _migrated_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """The test database is copied from the last run's where no migration changed."""
    with templating.migrations_from_template():
        yield


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that opens a connection to anything but this machine fails, naming the address."""
    guarding.block_network(monkeypatch)


@pytest.fixture(autouse=True)
def _fast_and_contained(settings: Settings) -> None:
    """Cheap password hashes, an empty cache, static files as they lie; the rest is the product's own."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    cache.clear()


@pytest.fixture
def clock() -> Iterator[object]:
    """The time stands still at Wednesday 2026-11-18 10:00 UTC; `clock.move_to(…)`, `clock.shift(…)`."""
    import time_machine

    with time_machine.travel(datetime(2026, 11, 18, 10, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="session")
def postgres_server() -> postgres.Server:
    """A real PostgreSQL: `.host .port .user .password .url(name)`, `.create(name)`, `.drop(name)`."""
    return postgres.shared()


@pytest.fixture(scope="session")
def mariadb_server() -> mariadb.Server:
    """A real MariaDB, read as a foreign source: `.host .port .user .password`, `.run(*statements)`."""
    return mariadb.shared()


@pytest.fixture(scope="session")
def redis_server() -> redis.Server:
    """A real Redis shared by the run: `.host .port .url(db)`. Tests that kill one start their own."""
    return redis.shared()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty DATA_DIR for a test that starts the product's processes."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; use it together with the mark `needs_data`."""
    return Path(os.environ["TEST_DATA_DIR"])
