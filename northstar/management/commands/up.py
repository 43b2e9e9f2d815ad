"""The one-command run: everything Northstar needs, under one supervisor."""

from __future__ import annotations

import http.client
import os
import sys
import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from northstar import __version__, starting
from northstar.supervising import Child, Supervisor, write_line

# Celery's advice to run as another user is for servers; on one machine it would greet every start.
_QUIET_AS_ROOT = "ignore:You're running the worker with superuser privileges"
_READY_SECONDS = 60


class Command(BaseCommand):
    """`manage.py up`: prepare, then run web, worker and beat until somebody says stop."""

    help = "Prepare the database and run web, worker and beat; Ctrl-C stops all of them."
    requires_system_checks: list[str] = []

    def handle(self, *args: object, **options: object) -> None:
        """Run until SIGTERM or SIGINT; CommandError with a sentence if Northstar cannot start."""
        data_dir, port = Path(settings.DATA_DIR), int(settings.PORT)
        try:
            starting.check_settings()
            held = starting.lock(data_dir)
            starting.check_port(port)
            self._prepare()
            notes = starting.load_demo(data_dir) or starting.first_admin_link()
        except starting.CannotStart as problem:
            raise CommandError(str(problem)) from None
        connections.close_all()
        supervisor = Supervisor(say=self._say)
        supervisor.listen()
        try:
            self._run(supervisor, port=port, notes=notes)
        finally:
            self._say("stopping")
            supervisor.stop()
            self._say("stopped")
            held.close()

    def _prepare(self) -> None:
        if starting.migrate():
            self._say("the database is up to date")
        starting.make_broker_folders()
        if starting.collect_static():
            self._say("the static files are in place")

    def _run(self, supervisor: Supervisor, *, port: int, notes: str) -> None:
        """Web first, so that pages are there soonest; the others once it answers."""
        web, *others = children(environment(port))
        supervisor.add(web)
        deadline = time.monotonic() + _READY_SECONDS
        while not supervisor.stopping and (status := readiness(port)) != 200:
            supervisor.turn(0.5 if status else 0.05)
            if time.monotonic() > deadline:
                raise CommandError(
                    f"The pages did not answer within {_READY_SECONDS} s; the lines above say why."
                )
        if not supervisor.stopping:
            self._welcome(port, notes)
            for child in others:
                supervisor.add(child)
        while not supervisor.stopping:
            supervisor.turn(5.0)

    def _welcome(self, port: int, notes: str) -> None:
        lines = ["", f"Northstar {__version__} is at {settings.SITE_URL or f'http://127.0.0.1:{port}'}", ""]
        lines += notes.splitlines()
        lines += ["", f"The data is in {settings.DATA_DIR}. Ctrl-C stops everything.", ""]
        for line in lines:
            write_line(line)

    def _say(self, sentence: str) -> None:
        write_line(f"up     | {sentence}")


def environment(port: int) -> dict[str, str]:
    """What the children see: this process's environment, with the choices of a one-machine set-up."""
    values = dict(os.environ, PORT=str(port), DATA_DIR=str(settings.DATA_DIR), PYTHONUNBUFFERED="1")
    values["DJANGO_SETTINGS_MODULE"] = "northstar.settings"
    values["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH")])
    )
    if settings.EMBEDDED:
        values.setdefault("EGRESS_LOOPBACK", "1")
    return values


def children(values: dict[str, str]) -> list[Child]:
    """Web, worker and beat, in the order of their start."""
    python = [sys.executable, "-W", _QUIET_AS_ROOT, "-m"]
    celery = [*python, "celery", "--quiet", "-A", "northstar.celery:app", "--skip-checks"]
    worker = [
        "worker",
        "--queues",
        "tick,pull,notify",
        "--concurrency",
        values.get("WORKER_CONCURRENCY", "2"),
    ]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    schedule = Path(settings.DATA_DIR) / "beat-schedule"
    beat = ["beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "WARNING"]
    return [
        Child("web", [*python, "gunicorn", "--config", "python:northstar.serving"], values),
        Child("worker", [*celery, *worker], values),
        Child("beat", [*celery, *beat], values),
    ]


def readiness(port: int) -> int:
    """The status code that /readyz answers with, 0 while nothing answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": allowed_host()})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def allowed_host() -> str:
    """A host name that the pages accept, for asking them whether they are ready."""
    return next((name for name in settings.ALLOWED_HOSTS if not name.startswith(("*", "."))), "127.0.0.1")
