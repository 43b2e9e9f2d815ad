"""What a weekly review looks back on: nothing after its Sunday, months that are over, the year before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from metrics import storing
from metrics.connectors.base import Row
from metrics.looking_back import Look, is_asked_for, looks, stored_values
from metrics.models import Company, Metric

pytestmark = pytest.mark.django_db
WEEK = date(2026, 11, 9)
NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _wednesday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def store_days(metric: Metric, first: date, last: date, value: Any = 1) -> None:
    count = (last - first).days + 1
    days = [first + place * A_DAY for place in range(count)]
    storing.store(metric, [Row(day, value=Decimal(value)) for day in days], origin="import")


def look_at(metric: Metric, *, week: date = WEEK, replayed: bool = False) -> Look:
    return looks([metric], week=week, company=Company.current(), now=NOW, replayed=replayed)[metric.pk]


def test_days_give_weeks_months_and_the_month_to_date(make_metric: Any) -> None:
    metric = make_metric(grain="day")
    store_days(metric, date(2025, 9, 1), date(2026, 11, 17))
    found = look_at(metric)
    weeks, before = found.trailing_weeks()
    assert [point.start for point in weeks if point.complete] == [
        WEEK - timedelta(weeks=n) for n in range(5, -1, -1)
    ]
    assert [point.value for point in before[:6]] == [7] * 6
    months, year_before = found.trailing_months()
    assert [point.value for point in months if point.complete] == [
        30, 31, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
    ]  # fmt: skip
    assert (months[-1].start, months[-1].value, months[-1].note) == (date(2026, 11, 1), 15, "15 of 30 days")
    assert year_before[-2].value == 31
    assert found.summed


def test_the_running_week_is_shown_hollow_and_counted_nowhere(make_metric: Any) -> None:
    metric = make_metric(grain="day")
    store_days(metric, date(2026, 9, 1), date(2026, 11, 17))
    found = look_at(metric)
    running = found.points[-1]
    assert (running.start, running.complete, running.value) == (date(2026, 11, 16), False, 2)
    assert found.newest is not None
    assert found.newest.start == WEEK
    assert found.scores()[0].value == 7
    assert found.scores()[1].value == 15


def test_a_week_that_is_looked_back_on_later_knows_nothing_of_the_weeks_after_it(make_metric: Any) -> None:
    metric = make_metric(grain="day")
    store_days(metric, date(2026, 8, 1), date(2026, 11, 17))
    found = look_at(metric, week=date(2026, 10, 26), replayed=True)
    assert [point.start for point in found.points][-1] == date(2026, 10, 26)
    assert found.points[-1].complete
    # That Sunday was 1 November.
    assert (found.months[-1].start, found.months[-1].value) == (date(2026, 11, 1), 1)
    assert found.scores()[1].value == 1


def test_weeks_alone_give_months_by_the_weeks_that_end_in_them(make_metric: Any, make_weeks: Any) -> None:
    metric = make_metric(kind="unique")
    make_weeks(metric, "2026-10-05", [10, 20, 30, 40, 50, 60])
    found = look_at(metric)
    assert [(point.start.month, point.value, point.complete) for point in found.months] == [
        (10, 15 + 5, True),
        (11, 50, False),
    ]
    assert not found.summed
    assert [score.value for score in found.scores()] == [60, None, None, None]


def test_a_month_that_lacks_its_last_days_has_no_value(make_metric: Any) -> None:
    metric = make_metric(grain="day")
    store_days(metric, date(2026, 9, 1), date(2026, 10, 20))
    months = {point.start.month: point.value for point in look_at(metric).months}
    assert months == {9: 30, 10: None}


def test_many_metrics_take_as_many_queries_as_one(make_metric: Any, django_assert_num_queries: Any) -> None:
    many = [make_metric(f"Metric {place}", grain="day") for place in range(8)]
    for metric in many:
        store_days(metric, date(2026, 10, 1), date(2026, 11, 17))
    company = Company.current()
    with django_assert_num_queries(3):
        looks(many, week=WEEK, company=company, now=NOW)


def test_what_is_stored_today_comes_for_many_at_once(make_metric: Any, make_weeks: Any) -> None:
    weekly, daily = make_metric("Weekly"), make_metric("Daily", grain="day")
    make_weeks(weekly, "2026-11-09", [12])
    store_days(daily, date(2026, 11, 9), date(2026, 11, 15), 2)
    assert stored_values([(weekly, WEEK), (daily, WEEK)]) == {(weekly.pk, WEEK): 12, (daily.pk, WEEK): 14}
    assert stored_values([]) == {}


@pytest.mark.parametrize(
    ("looked", "hours", "asked"),
    [
        (None, 0, False),
        (datetime(2026, 11, 15, 22, 59, tzinfo=UTC), 0, False),  # 23:59 on Sunday in Berlin
        (datetime(2026, 11, 15, 23, 0, tzinfo=UTC), 0, True),
        (datetime(2026, 11, 16, 4, 59, tzinfo=UTC), 6, False),
        (datetime(2026, 11, 16, 5, 0, tzinfo=UTC), 6, True),
    ],
)
def test_a_source_was_asked_when_it_was_asked_after_the_end(
    make_metric: Any, looked: datetime | None, hours: int, asked: bool
) -> None:
    metric = make_metric(latency_hours=hours, last_ok_at=looked)
    assert is_asked_for(metric, company=Company.current(), now=NOW) is asked
