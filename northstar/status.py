"""/healthz says the process lives, /readyz that it can work, /status/ how the whole is."""

from __future__ import annotations

import platform
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import django
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from metrics import source_state
from metrics.models import Breaker, MetricChange, Pull, Source
from northstar.home.navigation import company_of
from northstar.lib import clock
from northstar.lib.policy import may, requires, subject_of
from northstar.lib.version import VERSION
from northstar.watching import parts
from teams.models import Delivery
from teams.reminders import delivering


@requires("public")
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@requires("public")
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and holds every migration, else 503 with the reason."""
    problem = not_ready()
    return HttpResponse(f"{problem or 'ready'}\n", content_type="text/plain", status=503 if problem else 200)


def not_ready() -> str:
    """Why the product cannot work yet; empty if it can."""
    try:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "the database does not answer"
    return f"{len(waiting)} migrations wait: run manage.py migrate" if waiting else ""


@requires("status.view")
def status(request: HttpRequest) -> HttpResponse:
    """How the whole is: who lives, what waits, what it runs on."""
    now, company = clock.now(), company_of(request)
    context = {
        "parts": parts(now),
        "now": now,
        "zone": company.zone,
        "waiting": _waiting(now),
        "sources": _sources(now),
        # The mail server's words may hold addresses of people and machines.
        "may_read_errors": may(subject_of(request), "people.view"),
        "house": _house(),
        "versions": _versions(),
    }
    return render(request, "status.html", context)


def _waiting(now: Any) -> dict[str, Any]:
    """What is due but not done: the oldest source, pulls, deliveries, changes not yet evaluated."""
    oldest = Source.objects.due(now).values_list("name", "next_due_at").first()
    return {
        "oldest": oldest,
        "late": bool(oldest and (now - oldest[1]).total_seconds() > 600),
        "pulls": Pull.objects.filter(state="waiting").count(),
        "running": Pull.objects.filter(state="running").count(),
        "undelivered": delivering.failed(now),
        "deliveries": Delivery.objects.filter(state="due", next_due_at__lte=now).count(),
        "changes": MetricChange.objects.count(),
    }


def _sources(now: datetime) -> dict[str, Any]:
    """Sources that fail or are late by name, pulls given up in a fortnight, and hosts that are left alone."""
    listed = Source.objects.listed()
    late = listed.filter(failures=0, paused_at=None, next_scheduled_at__lt=now - source_state.LATE_AFTER)
    resting = Breaker.objects.filter(open_until__gt=now).order_by("open_until")
    given_up = Pull.objects.filter(state="dead", finished_at__gt=now - timedelta(days=14))
    return {
        "failing": list(listed.filter(failures__gt=0).values_list("name", flat=True)),
        "late": list(late.values_list("name", flat=True)),
        "given_up": given_up.count(),
        "resting": list(resting.values_list("host", "open_until")[:5]),
    }


def _house() -> list[tuple[str, str]]:
    """What the product runs on, in words; never an address or a secret."""
    broker = "Redis" if settings.REDIS_URL else "Embedded: files in the data folder, for one machine"
    mail = "Sent by the configured mail server" if settings.EMAIL_CONFIGURED else "Written to files, not sent"
    private = "open" if settings.EGRESS_PRIVATE == "allow" else "closed, but for what EGRESS_ALLOW lists"
    return [
        ("Database", _database()),
        ("Messages", broker),
        ("E-mail", mail),
        ("Sources on private networks", private.capitalize()),
        ("Sources on this machine", "Open (EGRESS_LOOPBACK)" if settings.EGRESS_LOOPBACK else "Closed"),
    ]


def _database() -> str:
    if connection.vendor == "postgresql":
        number = connection.pg_version
        return f"PostgreSQL {number // 10000}.{number % 10000}"
    import sqlite3

    return f"SQLite {sqlite3.sqlite_version}, embedded: for one machine"


def _versions() -> list[tuple[str, str]]:
    names = (("Celery", "celery"), ("Plotly", "plotly"), ("Time zones (tzdata)", "tzdata"))
    own = [("Northstar", VERSION), ("Python", platform.python_version()), ("Django", django.get_version())]
    return own + [(label, version(name)) for label, name in names]
