"""Corrections by hand: they stay until somebody takes them back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from metrics import defining, entering, storing
from metrics.connectors.base import Row
from metrics.models import AuditRow, Company, Metric, Pull, Source
from teams.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WEEK = date(2026, 11, 9)


@pytest.fixture
def orders(company: Company) -> Metric:
    source = Source.objects.create(name="Warehouse", slug="warehouse", kind="postgresql")
    return Metric.objects.create(name="Orders", slug="orders", kind="flow_sum", source=source)


def corrected(orders: Metric, maren: User) -> None:
    storing.store(orders, [Row(WEEK, value=Decimal(10))], origin="pull")
    entering.enter(orders, WEEK, value=Decimal(12), reason="two were lost", actor=maren)
    storing.store(orders, [Row(WEEK, value=Decimal(11))], origin="pull")


def test_taken_back_the_period_shows_what_the_source_said_last(orders: Metric, maren: User) -> None:
    corrected(orders, maren)
    assert orders.observations.get().value == 12
    entering.take_back(orders, WEEK, actor=maren)
    row = orders.observations.get()
    assert (row.value, row.pinned_at) == (11, None)
    assert orders.revisions.latest("id").reason == "Correction taken back."
    assert AuditRow.objects.filter(action="metric.correction_taken_back", actor=maren).exists()
    assert (Pull.objects.get(kind="backfill").start, Pull.objects.get(kind="backfill").end) == (
        WEEK,
        date(2026, 11, 16),
    )


def test_from_then_on_the_source_is_believed_again(orders: Metric, maren: User) -> None:
    corrected(orders, maren)
    entering.take_back(orders, WEEK, actor=maren)
    storing.store(orders, [Row(WEEK, value=Decimal(13))], origin="pull")
    assert orders.observations.get().value == 13


def test_where_nothing_was_corrected_there_is_nothing_to_take_back(orders: Metric, maren: User) -> None:
    storing.store(orders, [Row(WEEK, value=Decimal(10))], origin="pull")
    with pytest.raises(LookupError, match="No correction stands at 2026-11-09"):
        entering.take_back(orders, WEEK, actor=maren)
    assert orders.revisions.count() == 1


def test_another_query_asks_for_the_whole_history_again(orders: Metric, maren: User) -> None:
    storing.store(orders, [Row(date(2025, 1, 6), value=Decimal(10))], origin="pull")
    same = {name: getattr(orders, name) for name in defining.Definition.__dataclass_fields__}
    defining.redefine(orders, defining.Definition(**same | {"query": {"sql": "select 2"}}), actor=maren)
    spans = list(Pull.objects.filter(kind="backfill").order_by("start").values_list("start", "end"))
    assert spans[0][0] == date(2025, 1, 6)
    assert spans[-1][1] >= date(2026, 11, 19)
