"""A year of a real wholesaler, asked by SQL and counted again from the file without any SQL."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from metrics.connectors.base import Row
from tests.metrics.connectors.foreign_database import DATABASE, fetched
from tests.services.postgres import Server

pytestmark = pytest.mark.needs_data

Line = tuple[str, datetime, str, int, Decimal]

NOW = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)
WINDOW = {"start": date(2010, 11, 29), "end": date(2011, 12, 12), "zone": "Europe/London", "now": NOW}
BETWEEN = "at >= :period_start and at < :period_end group by 1"

ACTIVE = f"""
select date_trunc('week', at)::date as period, count(distinct customer) as value from invoices
 where customer <> '(blank)' and invoice !~ '^[CA]' and quantity > 0 and {BETWEEN}
"""
REVENUE = f"""
select date_trunc('week', at) as period, sum(quantity * price) as value from invoices
 where invoice !~ '^A' and {BETWEEN}
"""
CANCELLED = f"""
select date_trunc('week', at) as period,
       count(distinct invoice) filter (where invoice like 'C%') as numerator,
       count(distinct invoice) as denominator from invoices
 where invoice !~ '^A' and {BETWEEN}
"""


@pytest.fixture(scope="module")
def lines(real_data: Path) -> list[Line]:
    with (real_data / "wholesale_invoices.csv").open(encoding="utf-8-sig", newline="") as file:
        return [
            (
                line["InvoiceNo"],
                datetime.strptime(line["InvoiceDate"], "%m/%d/%Y %H:%M"),
                line["CustomerID"],
                int(line["Quantity"]),
                Decimal(line["UnitPrice"]),
            )
            for line in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def warehouse(server: Server, lines: list[Line]) -> Iterator[Server]:
    server.run(
        "create table invoices (invoice text, at timestamp, customer text, quantity int, price numeric)",
        "grant select on invoices to public",
        database=DATABASE,
    )
    with (
        psycopg.connect(server.dsn(DATABASE)) as connection,
        connection.cursor() as cursor,
        cursor.copy("copy invoices from stdin") as copy,
    ):
        for line in lines:
            copy.write_row(line)
    yield server


def _week(moment: datetime) -> date:
    return moment.date() - timedelta(days=moment.weekday())


def _weeks(rows: tuple[Row, ...]) -> dict[date, Row]:
    assert [row.period_start for row in rows] == sorted({row.period_start for row in rows})
    return {row.period_start: row for row in rows}


def test_weekly_active_accounts_equal_those_counted_from_the_file(
    warehouse: Server, lines: list[Line]
) -> None:
    accounts = defaultdict(set)
    for invoice, at, customer, quantity, _ in lines:
        if customer != "(blank)" and invoice[0] not in "CA" and quantity > 0:
            accounts[_week(at)].add(customer)
    rows = _weeks(fetched(warehouse, ACTIVE, kind="unique", **WINDOW).rows)
    assert {start: row.value for start, row in rows.items()} == {w: len(a) for w, a in accounts.items()}


def test_weekly_revenue_equals_the_sum_of_the_file(warehouse: Server, lines: list[Line]) -> None:
    revenue: dict[date, Decimal] = defaultdict(Decimal)
    for invoice, at, _, quantity, price in lines:
        if invoice[0] != "A":
            revenue[_week(at)] += quantity * price
    rows = _weeks(fetched(warehouse, REVENUE, kind="flow_sum", **WINDOW).rows)
    assert {start: row.value for start, row in rows.items()} == revenue


def test_the_share_of_cancelled_invoices_equals_that_of_the_file(
    warehouse: Server, lines: list[Line]
) -> None:
    every, cancelled = defaultdict(set), defaultdict(set)
    for invoice, at, *_ in lines:
        if invoice[0] != "A":
            every[_week(at)].add(invoice)
        if invoice[0] == "C":
            cancelled[_week(at)].add(invoice)
    rows = _weeks(fetched(warehouse, CANCELLED, kind="ratio", **WINDOW).rows)
    assert {start: (row.numerator, row.denominator) for start, row in rows.items()} == {
        week: (len(cancelled[week]), len(invoices)) for week, invoices in every.items()
    }


def test_one_number_a_week_gives_the_same_as_a_row_a_week(warehouse: Server) -> None:
    by_row = fetched(warehouse, ACTIVE, kind="unique", **WINDOW).rows
    sql = """select count(distinct customer) from invoices where customer <> '(blank)' and invoice !~ '^[CA]'
        and quantity > 0 and at >= :period_start and at < :period_end having count(*) > 0"""
    one_by_one = fetched(warehouse, sql, kind="unique", shape="number", **WINDOW).rows
    assert tuple(row for row in one_by_one if not row.is_missing) == by_row
    assert [row.period_start for row in one_by_one if row.is_missing] == [date(2010, 12, 27)]
