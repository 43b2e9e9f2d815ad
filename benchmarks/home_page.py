"""Server time of the home page against a minimal Django page with the same 13 charts, in the same run.

The minimal page signs its reader in by the session like every page, reads the 13 documents in one query and
prints their sketches with the one figure; nothing else. Both go through the whole WSGI stack of this process.
"""

from __future__ import annotations

import io
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROUNDS = 200
TEAMS = 12
YEARS = int(os.environ.get("BENCH_YEARS", "1"))


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

    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0, skip_checks=True)
    cookie = _fill()
    home, size, queries = _measure("/", cookie)
    least, least_size, _ = _measure("/minimal", cookie)
    print(f"home page     {home * 1000:6.2f} ms   {size / 1024:5.1f} KB   {queries} queries")
    print(f"minimal page  {least * 1000:6.2f} ms   {least_size / 1024:5.1f} KB")
    print(f"ratio         {home / least:6.2f}      (bar: 2; {TEAMS} teams, {YEARS} year of weeks)")


def _fill() -> str:
    """A North Star and twelve focuses with a year of weeks; the session cookie of their reader."""
    from django.conf import settings
    from django.test import Client

    from metrics.models import Company, Metric, Source
    from northstar.lib import clock
    from teams import evaluating
    from teams.models import Omtm, Team, User

    company = Company.current()
    today = clock.today(company.zone)
    monday = today - timedelta(days=today.weekday() + 7)
    reader = User.objects.create_user("reader@example.com", "reader-reader", name="Reader")
    source = Source.objects.create(name="Typed", slug="typed", kind="hand")
    for number in range(TEAMS + 1):
        fields: dict[str, Any] = {"kind": "unique", "grain": "week", "unit": "crews", "definition": "Crews."}
        metric = Metric.objects.create(
            name=f"Metric {number}", slug=f"metric-{number}", source=source, **fields
        )
        _weeks(metric, monday, 52 * YEARS)
        if number == 0:
            _star(metric, today)
            continue
        team = Team.objects.create(name=f"Team {number}", slug=f"team-{number}")
        Omtm.objects.create(
            team=team, metric=metric, owner=reader, name=f"Focus {number}", why="x", state="active",
            unit="crews", direction="up", baseline=Decimal(4000), target=Decimal(6000),
            start=monday - timedelta(weeks=9), end=monday + timedelta(weeks=9),
        )  # fmt: skip
    evaluating.evaluate(clock.now())
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"


def _weeks(metric: Any, monday: Any, weeks: int) -> None:
    from metrics import storing
    from metrics.connectors.base import Row

    values = [4000 + 15 * week + (week * 37 % 90) for week in range(weeks)]
    starts = [monday - timedelta(weeks=weeks - 1 - week) for week in range(weeks)]
    rows = [Row(start, value=Decimal(value)) for start, value in zip(starts, values, strict=True)]
    storing.store(metric, rows, origin="typed")


def _star(metric: Any, today: Any) -> None:
    from metrics.models import NorthStar, NorthStarTarget, NorthStarVersion

    star = NorthStar.objects.create(name="Weekly active crews", state="active", next_review_on=today)
    NorthStarVersion.objects.create(
        north_star=star,
        version_no=1,
        effective_from=today,
        metric=metric,
        value_proposition="x",
        plain_definition="x",
    )
    NorthStarTarget.objects.create(
        north_star=star, horizon="short", target_value=6000, baseline_value=4500, set_on=today,
        due_date=today + timedelta(weeks=20), baseline_date=today - timedelta(weeks=10),
    )  # fmt: skip


def _measure(path: str, cookie: str) -> tuple[float, int, int]:
    """(median seconds, bytes, queries) of the page."""
    from django.core.signals import request_started
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    ask = _asking(path, cookie)
    for _ in range(20):
        body = ask()
    asked: list[str] = []
    request_started.disconnect(reset_queries)
    with CaptureQueriesContext(connection) as queries:
        ask()
        asked += [each["sql"] for each in queries.captured_queries if not each["sql"].startswith("PRAGMA")]
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        ask()
        times.append(time.perf_counter() - start)
    return statistics.median(times), len(body), len(asked)


def _asking(path: str, cookie: str) -> Callable[[], bytes]:
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()

    def ask() -> bytes:
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "HTTP_COOKIE": cookie,
        }  # fmt: skip
        status: list[str] = []
        answer = application(environ, lambda code, headers: status.append(code))
        body = b"".join(answer)
        answer.close()
        if not status[0].startswith("200"):
            raise SystemExit(f"{path}: {status[0]}")
        return body

    return ask


def minimal(request: Any) -> Any:
    """The least page with the same charts."""
    from django.http import HttpResponse
    from django.template import Context, Engine

    from metrics.models import ChartDocument

    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    charts = [
        (
            key,
            sketches["card"] if key != "north-star" else sketches["15m"],
            figure if key == "north-star" else "",
        )
        for key, sketches, figure in ChartDocument.objects.filter(
            key__regex="^(north-star$|omtm:)"
        ).values_list("key", "sketches", "figure")
    ]
    page = _template(Engine.get_default())
    return HttpResponse(page.render(Context({"charts": charts})))


def _template(engine: Any) -> Any:
    if not hasattr(_template, "made"):
        text = (
            "<!doctype html><title>Charts</title>{% for key, svg, figure in charts %}<h2>{{ key }}</h2>"
            "{{ svg|safe }}<script type='application/json'>{{ figure|safe }}</script>{% endfor %}"
        )
        _template.made = engine.from_string(text)  # type: ignore[attr-defined]
    return _template.made  # type: ignore[attr-defined]


def __getattr__(name: str) -> Any:
    """`urlpatterns`, once Django is ready: this module is also the URLconf of the run."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import include, path

    return [path("minimal", minimal), path("", include("northstar.urls"))]


if __name__ == "__main__":
    main()
