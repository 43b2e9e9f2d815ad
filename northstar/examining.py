"""What an administrator asks first when something is odd: each part looked at, in one sentence (doctor)."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from kombu.exceptions import OperationalError

from metrics import rotating
from metrics.connectors import plugins
from metrics.connectors.base import ConnectorError
from metrics.connectors.registry import connector_class
from metrics.models import Source
from northstar import checks, watching
from northstar.lib import clock, egress
from northstar.lib.env import ConfigError
from northstar.lib.version import VERSION
from northstar.status import not_ready

GIB = 1024**3
MOST_SKEW_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is (ok, note or bad), and the sentence."""

    part: str
    state: str
    words: str


def examine() -> Iterator[Finding]:
    """Every part in turn. What needs the database is left out where it does not answer."""
    yield from _settings()
    yield from _disk()
    yield from _egress()
    unready = not_ready()
    yield Finding("Database", "bad" if unready else "ok", f"{unready or _database()}.")
    if unready == "the database does not answer":
        return
    for part in (_clock, _secrets, _kinds, _queue, _life):
        yield from _guarded(part)
    yield Finding("Versions", "ok", f"Northstar {VERSION}, Python {platform.python_version()}.")


def _guarded(part: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from part()
    except DatabaseError:
        yield Finding(part.__name__.strip("_").capitalize(), "bad", "The database holds no such tables yet.")


def _settings() -> Iterator[Finding]:
    errors = checks.check_settings()
    for error in errors:
        yield Finding("Settings", "bad", " ".join(filter(None, [error.msg, error.hint])))
    if not errors:
        yield Finding("Settings", "ok", "All settings can be understood.")
    file = Path(settings.DATA_DIR) / "keys.json"
    if file.exists() and file.stat().st_mode & 0o077:
        yield Finding("Keys", "bad", f"Others can read {file}. Close it: chmod 600 {file}")


def _disk() -> Iterator[Finding]:
    folder = Path(settings.DATA_DIR)
    if not os.access(folder, os.W_OK):
        yield Finding("Disk", "bad", f"{folder} cannot be written to.")
        return
    free = shutil.disk_usage(folder).free / GIB
    words = f"{free:,.1f} GiB are free in {folder}."
    yield Finding("Disk", "ok" if free >= 1 else "bad", words if free >= 1 else f"Only {words} Make room.")


def _egress() -> Iterator[Finding]:
    try:
        egress.for_admins()
    except ConfigError:
        return  # told among the settings
    private = "open" if settings.EGRESS_PRIVATE == "allow" else "closed"
    # `up` opens it to the embedded set-up; this command only sees its own environment.
    here = "open" if settings.EGRESS_LOOPBACK else "closed, but for make run" * settings.EMBEDDED or "closed"
    opened = ", ".join(settings.EGRESS_ALLOW) or "nothing"
    words = f"Private networks are {private} to sources, this machine is {here}; EGRESS_ALLOW opens {opened}."
    yield Finding("Addresses", "ok", words)


def _database() -> str:
    if connection.vendor != "postgresql":
        return "SQLite answers, with every migration"
    number = connection.pg_version
    return f"PostgreSQL {number // 10000}.{number % 10000} answers, with every migration"


def _clock() -> Iterator[Finding]:
    skew = watching.clock_skew()
    late = abs(skew) > MOST_SKEW_SECONDS
    words = f"The clock is {abs(skew):.1f} s off the database's."
    yield Finding("Clock", "bad" if late else "ok", f"{words} Set it right." if late else words)


def _secrets() -> Iterator[Finding]:
    found = rotating.look()
    if found.lost:
        names = ", ".join(sorted(found.lost))
        yield Finding("Secrets", "bad", f"No key of DATA_KEYS opens secrets of: {names}. Type them again.")
    if found.resealed:
        words = f"{found.resealed} are under an older key. Run: manage.py rotate_keys"
        yield Finding("Secrets", "note", words)
    yield Finding("Secrets", "ok", f"{found.current + found.resealed} secrets open.")


def _kinds() -> Iterator[Finding]:
    for kind in Source.objects.listed().order_by("kind").values_list("kind", flat=True).distinct():
        try:
            missing = connector_class(kind).missing_driver()
        except ConnectorError as error:
            missing = error.message
        if missing:
            yield Finding("Kinds", "bad", missing)
    for problem in plugins.problems():
        yield Finding("Kinds", "bad", problem)
    yield Finding("Kinds", "ok", "Every kind of source in use was looked at.")


def _queue() -> Iterator[Finding]:
    try:
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except (OperationalError, OSError):
        yield Finding("Queue", "bad", "The broker takes no messages. Check REDIS_URL and that it runs.")
    else:
        yield Finding("Queue", "ok", "The broker takes messages.")


def _life() -> Iterator[Finding]:
    for part in watching.parts(clock.now()):
        seen = f"was last seen {part.last:%Y-%m-%d %H:%M} UTC" if part.last else "has not been seen yet"
        yield Finding(part.name.capitalize(), "note" if part.silent else "ok", f"The {part.name} {seen}.")
