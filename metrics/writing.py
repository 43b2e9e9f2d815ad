"""Writing observations: revisions, and the current rows that they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from metrics.models import Metric, Observation, ObservationRevision, Pull
from northstar.lib import periods

FIELDS = ("status", "value", "numerator", "denominator", "as_of", "received_at", "sequence")


@dataclass(slots=True)
class Stored:
    """What came of it, in periods."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    suppressed: int = 0
    vanished: list[date] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, for their revisions."""

    name: str
    pull: Pull | None = None
    actor: Any = None
    reason: str = ""


class Writer:
    """What is to be written of one metric: revisions, and the current rows that they make."""

    def __init__(self, metric: Metric, origin: Origin, *, as_of: datetime, now: datetime, pin: bool) -> None:
        self.metric, self.origin, self.as_of, self.now, self.pin = metric, origin, as_of, now, pin
        self.late_before = now.date() - timedelta(days=metric.restate_days)
        self.stored = Stored()
        self.news: list[tuple[ObservationRevision, Observation | None]] = []
        self.same: list[int] = []
        self.touched: list[date] = []

    def compare(self, values: dict[date, Any], existing: dict[date, Observation]) -> None:
        """Find out what is new, and what is the same as before; nothing is written yet."""
        told = {} if self.pin else self._told_before(existing)
        for start in sorted(values):
            known = existing.get(start)
            if told.get(start) == values[start]:
                self.stored.suppressed += 1
            elif known is not None and kept_as(known) == values[start] and not self.pin:
                self.stored.unchanged += 1
                if known.as_of < self.as_of:
                    self.same.append(known.pk)
            else:
                self.news.append((self._revision(start, values[start], known), known))

    def current(self) -> list[Observation]:
        """The rows that change, once the revisions have their numbers."""
        won = [(new, known) for new, known in self.news if not (new.suppressed or new.outdated)]
        self.stored.suppressed += sum(new.suppressed for new, _ in self.news)
        rows = [self._current(new, known) for new, known in won]
        self.touched = [row.period_start for row in rows]
        return rows

    def _told_before(self, existing: dict[date, Observation]) -> dict[date, Any]:
        """What the source last said against each correction: saying it again each hour is no news."""
        pinned = [start for start, known in existing.items() if known.pinned_at]
        if not pinned:
            return {}
        rows = self.metric.revisions.filter(grain=self.metric.grain, period_start__in=pinned, suppressed=True)
        return {row.period_start: kept_as(row) for row in rows.order_by("id")}

    def _revision(self, start: date, found: Any, known: Observation | None) -> ObservationRevision:
        status, value, numerator, denominator = found
        return ObservationRevision(
            metric=self.metric,
            grain=self.metric.grain,
            period_start=start,
            status=status,
            value=value,
            numerator=numerator,
            denominator=denominator,
            as_of=self.as_of,
            received_at=self.now,
            origin=self.origin.name,
            pull=self.origin.pull,
            actor=self.origin.actor,
            reason=self.origin.reason,
            suppressed=bool(known and known.pinned_at and not self.pin),
            outdated=known is not None and self.as_of < known.as_of,
            late=known is not None and periods.last_day(start, self.metric.grain) < self.late_before,
        )

    def _current(self, revision: ObservationRevision, known: Observation | None) -> Observation:
        if revision.status == "missing":
            self.stored.missing += 1
        elif known is None or known.status == "missing":
            self.stored.added += 1
        else:
            self.stored.changed += 1
        return Observation(
            metric=self.metric,
            grain=revision.grain,
            period_start=revision.period_start,
            status=revision.status,
            value=revision.value,
            numerator=revision.numerator,
            denominator=revision.denominator,
            as_of=revision.as_of,
            received_at=revision.received_at,
            sequence=revision.pk,
            pinned_at=self.now if self.pin else None,
            pinned_by=self.origin.actor if self.pin else None,
            pinned_reason=self.origin.reason if self.pin else "",
        )


def write(writers: Sequence[Writer]) -> None:
    """Write what they found, in as many queries for many as for one."""
    for writer in writers:
        # A later look that sees the same value still is the later look: an older one must not win after it.
        if writer.same:
            Observation.objects.filter(pk__in=writer.same).update(as_of=writer.as_of)
    news = [revision for writer in writers for revision, _ in writer.news]
    ObservationRevision.objects.bulk_create(news, batch_size=500)
    pins = ("pinned_at", "pinned_by", "pinned_reason") if any(writer.pin for writer in writers) else ()
    Observation.objects.bulk_create(
        [row for writer in writers for row in writer.current()],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["metric", "grain", "period_start"],
        update_fields=[*FIELDS, *pins],
    )


def kept_as(
    known: Observation | ObservationRevision,
) -> tuple[str, Decimal | None, Decimal | None, Decimal | None]:
    """What a stored row says, to be compared with `as_kept`."""
    return (known.status, known.value, known.numerator, known.denominator)
