"""A week that is over, between its end and the look that completes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from metrics import series, storing, trusting
from metrics.analysis.points import Point
from metrics.connectors.base import Row
from metrics.models import Company, Metric, Source
from northstar.lib.localtime import instant

pytestmark = pytest.mark.django_db
LAST_WEEK, WEEK_BEFORE = date(2026, 11, 9), date(2026, 11, 2)


def at(text: str) -> datetime:
    return instant(datetime.fromisoformat(text), "Europe/Berlin")


@pytest.fixture
def leads(company: Company, make_metric: Callable[..., Metric], clock: object) -> Metric:
    """Read each morning at six; the last time on Sunday the 15th, when the week was not over."""
    source = Source.objects.create(
        name="CRM", slug="crm", kind="demo", schedule={"kind": "daily", "at": "06:00"}
    )
    made = make_metric("Leads", source=source, grain="day", last_ok_at=at("2026-11-15 06:00"))
    days = [date(2026, 10, 5) + timedelta(days=n) for n in range(42)]
    with time_machine.travel(at("2026-11-15 06:00"), tick=False):
        storing.store(made, [Row(day, value=Decimal(7)) for day in days[:41]], origin="pull")
    return made


def seen(metric: Metric, now: str) -> dict[date, Point]:
    points = series.of(metric, company=Company.current(), now=at(now))
    return {point.start: point for point in points}


def trust(metric: Metric, now: str) -> Any:
    company, moment = Company.current(), at(now)
    points = series.weekly([metric], company=company, now=moment)
    return trusting.trust_of([metric], points=points, company=company, now=moment)[metric.pk]


def test_it_stays_open_until_the_morning_look(leads: Metric) -> None:
    found = seen(leads, "2026-11-16 00:30")
    assert not found[LAST_WEEK].complete and found[LAST_WEEK].note == "waits for its source"
    assert found[WEEK_BEFORE].complete and found[WEEK_BEFORE].value == 49


def test_meanwhile_the_week_before_is_what_counts_and_it_is_trusted(leads: Metric) -> None:
    assert trust(leads, "2026-11-16 00:30").blocks is False


def test_the_look_completes_it(leads: Metric) -> None:
    moment = at("2026-11-16 06:00")
    with time_machine.travel(moment, tick=False):
        days = [date(2026, 11, 9) + timedelta(days=n) for n in range(7)]
        storing.store(leads, [Row(day, value=Decimal(7)) for day in days], origin="pull", as_of=moment)
    leads.last_ok_at = moment
    found = seen(leads, "2026-11-16 06:01")
    assert found[LAST_WEEK].complete and found[LAST_WEEK].value == 49
    assert trust(leads, "2026-11-16 06:01").badge == "trusted"


def test_an_overdue_look_puts_the_week_in_doubt(leads: Metric) -> None:
    found = seen(leads, "2026-11-18 00:30")
    assert found[LAST_WEEK].complete and found[LAST_WEEK].note == "only 6 of 7 days"
    assert trust(leads, "2026-11-18 00:30").blocks is True


def test_typed_values_wait_for_nobody(make_metric: Any, make_weeks: Any, clock: object) -> None:
    typed = make_metric("Visits", last_ok_at=at("2026-11-14 06:00"))
    make_weeks(typed, "2026-11-02", [4, 5])
    assert seen(typed, "2026-11-16 00:30")[LAST_WEEK].complete


def test_nothing_is_asked_while_every_week_was_read(
    leads: Metric, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    company = Company.current()
    leads.last_ok_at = at("2026-11-16 06:00")
    with django_assert_num_queries(1):
        series.of(leads, company=company, now=at("2026-11-18 12:00"))
    leads.last_ok_at = at("2026-11-15 06:00")
    with django_assert_num_queries(2):
        series.of(leads, company=company, now=at("2026-11-18 12:00"))
