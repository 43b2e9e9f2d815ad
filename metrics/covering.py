"""How well a metric is known, period by period: for the coverage calendar and "fill these days"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from metrics import ages, awaiting
from metrics.models import Company, Metric, Observation, PullItem
from northstar.lib import periods
from northstar.lib.localtime import first_instant
from northstar.lib.periods import A_DAY

OK, LATE, MISSING, UNKNOWN, RESTATED, INCOMPLETE = (
    "ok", "late", "missing", "unknown", "restated", "incomplete",
)  # fmt: skip
STATES = (OK, LATE, MISSING, UNKNOWN, RESTATED, INCOMPLETE)
FILLABLE = (MISSING, UNKNOWN)
#: Failures looked at, for the words of a period that nobody knows.
MOST = 500


@dataclass(frozen=True, slots=True)
class Covered:
    """One period: its state, why in one sentence, and when what is stored arrived."""

    start: date
    state: str
    words: str
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """A value that the source gave once."""

    received_at: datetime
    value: Any


def coverage(metric: Metric, start: date, end: date, *, now: datetime) -> list[Covered]:
    """The periods that begin in start..end (half-open) and have begun by now, oldest first. Five queries.

    *ok*, *late* (it came after its time, the source's own latency and the rhythm of pulls added), *missing*
    (the source had no row), *unknown* (never asked, or the pull failed), *restated* (another value after one
    that was complete), *incomplete* (not over yet, or its latency runs).
    """
    company = Company.current()
    first = periods.period_start(start, metric.grain)
    last = min(end, periods.local_day(now, company.zone) + A_DAY)
    known = _known(metric, first, last)
    said, failed = _said(metric, first, last), _failures(metric, first, company.zone)
    judge = _Judge(metric, company=company, now=now, failed=failed)
    return [
        judge.of(day, known.get(day), said.get(day, []))
        for day in periods.starts(first, last, metric.grain)
        if day >= first
    ]


def missing_days(metric: Metric, start: date, end: date, *, now: datetime) -> list[date]:
    """The first days of the periods that asking again may fill, since the first that was ever asked for."""
    since = asked_since(metric)
    if since is None:
        return []
    covered = coverage(metric, max(start, since), end, now=now)
    return [each.start for each in covered if each.state in FILLABLE]


def asked_since(metric: Metric) -> date | None:
    """The first day that was ever asked for or is known; None where nothing is."""
    first = metric.observations.order_by("period_start").values_list("period_start", flat=True).first()
    return min(filter(None, (first, metric.history_from)), default=None)


class _Judge:
    """The rule for one period, with what is the same for all of them."""

    def __init__(
        self, metric: Metric, *, company: Company, now: datetime, failed: Sequence[tuple[datetime, str]]
    ) -> None:
        self.metric, self.company, self.now, self.failed = metric, company, now, failed
        every = awaiting.interval(metric.source) or A_DAY
        self.grace = min(awaiting.LOOKS * every, every + A_DAY)

    def of(self, start: date, known: Observation | None, said: list[_Said]) -> Covered:
        over = first_instant(periods.next_start(start, self.metric.grain), self.company.zone)
        complete = over + self.metric.latency
        if self.now < complete:
            words = "Not over yet." if self.now < over else "Over, but its source may still add to it."
            return Covered(start, INCOMPLETE, words, known.received_at if known else None)
        if known is None:
            return Covered(start, UNKNOWN, self._why_unknown(complete))
        if known.status == "missing":
            if self.metric.missing == "zero":
                return Covered(start, OK, "The source had no row: counted as zero.", known.received_at)
            return Covered(start, MISSING, "The source had no row for it.", known.received_at)
        return self._valued(start, complete, known, said)

    def _valued(self, start: date, complete: datetime, known: Observation, said: list[_Said]) -> Covered:
        final = [each for each in said if each.received_at >= complete + self.grace]
        before = [each for each in said if each.received_at < complete + self.grace]
        changed = final[1:] if not before else final
        if changed:
            days = (changed[-1].received_at - complete).days
            words = f"The source changed it {days} days after it was complete."
            return Covered(start, RESTATED, words.replace(" 1 days", " 1 day"), changed[-1].received_at)
        if final and complete > self.metric.created_at:
            late = ages.length_words(final[0].received_at - complete)
            return Covered(start, LATE, f"It came {late} after its time.", final[0].received_at)
        return Covered(start, OK, "It came in time and stayed.", known.received_at)

    def _why_unknown(self, complete: datetime) -> str:
        """The first failure after its time, if the pulls since then are still there to tell."""
        after = next((found for found in self.failed if found[0] >= complete), None)
        if after is None:
            return "It was never asked for."
        at = ages.moment_words(after[0], zone=self.company.zone, now=self.now)
        return f"The pull of {at} failed: {after[1]}"


def _known(metric: Metric, first: date, last: date) -> dict[date, Observation]:
    rows = metric.observations.filter(
        grain=metric.grain, period_start__gte=first, period_start__lt=last
    ).only("metric", "period_start", "status", "received_at")
    return {row.period_start: row for row in rows}


def _said(metric: Metric, first: date, last: date) -> dict[date, list[_Said]]:
    """The different values of each period in the order they came; but for corrections by hand."""
    rows = metric.revisions.filter(
        grain=metric.grain,
        period_start__gte=first,
        period_start__lt=last,
        status="value",
        outdated=False,
        suppressed=False,
    ).exclude(origin="typed" if metric.source.kind != "hand" else "")
    found: dict[date, list[_Said]] = {}
    for day, at, *value in rows.order_by("id").values_list(
        "period_start", "received_at", "value", "numerator", "denominator"
    ):
        each = found.setdefault(day, [])
        if not each or each[-1].value != value:
            each.append(_Said(at, value))
    return found


def _failures(metric: Metric, first: date, zone: str) -> list[tuple[datetime, str]]:
    """When its pulls failed since `first`, oldest first, and why: as a whole, or for this metric."""
    pulls = metric.source.pulls.filter(started_at__gte=first_instant(first, zone))
    whole = pulls.exclude(error_code="").order_by("-id").values_list("started_at", "error_message")
    items = PullItem.objects.filter(metric=metric, state="failed", pull__in=pulls).order_by("-id")
    own = items.values_list("pull__started_at", "error_message")
    found = {at: message.split("\n\n")[0] for at, message in [*whole[:MOST], *own[:MOST]]}
    return sorted(found.items())
