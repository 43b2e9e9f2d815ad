"""What is judged again without a new value: after failures, recoveries, backfills and the end of a week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from metrics import finishing
from metrics.connectors.base import ConnectorError
from metrics.models import Company, Metric, MetricChange, Pull, Source
from northstar.lib import clock as clocks

pytestmark = pytest.mark.django_db
MONDAY = datetime.fromisoformat("2026-11-16T09:00:00+01:00")


@pytest.fixture(autouse=True)
def moving() -> Any:
    with time_machine.travel(MONDAY, tick=False) as moved:
        yield moved


@pytest.fixture
def till(company: Company) -> Source:
    lease = {"lease_token": "held", "lease_until": clocks.now() + timedelta(days=1)}
    return Source.objects.create(name="Till", slug="till", kind="demo", schedule={}, **lease)


@pytest.fixture
def sales(till: Source, make_metric: Callable[..., Metric]) -> Metric:
    return make_metric("Sales", source=till, last_ok_at=MONDAY - timedelta(hours=1))


def pull(source: Source, metric: Metric | None = None, *, kind: str = "live") -> Pull:
    Source.objects.filter(pk=source.pk).update(
        lease_token="held", lease_until=clocks.now() + timedelta(days=1)
    )
    return Pull.objects.create(source=source, metric=metric, kind=kind, state="running", token="held")


def doubted() -> int:
    count, _ = MetricChange.objects.all().delete()
    return count


def test_the_first_look_after_a_week_is_news_and_the_second_is_not(till: Source, sales: Metric) -> None:
    finishing.note_success(sales, pull(till))
    assert doubted() == 0
    sales.last_ok_at = MONDAY - timedelta(hours=10)
    finishing.note_success(sales, pull(till))
    assert doubted() == 1
    sales.refresh_from_db()
    assert sales.last_ok_at == MONDAY


def test_the_first_look_after_a_failure_is_news(till: Source, sales: Metric) -> None:
    sales.failures = 1
    finishing.note_success(sales, pull(till))
    assert doubted() == 1


def test_fetching_old_days_again_is_no_look_at_the_newest(till: Source, sales: Metric) -> None:
    before = sales.last_ok_at
    finishing.note_success(sales, pull(till, sales, kind="backfill"))
    sales.refresh_from_db()
    assert (sales.last_ok_at, doubted()) == (before, 0)
    finishing.finish(pull(till, sales, kind="backfill"), None)
    assert doubted() == 1


def test_a_source_is_doubted_at_its_second_failure_and_when_it_answers_again(
    till: Source, sales: Metric
) -> None:
    broken = ConnectorError("connection", "Not reachable.")
    told = []
    for failure in (broken, broken, broken, None, None):
        finishing.finish(pull(till), failure)
        told.append(doubted())
    assert told == [0, 1, 0, 1, 0]
