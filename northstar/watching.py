"""Whether worker and beat are alive, by their heartbeats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from metrics.models import Heartbeat
from northstar.lib import clock
from northstar.lib.version import VERSION

SILENT_AFTER = timedelta(minutes=5)
# A page that is opened while everything starts is no reason for alarm.
GRACE = timedelta(minutes=2)
STARTED = clock.now()
CONSEQUENCE = {
    "worker": "Nothing is pulled and nobody is reminded until it is back; what was missed is fetched then.",
    "beat": "No new pulls are started until it is back; what was missed is fetched then.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the product that ought to give signs of life."""

    name: str
    last: datetime | None
    version: str
    silent: bool


def parts(now: datetime) -> list[Part]:
    """Worker and beat, each with its last sign of life. One query."""
    known = Heartbeat.objects.in_bulk(["worker", "beat"])
    found = []
    for name in ("worker", "beat"):
        row = known.get(name)
        silent = row is None or now - row.at > SILENT_AFTER
        found.append(Part(name, row.at if row else None, row.version if row else "", silent))
    return found


def silence_banners() -> list[dict[str, str]]:
    """A banner for each part that is silent; only the worker's where both are."""
    now = clock.now()
    if now - STARTED < GRACE:
        return []
    silent = [part for part in parts(now) if part.silent]
    return [
        {
            "level": "bad",
            "title": f"The {part.name} has been silent since {part.last:%d %b %H:%M} UTC."
            if part.last
            else f"The {part.name} has not been seen yet.",
            "text": CONSEQUENCE[part.name],
            "url": "/status/",
            "action": "Open status",
        }
        for part in silent[:1]
    ]


def worker_lives() -> None:
    """The worker's own sign of life; beat's is written by each tick that it sent."""
    Heartbeat.beat("worker", clock.now(), version=VERSION)


def clock_skew() -> float:
    """Seconds by which this machine's clock is ahead of the database's; 0 where they are one machine."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        there: datetime = cursor.fetchone()[0]
    return (clock.now() - there).total_seconds()
