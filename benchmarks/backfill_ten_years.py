"""How long a backfill of ten years of daily values of one metric takes, from its first pull to its last.

Asked for, claimed, fetched from a source in this process, stored with revisions, weeks and months rolled up,
on SQLite (or on PostgreSQL, where DATABASE_URL names one). Beside it, in the same run: the same rows by the
barest bulk upsert of Django, one statement per 500. `python -m benchmarks.backfill_ten_years`.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROUNDS = 5
BAR_SECONDS = 1.0
FIRST, AFTER = date(2016, 1, 1), date(2026, 1, 1)


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
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, skip_checks=True)
    _register()
    taken, again = zip(*(_backfill(number) for number in range(ROUNDS)), strict=True)
    least = statistics.median(_least(number) for number in range(ROUNDS))
    first, second = statistics.median(taken), statistics.median(again)
    days = (AFTER - FIRST).days
    print(f"{connection.vendor}, {days:,} days of one metric")
    print(f"bulk upsert     {least:6.2f} s")
    print(f"backfill        {first:6.2f} s   {first / least:4.1f} × the upsert   (bar {BAR_SECONDS} s)")
    print(f"the same again  {second:6.2f} s   nothing changes")


def _register() -> None:
    """A source in this process: every day has a value."""
    from metrics.connectors import registry
    from metrics.connectors.base import Answer, Ask, Connector, Row

    class Ledger(Connector):
        kind, label, description, initials = "ledger", "Ledger", "In this process.", "Le"

        def check(self) -> tuple[str, ...]:
            return ()

        def fetch(self, ask: Ask) -> Answer:
            days = [ask.start + timedelta(days=number) for number in range((ask.end - ask.start).days)]
            return Answer(tuple(Row(day, value=Decimal(day.toordinal() % 997)) for day in days))

    sys.modules["benchmarks_ledger"] = type(sys)("benchmarks_ledger")
    sys.modules["benchmarks_ledger"].Ledger = Ledger  # type: ignore[attr-defined]
    registry.KINDS["ledger"] = "benchmarks_ledger.Ledger"


def _metric(number: int) -> Any:
    from metrics.models import Metric, Source

    source = Source.objects.create(name=f"Ledger {number}", slug=f"ledger-{number}", kind="ledger")
    return Metric.objects.create(
        name=f"Orders {number}", slug=f"orders-{number}", kind="flow_sum", grain="day", source=source
    )


def _backfill(number: int) -> tuple[float, float]:
    """Seconds for the first backfill, and for another one of the same days."""
    metric = _metric(number)
    return _pull_all(metric), _pull_all(metric)


def _pull_all(metric: Any) -> float:
    from metrics import backfilling, pulling
    from northstar.lib import clock

    began = time.monotonic()
    begun = backfilling.begin(metric, FIRST, AFTER)
    while ids := pulling.claim_due(clock.now()):
        for pull_id in ids:
            pulling.run(pull_id)
    taken = time.monotonic() - began
    begun.refresh_from_db()
    if begun.state != "done" or metric.observations.count() != (AFTER - FIRST).days:
        raise SystemExit(f"the backfill is {begun.state}, {metric.observations.count()} days are stored")
    return taken


def _least(number: int) -> float:
    """The same days by `bulk_create` with an upsert, and nothing else."""
    from metrics.models import Observation
    from northstar.lib import clock

    metric, now = _metric(1000 + number), clock.now()
    began = time.monotonic()
    Observation.objects.bulk_create(
        [
            Observation(
                metric=metric, grain="day", period_start=FIRST + timedelta(days=day),
                value=Decimal(day % 997), as_of=now, received_at=now,
            )
            for day in range((AFTER - FIRST).days)
        ],
        batch_size=500, update_conflicts=True, unique_fields=["metric", "grain", "period_start"],
        update_fields=["value", "as_of", "received_at"],
    )  # fmt: skip
    return time.monotonic() - began


if __name__ == "__main__":
    main()
