"""Asking a source again for days that are past: in pulls of a year each, after whatever is due (R9-R11).

Each part is a pull of its own, so a crash costs one part, and what was done stays done. A part may be done
twice: it stores the same values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from metrics import ages
from metrics.auditing import record
from metrics.connectors.registry import connector_class
from metrics.models import Backfill, Metric, Pull, PullItem, Source
from metrics.models.pull import UNFINISHED
from metrics.waking import wake
from northstar.lib import clock, periods
from northstar.lib.datewords import long_date_words

A_PART = timedelta(days=371)
#: Days that lie no further apart than this are asked for in one part.
NEAR = timedelta(days=31)
OPEN = ("running", "paused", "failed")
#: How a part may end that has not done its work.
BROKEN = ("failed", "partly", "dead")


class BackfillError(ValueError):
    """Nothing was asked for; the sentence says why and what to do first."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: parts done of all, what they brought, in words, and when it will probably end."""

    done: int
    total: int
    added: int
    changed: int
    failed: int
    ends_at: datetime | None
    words: str
    error: str


def begin(metric: Metric, start: date, end: date, *, actor: Any = None) -> Backfill:
    """Ask again for start..end (half-open). Raises BackfillError while some of it is under way already."""
    with transaction.atomic():
        _lock_source(metric)
        _check(metric, start, end)
        return ask(metric, [(start, end)], actor=actor)


def ask(metric: Metric, spans: Sequence[tuple[date, date]], *, actor: Any = None) -> Backfill:
    """The same for several spans in order, whatever else is under way: for verbs that must not be refused."""
    with transaction.atomic():
        made = Backfill.objects.create(metric=metric, start=spans[0][0], end=spans[-1][1], requested_by=actor)
        parts = [part for start, end in spans for part in _parts(start, end, metric.grain)]
        Pull.objects.bulk_create(
            Pull(
                source_id=metric.source_id,
                metric=metric,
                kind="backfill",
                backfill=made,
                start=start,
                end=end,
                requested_by=actor,
            )
            for start, end in parts
        )
        _wake(metric.source_id)
    return made


def fill(metric: Metric, starts: Iterable[date], *, actor: Any = None) -> Backfill:
    """Ask again for the periods that begin on these days, those near each other in one go.

    Raises BackfillError for none at all, or while they are being fetched already.
    """
    wanted = sorted({periods.period_start(day, metric.grain) for day in starts})
    if not wanted:
        raise BackfillError("Nothing is missing here.")
    spans: list[tuple[date, date]] = []
    for start in wanted:
        end = periods.next_start(start, metric.grain)
        if spans and start - spans[-1][1] <= NEAR:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    with transaction.atomic():
        _lock_source(metric)
        _check(metric, spans[0][0], spans[-1][1])
        return ask(metric, spans, actor=actor)


def pause(backfill: Backfill, *, actor: Any) -> None:
    """No further part until somebody resumes it; the one under way ends as usual."""
    with transaction.atomic():
        if _move(backfill, ("running",), "paused"):
            backfill.pulls.filter(state="waiting").update(state="paused")
            record("metric.backfill_paused", backfill.metric, actor=actor)


def resume(backfill: Backfill, *, actor: Any) -> None:
    """Go on from where it was paused, or from the part that failed."""
    with transaction.atomic():
        _lock_source(backfill.metric)
        if _move(backfill, ("paused", "failed"), "running"):
            again = backfill.pulls.filter(state__in=("paused", "stale", *BROKEN))
            again.update(state="waiting", attempt=0, finished_at=None, error_code="", error_message="")
            record("metric.backfill_resumed", backfill.metric, actor=actor)
            _wake(backfill.metric.source_id)
            _finish_if_over(backfill)


def cancel(backfill: Backfill, *, actor: Any) -> None:
    """Ask for nothing more of it; what was fetched stays."""
    now = clock.now()
    with transaction.atomic():
        if _move(backfill, OPEN, "cancelled"):
            backfill.pulls.filter(state__in=("waiting", "paused")).update(state="cancelled", finished_at=now)
            Backfill.objects.filter(pk=backfill.pk).update(finished_at=now)
            record("metric.backfill_cancelled", backfill.metric, actor=actor)


def settle(pull: Pull) -> None:
    """What the end of a part means for the whole: done with the last one, held where one failed for good."""
    if pull.backfill_id is None:
        return
    backfill = Backfill.objects.select_for_update().get(pk=pull.backfill_id)
    state = Pull.objects.values_list("state", flat=True).get(pk=pull.pk)
    waiting = backfill.pulls.filter(state__in=("waiting", "paused"))
    if state == "cancelled":  # the metric asks something else by now
        waiting.update(state="cancelled", finished_at=clock.now())
        Backfill.objects.filter(pk=backfill.pk).update(state="cancelled", finished_at=clock.now())
    elif state in BROKEN and backfill.state in ("running", "paused"):
        waiting.update(state="paused")
        Backfill.objects.filter(pk=backfill.pk).update(state="failed")
    else:
        _finish_if_over(backfill)


def progress(backfill: Backfill, now: datetime) -> Progress:
    """How far one is."""
    return progress_of([backfill], now)[backfill.pk]


def progress_of(backfills: Iterable[Backfill], now: datetime) -> dict[int, Progress]:
    """By id, in two queries however many."""
    known = {each.pk: each for each in backfills}
    parts: dict[int, list[Pull]] = {pk: [] for pk in known}
    for pull in Pull.objects.filter(backfill__in=known).order_by("id"):
        assert pull.backfill_id is not None
        parts[pull.backfill_id].append(pull)
    items = PullItem.objects.filter(pull__backfill__in=known).values_list("pull__backfill")
    sums = {pk: (added, changed) for pk, added, changed in items.annotate(Sum("added"), Sum("changed"))}
    return {
        pk: _progress(each, parts[pk], brought=sums.get(pk, (0, 0)), now=now) for pk, each in known.items()
    }


def _progress(backfill: Backfill, parts: list[Pull], *, brought: tuple[int, int], now: datetime) -> Progress:
    done = [pull for pull in parts if pull.state == "ok"]
    failed = [pull for pull in parts if pull.state in BROKEN]
    ends_at = _ends_at(done, left=len(parts) - len(done), now=now) if backfill.state == "running" else None
    told = f"{len(done)} of {len(parts)} part{'' if len(parts) == 1 else 's'} fetched"
    values = f"{brought[0]:,} values added, {brought[1]:,} changed"
    after = {
        "running": f"about {ages.length_words(ends_at - now)} left" if ends_at else "the next part waits",
        "paused": "paused",
        "failed": "it stopped at a part that failed",
        "cancelled": "cancelled",
        "done": "done",
    }
    return Progress(
        done=len(done),
        total=len(parts),
        added=brought[0],
        changed=brought[1],
        failed=len(failed),
        ends_at=ends_at,
        words=f"{told}: {values}; {after.get(backfill.state, backfill.state)}.",
        error=failed[0].error_message if failed else "",
    )


def _ends_at(done: list[Pull], *, left: int, now: datetime) -> datetime | None:
    """By the pace of the parts that are done, their waits included; None before the first."""
    began = [pull.started_at for pull in done if pull.started_at]
    ended = [pull.finished_at for pull in done if pull.finished_at]
    if not began or not ended:
        return None
    return max(now, max(ended) + (max(ended) - min(began)) / len(done) * left)


def _lock_source(metric: Metric) -> None:
    """First the source, then the rest, as a pull that stores does: else each would wait for the other."""
    Source.objects.select_for_update().get(pk=metric.source_id)


def _check(metric: Metric, start: date, end: date) -> None:
    if not connector_class(metric.source.kind).pulls:
        raise BackfillError("Nothing to ask: the values of this metric are sent or typed.")
    if start >= end:
        raise BackfillError("The last day lies before the first.")
    # Of two that begin at once, the second one sees the first.
    Metric.objects.select_for_update(of=("self",)).get(pk=metric.pk)
    open_ones = metric.backfills.filter(state__in=OPEN, start__lt=end, end__gt=start)
    other = open_ones.order_by("-id").first()
    if other is not None:
        first, last = long_date_words(other.start), long_date_words(other.end - timedelta(days=1))
        raise BackfillError(
            f"{first} to {last} is being fetched already ({other.state}). Wait for it, or cancel it first."
        )


def _parts(start: date, end: date, grain: str) -> list[tuple[date, date]]:
    found, first = [], periods.period_start(start, grain)
    while first < end:
        last = min(end, periods.period_start(first + A_PART, grain))
        found.append((first, last))
        first = last
    return found


def _move(backfill: Backfill, before: Sequence[str], after: str) -> bool:
    """Change the state if it is one of `before`: of two clicks one does it."""
    moved = Backfill.objects.filter(pk=backfill.pk, state__in=before).update(state=after)
    backfill.refresh_from_db()
    return bool(moved)


def _finish_if_over(backfill: Backfill) -> None:
    states = set(backfill.pulls.values_list("state", flat=True))
    if backfill.state == "running" and not states & {*UNFINISHED, "paused"}:
        Backfill.objects.filter(pk=backfill.pk).update(state="done", finished_at=clock.now())


def _wake(source_id: int) -> None:
    Source.objects.filter(pk=source_id).update(next_due_at=clock.now())
    wake("metrics.tasks.claim")
