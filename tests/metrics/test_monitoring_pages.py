"""The forms of monitoring sources, as an admin meets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import reverse

from metrics.models import Metric, Source
from tests.metrics.connectors.monitoring import shop

pytestmark = pytest.mark.django_db

METRIC = {
    "name": "Good requests", "definition": "Requests without an error.", "kind": "ratio", "grain": "week",
    "direction": "up", "decimals": "2", "missing": "gap", "role": "input", "latency_hours": "0",
    "restate_days": "7", "min_den": "30", "unit": "", "history_from": "", "query_query": "sum(good)",
    "query_second": "sum(all)", "query_empty": "missing",
}  # fmt: skip


@pytest.fixture
def monitoring(client: Client, maren: AbstractBaseUser, clock: object) -> Source:
    client.force_login(maren)
    return shop.source_of("prometheus", {"url": "http://127.0.0.1:9090"})


def test_the_second_expression_shows_for_shares_and_averages_only(client: Client, monitoring: Source) -> None:
    page = client.get(f"{reverse('metric-new')}?source={monitoring.slug}").content.decode()
    assert 'data-when="kind=ratio|average"' in page
    assert "Each row needs a period" not in page


def test_a_metric_with_both_expressions_is_stored(client: Client, monitoring: Source) -> None:
    answer = client.post(f"{reverse('metric-new')}?source={monitoring.slug}", METRIC)
    assert answer.status_code == 302
    stored = Metric.objects.get().query
    assert stored == {"query": "sum(good)", "second": "sum(all)", "empty": "missing"}


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ({"query_query": "sum(x[$__interval])"}, "There is no placeholder $__interval here."),
        ({"query_query": ""}, "Expression is required."),
        ({"query_second": ""}, "Denominator or weight is required for this kind of number."),
    ],
)
def test_an_expression_that_cannot_work_is_refused_at_its_field(
    client: Client, monitoring: Source, typed: dict[str, Any], sentence: str
) -> None:
    answer = client.post(f"{reverse('metric-new')}?source={monitoring.slug}", METRIC | typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Metric.objects.exists()


def test_a_source_that_signs_in_needs_its_password(
    client: Client, maren: AbstractBaseUser, clock: object, settings: Any
) -> None:
    settings.EGRESS_LOOPBACK = True
    client.force_login(maren)
    typed = {
        "name": "Prometheus", "version": "0", "set_url": "http://127.0.0.1:9090", "set_sign_in": "basic",
        "set_user": "reader", "set_secret": "", "schedule": "every", "every": "60",
    }  # fmt: skip
    answer = client.post(reverse("source-new", args=["prometheus"]), typed)
    assert answer.status_code == 422
    assert "Password or token is required." in answer.content.decode()
    assert not Source.objects.exists()
