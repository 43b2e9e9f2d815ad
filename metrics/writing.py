"""Writing observations: revisions, and the current rows that they make."""

from __future__ import annotations

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
    """Writes revisions and the current rows that they make."""

    def __init__(self, metric: Metric, origin: Origin, *, as_of: datetime, now: datetime, pin: bool) -> None:
        self.metric, self.origin, self.as_of, self.now, self.pin = metric, origin, as_of, now, pin
        self.late_before = now.date() - timedelta(days=metric.restate_days)

    def write(self, values: dict[date, Any], existing: dict[date, Observation], stored: Stored) -> list[date]:
        """The periods whose current row changed."""
        news: list[tuple[ObservationRevision, Observation | None]] = []
        same: list[int] = []
        told = {} if self.pin else self._told_before(existing)
        for start in sorted(values):
            known = existing.get(start)
            if told.get(start) == values[start]:
                stored.suppressed += 1
                continue
            if known is not None and kept_as(known) == values[start] and not self.pin:
                stored.unchanged += 1
                if known.as_of < self.as_of:
                    same.append(known.pk)
                continue
            news.append((self._revision(start, values[start], known), known))
        # A later look that sees the same value still is the later look: an older one must not win after it.
        Observation.objects.filter(pk__in=same).update(as_of=self.as_of)
        ObservationRevision.objects.bulk_create([revision for revision, _ in news], batch_size=500)
        won = [(new, known) for new, known in news if not (new.suppressed or new.outdated)]
        current = [self._current(revision, known, stored) for revision, known in won]
        stored.suppressed += sum(revision.suppressed for revision, _ in news)
        pins = ("pinned_at", "pinned_by", "pinned_reason") if self.pin else ()
        Observation.objects.bulk_create(
            current,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["metric", "grain", "period_start"],
            update_fields=[*FIELDS, *pins],
        )
        return [row.period_start for row in current]

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

    def _current(
        self, revision: ObservationRevision, known: Observation | None, stored: Stored
    ) -> Observation:
        if revision.status == "missing":
            stored.missing += 1
        elif known is None or known.status == "missing":
            stored.added += 1
        else:
            stored.changed += 1
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


def kept_as(
    known: Observation | ObservationRevision,
) -> tuple[str, Decimal | None, Decimal | None, Decimal | None]:
    """What a stored row says, to be compared with `as_kept`."""
    return (known.status, known.value, known.numerator, known.denominator)
