"""A source that returns less than before, says something else, or says too much in its errors."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from metrics.connectors.base import ConnectorError
from metrics.models import Company, Metric, Pull, PullItem, Source
from northstar.lib import clock as clocks
from teams.models import User
from tests.metrics.scripted import Scripted, metric_of, pull_due, scripted, source_of

__all__ = ["scripted"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def metric(scripted: type[Scripted], company: Company, clock: object) -> Metric:
    """Daily, pulled once, and asked again for ten days each time."""
    made = metric_of(source_of("Till"), restate_days=10)
    pull_due()
    return made


def pull_again(clock: time_machine.Coordinates) -> PullItem:
    clock.shift(timedelta(days=1))
    Source.objects.update(next_due_at=clocks.now(), next_scheduled_at=clocks.now())
    pull_due()
    return PullItem.objects.latest("pk")


def test_a_source_that_returns_fewer_days_loses_nothing_and_says_how_many(
    metric: Metric, scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    """F38."""
    scripted.since = date(2026, 11, 14)
    item = pull_again(clock)
    assert (
        item.note == "The source no longer returns 5 periods since 2026-11-09; the values known before stay."
    )
    assert metric.observations.filter(status="value").count() == 11
    scripted.since = None
    assert pull_again(clock).note == ""


def test_a_source_that_says_something_else_of_the_past_leaves_a_revision_of_each_day(
    metric: Metric, scripted: type[Scripted], clock: time_machine.Coordinates
) -> None:
    """F39."""
    scripted.values = {date(2026, 11, 12): Decimal(5), date(2026, 11, 13): Decimal("6.5")}
    item = pull_again(clock)
    assert (item.changed, item.added) == (2, 1)
    kept = metric.revisions.filter(period_start=date(2026, 11, 12)).order_by("id")
    assert [row.value for row in kept] == [1, 5]
    assert metric.observations.get(period_start=date(2026, 11, 13)).value == Decimal("6.5")


def test_an_error_is_shown_to_who_runs_sources_and_to_nobody_else(
    metric: Metric, scripted: type[Scripted], clock: time_machine.Coordinates, maren: User, vera: User
) -> None:
    """R36: code and sentence; the page of the metric tells a mere reader only that it fails."""
    scripted.failures[""] = ConnectorError("query", "There is no column amount_cents.", permanent=True)
    pull_again(clock)
    pull = Pull.objects.latest("pk")
    assert (pull.state, PullItem.objects.latest("pk").error_code) == ("failed", "query")
    pages = {}
    for user in (maren, vera):
        client = Client()
        client.force_login(user)
        pages[user.name] = client.get(f"/metrics/{metric.slug}/").content.decode()
    assert "amount_cents" in pages["Maren Tolk"]
    assert "amount_cents" not in pages["Vera Holm"]
