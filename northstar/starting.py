"""What has to be true before Northstar can run: keys, tables, static files, a first company."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import secrets
import socket
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.db import connection

from northstar.lib import env

_MIGRATION_LOCK = 7_811_946_001
# Source maps, and pages of a package that Northstar has no routes for: nobody asks for them.
_NOT_SERVED = ["*.map", "rest_framework"]


class CannotStart(Exception):
    """Northstar cannot run like this; the message says why and what to do."""


def lock(data_dir: Path) -> IO[str]:
    """The open lock file of a data folder, held as long as it stays open.

    Raises CannotStart if another `up` holds it: two would write one broker folder and one beat schedule.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    file = (data_dir / "up.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CannotStart(
            f"Northstar is already running on {data_dir}. Stop it first, or give this one a folder "
            "of its own: DATA_DIR=./other make run"
        ) from None
    return file


def check_settings() -> None:
    """Raise CannotStart with the sentences of the product's own system checks, if they find anything."""
    from northstar.checks import check_settings as found_wrong

    if errors := found_wrong():
        raise CannotStart("\n".join(" ".join(filter(None, [error.msg, error.hint])) for error in errors))


def check_port(port: int) -> None:
    """Raise CannotStart if something else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            raise CannotStart(
                f"Port {port} cannot be used ({problem.strerror}). "
                f"Choose another one: PORT={port + 10} make run"
            ) from None


def migrate() -> bool:
    """Bring the tables up to date; True if there was anything to do. Several machines may start at once."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
    return True


def make_broker_folders() -> None:
    """The folders of Celery's filesystem transport, which does not make all of them by itself."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    for name in ("data_folder_in", "data_folder_out", "control_folder", "processed_folder"):
        if name in options:
            Path(options[name]).mkdir(parents=True, exist_ok=True, mode=0o700)


def collect_static() -> bool:
    """Copy and compress the static files if they changed since the last time; True if they had."""
    target = Path(settings.STATIC_ROOT)
    stamp, wanted = target / ".collected-from", _static_digest()
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    with target.with_suffix(".lock").open("a") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            call_command(
                "collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=_NOT_SERVED
            )
            stamp.write_text(wanted)
    return True


def _static_digest() -> str:
    """A hash over names, sizes and times of all that would be collected."""
    from django.contrib.staticfiles.finders import get_finders

    sums = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([*_NOT_SERVED, ".*"]):
            facts = os.stat(storage.path(path))
            sums.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return sums.hexdigest()


def wants_demo() -> bool:
    """Whether an empty database gets the demo company: embedded ones do, others only with DEMO=1."""
    return env.flag("DEMO", bool(settings.EMBEDDED))


def load_demo(data_dir: Path) -> str:
    """Load the demo company into an empty database; the sign-ins to show, empty without a demo company.

    The sign-ins are kept in the data folder (0600), so that the next start can show them again.
    """
    notes = data_dir / "demo-sign-ins.txt"
    if has_users():
        from metrics.models import Company

        is_demo = Company.objects.filter(is_demo=True).exists()
        return notes.read_text() if is_demo and notes.exists() else ""
    if not wants_demo() or "demo" not in get_commands():
        return ""
    os.environ.setdefault("DEMO_PASSWORD", secrets.token_urlsafe(12))
    said = io.StringIO()
    call_command("demo", "--if-empty", stdout=said)
    with os.fdopen(os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(said.getvalue())
    return said.getvalue()


def first_admin_link() -> str:
    """The one-time link that makes the first admin, in words; empty once there is a user."""
    if has_users() or "setup_link" not in get_commands():
        return ""
    said = io.StringIO()
    call_command("setup_link", stdout=said)
    return said.getvalue()


def has_users() -> bool:
    """Whether anybody can sign in."""
    return bool(get_user_model().objects.exists())
