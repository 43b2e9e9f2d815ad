"""The source that fails since two days ago: its values until then, its pulls, and how it stands today."""

from __future__ import annotations

from datetime import datetime, timedelta

from metrics import storing
from metrics.connectors import demo_series
from metrics.connectors.base import Ask
from metrics.connectors.demo import REFUSED, DemoConnector
from metrics.models import Metric, Pull, PullItem, Source
from northstar.demo import deliveries
from northstar.demo.days import Days

SINCE = timedelta(days=2)
FAILURES = 3
PULLS = 24
#: How long the worker waited before it tried again.
RETRIES = (timedelta(0), timedelta(seconds=21), timedelta(seconds=70))


def stop(source: Source, metric: Metric, days: Days) -> None:
    """Leave the source as three refusals in a row would have, on a morning two days ago."""
    last_ok = days.moment(days.today - SINCE, "06:00")
    _deliver(metric, days, until=last_ok)
    refused = last_ok + timedelta(hours=1)
    _pulls(source, metric, [last_ok - timedelta(hours=n) for n in reversed(range(PULLS))])
    _refusals(source, [refused + wait for wait in RETRIES])
    Metric.objects.filter(pk=metric.pk).update(last_ok_at=last_ok)
    Source.objects.filter(pk=source.pk).update(
        failures=FAILURES,
        failing_since=refused,
        last_ok_at=last_ok,
        last_error_code="auth",
        last_error_message=REFUSED,
        paused_at=refused + RETRIES[-1],
        paused_reason=f"Paused after {FAILURES} failures. {REFUSED}"[:300],
        next_due_at=None,
        next_scheduled_at=None,
    )


def _deliver(metric: Metric, days: Days, *, until: datetime) -> None:
    """The values up to then, by import: the source itself answers no more."""
    series = demo_series.SERIES[metric.query["series"]]
    ask = Ask(
        metric=metric.slug,
        kind=series.kind,
        grain=series.grain,
        query=metric.query,
        start=days.monday(series.first_week),
        end=days.today - SINCE,
        zone=days.zone,
        now=days.now,
    )
    gaps = deliveries.never_told(days)
    rows = [row for row in DemoConnector({}, {}, egress=_Nowhere()).fetch(ask).rows
            if row.period_start not in gaps]  # fmt: skip
    storing.store(metric, rows, origin="import", reason="Demo data", as_of=until, asked=(ask.start, ask.end))
    deliveries.date_leads(metric, days)


def _pulls(source: Source, metric: Metric, moments: list[datetime]) -> None:
    """Those that went well: each brought the newest fifteen days, the one after midnight a new one."""
    made = Pull.objects.bulk_create(_pull(source, at, "ok") for at in moments)
    _date_back(made, moments)
    PullItem.objects.bulk_create(
        PullItem(pull=pull, metric=metric, rows=15, added=int(at is moments[0]))
        for pull, at in zip(made, moments, strict=True)
    )


def _refusals(source: Source, moments: list[datetime]) -> None:
    made = [_pull(source, at, "failed") for at in moments]
    for pull in made:
        pull.error_code, pull.error_message = "auth", REFUSED
    _date_back(Pull.objects.bulk_create(made), moments)


def _pull(source: Source, at: datetime, state: str) -> Pull:
    done = at + timedelta(seconds=1)
    return Pull(source=source, state=state, attempt=1, as_of=at, started_at=at, finished_at=done)


def _date_back(pulls: list[Pull], moments: list[datetime]) -> None:
    for pull, at in zip(pulls, moments, strict=True):
        pull.created_at = at
    Pull.objects.bulk_update(pulls, ["created_at"])


class _Nowhere:
    """The demo connector opens nothing."""

    def resolve(self, host: str, port: int, dbname: str | None = None) -> list[str]:
        return []
