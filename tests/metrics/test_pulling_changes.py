"""What a pull asks for, and what becomes of its answer when somebody changed things meanwhile."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from metrics import backfilling, pulling, storing, tasks
from metrics.connectors.base import ConnectorError, Row
from metrics.models import Metric, Pull, Source
from tests.metrics.test_pulling import Ledger, ledger, metric, pull_due, source

__all__ = ["ledger", "metric", "source"]

pytestmark = pytest.mark.django_db


def test_a_backfill_that_ends_within_a_week_asks_for_the_whole_week(
    ledger: type[Ledger], source: Source, metric: Metric
) -> None:
    """Half a week would overwrite the right sum of the week with that of its first days."""
    backfilling.begin(metric, date(2026, 9, 9), date(2026, 10, 15))
    while pull_due():
        pass
    assert (ledger.asked[-1].start, ledger.asked[-1].end) == (date(2026, 9, 7), date(2026, 10, 19))


def test_a_value_typed_before_the_first_pull_does_not_hide_the_history(
    ledger: type[Ledger], source: Source, metric: Metric
) -> None:
    storing.store(metric, [Row(date(2026, 11, 9), value=Decimal(3))], origin="typed", pin=True)
    pull_due()
    assert ledger.asked[0].start == metric.history_from
    assert metric.observations.count() == 11


def test_a_backfill_of_new_days_does_not_hide_the_days_missed_before(
    ledger: type[Ledger], source: Source, metric: Metric, clock: time_machine.Coordinates
) -> None:
    pull_due()
    Source.objects.update(next_due_at=None)
    clock.shift(timedelta(weeks=10))
    ledger.asked.clear()
    backfilling.begin(metric, date(2027, 1, 18), date(2027, 1, 25))
    while pull_due():
        pass
    assert min(ask.start for ask in ledger.asked if ask.end > date(2027, 1, 25)) == date(2026, 11, 16)


@pytest.mark.parametrize("fails", [False, True])
def test_a_metric_deleted_during_its_pull_harms_no_other(
    fails: bool, ledger: type[Ledger], source: Source, metric: Metric
) -> None:
    other = Metric.objects.create(
        name="Refunds", slug="refunds", kind="flow_sum", source=source, history_from=date(2026, 9, 7)
    )

    def delete() -> None:
        ledger.before_answer = None
        metric.delete()
        if fails:
            raise ConnectorError("query", "There is no such table.")

    ledger.before_answer = delete
    pull_due()
    source.refresh_from_db()
    assert (Pull.objects.get().state, source.failures) == ("ok", 0)
    assert other.observations.count() == 11


@pytest.mark.parametrize(
    "change", [{"grain": "day"}, {"query": {"sql": "select 2"}}, {"archived_at": "2026-11-18T10:00Z"}]
)
def test_an_answer_to_a_question_that_was_changed_meanwhile_is_dropped(
    change: dict[str, Any], ledger: type[Ledger], source: Source, metric: Metric
) -> None:
    ledger.before_answer = lambda: Metric.objects.filter(pk=metric.pk).update(**change) and None
    pull_due()
    assert Pull.objects.get().state == "cancelled"
    assert not metric.observations.exists()


def test_a_slow_pull_leaves_the_time_limit_of_its_message_to_no_other(
    ledger: type[Ledger], source: Source, metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[list[int]] = []
    monkeypatch.setattr(tasks, "SLOW_SECONDS", -1.0)
    monkeypatch.setattr(tasks.pull, "apply_async", lambda args, **_: sent.append(*args))
    (first,) = pulling.claim_due(source.next_due_at)  # type: ignore[arg-type]
    tasks.pull([first, 98, 99])
    assert Pull.objects.get(pk=first).state == "ok"
    assert sent == [[98], [99]]
