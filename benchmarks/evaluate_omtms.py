"""How long 1,000 OMTMs take to be judged and drawn, on one core and SQLite.

Each has a metric of its own with a year of weeks, a guardrail, and a window of 17 weeks, ten of them over.
The first run replays every week of the window, the usual run adds one. The process is tied to one core:
`python -m benchmarks.evaluate_omtms [OMTMs]`.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

OMTMS = 1000
HISTORY_WEEKS = 52
WEEKS_DONE = 10
BAR_SECONDS = 60
MONDAY = date(2026, 11, 9)
MOMENT = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)
START = MONDAY - (WEEKS_DONE - 1) * WEEK


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else OMTMS
    scratch = Path(tempfile.mkdtemp(prefix="northstar-bench-"))
    os.environ.update(DJANGO_SETTINGS_MODULE="northstar.settings", DATA_DIR=str(scratch), LOG_LEVEL="WARNING")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    try:
        from northstar.lib import keys

        keys.ensure(scratch)
        _run(count)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(count: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    metrics = _fill(count)
    first = _measure(MOMENT)
    _add_week(metrics, MONDAY + WEEK)
    usual = _measure(MOMENT + WEEK)
    for name, (seconds, worked, rows) in (("first run, replay", first), ("usual run, one week", usual)):
        each = seconds / count * 1000
        spent = f"{seconds:6.1f} s ({worked:.1f} s of the processor)"
        print(f"{name:20} {spent}   {each:5.1f} ms an OMTM   {rows} rows of health")
    print(f"{count} OMTMs, {HISTORY_WEEKS} weeks of history, one core; bar {BAR_SECONDS} s")


def _fill(count: int) -> list[Any]:
    """The metrics of the bets; one more is the guardrail of all."""
    from metrics.models import Company, Metric, Source
    from northstar.lib.windows import window_end
    from teams.models import Guardrail, Omtm, Team

    Company.current()
    source = Source.objects.create(name="Typed", slug="typed", kind="hand")
    metrics = [
        Metric(
            name=f"Metric {number}", slug=f"metric-{number}", source=source, definition="Crews.",
            grain="week", kind="ratio" if number % 2 else "unique", unit="" if number % 2 else "crews",
            decimals=1,
        )
        for number in range(count + 1)
    ]  # fmt: skip
    metrics = list(Metric.objects.bulk_create(metrics))
    for metric in metrics:
        _weeks(metric, [MONDAY - (HISTORY_WEEKS - 1 - week) * WEEK for week in range(HISTORY_WEEKS)])
    teams = Team.objects.bulk_create(Team(name=f"Team {n}", slug=f"team-{n}") for n in range(count))
    bets = Omtm.objects.bulk_create(
        Omtm(
            team=team, metric=metric, name=metric.name, why="x", state="active", unit=metric.unit,
            direction="up",
            baseline=Decimal("0.4" if metric.kind == "ratio" else "4000"),
            target=Decimal("0.5" if metric.kind == "ratio" else "5000"),
            start=START, end=window_end(START, 4),
        )
        for team, metric in zip(teams, metrics, strict=False)
    )  # fmt: skip
    Guardrail.objects.bulk_create(
        Guardrail(omtm=omtm, metric=metrics[-1], side="at_most", limit=Decimal(9000)) for omtm in bets
    )
    return metrics


def _weeks(metric: Any, starts: list[date]) -> None:
    from metrics.models import Observation

    rows = []
    for start in starts:
        draw = random.Random(f"{metric.pk}|{start}")
        ahead = max(0, (start - START) // WEEK + 1)
        level = 4000 + draw.gauss(0, 90) + 40 * ahead * (metric.pk % 3)
        fields: dict[str, Any] = {"value": Decimal(round(level))}
        if metric.kind == "ratio":
            fields = {"numerator": Decimal(round(level)), "denominator": Decimal(10_000)}
            fields["value"] = fields["numerator"] / fields["denominator"]
        rows.append(
            Observation(
                metric=metric, grain="week", period_start=start, as_of=MOMENT, received_at=MOMENT, **fields
            )
        )
    Observation.objects.bulk_create(rows)


def _add_week(metrics: list[Any], monday: date) -> None:
    for metric in metrics:
        _weeks(metric, [monday])


def _measure(now: datetime) -> tuple[float, float, int]:
    """(seconds, seconds of the processor, rows of health there are now)."""
    from teams import evaluating
    from teams.models import HealthSnapshot, Omtm

    ids = list(Omtm.objects.values_list("pk", flat=True))
    start, worked = time.perf_counter(), time.process_time()
    evaluating.evaluate_these(ids, now=now)
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    return seconds, worked, HealthSnapshot.objects.count()


if __name__ == "__main__":
    main()
