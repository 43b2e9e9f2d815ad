"""The form of a metric: suggestions, fields that matter only for a choice, and the first number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from metrics.connectors.cleaning import Field, clean, clean_secrets
from metrics.connectors.demo import DemoConnector
from metrics.connectors.errors import ConnectorError
from metrics.connectors.postgresql import PostgresqlConnector
from metrics.forms.metrics import MetricForm
from metrics.models import Metric, Source
from teams.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "company")]
CHOICE = Field("auth", "Sign-in", "choice", choices=(("none", "none"), ("bearer", "bearer")))
DEPENDENT = (CHOICE, Field("header", "Header", when=("auth", "bearer")))


@pytest.fixture
def admin(client: Client, maren: User) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def warehouse() -> Source:
    return Source.objects.create(name="Warehouse", slug="warehouse", kind="postgresql")


def test_a_suggestion_fills_the_form_in_one_click(admin: Client, warehouse: Source) -> None:
    text = admin.get("/metrics/new/?source=warehouse").text
    assert "Which number do you want first?" in text
    assert "?source=warehouse&amp;suggestion=revenue" in text
    text = admin.get("/metrics/new/?source=warehouse&suggestion=revenue").text
    assert 'value="Weekly revenue"' in text
    assert "sum(amount) as value" in text
    assert '<option value="flow_sum" selected>' in text
    assert text.count('aria-current="true"') == 1


@pytest.mark.parametrize("key", ["no-such", "<script>", "x" * 5000])
def test_an_unknown_suggestion_is_an_empty_form(admin: Client, warehouse: Source, key: str) -> None:
    answer = admin.get(f"/metrics/new/?source=warehouse&suggestion={key}")
    assert (answer.status_code, 'value="Weekly revenue"' in answer.text) == (200, False)


@pytest.mark.parametrize("cls", [PostgresqlConnector, DemoConnector])
def test_every_suggestion_can_be_saved_as_it_stands(cls: Any) -> None:
    source = Source(name="S", kind=cls.kind)
    for one in cls.suggestions:
        empty = MetricForm(source=source, suggestion=one.key)
        typed = {name: bound.value() for name, bound in ((n, empty[n]) for n in empty.fields)}
        form = MetricForm({k: v for k, v in typed.items() if v is not None}, source=source)
        assert form.is_valid(), form.errors
        assert form.query == cls.clean_query(one.query)


def test_a_typed_form_beats_the_suggestion(admin: Client, warehouse: Source) -> None:
    answer = admin.post("/metrics/new/?source=warehouse&suggestion=revenue", {"name": "Mine"})
    assert answer.status_code == 422
    assert 'value="Mine"' in answer.text and "Weekly revenue" in answer.text


def test_fields_name_the_choice_that_they_matter_for(admin: Client, warehouse: Source) -> None:
    text = admin.get("/metrics/new/?source=warehouse").text
    assert 'data-when="query_shape=number"' in text
    assert 'data-when="kind=ratio"' in text


@pytest.mark.parametrize(
    ("values", "missing"), [({"auth": "none"}, False), ({"auth": "bearer"}, True), ({"auth": ""}, True)]
)
def test_a_field_is_required_only_where_it_matters(values: dict[str, str], missing: bool) -> None:
    choice = Field("auth", "Sign-in", "choice", required=False, choices=CHOICE.choices)
    fields = (choice, DEPENDENT[1])
    if not missing:
        assert clean(fields, values)["header"] == ""
        return
    with pytest.raises(ConnectorError, match="Header is required"):
        clean(fields, values)


def test_a_secret_is_required_only_where_it_matters() -> None:
    fields = (Field("token", "Token", "password", secret=True, when=("auth", "bearer")),)
    assert clean_secrets(fields, {"auth": "none"}) == {}
    with pytest.raises(ConnectorError, match="Token is required"):
        clean_secrets(fields, {"auth": "bearer"})


def test_the_days_asked_again_begin_with_what_the_kind_is_known_to_correct(warehouse: Source) -> None:
    field = MetricForm(source=warehouse).fields["restate_days"]
    assert field.initial == PostgresqlConnector.restate_days
    assert "Usual for PostgreSQL: 14." in field.help_text


def test_the_page_looks_again_by_itself_until_the_first_number_is_there(
    admin: Client, warehouse: Source, clock: Any
) -> None:
    from northstar.lib import clock as our_clock

    metric = Metric.objects.create(name="Orders", slug="orders", kind="flow_sum", source=warehouse)
    Metric.objects.update(created_at=our_clock.now())
    assert admin.get("/metrics/orders/").headers["Refresh"] == "3"
    Metric.objects.update(failures=1)
    assert "Refresh" not in admin.get("/metrics/orders/").headers
    Metric.objects.update(failures=0)
    clock.shift(timedelta(minutes=6))
    assert "Refresh" not in admin.get(f"/metrics/{metric.slug}/").headers
