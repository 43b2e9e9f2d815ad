"""How the numbers of the demo came in before today: pulls that went well or not, and days that came oddly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from metrics.models import Metric, Observation, ObservationRevision, Pull, PullItem, Source
from northstar.demo import measures
from northstar.demo.days import Days
from northstar.lib import periods

SHOWN = 27
#: Rows that a pull of each grain brings: those of its restatement window.
ROWS = {"day": 15, "week": 3, "month": 1}
#: What one source could not do once, so many pulls ago.
LOST, LOST_AGO = "No answer from telemetry.brindlewick.example within 30 seconds.", 16
#: Days of the leads (week, days of it): those that the partners never told, told late, told anew.
NEVER_TOLD = (-9, (1, 2, 3))
TOLD_LATE = (-6, (0, 3))
TOLD_ANEW = (-4, (1, 2))


def earlier_pulls(sources: Sequence[Source], days: Days) -> None:
    """The pulls before the one that loads the demo, for the sources that work; oldest first, as they came."""
    made = [
        (at, _pull(source, at, place))
        for source in sources
        for place, at in enumerate(_moments(source, days))
    ]
    made.sort(key=lambda each: each[0])
    pulls = Pull.objects.bulk_create(pull for _, pull in made)
    for pull, (at, _) in zip(pulls, made, strict=True):
        pull.created_at = at
    Pull.objects.bulk_update(pulls, ["created_at"])
    metrics = {source.pk: list(source.metrics.listed()) for source in sources}
    PullItem.objects.bulk_create(
        PullItem(pull=pull, metric=metric, rows=ROWS[metric.grain])
        for pull in pulls
        if pull.state == "ok"
        for metric in metrics[pull.source_id]
    )


def never_told(days: Days) -> set[date]:
    """The days of which the partners' system had nothing."""
    return _days(NEVER_TOLD, days)


def date_leads(metric: Metric, days: Days) -> None:
    """Let each day have arrived in the night after it; some later, some once more with another value."""
    late, anew = _days(TOLD_LATE, days), _days(TOLD_ANEW, days)
    Metric.objects.filter(pk=metric.pk).update(created_at=days.moment(metric.history_from or days.today))
    rows = list(metric.revisions.order_by("period_start"))
    for row in rows:
        over = periods.next_start(row.period_start, metric.grain)
        wait = timedelta(days=2) if row.period_start in late else timedelta(0)
        row.received_at = days.moment(over + wait, "09:30" if wait else "01:00")
        # As pulls bring them: the next one asks for the days since, and leaves the old gap to whoever looks.
        row.origin, row.reason = "pull", ""
    ObservationRevision.objects.bulk_update(rows, ["received_at", "origin", "reason"], batch_size=200)
    for row in rows:
        if row.period_start in anew:
            _tell_again(row, days)


def _tell_again(row: ObservationRevision, days: Days) -> None:
    """The first value was one lower; what is stored came five days later."""
    at = days.moment(row.period_start + timedelta(days=6), "06:00")
    fields = ("metric_id", "grain", "period_start", "status", "value", "as_of", "origin", "reason")
    copied = {name: getattr(row, name) for name in fields}
    again = ObservationRevision.objects.create(**copied | {"received_at": at})
    row.value = (row.value or Decimal(0)) + 1
    row.save(update_fields=["value"])
    Observation.objects.filter(metric=row.metric_id, period_start=row.period_start).update(
        sequence=again.pk, received_at=at
    )


def _moments(source: Source, days: Days) -> list[datetime]:
    """When it was due before, oldest first."""
    if source.schedule["kind"] == "daily":
        at = str(source.schedule["at"])
        return [days.moment(days.today - timedelta(days=n), at) for n in range(SHOWN, 0, -1)]
    step = timedelta(minutes=int(source.schedule["minutes"]))
    newest = days.now.replace(minute=0, second=0, microsecond=0)
    return [newest - step * n for n in range(SHOWN, 0, -1)]


def _pull(source: Source, at: datetime, place: int) -> Pull:
    lost = source.slug == measures.TELEMETRY and place == SHOWN - LOST_AGO
    seconds = 30 if lost else 1
    return Pull(
        source=source,
        state="failed" if lost else "ok",
        attempt=1,
        as_of=at,
        started_at=at,
        finished_at=at + timedelta(seconds=seconds),
        error_code="timeout" if lost else "",
        error_message=LOST if lost else "",
    )


def _days(place: tuple[int, tuple[int, ...]], days: Days) -> set[date]:
    week, within = place
    return {days.monday(week) + timedelta(days=day) for day in within}
