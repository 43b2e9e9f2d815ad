"""Quick answers of several sources are stored together, and one of them that is special harms no other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics import batching, pulling
from metrics.connectors.base import Answer, Ask, ConnectorError, Row
from metrics.models import Company, Metric, Pull, Source
from northstar.lib import clock as clocks
from tests.metrics.scripted import Scripted, metric_of, pull_all, scripted, source_of

__all__ = ["scripted"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stage(scripted: type[Scripted], company: Company, clock: object) -> None:
    """Every test here has the company, the scripted kind, and a clock that stands still."""


def sources(count: int) -> list[Source]:
    made = [source_of(f"S{number}", host=f"h{number}.example") for number in range(count)]
    for source in made:
        metric_of(source)
    return made


def run_together(*, before_keep: object = None) -> list[Pull]:
    ids = pulling.claim_due(clocks.now())
    with pulling.round_of(ids) as ours:
        for pull_id in ids:
            ours.run(pull_id)
        assert ours.answered
        if callable(before_keep):
            before_keep()
    return list(Pull.objects.order_by("source__name"))


def test_several_are_stored_in_as_many_statements_as_two() -> None:
    counts = []
    for number in (2, 12):
        Source.objects.update(next_due_at=None)
        for each in range(number):
            source = source_of(f"R{number} S{each}", host=f"r{number}-{each}.example")
            metric_of(source, history_from=date(2026, 11, 18), restate_days=0)  # SQLite takes few at once
        ids = pulling.claim_due(clocks.now())
        with pulling.round_of(ids) as ours:
            for pull_id in ids:
                ours.run(pull_id)
            with CaptureQueriesContext(connection) as queries:
                ours.keep()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20
    assert set(Pull.objects.values_list("state", flat=True)) == {"ok"}
    assert {metric.observations.count() for metric in Metric.objects.all()} == {1}


def test_what_is_kept_together_is_what_is_kept_alone() -> None:
    alone, together = sources(2), []
    for pull_id in pulling.claim_due(clocks.now()):
        pulling.run(pull_id)
    for number in (2, 3):
        together.append(source_of(f"S{number}", host=f"h{number}.example"))
        metric_of(together[-1])
    run_together()
    skipped = {
        "id",
        "uid",
        "name",
        "slug",
        "settings",
        "host_key",
        "breaker_key",
        "next_due_at",
        "created_at",
    }
    rows = [
        {key: value for key, value in row.items() if key not in skipped}
        for row in Source.objects.filter(pk__in=[each.pk for each in [*alone, *together]]).values()
    ]
    assert all(row == rows[0] for row in rows)
    assert all(source.breaker_key for source in Source.objects.all())
    items = [list(pull.items.values_list("state", "rows", "added")) for pull in Pull.objects.all()]
    assert items == [[("ok", 10, 10)]] * 4


def test_a_wrong_row_of_one_fails_that_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sources(3)
    fetch = Scripted.fetch

    def wrong(self: Scripted, ask: Ask) -> Answer:
        return fetch(self, ask) if self.settings["host"] != "h1.example" else Answer((Row(date(2031, 1, 1)),))

    monkeypatch.setattr(Scripted, "fetch", wrong)
    assert [pull.state for pull in run_together()] == ["ok", "failed", "ok"]
    assert "has not begun yet" in Pull.objects.get(state="failed").items.get().error_message


def test_one_that_lost_its_lease_meanwhile_writes_nothing() -> None:
    made = sources(3)
    lost = run_together(
        before_keep=lambda: Source.objects.filter(pk=made[1].pk).update(lease_token="somebody else's")
    )
    assert [pull.state for pull in lost] == ["ok", "stale", "ok"]
    assert not made[1].metrics.get().observations.exists()
    made[1].refresh_from_db()
    assert made[1].lease_token == "somebody else's"


def test_one_whose_metric_was_changed_meanwhile_is_cancelled() -> None:
    made = sources(3)
    changed = run_together(
        before_keep=lambda: Metric.objects.filter(source=made[2]).update(query={"table": "other"})
    )
    assert [pull.state for pull in changed] == ["ok", "ok", "cancelled"]


def test_a_source_that_recovers_among_others_is_told_healed(clock: time_machine.Coordinates) -> None:
    made = sources(3)
    Scripted.failures["h0.example"] = ConnectorError("auth", "Refused.", permanent=True)
    pull_all()
    Scripted.failures.clear()
    clock.shift(timedelta(minutes=62))
    run_together()
    made[0].refresh_from_db()
    assert (made[0].failures, [event.kind for event in made[0].events.order_by("id")]) == (
        0,
        ["failing", "healed"],
    )


def test_a_request_that_came_meanwhile_follows_at_once() -> None:
    made = sources(2)
    run_together(before_keep=lambda: pulling.request(made[0]))
    made[0].refresh_from_db()
    made[1].refresh_from_db()
    assert made[0].next_due_at == clocks.now()
    assert made[1].next_due_at > clocks.now()


def test_what_the_database_refuses_is_tried_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import DatabaseError

    def refuse(*_: object) -> list[batching.Answered]:
        raise DatabaseError("numeric field overflow")

    sources(2)
    monkeypatch.setattr(batching, "_keep", refuse)
    assert [pull.state for pull in run_together()] == ["ok", "ok"]
