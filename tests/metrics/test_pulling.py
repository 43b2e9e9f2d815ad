"""Pulls: claimed once, stored once, planned again, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
import time_machine

from metrics import backfilling, planning, pulling, tasks
from metrics.connectors import registry
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Row
from metrics.models import AuditRow, Company, Metric, Pull, Source
from northstar.lib import clock, periods

pytestmark = pytest.mark.django_db


class Ledger(Connector):
    """A source in this process: says one per week, remembers what it was asked, fails when told to."""

    kind: ClassVar[str] = "ledger"
    label: ClassVar[str] = "Ledger"
    description: ClassVar[str] = "For tests."
    initials: ClassVar[str] = "Le"
    asked: ClassVar[list[Ask]] = []
    failure: ClassVar[ConnectorError | None] = None
    before_answer: ClassVar[Callable[[], None] | None] = None

    def check(self) -> tuple[str, ...]:
        return ()

    def fetch(self, ask: Ask) -> Answer:
        type(self).asked.append(ask)
        if self.failure:
            raise self.failure
        if type(self).before_answer:
            type(self).before_answer()
        last = min(ask.end, periods.local_day(ask.now, ask.zone) + timedelta(days=1))
        weeks = [start for start in periods.starts(ask.start, last, "week") if start >= ask.start]
        return Answer(tuple(Row(start, value=Decimal(1)) for start in weeks))


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Ledger]]:
    monkeypatch.setitem(registry.KINDS, "ledger", f"{__name__}.Ledger")
    Ledger.asked, Ledger.failure, Ledger.before_answer = [], None, None
    yield Ledger
    Ledger.asked, Ledger.failure, Ledger.before_answer = [], None, None


@pytest.fixture
def source(company: Company, clock: object) -> Source:
    now = datetime.fromisoformat("2026-11-18T10:00:00+00:00")
    return Source.objects.create(
        name="Ledger",
        slug="ledger",
        kind="ledger",
        schedule={"kind": "every", "minutes": 60},
        next_due_at=now,
        next_scheduled_at=now,
    )


@pytest.fixture
def metric(source: Source) -> Metric:
    return Metric.objects.create(
        name="Orders", slug="orders", kind="flow_sum", source=source, history_from=date(2026, 9, 7)
    )


def pull_due() -> list[int]:
    ids = pulling.claim_due(clock.now())
    for pull_id in ids:
        pulling.run(pull_id)
    return ids


def test_a_due_source_is_pulled_stored_and_planned_again(
    ledger: type[Ledger], source: Source, metric: Metric
) -> None:
    assert len(pull_due()) == 1
    assert metric.observations.count() == 11
    pull = Pull.objects.get()
    assert (pull.state, pull.attempt, pull.items.get().added) == ("ok", 1, 11)
    source.refresh_from_db()
    assert source.next_scheduled_at == clock.now() + timedelta(hours=1)
    assert timedelta(0) <= source.next_due_at - source.next_scheduled_at < timedelta(minutes=1)
    assert source.lease_token == ""
    assert pull_due() == []


def test_two_ticks_at_once_start_one_pull(ledger: type[Ledger], source: Source, metric: Metric) -> None:
    first, second = pulling.claim_due(clock.now()), pulling.claim_due(clock.now())
    assert (len(first), second) == (1, [])


def test_the_same_message_fifty_times_runs_one_pull(
    ledger: type[Ledger], source: Source, metric: Metric
) -> None:
    ids = pulling.claim_due(clock.now())
    for _ in range(50):
        tasks.pull(ids)
    assert len(ledger.asked) == 1
    assert metric.revisions.count() == 11


def test_a_pull_whose_worker_was_lost_is_run_again_after_the_lease(
    ledger: type[Ledger], source: Source, metric: Metric, clock: time_machine.Coordinates, settings: Any
) -> None:
    (lost,) = pulling.claim_due(clock_now())
    assert pulling._start(lost) is not None  # and then the worker is gone
    clock.shift(settings.PULL_LEASE_SECONDS - 1)
    assert pull_due() == []
    clock.shift(2)
    assert pull_due() == [lost]
    pull = Pull.objects.get()
    assert (pull.state, pull.attempt) == ("ok", 2)
    assert metric.revisions.count() == 11


def test_a_worker_that_wakes_up_too_late_writes_nothing(
    ledger: type[Ledger], source: Source, metric: Metric, clock: time_machine.Coordinates, settings: Any
) -> None:
    """SIGSTOP for minutes, then SIGCONT: in the meantime another worker did the pull."""

    def sleep_too_long() -> None:
        ledger.before_answer = None
        clock.shift(settings.PULL_LEASE_SECONDS + 1)
        pull_due()
        metric.observations.update(value=5)

    (slow,) = pulling.claim_due(clock_now())
    ledger.before_answer = sleep_too_long
    pulling.run(slow)
    assert set(metric.observations.values_list("value", flat=True)) == {5}
    assert Pull.objects.get().state == "ok"


def test_after_three_days_of_silence_one_pull_fills_everything(
    ledger: type[Ledger], source: Source, metric: Metric, clock: time_machine.Coordinates
) -> None:
    pull_due()
    clock.shift(timedelta(days=21))
    assert len(pull_due()) == 1
    assert pull_due() == []
    assert metric.observations.count() == 14
    assert ledger.asked[-1].start <= date(2026, 11, 16)


def test_a_pull_that_kills_its_worker_three_times_is_given_up(
    ledger: type[Ledger], source: Source, metric: Metric, clock: time_machine.Coordinates, settings: Any
) -> None:
    for _ in range(3):
        (pull_id,) = pulling.claim_due(clock_now())
        assert pulling._start(pull_id) is not None
        clock.shift(settings.PULL_LEASE_SECONDS + 1)
    pull_due()
    source.refresh_from_db()
    assert Pull.objects.get().state == "dead"
    assert "killed three times" in source.paused_reason
    assert source.next_due_at is None
    assert AuditRow.objects.filter(action="source.paused").exists()


def test_a_passing_failure_is_tried_again_soon_and_then_forgotten(
    ledger: type[Ledger], source: Source, metric: Metric, clock: time_machine.Coordinates
) -> None:
    ledger.failure = ConnectorError("timeout", "The source did not answer within 30 seconds.")
    pull_due()
    source.refresh_from_db()
    assert (source.failures, source.last_error_code) == (1, "timeout")
    assert source.next_due_at <= clock_now() + timedelta(seconds=30)
    assert not metric.observations.exists()
    ledger.failure = None
    clock.shift(31)
    pull_due()
    source.refresh_from_db()
    assert (source.failures, source.last_error_message, source.failing_since) == (0, "", None)


def test_a_refused_sign_in_pauses_the_source_after_three_times(
    ledger: type[Ledger], source: Source, metric: Metric, clock: time_machine.Coordinates
) -> None:
    ledger.failure = ConnectorError("auth", "The password was refused.", permanent=True)
    for _ in range(3):
        pull_due()
        clock.shift(timedelta(minutes=61))
    source.refresh_from_db()
    assert source.state == "needs_sign_in"
    assert source.next_due_at is None
    assert pull_due() == []


def test_a_wrong_query_pauses_its_metric_and_not_the_source(
    ledger: type[Ledger], source: Source, metric: Metric, clock: time_machine.Coordinates
) -> None:
    ledger.failure = ConnectorError("query", "There is no table orders.", permanent=True)
    for _ in range(3):
        pull_due()
        clock.shift(timedelta(minutes=61))
    metric.refresh_from_db()
    source.refresh_from_db()
    assert metric.paused_at is not None
    assert source.paused_at is None
    assert Pull.objects.latest("id").state == "failed"


def test_a_source_that_returns_wrong_rows_says_which_and_stores_nothing(
    ledger: type[Ledger], source: Source, metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Ledger, "fetch", lambda self, ask: Answer((Row(date(2026, 11, 11), value=Decimal(1)),))
    )
    pull_due()
    item = Pull.objects.get().items.get()
    assert item.error_code == "schema"
    assert "weeks start on a Monday" in item.error_message
    assert not metric.observations.exists()


def test_an_unexpected_error_is_told_without_its_text(
    ledger: type[Ledger], source: Source, metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(self: Ledger, ask: Ask) -> Answer:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(Ledger, "fetch", burst)
    pull_due()
    pull = Pull.objects.get()
    assert pull.error_code == "unexpected"
    assert "hunter2" not in pull.error_message


def test_a_backfill_asks_a_year_at_a_time_after_what_is_due(
    ledger: type[Ledger], source: Source, metric: Metric, clock: time_machine.Coordinates
) -> None:
    chunks = backfilling.begin(metric, date(2024, 1, 1), date(2026, 1, 1))
    kinds = []
    while ids := pull_due():
        kinds.append(Pull.objects.get(pk=ids[0]).kind)
    assert kinds == ["live", *["backfill"] * chunks.pulls.count()]
    assert metric.observations.filter(period_start__lt=date(2026, 1, 1)).count() == 105
    assert set(Pull.objects.values_list("state", flat=True)) == {"ok"}


def test_a_paused_source_is_pulled_only_when_somebody_asks(
    ledger: type[Ledger], source: Source, metric: Metric
) -> None:
    Source.objects.update(paused_at=clock.now())
    assert pull_due() == []
    pulling.request(source)
    assert len(pull_due()) == 1
    assert metric.observations.exists()


def test_all_that_a_person_asks_of_a_paused_source_is_done(
    ledger: type[Ledger], source: Source, metric: Metric
) -> None:
    Source.objects.update(paused_at=clock.now())
    pulling.request(source)
    pulling.request(source, metric=metric)
    assert (len(pull_due()), len(pull_due()), pull_due()) == (1, 1, [])
    assert set(Pull.objects.values_list("kind", "state")) == {("requested", "ok")}


def test_a_broker_that_takes_no_messages_costs_one_tick(
    ledger: type[Ledger], source: Source, metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr(tasks.pull, "apply_async", refuse)
    tasks.tick()
    assert Source.objects.due(clock.now()).exists()
    assert len(pull_due()) == 1


def test_the_retry_waits_longer_after_each_failure() -> None:
    for failures in range(1, 12):
        waits = [planning.back_off(failures).total_seconds() for _ in range(20)]
        assert all(5 <= wait <= min(1800, 30 * 2 ** (failures - 1)) for wait in waits)


def clock_now() -> datetime:
    return clock.now()


def test_pulls_that_wait_for_one_source_follow_each_other_without_a_tick(
    ledger: type[Ledger], source: Source, metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.pull, "apply_async", lambda args, **_: tasks.pull(*args))
    backfilling.begin(metric, date(2023, 1, 2), date(2026, 1, 5))
    tasks.tick()
    assert set(Pull.objects.values_list("state", flat=True)) == {"ok"}
    assert Pull.objects.filter(kind="backfill").count() == 3


def test_the_web_process_sends_its_messages_to_the_products_broker() -> None:
    from celery import current_app

    assert current_app.main == "northstar"
