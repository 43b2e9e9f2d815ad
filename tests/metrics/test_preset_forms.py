"""A preset on the pages of every source: what its form asks, what it refuses, what it offers."""

from __future__ import annotations

import pytest
from django.test import Client

from metrics.models import Metric, Source
from teams.models import User
from tests.metrics.test_metric_pages import DEFINITION

pytestmark = pytest.mark.django_db
KEY = "zd-6wiIBWbGkBMo1mRDmarker"
FORM = {
    "name": "Support", "owner": "", "version": "0", "repeat": "daily", "at": "06:00",
    "set_subdomain": "brindlewick", "set_email": "maren@brindlewick.example", "set_token": KEY,
}  # fmt: skip


@pytest.fixture
def admin(client: Client, maren: User) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def stripe(maren: User) -> Source:
    return Source.objects.create(name="Billing", slug="billing", kind="stripe", settings={})


def test_the_form_says_where_the_key_is_made_and_what_it_needs(admin: Client) -> None:
    text = admin.get("/sources/new/zendesk/").text
    assert "Made at Zendesk Admin Center, Apps and integrations, APIs, API tokens." in text
    assert "Needs: An API token, and the address of an agent who can see all tickets." in text


def test_an_admin_adds_it_and_its_metrics_are_offered(admin: Client) -> None:
    answer = admin.post("/sources/new/zendesk/", FORM, follow=True)
    source = Source.objects.get()
    assert (source.settings["subdomain"], source.host_key) == ("brindlewick", "brindlewick.zendesk.com:443")
    for offered in ("Tickets created", "First reply time", "Satisfaction"):
        assert offered in answer.text
    assert KEY not in answer.text and KEY not in admin.get("/sources/support/").text


def test_a_subdomain_that_would_lead_elsewhere_is_refused_at_its_field(admin: Client) -> None:
    answer = admin.post("/sources/new/zendesk/", FORM | {"set_subdomain": "evil.example/x"})
    assert answer.status_code == 422
    assert "Subdomain has to look like brindlewick." in answer.text
    assert not Source.objects.exists()


def test_another_subdomain_asks_for_the_key_again(admin: Client) -> None:
    admin.post("/sources/new/zendesk/", FORM)
    source = Source.objects.get()
    moved = FORM | {"version": str(source.version), "set_token": "", "set_subdomain": "elsewhere"}
    answer = admin.post("/sources/support/edit/", moved)
    assert answer.status_code == 422 and "API token" in answer.text
    source.refresh_from_db()
    assert source.settings["subdomain"] == "brindlewick"


def test_a_metric_that_needs_an_input_says_so_at_the_input(admin: Client, stripe: Source) -> None:
    asked = DEFINITION | {"kind": "flow_sum", "query_metric": "payments", "query_currency": ""}
    answer = admin.post("/metrics/new/?source=billing", asked)
    assert answer.status_code == 422
    assert "Currency is required for Payments received." in answer.text
    assert admin.post("/metrics/new/?source=billing", asked | {"query_currency": "eur"}).status_code == 302
    assert Metric.objects.get().query == {"metric": "payments", "currency": "eur"}
