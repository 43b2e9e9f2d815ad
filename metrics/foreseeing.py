"""Forecasts are kept when they are made and held against what happened, once, when that is known.

A revision after the scoring changes nothing: what was scored first stays, so that nobody can wait for a
better number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from metrics import series, trusting
from metrics.analysis.forecast import Forecast, foresee
from metrics.analysis.points import Point
from metrics.analysis.reading import latest
from metrics.models import Company, ForecastRecord, Metric
from northstar.lib import periods
from northstar.lib.periods import A_DAY, WEEK

#: How far ahead the routine forecasts look: something to score within a quarter.
AHEAD = timedelta(weeks=13)
#: A value that is not there so long after its week is not coming.
GIVE_UP = timedelta(weeks=8)
MOST_SCORED = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A forecast of `subject` from the weeks up to `as_of_week`; `digest` names what it stands on."""

    subject: str
    metric: Metric
    forecast: Forecast
    target: float | None
    as_of_week: date
    digest: str


def keep(
    subject: str,
    metric: Metric,
    forecast: Forecast,
    *,
    target: float | None,
    as_of_week: date,
    digest: str,
    now: datetime,
    replayed: bool = False,
) -> None:
    """Keep one; the same subject, week and digest is kept once."""
    keep_many([Kept(subject, metric, forecast, target, as_of_week, digest)], now=now, replayed=replayed)


def keep_many(kept: Iterable[Kept], *, now: datetime, replayed: bool = False) -> None:
    """Keep them in one query; those that are known already stay as they are."""
    ForecastRecord.objects.bulk_create(
        [_record(each, now=now, replayed=replayed) for each in kept], batch_size=500, ignore_conflicts=True
    )


def routine(metrics_points: Iterable[tuple[Metric, Sequence[Point]]], now: datetime) -> None:
    """Once a week and metric: where it will stand 13 weeks on, and the chance that it is no worse than now.

    Two queries, and forecasts only where the weeks they stand on are new. Give points that can be relied on.
    """
    asked = [(metric, *newest) for metric, points in metrics_points if (newest := _basis(metric, points))]
    if not asked:
        return
    weeks = {points[-1].start for _, points, _ in asked}
    rows = ForecastRecord.objects.filter(
        subject__in=[subject_of(metric) for metric, _, _ in asked], as_of_week__in=weeks
    )
    known = set(rows.values_list("subject", "as_of_week", "digest"))
    fresh = [each for each in asked if (subject_of(each[0]), each[1][-1].start, each[2]) not in known]
    made = [found for metric, points, digest in fresh if (found := ahead_of(metric, points, digest))]
    if made:
        keep_many(made, now=now)


def subject_of(metric: Metric) -> str:
    """Under which its routine forecasts are kept."""
    return f"metric:{metric.pk}"


def ahead_of(metric: Metric, points: Sequence[Point], digest: str) -> Kept | None:
    """The forecast 13 weeks after the newest of these complete weeks; None where nothing can be said.

    Its target is the newest value: no worse than now, in the direction of the metric.
    """
    now = latest(points)
    if now is None or now.value is None:
        return None
    due = points[-1].start + WEEK - A_DAY + AHEAD
    sign = -1 if metric.lower_is_better else 1
    target = None if metric.direction == "range" else now.value
    found = foresee(points, kind=metric.kind, due=due, target=target, sign=sign)
    if not isinstance(found, Forecast):
        return None
    return Kept(subject_of(metric), metric, found, target, points[-1].start, digest)


def replay(
    metric: Metric, points: Sequence[Point], *, weeks: int = 104, now: datetime, due_by: date | None = None
) -> int:
    """The routine forecasts that the end of each of the last `weeks` would have brought, marked replayed.

    Each knows only the weeks before it; `points` are the values as they are known today, or those of then
    (remembering.first_known). Returns how many were worked out; weeks that have a forecast are left out.
    """
    basis = _basis(metric, points)
    if basis is None:
        return 0
    complete = basis[0]
    rows = ForecastRecord.objects.filter(subject=subject_of(metric))
    known = set(rows.values_list("as_of_week", flat=True))
    made = []
    for count in range(max(len(complete) - weeks, 1), len(complete)):
        past = complete[:count]
        if past[-1].value is None or past[-1].start in known:
            continue
        found = ahead_of(metric, past, digest_of(past))
        if found and (due_by is None or found.forecast.due <= due_by):
            made.append(found)
    keep_many(made, now=now, replayed=True)
    return len(made)


def digest_of(points: Sequence[Point]) -> str:
    """16 characters that stand for these weeks and their values."""
    return fingerprint([(point.start, point.value) for point in points[-104:]])


def fingerprint(what: object) -> str:
    """16 characters that stand for what it prints as."""
    return hashlib.sha256(repr(what).encode()).hexdigest()[:16]


def due_record_ids(now: datetime, prefixes: tuple[str, ...]) -> list[int]:
    """Unscored forecasts of these subjects whose last day is over, or nearly; one query on an index."""
    about = Q()
    for prefix in prefixes:
        about |= Q(subject__startswith=prefix)
    waiting = ForecastRecord.objects.filter(
        about, scored_at=None, due_on__lte=now.astimezone(UTC).date()
    ).order_by("due_on", "id")
    return list(waiting.values_list("pk", flat=True)[:MOST_SCORED])


def score(now: datetime) -> int:
    """Fill outcome and verdict of due forecasts of metrics and targets; how many. One query if none is."""
    ids = due_record_ids(now, ("target:", "metric:"))
    if not ids:
        return 0
    company = Company.current()
    records = list(ForecastRecord.objects.filter(pk__in=ids).select_related("metric"))
    metrics = {record.metric_id: record.metric for record in records}
    points = series.weekly(metrics.values(), company=company, now=now)
    scored = []
    for due in sorted({record.due_on for record in records}):
        asked = [record for record in records if record.due_on == due]
        window = (due - 8 * WEEK, due)
        trust = trusting.trust_of(
            {record.metric_id: record.metric for record in asked}.values(),
            points=points,
            company=company,
            now=now,
            window=window,
        )
        for record in asked:
            late = now.date() - due > GIVE_UP
            if trust[record.metric_id].blocks and not late:
                continue
            value = value_of_week(points[record.metric_id], due)
            if value is not None or late:
                scored.append(settled(record, value, now=now))
    return keep_scores(scored)


def keep_scores(scored: Iterable[ForecastRecord]) -> int:
    """Write what came of these forecasts; how many. One that another run has scored by now stays as it is."""
    by_id = {record.pk: record for record in scored}
    with transaction.atomic():
        waiting = ForecastRecord.objects.select_for_update().filter(pk__in=by_id, scored_at=None)
        fresh = [by_id[pk] for pk in waiting.order_by("pk").values_list("pk", flat=True)]
        ForecastRecord.objects.bulk_update(fresh, ["outcome", "reached", "scored_at"], batch_size=200)
    return len(fresh)


def value_of_week(points: Sequence[Point], due: date) -> float | None:
    """The value of the last complete week that ends by `due`; None while it has none."""
    last = periods.period_start(due + A_DAY, "week") - WEEK
    return next((p.value for p in reversed(points) if p.start == last and p.complete), None)


def settled(record: ForecastRecord, outcome: float | None, *, now: datetime) -> ForecastRecord:
    """The record with what came of it, not yet saved. Without an outcome it counts nowhere."""
    record.outcome, record.scored_at = outcome, now
    if outcome is not None and record.target is not None:
        down = record.metric.lower_is_better
        record.reached = outcome <= record.target if down else outcome >= record.target
    return record


def _basis(metric: Metric, points: Sequence[Point]) -> tuple[list[Point], str] | None:
    """The complete weeks up to the newest with a value, and their digest."""
    if series.grain_of(metric) != "week":
        return None
    complete = [point for point in points if point.complete]
    while complete and complete[-1].value is None:
        complete.pop()
    return (complete, digest_of(complete)) if complete else None


def _record(kept: Kept, *, now: datetime, replayed: bool) -> ForecastRecord:
    found = kept.forecast
    return ForecastRecord(
        subject=kept.subject,
        metric=kept.metric,
        as_of_week=kept.as_of_week,
        due_on=found.due,
        target=kept.target,
        p=found.p,
        mean=found.mean,
        low80=found.low80,
        low50=found.low50,
        high50=found.high50,
        high80=found.high80,
        replayed=replayed,
        digest=kept.digest,
        made_at=now,
    )
