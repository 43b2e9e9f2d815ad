"""A wholesaler's real invoices in a real PostgreSQL, pulled through the SQL connector on 9 December 2011."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine

from metrics import backfilling, pulling, series
from metrics.models import Company, Metric, Pull, Source
from northstar.lib import clock as now_clock
from tests.metrics import wholesale
from tests.metrics.wholesale import FIRST_MONDAY, NOW
from tests.services.postgres import Server

pytestmark = [pytest.mark.django_db, pytest.mark.needs_data]

CHRISTMAS_WEEK = date(2010, 12, 27)
LAST_WEEK = date(2011, 12, 5)


@pytest.fixture(scope="module")
def warehouse(postgres_server: Server, real_data: Path) -> Iterator[Server]:
    with wholesale.loaded(postgres_server, real_data, "wholesale") as server:
        yield server


@pytest.fixture
def shop(warehouse: Server, settings: Any) -> Source:
    settings.EGRESS_LOOPBACK = True
    return wholesale.shop_of(warehouse, "wholesale", now=NOW)


@pytest.fixture
def pulled(shop: Source) -> Iterator[Source]:
    with time_machine.travel(NOW, tick=False):
        for pull_id in pulling.claim_due(now_clock.now()):
            pulling.run(pull_id)
        yield shop


def plain_sql(warehouse: Server, slug: str) -> dict[date, tuple[Any, ...]]:
    return wholesale.plain_sql(warehouse, slug, "wholesale")


def test_one_pull_brings_the_whole_history(pulled: Source) -> None:
    pull = Pull.objects.get()
    assert [item.error_message for item in pull.items.all()] == ["", "", ""]
    assert pull.state == "ok"
    assert {item.added for item in pull.items.all()} == {53}


@pytest.mark.parametrize("slug", ["weekly-active-accounts", "weekly-revenue"])
def test_every_week_equals_plain_sql(pulled: Source, warehouse: Server, slug: str) -> None:
    stored = Metric.objects.get(slug=slug).observations.filter(status="value")
    truth = plain_sql(warehouse, slug)
    assert len(truth) == 53
    assert {row.period_start: row.value for row in stored} == {day: value for day, (value,) in truth.items()}


def test_every_weeks_share_of_cancelled_invoices_equals_plain_sql(pulled: Source, warehouse: Server) -> None:
    stored = Metric.objects.get(slug="cancelled-invoices").observations.filter(status="value")
    truth = plain_sql(warehouse, "cancelled-invoices")
    assert {row.period_start: (row.numerator, row.denominator) for row in stored} == truth
    for row in stored:
        assert math.isclose(float(row.value or 0), truth[row.period_start][0] / truth[row.period_start][1])


def test_the_week_between_christmas_and_new_year_is_a_gap_and_not_zero(pulled: Source) -> None:
    for metric in Metric.objects.all():
        row = metric.observations.get(period_start=CHRISTMAS_WEEK)
        assert (row.status, row.value) == ("missing", None)
        points = series.of(metric, company=Company.current(), now=now_clock.now())
        assert next(point for point in points if point.start == CHRISTMAS_WEEK).value is None


def test_the_last_week_is_incomplete(pulled: Source) -> None:
    metric = Metric.objects.get(slug="weekly-active-accounts")
    *before, last = series.of(metric, company=Company.current(), now=now_clock.now())
    assert last.start == LAST_WEEK
    assert not last.complete
    assert last.note == "4 of 7 days"
    assert all(point.complete for point in before)


def test_a_backfill_by_year_finds_nothing_new(pulled: Source) -> None:
    metric = Metric.objects.get(slug="weekly-revenue")
    backfilling.begin(metric, FIRST_MONDAY, date(2011, 12, 10))
    while ids := pulling.claim_due(now_clock.now()):
        for pull_id in ids:
            pulling.run(pull_id)
    backfills = Pull.objects.filter(kind="backfill")
    assert {pull.state for pull in backfills} == {"ok"}
    assert sum(item.changed + item.added for pull in backfills for item in pull.items.all()) == 0
