"""Columns that change at the source are told as a difference, where it fails and where it still works."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.test import Client

from metrics import defining, drifting, pulling
from metrics.connectors import registry
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Row
from metrics.connectors.sql_dialects import POSTGRESQL
from metrics.connectors.sql_rows import Column, Table, rows_of
from metrics.models import Company, Metric, PullItem, Source
from northstar.lib import clock as our_clock
from teams.models import User

pytestmark = pytest.mark.django_db


class Changing(Connector):
    """A source in this process whose columns a test changes; read as the SQL kinds read theirs."""

    kind: ClassVar[str] = "table"
    label: ClassVar[str] = "Table"
    description: ClassVar[str] = "For tests."
    initials: ClassVar[str] = "Ta"
    columns: ClassVar[tuple[str, ...]] = ()

    def check(self) -> tuple[str, ...]:
        return ()

    def fetch(self, ask: Ask) -> Answer:
        if "amount" not in self.columns:
            table = Table(tuple(Column(name, "exact") for name in (*self.columns, "extra")), ())
            rows_of(table, ask, dialect=POSTGRESQL)
        return Answer((Row(date(2026, 11, 9), value=Decimal(7)),), columns=self.columns)


@pytest.fixture
def metric(company: Company, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Metric]:
    """A metric whose last answer had the columns period and amount."""
    monkeypatch.setitem(registry.KINDS, "table", f"{__name__}.Changing")
    source = Source.objects.create(name="Table", slug="table", kind="table")
    made = Metric.objects.create(name="Revenue", slug="revenue", kind="flow_sum", source=source)
    assert pull(made, "period", "amount").drift == {}
    yield made


def pull(metric: Metric, *columns: str) -> PullItem:
    """What came of the metric in a pull whose answer had these columns."""
    Changing.columns = columns
    pulling.request(metric.source)
    for pull_id in pulling.claim_due(our_clock.now()):
        pulling.run(pull_id)
    metric.refresh_from_db()
    return PullItem.objects.filter(metric=metric).order_by("-id")[0]


def test_a_rename_is_told_in_the_error_and_kept_with_the_pull(metric: Metric) -> None:
    item = pull(metric, "period", "amount_eur")
    assert item.state == "failed"
    assert item.drift == {
        "gone": ["amount"],
        "new": ["amount_eur", "extra"],
        "renamed": [["amount", "amount_eur"]],
    }
    assert "3 columns, but 2 are needed" in item.error_message
    assert (
        "The column amount is gone; amount_eur, extra are new. Did somebody rename amount to amount_eur?"
        in (item.error_message)
    )
    assert metric.last_error_message == item.error_message
    assert metric.seen_columns == ["period", "amount"]


def test_a_difference_that_does_no_harm_is_told_once_and_learnt(metric: Metric) -> None:
    item = pull(metric, "period", "amount", "currency")
    assert (item.state, item.drift) == ("ok", {"gone": [], "new": ["currency"], "renamed": []})
    assert pull(metric, "period", "amount", "currency").drift == {}
    assert metric.seen_columns == ["period", "amount", "currency"]


def test_rows_that_leave_out_what_is_empty_are_no_news(metric: Metric) -> None:
    pull(metric, "period", "amount", "currency")
    assert pull(metric, "period", "amount").drift == {}
    assert metric.seen_columns == ["period", "amount", "currency"]
    assert pull(metric, "period", "amount", "currency").drift == {}
    told = pull(metric, "amount", "day", "currency").drift
    assert told == {"gone": ["period"], "new": ["day"], "renamed": []}
    assert metric.seen_columns == ["amount", "day", "currency"]


def test_another_query_is_not_compared_with_the_one_before(metric: Metric, maren: User) -> None:
    wanted = defining.Definition(
        **{name: getattr(metric, name) for name in defining.Definition.__dataclass_fields__}
        | {"query": {"sql": "other"}}
    )
    defining.redefine(metric, wanted, actor=maren)
    metric.refresh_from_db()
    assert metric.seen_columns == []
    assert pull(metric, "amount", "whatever").drift == {}


@pytest.mark.parametrize(
    "error",
    [
        ConnectorError("timeout", "Too slow.", columns=("period", "amount_eur")),
        ConnectorError("schema", "Odd."),
        ConnectorError("schema", "Odd.", columns=("amount", "period")),
    ],
)
def test_an_error_that_columns_do_not_explain_stays_as_it_is(metric: Metric, error: ConnectorError) -> None:
    assert drifting.explained(metric, error) == (error, {})


def test_the_page_of_the_metric_shows_admins_the_difference_and_viewers_nothing(
    metric: Metric, client: Client, maren: User, vera: User, clock: Any
) -> None:
    pull(metric, "period", "amount_eur")
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get("/metrics/revenue/").text
    assert "<del>amount</del>" in text and "<ins>amount_eur</ins>" in text
    client.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    assert "amount_eur" not in client.get("/metrics/revenue/").text


def test_a_harmless_difference_is_shown_for_a_week(
    metric: Metric, client: Client, maren: User, clock: Any
) -> None:
    pull(metric, "period", "amount", "<b>currency</b>")
    pull(metric, "period", "amount", "<b>currency</b>")
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get("/metrics/revenue/").text
    assert "and it still works" in text and "<ins>&lt;b&gt;currency&lt;/b&gt;</ins>" in text
    clock.shift(timedelta(days=8))
    assert drifting.shown(metric, our_clock.now()) is None
