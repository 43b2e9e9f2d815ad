"""The one door for data: pulls, pushes, typed values and files all come in here (R1–R12, R21)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from metrics import rolling, writing
from metrics.connectors import numbers
from metrics.connectors.base import Row
from metrics.models import Company, Metric, MetricChange, Observation, Pull
from metrics.writing import Origin, Stored, Writer, kept_as
from northstar.lib import clock, periods

__all__ = [
    "MISSING",
    "Entry",
    "StoreError",
    "Stored",
    "as_kept",
    "check",
    "kept_as",
    "silent",
    "store",
    "store_held",
]

EARLIEST = date(1990, 1, 1)
PLACES = Decimal(1).scaleb(-15)
# As wide as the column: the usual 28 digits cannot hold 1e13 with fifteen decimals.
WIDE = Context(prec=31)
MISSING = ("missing", None, None, None)


class StoreError(ValueError):
    """Nothing was stored; `problems` has a sentence for each row that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            " ".join(problems[:3]) + (f" And {len(problems) - 3} more." if len(problems) > 3 else "")
        )
        self.problems = list(problems)


def store(
    metric: Metric,
    rows: Iterable[Row],
    *,
    origin: str,
    pull: Pull | None = None,
    actor: Any = None,
    reason: str = "",
    as_of: datetime | None = None,
    asked: tuple[date, date] | None = None,
    pin: bool = False,
) -> Stored:
    """Store rows of one metric, all or none, in one transaction; returns what changed.

    A newer `as_of` wins, an older one leaves only a revision. `asked` is the half-open range that the source
    was asked for: complete periods in it without a row are recorded as *missing*, but a value that is there
    already stays. Raises StoreError with a sentence a row.
    """
    with transaction.atomic():
        Metric.objects.select_for_update().get(pk=metric.pk)
        whence = Origin(origin, pull, actor, reason)
        entry = Entry(metric, rows, whence, as_of=as_of, asked=asked, pin=pin)
        return store_held([entry], company=Company.current())[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """Rows of one metric to be stored; see `store`."""

    metric: Metric
    rows: Iterable[Row]
    whence: Origin
    as_of: datetime | None = None
    asked: tuple[date, date] | None = None
    pin: bool = False


def store_held(entries: Sequence[Entry], *, company: Company) -> list[Stored]:
    """The same for several metrics, in a transaction that holds their rows already; what changed of each.

    As many queries for many as for one. Raises StoreError for the first one with wrong rows.
    """
    now = clock.now()
    today = periods.local_day(now, company.zone)
    checked = [check(entry.metric, entry.rows, today=today) for entry in entries]
    found = [
        {row.period_start: as_kept(entry.metric, row) for row in rows}
        for entry, rows in zip(entries, checked, strict=True)
    ]
    existing, writers = _existing(entries, found), []
    for entry, values in zip(entries, found, strict=True):
        writer = Writer(entry.metric, entry.whence, as_of=entry.as_of or now, now=now, pin=entry.pin)
        known = existing[entry.metric.pk]
        _add_silent(entry, values, known, writer.stored, company=company, now=now)
        writer.compare(values, known)
        writers.append(writer)
    writing.write(writers)
    touched = [(each.metric, min(each.touched), max(each.touched)) for each in writers if each.touched]
    rolling.refresh(touched)
    MetricChange.objects.bulk_create(
        MetricChange(metric=metric, first_period=first) for metric, first, _ in touched
    )
    return [writer.stored for writer in writers]


def _add_silent(
    entry: Entry,
    values: dict[date, Any],
    existing: dict[date, Observation],
    stored: Stored,
    *,
    company: Company,
    now: datetime,
) -> None:
    """Periods that the source said nothing of: missing where nothing was known, else only noted."""
    metric = entry.metric
    none_is_zero = metric.missing == "zero" and not metric.has_parts
    for start in silent(metric, values, entry.asked, company=company, now=now):
        known = existing.get(start)
        if known is None or (none_is_zero and known.value):
            values[start] = MISSING
        elif known.status == "value" and not none_is_zero:
            stored.vanished.append(start)


def check(metric: Metric, rows: Iterable[Row], *, today: date) -> list[Row]:
    """The rows with exact numbers, oldest first. Raises StoreError with a sentence for each wrong row."""
    problems: list[str] = []
    found: dict[date, Row] = {}
    for row in rows:
        label = f"{row.period_start:%Y-%m-%d}"
        try:
            clean = _checked(metric, row, label=label, today=today)
        except ValueError as error:
            problems.append(str(error))
            continue
        if row.period_start in found:
            problems.append(f"{label}: this period stands twice. Keep one row for each {metric.grain}.")
        found[row.period_start] = clean
    if problems:
        raise StoreError(problems)
    return [found[start] for start in sorted(found)]


def _checked(metric: Metric, row: Row, *, label: str, today: date) -> Row:
    start = row.period_start
    if not start >= EARLIEST:
        raise ValueError(f"{label}: dates before {EARLIEST:%Y-%m-%d} are not kept. Check the year.")
    if start > today:
        raise ValueError(f"{label}: this {metric.grain} has not begun yet. Only observed values are stored.")
    floor = periods.period_start(start, metric.grain)
    if floor != start:
        what = {"week": "weeks start on a Monday", "month": "months start on the 1st"}[metric.grain]
        raise ValueError(f"{label} is a {start:%A}; {what}. Use {floor:%Y-%m-%d}.")
    if row.is_missing and row.denominator is None:
        return row
    if not metric.has_parts:
        if row.value is None:
            raise ValueError(f"{label}: the value is missing.")
        return Row(start, value=numbers.parse(row.value, label=label))
    return _checked_parts(metric, row, label=label)


def _checked_parts(metric: Metric, row: Row, *, label: str) -> Row:
    if row.denominator is None or (row.numerator is None and row.value is None):
        parts = "numerator and denominator" if metric.kind == "ratio" else "value and weight"
        raise ValueError(f"{label}: {metric.name} needs {parts}, so that weeks can be added up rightly.")
    denominator = numbers.parse(row.denominator, label=label)
    if denominator < 0:
        raise ValueError(f"{label}: the denominator is {denominator}; it cannot be negative.")
    if metric.kind == "ratio":
        numerator = numbers.parse(row.numerator, label=label) if row.numerator is not None else None
        if numerator is None:
            raise ValueError(f"{label}: the numerator is missing.")
        if denominator and abs(numerator) > denominator * numbers.MAX_MAGNITUDE:
            raise ValueError(f"{label}: {numerator} of {denominator} is too large: at most 1e15 is kept.")
        return Row(row.period_start, numerator=numerator, denominator=denominator)
    return Row(row.period_start, value=numbers.parse(row.value, label=label), denominator=denominator)


def as_kept(metric: Metric, row: Row) -> tuple[str, Decimal | None, Decimal | None, Decimal | None]:
    """(status, value, numerator, denominator) as they are kept of a checked row."""
    if row.is_missing and row.denominator is None:
        return MISSING
    if metric.kind == "ratio" and row.numerator is not None and row.denominator is not None:
        value = row.numerator / row.denominator if row.denominator else None
        return ("value", _fit(value), row.numerator, row.denominator)
    return ("value", row.value, None, row.denominator)


def _fit(value: Decimal | None) -> Decimal | None:
    """At most 15 significant digits: a quotient is rounded, what a source sends is refused."""
    return None if value is None else Decimal(f"{value:.14e}").quantize(PLACES, context=WIDE)


def _existing(
    entries: Sequence[Entry], found: Sequence[dict[date, Any]]
) -> dict[int, dict[date, Observation]]:
    """By metric, what is stored between the first and the last day that its rows or its question touch."""
    which, known = Q(pk__in=()), {entry.metric.pk: dict[date, Observation]() for entry in entries}
    for entry, values in zip(entries, found, strict=True):
        starts = [*values, *(entry.asked or ())]
        if starts:
            span = (min(starts), max(starts))
            which |= Q(metric=entry.metric, grain=entry.metric.grain, period_start__range=span)
    for row in Observation.objects.filter(which):
        known[row.metric_id][row.period_start] = row
    return known


def silent(
    metric: Metric,
    values: dict[date, Any],
    asked: tuple[date, date] | None,
    *,
    company: Company,
    now: datetime,
) -> list[date]:
    """Complete periods that the source was asked for and said nothing of."""
    if asked is None:
        return []
    return [
        start
        for start in periods.starts(asked[0], asked[1], metric.grain)
        if start >= asked[0]
        and start not in values
        and periods.is_complete(start, metric.grain, now=now, zone=company.zone, latency=metric.latency)
    ]
