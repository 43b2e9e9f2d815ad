"""Pages of metrics as admins, leads and viewers use them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from metrics import drawing
from metrics.models import AuditRow, Company, Metric, Pull, Source
from northstar.lib import clock as lib_clock
from teams.models import Team, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(client: Client, user: User) -> Client:
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def warehouse(company: Company) -> Source:
    return Source.objects.create(
        name="Warehouse",
        slug="warehouse",
        kind="postgresql",
        settings={"host": "db.example.com", "port": 5432},
    )


DEFINITION = {
    "name": "Weekly active accounts",
    "definition": "Accounts with an order in the week.",
    "kind": "unique",
    "grain": "week",
    "direction": "up",
    "unit": "accounts",
    "decimals": "0",
    "missing": "gap",
    "role": "output",
    "latency_hours": "0",
    "restate_days": "14",
    "min_den": "30",
    "history_from": "2025-11-24",
}
SQL = {"query_sql": "select 1", "query_shape": "rows", "query_empty": "missing"}


def test_an_admin_defines_a_metric_and_its_history_is_asked_for(
    client: Client, maren: User, warehouse: Source
) -> None:
    sign_in(client, maren)
    answer = client.post("/metrics/new/?source=warehouse", DEFINITION | SQL)
    assert answer.status_code == 302
    metric = Metric.objects.get(slug="weekly-active-accounts")
    assert metric.query["sql"] == "select 1"
    assert metric.history_from == date(2025, 11, 24)
    assert Pull.objects.get().metric == metric
    assert AuditRow.objects.filter(action="metric.defined", actor=maren).exists()


def test_a_lead_defines_what_the_team_types_but_no_query(
    client: Client, idris: User, marketing: Team, warehouse: Source
) -> None:
    sign_in(client, idris)
    client.post("/metrics/new/?source=warehouse", DEFINITION | SQL)
    metric = Metric.objects.get()
    assert metric.source.kind == "hand"
    assert list(marketing.metrics.all()) == [metric]


def test_a_lead_types_for_the_own_team_only(
    client: Client, idris: User, yuki: User, marketing: Team, make_metric: Callable[..., Metric]
) -> None:
    metric = make_metric()
    marketing.metrics.add(metric)
    assert sign_in(client, yuki).get(f"/metrics/{metric.slug}/values/").status_code == 403
    assert sign_in(client, idris).get(f"/metrics/{metric.slug}/values/").status_code == 200


def test_a_typed_value_is_stored_for_the_week_of_its_day(
    client: Client, maren: User, make_metric: Callable[..., Metric]
) -> None:
    metric = make_metric()
    sign_in(client, maren).post(f"/metrics/{metric.slug}/values/", {"day": "2026-11-12", "value": "412.5"})
    row = metric.observations.get()
    assert (row.period_start, row.value) == (date(2026, 11, 9), Decimal("412.5"))
    assert metric.revisions.get().actor == maren


@pytest.mark.parametrize(
    ("day", "value", "words"),
    [
        ("2026-11-12", "NaN", "is not a number"),
        ("2026-11-12", "Infinity", "is not a number"),
        ("2026-11-12", "twelve", "is not a number"),
        ("2026-11-12", "12,5", "write 12.5"),
        ("2026-11-12", "12345678901234567890", "1e15"),
        ("2026-11-12", "1.2345678901234567", "digits"),
        ("2026-11-31", "5", "valid date"),
        ("2027-11-12", "5", "has not begun yet"),
        ("0026-11-12", "5", "Check the year"),
        ("2026-11-12", "", "required"),
    ],
)
def test_what_is_no_value_is_refused_beside_its_field_and_nothing_is_stored(
    client: Client, maren: User, make_metric: Callable[..., Metric], day: str, value: str, words: str
) -> None:
    metric = make_metric()
    answer = sign_in(client, maren).post(f"/metrics/{metric.slug}/values/", {"day": day, "value": value})
    assert answer.status_code == 422
    assert words in answer.content.decode().replace("&#x27;", "'")
    assert not metric.observations.exists()


def test_a_file_of_values_is_stored_whole(
    client: Client, maren: User, make_metric: Callable[..., Metric]
) -> None:
    metric = make_metric()
    file = SimpleUploadedFile("values.csv", b"week,value\n2026-11-02,410\n2026-W46,431\n")
    answer = sign_in(client, maren).post(
        f"/metrics/{metric.slug}/import/", {"file": file, "encoding": "utf-8"}
    )
    assert answer.status_code == 302
    assert list(metric.observations.order_by("period_start").values_list("value", flat=True)) == [410, 431]


def test_a_file_with_one_wrong_row_stores_nothing_and_names_the_row(
    client: Client, maren: User, make_metric: Callable[..., Metric]
) -> None:
    metric = make_metric()
    file = SimpleUploadedFile("values.csv", b"week,value\n2026-11-02,410\n2026-11-04,NaN\n")
    answer = sign_in(client, maren).post(
        f"/metrics/{metric.slug}/import/", {"file": file, "encoding": "utf-8"}
    )
    assert answer.status_code == 422
    assert "Row 3" in answer.content.decode()
    assert not metric.observations.exists()


def test_a_correction_of_a_pulled_value_needs_a_reason_and_stays(
    client: Client, maren: User, warehouse: Source
) -> None:
    metric = Metric.objects.create(name="Orders", slug="orders", kind="flow_sum", source=warehouse)
    sign_in(client, maren)
    assert client.post("/metrics/orders/values/", {"day": "2026-11-12", "value": "7"}).status_code == 422
    client.post("/metrics/orders/values/", {"day": "2026-11-12", "value": "7", "reason": "counted twice"})
    assert metric.observations.get().pinned_reason == "counted twice"


def test_what_a_metric_measures_cannot_change_under_its_values(
    client: Client, maren: User, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    metric = make_metric()
    make_weeks(metric, "2026-11-02", [410])
    changed = DEFINITION | {"kind": "snapshot_stock", "history_from": ""}
    answer = sign_in(client, maren).post(f"/metrics/{metric.slug}/edit/", changed)
    assert answer.status_code == 422
    assert "Define a new metric instead" in answer.content.decode()
    metric.refresh_from_db()
    assert metric.kind == "flow_sum"


def test_a_backfill_is_asked_for_in_pulls_of_a_year(client: Client, maren: User, warehouse: Source) -> None:
    metric = Metric.objects.create(name="Orders", slug="orders", kind="flow_sum", source=warehouse)
    sign_in(client, maren).post("/metrics/orders/backfills/", {"first": "2024-11-18", "last": "2026-11-15"})
    spans = list(
        Pull.objects.filter(kind="backfill", metric=metric).order_by("start").values_list("start", "end")
    )
    assert spans[0][0] == date(2024, 11, 18)
    assert spans[-1][1] == date(2026, 11, 16)
    assert all(left[1] == right[0] for left, right in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-12", "2026-11-01", "Swap them"),
        ("2026-11-12", "2027-11-01", "has not come yet"),
        ("1026-11-12", "2026-11-01", "Check the year"),
    ],
)
def test_days_that_make_no_sense_are_refused(
    client: Client, maren: User, warehouse: Source, first: str, last: str, words: str
) -> None:
    Metric.objects.create(name="Orders", slug="orders", kind="flow_sum", source=warehouse)
    answer = sign_in(client, maren).post("/metrics/orders/backfills/", {"first": first, "last": last})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Pull.objects.exists()


def test_the_exported_file_can_be_uploaded_again(
    client: Client, maren: User, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    metric = make_metric("Trial to paid", kind="ratio", unit="")
    make_weeks(metric, "2026-11-02", [(3, 40), (5, 44)])
    exported = sign_in(client, maren).get(f"/metrics/{metric.slug}.csv").content
    copy = make_metric("Copy", kind="ratio", unit="")
    file = SimpleUploadedFile("values.csv", exported)
    client.post(f"/metrics/{copy.slug}/import/", {"file": file, "encoding": "utf-8"})
    fields = ("period_start", "numerator", "denominator", "value")
    assert set(copy.observations.values_list(*fields)) == set(metric.observations.values_list(*fields))


def test_a_viewer_sees_the_numbers_and_not_the_query(client: Client, vera: User, warehouse: Source) -> None:
    Metric.objects.create(
        name="Orders", slug="orders", kind="flow_sum", source=warehouse, query={"sql": "select secret_table"}
    )
    page = sign_in(client, vera).get("/metrics/orders/").content.decode()
    assert "Orders" in page
    assert "secret_table" not in page


def test_the_list_asks_the_same_number_of_questions_for_twice_the_metrics(
    client: Client,
    maren: User,
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
    django_assert_num_queries: Any,
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    sign_in(client, maren)
    counts = []
    for round_ in range(2):
        for number in range(4):
            metric = make_metric(f"Metric {round_} {number}")
            make_weeks(metric, "2026-09-07", [10, 11, 12])
            drawing.draw_metric(metric, lib_clock.now())
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/metrics/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_metric_whose_values_are_sent_is_not_pulled(
    client: Client, maren: User, company: Company, make_metric: Callable[..., Metric]
) -> None:
    """It would fail, and after three times pause the source: what programs send would be refused."""
    jobs = Source.objects.create(name="Jobs", slug="jobs", kind="push")
    make_metric("Trials", source=jobs)
    assert sign_in(client, maren).post("/metrics/trials/pulls/").status_code == 302
    client.post("/metrics/trials/resumption/")
    jobs.refresh_from_db()
    assert (jobs.next_due_at, Pull.objects.count()) == (None, 0)


def test_a_unit_is_text_and_never_markup(
    client: Client, maren: User, make_metric: Callable[..., Metric]
) -> None:
    make_metric("Trials", unit="<img src=x onerror=a()>")
    for path in ("", "values/", "edit/", "revisions/"):
        assert "<img src=x" not in sign_in(client, maren).get(f"/metrics/trials/{path}").text
