"""/healthz says the process lives, /readyz that it can work, /status/ how the whole is."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from northstar.lib.policy import requires


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
