"""The coverage calendar: a state a period, and why."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics import covering
from metrics.connectors.base import ConnectorError
from metrics.models import Company, Metric, Source
from northstar.lib import clock as clocks
from tests.metrics.scripted import Scripted, metric_of, pull_all, scripted, source_of

__all__ = ["scripted"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def metric(scripted: type[Scripted], company: Company, clock: object) -> Metric:
    """Daily, since the 9th, asked every hour; three days at its source are complete a day later."""
    return metric_of(source_of("Till"), latency_hours=24)


def run(clock: time_machine.Coordinates, **after: float) -> None:
    """Time passes, then what is due is pulled."""
    clock.shift(timedelta(**after))
    pull_all()


def covered(metric: Metric, day: int, month: int = 11) -> covering.Covered:
    start = date(2026, month, day)
    (found,) = covering.coverage(metric, start, start + timedelta(days=1), now=clocks.now())
    return found


def test_days_in_time_are_ok_and_the_last_ones_are_incomplete(
    metric: Metric, clock: time_machine.Coordinates
) -> None:
    pull_all()
    for _ in range(4):
        run(clock, days=1)
    states = {each.start.day: each.state for each in covering.coverage(
        metric, date(2026, 11, 9), date(2026, 12, 31), now=clocks.now()
    )}  # fmt: skip
    assert states == dict.fromkeys(range(9, 21), "ok") | {21: "incomplete", 22: "incomplete"}
    assert covered(metric, 22).words == "Not over yet."
    assert covered(metric, 21).words == "Over, but its source may still add to it."


def test_days_that_came_long_after_their_time_are_late(
    metric: Metric, scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    pull_all()
    scripted.failures[""] = ConnectorError("connection", "The host does not answer.")
    run(clock, days=4)
    assert covered(metric, 19).state == "unknown"
    assert covered(metric, 19).words == ("The pull of Sun 22 Nov 11:00 failed: The host does not answer.")
    scripted.failures.clear()
    Source.objects.update(next_due_at=clocks.now())
    run(clock, days=1)
    assert (covered(metric, 19).state, covered(metric, 19).words) == (
        "late",
        "It came 2 days after its time.",
    )


def test_a_day_without_a_row_is_missing_or_zero_if_the_metric_says_so(
    metric: Metric, scripted: type[Scripted]
) -> None:
    scripted.since = date(2026, 11, 12)
    pull_all()
    assert covered(metric, 10).state == "missing"
    Metric.objects.update(missing="zero")
    metric.refresh_from_db()
    assert (covered(metric, 10).state, covered(metric, 10).words) == (
        "ok",
        "The source had no row: counted as zero.",
    )


def test_a_day_whose_value_was_changed_after_it_was_complete_is_restated(
    metric: Metric, scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    for hours in range(0, 72, 6):
        run(clock, hours=6 if hours else 0)
    Metric.objects.update(restate_days=14)
    scripted.values = {date(2026, 11, 18): Decimal(4)}
    run(clock, days=4)
    found = covered(metric, 18)
    assert (found.state, found.words) == ("restated", "The source changed it 5 days after it was complete.")


def test_before_the_first_day_asked_for_nothing_is_missing(metric: Metric) -> None:
    pull_all()
    assert covering.missing_days(metric, date(2026, 1, 1), date(2026, 11, 30), now=clocks.now()) == []
    assert covered(metric, 1, month=6).words == "It was never asked for."


def test_coverage_of_two_years_takes_as_many_queries_as_of_a_week(metric: Metric, settings: Any) -> None:
    pull_all()
    counts = []
    for start in (date(2026, 11, 9), date(2024, 11, 9)):
        with CaptureQueriesContext(connection) as queries:
            covering.coverage(metric, start, date(2026, 12, 1), now=clocks.now())
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5
