"""What storing an answer would do: each period beside its stored value, without storing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from metrics import storing
from metrics.analysis import odd_values
from metrics.analysis.odd_values import Oddity, Pair
from metrics.connectors.base import Row
from metrics.models import Company, Metric, Observation
from northstar.lib import periods

Kept = tuple[str, Decimal | None, Decimal | None, Decimal | None]


@dataclass(slots=True)
class Comparison:
    """Periods by what would become of them; `now` and `stored` are (status, value, numerator, denominator).

    `expected`: stored periods of the range that was asked for. `held`: a correction stands there and stays.
    `changes` has (period, stored, now), oldest first.
    """

    now: dict[date, Kept] = field(default_factory=dict)
    stored: dict[date, Kept] = field(default_factory=dict)
    expected: list[date] = field(default_factory=list)
    added: int = 0
    unchanged: int = 0
    held: int = 0
    vanished: list[date] = field(default_factory=list)
    changes: list[tuple[date, Kept, Kept]] = field(default_factory=list)
    oddities: tuple[Oddity, ...] = ()


def compare(
    metric: Metric, rows: Sequence[Row], asked: tuple[date, date] | None, *, company: Company, now: datetime
) -> Comparison:
    """The checked rows of the half-open range `asked` beside what is stored of the metric.

    Without `asked`, as for a file, nothing is concluded from a period that has no row. A metric that is not
    saved yet has nothing stored. At most one query.
    """
    found = Comparison(now={row.period_start: storing.as_kept(metric, row) for row in rows})
    known = _known(metric, asked or _span(found.now, metric))
    found.stored = {start: storing.kept_as(row) for start, row in known.items()}
    found.expected = [start for start in found.stored if asked and asked[0] <= start < asked[1]]
    for start, kept in found.now.items():
        _weigh(found, start, known.get(start), kept)
    for start in storing.silent(metric, found.now, asked, company=company, now=now):  # none without `asked`
        before = found.stored.get(start, storing.MISSING)
        if before == storing.MISSING:
            continue
        if metric.missing == "zero" and not metric.has_parts and before[1]:
            found.changes.append((start, before, storing.MISSING))
        else:
            found.vanished.append(start)
    found.changes.sort(key=lambda change: change[0])
    found.oddities = _oddities(metric, found, asked, company=company, now=now)
    return found


def _span(now: dict[date, Kept], metric: Metric) -> tuple[date, date] | None:
    return (min(now), periods.next_start(max(now), metric.grain)) if now else None


def _known(metric: Metric, asked: tuple[date, date] | None) -> dict[date, Observation]:
    """What is stored of the range, of the eight periods before it and of the one after it."""
    if metric.pk is None or asked is None:
        return {}
    first = periods.next_start(asked[0], metric.grain, -odd_values.LEVEL)
    last = periods.next_start(asked[1], metric.grain)
    rows = metric.observations.filter(grain=metric.grain, period_start__range=(first, last))
    return {row.period_start: row for row in rows}


def _weigh(found: Comparison, start: date, known: Observation | None, kept: Kept) -> None:
    before = storing.MISSING if known is None else storing.kept_as(known)
    if known is not None and known.pinned_at and before != kept:
        found.held += 1
    elif before == kept:
        found.unchanged += kept != storing.MISSING
    elif before == storing.MISSING:
        found.added += 1
    else:
        found.changes.append((start, before, kept))


def _oddities(
    metric: Metric, found: Comparison, asked: tuple[date, date] | None, *, company: Company, now: datetime
) -> tuple[Oddity, ...]:
    def is_over(start: date) -> bool:
        return periods.is_complete(start, metric.grain, now=now, zone=company.zone, latency=metric.latency)

    corrected = periods.local_day(now, company.zone) - timedelta(days=metric.restate_days)
    pairs = [
        Pair(
            start,
            _number(found.now.get(start)),
            _number(found.stored.get(start)),
            settled=periods.last_day(start, metric.grain) < corrected,
        )
        for start in sorted({*found.now, *found.stored})
        if is_over(start)
    ]
    over = [start for start in periods.starts(*asked, metric.grain) if is_over(start)] if asked else []
    newest = over[-1] if over and metric.missing == "gap" else None
    return odd_values.oddities(pairs, grain=metric.grain, kind=metric.kind, newest=newest)


def _number(kept: Kept | None) -> float | None:
    return None if kept is None or kept[1] is None else float(kept[1])


def parts(kept: Kept | None) -> dict[str, Any] | None:
    """The numbers as a trial keeps them: text by name; None where nothing is known."""
    if kept is None:
        return None
    names = ("value", "numerator", "denominator")
    return {
        name: None if number is None else plain(number) for name, number in zip(names, kept[1:], strict=True)
    }


def plain(number: Decimal) -> str:
    """The number without the zeros that only its column has."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
