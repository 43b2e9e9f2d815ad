"""Days asked for again: in parts, with progress, pause and resumption; and which days are worth it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from metrics import backfilling, covering, pulling, tasks
from metrics.backfilling import BackfillError
from metrics.connectors.base import ConnectorError
from metrics.models import Backfill, Company, Metric, Pull, Source
from northstar.lib import clock as clocks
from teams.models import User
from tests.metrics.scripted import Scripted, metric_of, pull_all, pull_due, scripted, source_of

__all__ = ["scripted"]

pytestmark = pytest.mark.django_db

START, END = date(2023, 1, 1), date(2026, 1, 1)


@pytest.fixture
def metric(scripted: type[Scripted], company: Company, clock: object) -> Metric:
    """A daily metric whose source has just been pulled."""
    made = metric_of(source_of("Till"))
    pull_all()
    scripted.asked.clear()
    return made


def words(backfill: Backfill) -> str:
    backfill.refresh_from_db()
    return backfilling.progress(backfill, clocks.now()).words


def test_a_backfill_tells_how_far_it_is(metric: Metric, clock: time_machine.Coordinates) -> None:
    begun = backfilling.begin(metric, START, END)
    assert words(begun) == "0 of 3 parts fetched: 0 values added, 0 changed; the next part waits."
    (first,) = pulling.claim_due(clocks.now())
    clock.shift(60)
    pulling.run(first)
    clock.shift(timedelta(minutes=2))
    pull_due()
    assert words(begun) == "2 of 3 parts fetched: 742 values added, 0 changed; about 1 minute left."
    pull_due()
    assert words(begun) == "3 of 3 parts fetched: 1,096 values added, 0 changed; done."
    assert (begun.state, metric.observations.count()) == ("done", 1096 + 10)


def test_asking_twice_stores_once(metric: Metric) -> None:
    for _ in range(2):
        backfilling.begin(metric, START, END)
        pull_all()
    assert metric.revisions.count() == 1096 + 10
    assert [each.state for each in Backfill.objects.all()] == ["done", "done"]


def test_what_is_due_goes_before_a_backfill(
    metric: Metric, scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    backfilling.begin(metric, START, END)
    pull_due()
    clock.shift(timedelta(minutes=62))
    pull_due()
    pull_due()
    assert [ask.start.year for _, _, ask in scripted.asked] == [2023, 2026, 2024]


def test_paused_it_asks_no_further_and_resumed_it_goes_on_where_it_was(
    metric: Metric, scripted: type[Scripted], maren: User
) -> None:
    begun = backfilling.begin(metric, START, END)
    pull_due()
    backfilling.pause(begun, actor=maren)
    assert pull_all() == 0
    assert words(begun) == "1 of 3 parts fetched: 371 values added, 0 changed; paused."
    backfilling.resume(begun, actor=maren)
    assert pull_all() == 2
    assert [ask.start for _, _, ask in scripted.asked] == [START, date(2024, 1, 7), date(2025, 1, 12)]
    assert words(begun).endswith("done.")


def test_cancelled_it_keeps_what_was_fetched(metric: Metric, maren: User) -> None:
    begun = backfilling.begin(metric, START, END)
    pull_due()
    backfilling.cancel(begun, actor=maren)
    backfilling.resume(begun, actor=maren)
    assert pull_all() == 0
    assert words(begun) == "1 of 3 parts fetched: 371 values added, 0 changed; cancelled."
    backfilling.begin(metric, START, END)


def test_a_part_that_fails_for_good_holds_the_rest_until_somebody_goes_on_from_there(
    metric: Metric, scripted: type[Scripted], maren: User
) -> None:
    begun = backfilling.begin(metric, START, END)
    pull_due()
    scripted.failures[""] = ConnectorError("query", "There is no table orders.", permanent=True)
    pull_all()
    assert words(begun) == (
        "1 of 3 parts fetched: 371 values added, 0 changed; it stopped at a part that failed."
    )
    assert len(scripted.asked) == 2
    scripted.failures.clear()
    backfilling.resume(begun, actor=maren)
    pull_all()
    assert words(begun).startswith("3 of 3 parts fetched: 1,096 values added")


def test_a_part_whose_worker_was_lost_is_done_again_alone(
    metric: Metric, scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    begun = backfilling.begin(metric, START, END)
    pull_due()
    (lost,) = pulling.claim_due(clocks.now())
    assert pulling._start(lost) is not None  # and then the worker is gone
    clock.shift(timedelta(minutes=7))
    pull_all()
    assert words(begun).endswith("done.")
    assert [pull.attempt for pull in begun.pulls.order_by("id")] == [1, 2, 1]


def test_days_that_are_being_fetched_are_not_asked_for_twice(metric: Metric) -> None:
    backfilling.begin(metric, START, END)
    with pytest.raises(BackfillError, match="1 January 2023 to 31 December 2025 is being fetched already"):
        backfilling.begin(metric, date(2025, 12, 31), date(2026, 3, 1))
    backfilling.begin(metric, END, date(2026, 3, 1))


def test_a_metric_that_is_typed_has_nothing_to_ask(metric: Metric, by_hand: Source) -> None:
    metric.source = by_hand
    with pytest.raises(BackfillError, match="are sent or typed"):
        backfilling.begin(metric, START, END)


def test_pulls_of_backfills_that_were_begun_before_there_were_rows_of_them_go_on(metric: Metric) -> None:
    Pull.objects.create(source=metric.source, metric=metric, kind="backfill", start=START, end=END)
    Source.objects.update(next_due_at=clocks.now())
    assert pull_all() == 1
    assert Pull.objects.latest("id").state == "ok"


def test_a_backfill_runs_to_its_end_without_a_tick(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.pull, "apply_async", lambda args, **_: tasks.pull(*args))
    begun = backfilling.begin(metric, START, END)
    tasks.claim()
    assert words(begun).endswith("done.")


def test_days_that_are_missing_are_filled_in_few_parts(metric: Metric, scripted: type[Scripted]) -> None:
    backfilling.begin(metric, START, date(2023, 12, 31))
    pull_all()
    gone = [date(2023, 2, 3), date(2023, 2, 4), date(2023, 2, 20), date(2023, 9, 1)]
    metric.observations.filter(period_start__in=gone).delete()
    missing = covering.missing_days(metric, START, date(2023, 12, 31), now=clocks.now())
    assert missing == gone
    scripted.asked.clear()
    filled = backfilling.fill(metric, missing)
    pull_all()
    assert [(ask.start, ask.end) for _, _, ask in scripted.asked] == [
        (date(2023, 2, 3), date(2023, 2, 21)),
        (date(2023, 9, 1), date(2023, 9, 2)),
    ]
    assert words(filled) == "2 of 2 parts fetched: 4 values added, 0 changed; done."
    assert covering.missing_days(metric, START, date(2023, 12, 31), now=clocks.now()) == []
    with pytest.raises(BackfillError, match="Nothing is missing"):
        backfilling.fill(metric, [])


def test_a_backfill_brings_changed_values_as_revisions(metric: Metric, scripted: type[Scripted]) -> None:
    backfilling.begin(metric, START, date(2023, 3, 1))
    pull_all()
    scripted.values = {date(2023, 2, 1): Decimal(7)}
    begun = backfilling.begin(metric, START, date(2023, 3, 1))
    pull_all()
    assert words(begun) == "1 of 1 part fetched: 0 values added, 1 changed; done."
    assert metric.revisions.filter(period_start=date(2023, 2, 1)).count() == 2
    assert metric.revisions.filter(late=True).count() >= 1


def test_a_part_that_fails_while_its_source_works_is_not_tried_for_ever(
    metric: Metric, scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    begun = backfilling.begin(metric, START, date(2023, 6, 1))
    late = ConnectorError("timeout", "It took longer than 240 seconds.")
    for _ in range(2):
        scripted.failures = {"": late}
        pull_due()
        scripted.failures = {}
        clock.shift(timedelta(minutes=62))
        pull_due()
    scripted.failures = {"": late}
    pull_all()
    begun.refresh_from_db()
    assert begun.state == "failed"
