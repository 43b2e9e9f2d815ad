"""What one look of a wall screen costs: server time, queries and bytes, with news (200) and without (304).

The demo company, through the whole WSGI stack of this process, compressed as a browser asks for it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

ROUNDS = 200


def main() -> None:
    scratch = Path(tempfile.mkdtemp(prefix="northstar-bench-"))
    os.environ.update(DJANGO_SETTINGS_MODULE="northstar.settings", DATA_DIR=str(scratch), LOG_LEVEL="WARNING")
    try:
        from northstar.lib import keys

        keys.ensure(scratch)
        _run()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from northstar.demo import loading
    from northstar.lib import clock
    from northstar.wall import pairing
    from teams.models import Screen

    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    call_command("migrate", verbosity=0, skip_checks=True)
    loading.load(clock.now(), hashed="!")
    screen, client = (
        Screen(label="Hall", approved_at=clock.now()),
        Client(headers={"Accept-Encoding": "gzip"}),
    )
    client.cookies[pairing.COOKIE] = screen.new_secret()
    screen.save()
    first = client.get("/wall/views/")
    _tell("with news", client, {})
    _tell("without", client, {"If-None-Match": first["ETag"]})


def _tell(name: str, client: Any, headers: dict[str, str]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        client.get("/wall/views/", headers=headers)
    queries, took = len(asked), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = client.get("/wall/views/", headers=headers)
        took.append(time.perf_counter() - began)
    size = len(answer.content) / 1024
    words = f"{statistics.median(took) * 1000:6.2f} ms   {size:5.1f} KB   {queries} queries"
    print(f"{name:<12} {answer.status_code}  {words}")


if __name__ == "__main__":
    main()
