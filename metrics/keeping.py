"""What a pull leaves behind of each metric: its values or its error, committed by itself; with the last one
also how the pull ended, in the same transaction (R21)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from metrics import drifting, finishing, storing
from metrics.connectors.base import Answer, Ask, ConnectorError
from metrics.holding import fenced
from metrics.models import Company, Metric, Pull, PullItem
from metrics.storing import Entry
from metrics.writing import Origin, Stored

ITEM_FIELDS = (
    "state", "rows", "added", "changed", "missing", "note", "error_code", "error_message", "drift",
)  # fmt: skip


class Keeper:
    """Writes what came of the metrics of one pull. `concluded`: the end of the pull was written too."""

    def __init__(self, pull: Pull, company: Company) -> None:
        self.pull, self.company = pull, company
        self.states: set[str] = set()
        self.concluded = False

    def store(self, metric: Metric, ask: Ask, answer: Answer, *, last: bool) -> None:
        """Store an answer. Raises StaleLease."""
        try:
            with self._writing(metric, failure=None, last=last) as stands:
                if not stands:
                    return
                (done,) = storing.store_held([entry_of(self.pull, metric, ask, answer)], company=self.company)
                drift = drifting.remember(metric, answer.columns)
                self._write(item_of(self.pull, metric, answer, done, drift=drift))
                finishing.note_success(metric, self.pull, company=self.company)
        except storing.StoreError as error:
            wrong = ConnectorError("schema", str(error), columns=answer.columns)
            self.fail(metric, wrong, failure=None, last=last)

    def fail(
        self, metric: Metric, error: ConnectorError, *, failure: ConnectorError | None, last: bool
    ) -> None:
        """Write down why there is no answer; `failure` if it is the whole source's. Raises StaleLease."""
        error, drift = drifting.explained(metric, error)
        with self._writing(metric, failure=failure, last=last) as stands:
            if stands:
                failed = {"error_code": error.code, "error_message": error.message, "drift": drift}
                self._write(PullItem(pull=self.pull, metric=metric, state="failed", **failed))
                finishing.note_failure(metric, error)

    @contextmanager
    def _writing(self, metric: Metric, *, failure: ConnectorError | None, last: bool) -> Iterator[bool]:
        """A fenced transaction, with the end after the last; False where the metric asks otherwise by now."""
        before = set(self.states)
        try:
            with fenced(self.pull) as source:
                stands = metric.pk in standing([metric])
                yield stands
                if not stands and Metric.objects.filter(pk=metric.pk).exists():
                    self._write(PullItem(pull=self.pull, metric=metric, state="cancelled"))
                if last:
                    finishing.conclude(self.pull, source, failure, company=self.company, states=self.states)
        except BaseException:
            self.states = before
            raise
        self.concluded = last

    def _write(self, item: PullItem) -> None:
        self.states.add(item.state)
        write_items([item])


def entry_of(pull: Pull, metric: Metric, ask: Ask, answer: Answer) -> Entry:
    """What is to be stored of an answer."""
    asked = answer.covers or (ask.start, ask.end)
    return Entry(metric, answer.rows, Origin("pull", pull), as_of=pull.as_of, asked=asked)


def item_of(pull: Pull, metric: Metric, answer: Answer, done: Stored, *, drift: dict[str, Any]) -> PullItem:
    """What the log says of an answer that was stored."""
    return PullItem(
        pull=pull,
        metric=metric,
        state="ok",
        rows=len(answer.rows),
        added=done.added,
        changed=done.changed,
        missing=done.missing,
        note=" ".join([*answer.notes, *_vanished(done.vanished)])[:300],
        drift=drift,
    )


def write_items(items: Iterable[PullItem]) -> None:
    """Write them; a pull that runs again replaces what it said before."""
    PullItem.objects.bulk_create(
        items, update_conflicts=True, unique_fields=["pull", "metric"], update_fields=ITEM_FIELDS
    )


def standing(metrics: Sequence[Metric]) -> set[int]:
    """Lock them; ids of those that still ask what was asked: not deleted, archived or redefined (F66)."""
    asks = ("kind", "grain", "query")
    rows = Metric.objects.select_for_update().filter(pk__in=[each.pk for each in metrics], archived_at=None)
    now = {row.pop("pk"): row for row in rows.order_by("pk").values("pk", *asks)}
    return {each.pk for each in metrics if now.get(each.pk) == {name: getattr(each, name) for name in asks}}


def _vanished(starts: list[date]) -> list[str]:
    if not starts:
        return []
    count = "1 period" if len(starts) == 1 else f"{len(starts)} periods"
    return [f"The source no longer returns {count} since {starts[0]:%Y-%m-%d}; the values known before stay."]
