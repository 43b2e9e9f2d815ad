"""What a pull leaves behind of each metric: its values or its error, committed by itself; with the last one
also how the pull ended, in the same transaction (R21)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from metrics import drifting, finishing, storing
from metrics.connectors.base import Answer, Ask, ConnectorError
from metrics.holding import fenced
from metrics.models import Company, Metric, Pull, PullItem
from metrics.storing import Entry
from metrics.writing import Origin

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
                notes = [*answer.notes, *_vanished(done.vanished)]
                self._item(
                    metric,
                    state="ok",
                    rows=len(answer.rows),
                    added=done.added,
                    changed=done.changed,
                    missing=done.missing,
                    note=" ".join(notes)[:300],
                    drift=drifting.remember(metric, answer.columns),
                )
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
                self._item(
                    metric, state="failed", error_code=error.code, error_message=error.message, drift=drift
                )
                finishing.note_failure(metric, error)

    @contextmanager
    def _writing(self, metric: Metric, *, failure: ConnectorError | None, last: bool) -> Iterator[bool]:
        """A fenced transaction, with the end after the last; False where the metric asks otherwise by now."""
        before = set(self.states)
        try:
            with fenced(self.pull) as source:
                stands = _stands(metric)
                yield stands
                if not stands and Metric.objects.filter(pk=metric.pk).exists():
                    self._item(metric, state="cancelled")
                if last:
                    finishing.conclude(self.pull, source, failure, company=self.company, states=self.states)
        except BaseException:
            self.states = before
            raise
        self.concluded = last

    def _item(self, metric: Metric, *, state: str, **fields: Any) -> None:
        self.states.add(state)
        item = PullItem(pull=self.pull, metric=metric, state=state, **fields)
        PullItem.objects.bulk_create(
            [item], update_conflicts=True, unique_fields=["pull", "metric"], update_fields=ITEM_FIELDS
        )


def entry_of(pull: Pull, metric: Metric, ask: Ask, answer: Answer) -> Entry:
    """What is to be stored of an answer."""
    asked = answer.covers or (ask.start, ask.end)
    return Entry(metric, answer.rows, Origin("pull", pull), as_of=pull.as_of, asked=asked)


def _stands(metric: Metric) -> bool:
    """Whether the metric still asks what was asked: it may be deleted, archived or redefined by now (F66)."""
    asks = ("kind", "grain", "query")
    rows = Metric.objects.select_for_update().filter(pk=metric.pk, archived_at=None)
    return rows.values(*asks).first() == {name: getattr(metric, name) for name in asks}


def _vanished(starts: list[date]) -> list[str]:
    if not starts:
        return []
    count = "1 period" if len(starts) == 1 else f"{len(starts)} periods"
    return [f"The source no longer returns {count} since {starts[0]:%Y-%m-%d}; the values known before stay."]
