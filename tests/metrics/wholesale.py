"""The wholesaler's invoices in a real PostgreSQL, and the three questions that Northstar asks it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from metrics import connecting
from metrics.models import Company, Metric, Source
from tests.services.postgres import Server

NOW = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)  # London is on UTC in winter
FIRST_MONDAY = date(2010, 11, 29)
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
KINDS = {"weekly-active-accounts": "unique", "weekly-revenue": "flow_sum", "cancelled-invoices": "ratio"}
PASSWORD = "only-to-read"


@contextmanager
def loaded(server: Server, folder: Path, database: str) -> Iterator[Server]:
    """A database with the invoices, and a role `<database>_reader` that can only read them."""
    role = f"{database}_reader"
    server.create(database)
    with psycopg.connect(server.dsn(database), autocommit=True) as connection:
        connection.execute(
            "create table invoices (invoice_no text, invoice_date timestamp, customer_id text, country text,"
            " quantity integer, unit_price numeric)"
        )
        connection.execute("revoke create on schema public from public")
        connection.execute(f"drop role if exists {role}".encode())
        connection.execute(f"create role {role} login password '{PASSWORD}'".encode())
        connection.execute(f"grant select on invoices to {role}".encode())
        with (
            (folder / "wholesale_invoices.csv").open(encoding="utf-8") as file,
            connection.cursor() as cursor,
        ):
            lines = csv.reader(file)
            next(lines)
            with cursor.copy("copy invoices from stdin") as copy:
                for number, moment, *rest in lines:
                    copy.write_row((number, datetime.strptime(moment, "%m/%d/%Y %H:%M"), *rest))
    yield server
    server.drop(database)
    server.run(f"drop role if exists {role}")


def shop_of(server: Server, database: str, *, now: datetime) -> Source:
    """The company, its warehouse as a source that is due `now`, and the three metrics."""
    Company.objects.create(id=1, name="Wholesaler", zone="Europe/London", country="GB")
    source = Source(
        name="Warehouse", slug="warehouse", kind="postgresql", schedule={"kind": "every", "minutes": 60}
    )
    source.settings = {
        "host": server.host,
        "port": server.port,
        "database": database,
        "user": f"{database}_reader",
        "sslmode": "prefer",
    }
    source.secrets = connecting.seal(source, {"password": PASSWORD})
    source.next_due_at = source.next_scheduled_at = now
    source.save()
    for slug, kind in KINDS.items():
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


def plain_sql(server: Server, slug: str, database: str) -> dict[date, tuple[object, ...]]:
    """What the definitions give without Northstar in between, over all time: columns by Monday."""
    statement = QUERIES[slug].replace(RANGE, "true")
    return {row[0]: tuple(row[1:]) for row in server.run(statement, database=database)}  # type: ignore[misc]
