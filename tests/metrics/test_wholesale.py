"""A wholesaler's real invoices in a real PostgreSQL, pulled through the SQL connector on 9 December 2011."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine

from metrics import connecting, pulling, series
from metrics.models import Company, Metric, Pull, Source
from northstar.lib import clock as now_clock
from tests.services.postgres import Server

pytestmark = [pytest.mark.django_db, pytest.mark.needs_data]

NOW = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)  # London is on UTC in winter
FIRST_MONDAY = date(2010, 11, 29)
CHRISTMAS_WEEK = date(2010, 12, 27)
LAST_WEEK = date(2011, 12, 5)
RANGE = "invoice_date >= :period_start and invoice_date < :period_end"
QUERIES = {
    "weekly-active-accounts": f"""
        select date_trunc('week', invoice_date)::date as period, count(distinct customer_id) as value
        from invoices
        where invoice_no !~ '^[CA]' and quantity > 0 and customer_id <> '(blank)' and {RANGE}
        group by 1 order by 1""",
    "weekly-revenue": f"""
        select date_trunc('week', invoice_date)::date as period, sum(quantity * unit_price) as value
        from invoices where invoice_no !~ '^A' and {RANGE}
        group by 1 order by 1""",
    "cancelled-invoices": f"""
        select date_trunc('week', invoice_date)::date as period,
               count(distinct invoice_no) filter (where invoice_no ~ '^C') as numerator,
               count(distinct invoice_no) as denominator
        from invoices where invoice_no !~ '^A' and {RANGE}
        group by 1 order by 1""",
}


@pytest.fixture(scope="module")
def warehouse(postgres_server: Server, real_data: Path) -> Iterator[Server]:
    """A database with the invoices, and a role that can only read them."""
    postgres_server.create("wholesale")
    with psycopg.connect(postgres_server.dsn("wholesale"), autocommit=True) as connection:
        connection.execute(
            "create table invoices (invoice_no text, invoice_date timestamp, customer_id text, country text,"
            " quantity integer, unit_price numeric)"
        )
        connection.execute("revoke create on schema public from public")
        connection.execute("drop role if exists reader")
        connection.execute("create role reader login password 'only-to-read'")
        connection.execute("grant select on invoices to reader")
        with (
            (real_data / "wholesale_invoices.csv").open(encoding="utf-8") as file,
            connection.cursor() as cursor,
        ):
            lines = csv.reader(file)
            next(lines)
            with cursor.copy("copy invoices from stdin") as copy:
                for number, moment, *rest in lines:
                    copy.write_row((number, datetime.strptime(moment, "%m/%d/%Y %H:%M"), *rest))
    yield postgres_server
    postgres_server.drop("wholesale")
    postgres_server.run("drop role if exists reader")


@pytest.fixture
def shop(warehouse: Server, settings: Any) -> Source:
    settings.EGRESS_LOOPBACK = True
    Company.objects.create(id=1, name="Wholesaler", zone="Europe/London", country="GB")
    source = Source(
        name="Warehouse", slug="warehouse", kind="postgresql", schedule={"kind": "every", "minutes": 60}
    )
    source.settings = {
        "host": warehouse.host,
        "port": warehouse.port,
        "database": "wholesale",
        "user": "reader",
        "sslmode": "prefer",
    }
    source.secrets = connecting.seal(source, {"password": "only-to-read"})
    source.next_due_at = source.next_scheduled_at = NOW
    source.save()
    kinds = {"weekly-active-accounts": "unique", "weekly-revenue": "flow_sum", "cancelled-invoices": "ratio"}
    for slug, kind in kinds.items():
        Metric.objects.create(
            name=slug.replace("-", " ").capitalize(),
            slug=slug,
            kind=kind,
            source=source,
            query={"shape": "rows", "sql": QUERIES[slug]},
            direction="down" if kind == "ratio" else "up",
            history_from=FIRST_MONDAY,
        )
    return source


@pytest.fixture
def pulled(shop: Source) -> Iterator[Source]:
    with time_machine.travel(NOW, tick=False):
        for pull_id in pulling.claim_due(now_clock.now()):
            pulling.run(pull_id)
        yield shop


def plain_sql(warehouse: Server, slug: str) -> dict[date, tuple[Any, ...]]:
    """What the definitions give without Northstar in between, over all time."""
    statement = QUERIES[slug].replace(RANGE, "true")
    return {row[0]: tuple(row[1:]) for row in warehouse.run(statement, database="wholesale")}  # type: ignore[misc]


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
    pulling.backfill(metric, FIRST_MONDAY, date(2011, 12, 10))
    while ids := pulling.claim_due(now_clock.now()):
        for pull_id in ids:
            pulling.run(pull_id)
    backfills = Pull.objects.filter(kind="backfill")
    assert {pull.state for pull in backfills} == {"ok"}
    assert sum(item.changed + item.added for pull in backfills for item in pull.items.all()) == 0
