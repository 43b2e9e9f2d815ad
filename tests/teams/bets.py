"""OMTMs as they stand in the database, made without the checks that a person meets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, connections

from metrics.models import Metric
from northstar.lib.windows import window_end
from teams.models import Membership, Omtm, Team


def omtm_of(
    team: Team,
    metric: Metric,
    *,
    start: str = "2026-09-14",
    months: int = 4,
    baseline: str = "400",
    target: str | None = "560",
    **fields: Any,
) -> Omtm:
    """An active OMTM of `metric` from 400 to 560 in four months, unless said otherwise."""
    first = date.fromisoformat(start)
    defaults = {
        "name": metric.name,
        "state": "active",
        "why": "We believe that partner pages will bring more trials, because partners ask for them.",
        "definition": metric.definition,
        "direction": metric.direction,
        "unit": metric.unit,
        "baseline": Decimal(baseline),
        "target": None if target is None else Decimal(target),
        "start": first,
        "end": window_end(first, months),
        "no_guardrail_reason": "Nothing that we know of.",
    }
    return Omtm.objects.create(team=team, metric=metric, **(defaults | fields))


def candidate_of(team: Team, metric: Metric | None = None, **fields: Any) -> Omtm:
    """A proposed candidate of `metric` to 560 from 23 November on for three months, unless said otherwise."""
    first = date(2026, 11, 23)
    defaults = {
        "name": metric.name if metric else "An idea",
        "state": "proposed" if metric else "draft",
        "metric_idea": "" if metric else "How often people come back",
        "why": "We believe that partner pages will bring more trials, because partners ask for them.",
        "direction": metric.direction if metric else "up",
        "target": Decimal(560) if metric else None,
        "start": first,
        "end": window_end(first, 3),
    }
    return Omtm.objects.create(team=team, metric=metric, **(defaults | fields))


@contextmanager
def shared_between_threads(folder: Path) -> Iterator[None]:
    """Threads in here see the test's database; SQLite's lives in memory and is put into a file for them."""
    if connection.vendor != "sqlite":
        yield
        return
    import sqlite3

    settings, path = connections.settings["default"], folder / "shared.sqlite3"
    with sqlite3.connect(path) as file:
        connection.connection.backup(file)
        # Two connections that turn WAL on together refuse each other without waiting.
        file.execute("PRAGMA journal_mode=WAL")
    before, settings["NAME"] = settings["NAME"], str(path)
    try:
        yield
    finally:
        settings["NAME"] = before


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What the deeds returned or raised, each in a thread with a connection of its own, begun together."""
    gate, found = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int, deed: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=10)
            found[place] = deed()
        except Exception as error:
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return found


def settle() -> None:
    """Let everybody have been there since the summer, and no team be without a focus for long: nothing but
    what a test does asks anybody for anything, whatever day it is run."""
    summer = datetime(2026, 8, 20, 8, tzinfo=UTC)
    Membership.objects.update(since=summer)
    Omtm.objects.update(created_at=summer)
    Team.objects.filter(omtms=None).update(created_at=datetime(2100, 1, 1, tzinfo=UTC))
