"""A shop in Berlin as its monitoring saw it around the end of summer time, and what that adds up to.

Orders are counted at every full hour from Monday 12 October 2026 on, in two branches. Sunday 25 October has
25 hours. On Friday 30 October nothing was recorded. Errors are rare: none in the week of 2 November.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from metrics import pulling
from metrics.connectors.base import Ask
from metrics.models import Company, Metric, Source
from northstar.lib import clock, periods
from northstar.lib.egress import Egress
from tests.services.samples import Sample

ZONE = "Europe/Berlin"
NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
FIRST = datetime(2026, 10, 11, 22, tzinfo=UTC)  # midnight in Berlin
LONG_SUNDAY, SILENT_DAY, QUIET_WEEK = date(2026, 10, 25), date(2026, 10, 30), date(2026, 11, 2)
DAYS = {"start": date(2026, 10, 1), "end": date(2026, 11, 19), "grain": "day"}
WEEKS = {"start": date(2026, 9, 28), "end": date(2026, 11, 23), "grain": "week"}
# As on one machine: the servers of the tests listen on loopback.
OPEN = Egress("admin", loopback=True)


def hours() -> Iterator[tuple[int, datetime]]:
    for number in range(int((NOW - FIRST).total_seconds()) // 3600 + 1):
        at = FIRST + timedelta(hours=number)
        if periods.local_day(at, ZONE) != SILENT_DAY:
            yield number, at


def samples() -> list[Sample]:
    found = []
    for number, at in hours():
        found.append(Sample("orders", at, float(number * 7 % 23 + 1), {"branch": "mitte"}))
        found.append(Sample("orders", at, 2.5, {"branch": "wedding"}))
        found.append(Sample("stock", at, float(1000 - number), {"branch": "mitte"}))
        if _fails(number, at):
            found.append(Sample("errors", at, 3.0, {"branch": "mitte"}))
    return found


def _fails(number: int, at: datetime) -> bool:
    return number % 5 == 0 and periods.period_start(periods.local_day(at, ZONE), "week") != QUIET_WEEK


def truth(grain: str, name: str = "orders", until: datetime = NOW) -> dict[date, Decimal]:
    """The sum of a series by local period, of what was recorded before `until`."""
    sums: dict[date, Decimal] = defaultdict(Decimal)
    for one in samples():
        if one.name == name and one.at < until:
            sums[periods.period_start(periods.local_day(one.at, ZONE), grain)] += Decimal(str(one.value))
    return dict(sums)


def asking(query: dict[str, Any], **changes: Any) -> Ask:
    values: dict[str, Any] = {"metric": "m", "kind": "flow_sum", "zone": ZONE, "now": NOW, **WEEKS}
    return Ask(**{**values, "query": query, **changes})


def source_of(kind: str, settings: dict[str, Any], secrets: dict[str, str] | None = None) -> Source:
    """A source of this kind that is due now."""
    from metrics import connecting

    source = Source(name=kind.capitalize(), slug=kind, kind=kind, settings=settings)
    source.schedule = {"kind": "every", "minutes": 60}
    source.next_due_at = source.next_scheduled_at = clock.now()
    source.secrets = connecting.seal(source, secrets or {})
    source.save()
    return source


def stored(source: Source, query: dict[str, Any], *, grain: str, kind: str = "flow_sum") -> dict[date, Any]:
    """What the real pull stores for a metric with this question: numbers by period, None for missing."""
    assert Company.current().zone == ZONE
    metric = Metric.objects.create(
        name="Orders", slug="orders", kind=kind, grain=grain, source=source, query=query,
        history_from=date(2026, 9, 28),
    )  # fmt: skip
    for pull_id in pulling.claim_due(clock.now()):
        pulling.run(pull_id)
    metric.refresh_from_db()
    assert metric.last_error_message == ""
    read: Callable[[Any], Any] = lambda row: row.value  # noqa: E731
    if kind == "ratio":
        read = lambda row: (row.numerator, row.denominator)  # noqa: E731
    rows = metric.observations.filter(grain=grain)
    return {row.period_start: read(row) if row.status == "value" else None for row in rows}
