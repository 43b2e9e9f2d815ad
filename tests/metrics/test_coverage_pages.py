"""The coverage of a metric as an admin sees it, and the button that fills its gaps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from metrics import sourcing, storing
from metrics.connectors.base import Row
from metrics.models import Backfill, Metric, Pull, Source
from northstar.lib import clock as our_clock
from teams.models import User
from tests.metrics.test_source_pages import counted
from tests.metrics.test_sourcing import wanted


@pytest.fixture
def admin(client: Client, maren: User) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def orders(maren: User, clock: Any) -> Metric:
    """Ten days of orders, of which the source had no row for three."""
    source = sourcing.create("postgresql", wanted(name="Shop"), actor=maren)
    metric = Metric.objects.create(
        name="Orders", slug="orders", source=source, kind="flow_sum", grain="day", definition="x"
    )
    today = our_clock.today("Europe/Berlin")
    known = [Row(today - timedelta(days=n), value=12) for n in range(1, 11) if n not in (3, 4, 7)]
    pull = Pull.objects.create(source=source, state="ok")
    storing.store(
        metric, known, origin="pull", pull=pull, as_of=our_clock.now(),
        asked=(today - timedelta(days=10), today),
    )  # fmt: skip
    return metric


def test_the_calendar_counts_each_state_and_offers_to_fill_the_gaps(admin: Client, orders: Metric) -> None:
    text = admin.get("/metrics/orders/coverage/").text
    assert "7 of 10 days known; first gap:" in text
    assert "Fill these 3 days" in text
    assert "The source had no row for it." in text
    assert text.count("sq-cross") == 4  # three days and the legend


def test_a_page_of_its_own_holds_the_same_as_the_part_within_the_source(
    admin: Client, orders: Metric
) -> None:
    part = admin.get("/metrics/orders/coverage/", headers={"HX-Request": "true"}).text
    assert "<html" not in part and "Fill these 3 days" in part
    assert 'hx-get="/metrics/orders/coverage/"' in admin.get("/sources/shop/").text


def test_filling_asks_for_the_missing_days_once(admin: Client, orders: Metric) -> None:
    page = admin.post("/metrics/orders/gaps/", follow=True).text
    backfill = Backfill.objects.get()
    today = our_clock.today("Europe/Berlin")
    assert (backfill.start, backfill.end) == (today - timedelta(days=7), today - timedelta(days=2))
    assert "0 of 1 part fetched" in page
    again = admin.post("/metrics/orders/gaps/", follow=True).text
    assert "is being fetched already" in again
    assert Backfill.objects.count() == 1
    assert "Fill these" not in admin.get("/metrics/orders/coverage/").text


def test_what_is_typed_by_hand_is_not_fetched(admin: Client, orders: Metric) -> None:
    Source.objects.update(kind="push")
    assert "Fill these" not in admin.get("/metrics/orders/coverage/").text
    assert "Nothing to ask" in admin.post("/metrics/orders/gaps/", follow=True).text


def test_while_the_source_fails_the_page_says_when_gaps_are_filled(admin: Client, orders: Metric) -> None:
    Source.objects.update(failures=2)
    text = admin.get("/metrics/orders/coverage/").text
    assert "What is missing is asked for once Shop works again." in text and "Fill these" not in text


def test_a_metric_without_any_question_has_no_gaps(admin: Client, orders: Metric) -> None:
    orders.observations.all().delete()
    assert "Nothing was asked for yet" in admin.get("/metrics/orders/coverage/").text


def test_it_takes_the_same_queries_for_a_hundred_days_as_for_ten(admin: Client, orders: Metric) -> None:
    path = "/metrics/orders/coverage/"
    counted(admin, path)
    before = counted(admin, path)
    today = our_clock.today("Europe/Berlin")
    storing.store(orders, [Row(today - timedelta(days=n), value=7) for n in range(11, 111)], origin="import")
    assert counted(admin, path) == before


def begun(admin: Client, orders: Metric, **changes: Any) -> Backfill:
    day = our_clock.today("Europe/Berlin") - timedelta(days=900)
    answer = admin.post(
        "/metrics/orders/backfills/", {"first": day, "last": our_clock.today("Europe/Berlin")} | changes
    )
    assert answer.status_code == 302
    return Backfill.objects.get()


def test_a_backfill_shows_its_progress_and_is_paused_resumed_and_cancelled(
    admin: Client, orders: Metric
) -> None:
    backfill = begun(admin, orders)
    path = "/metrics/orders/backfills/"
    text = admin.get(path).text
    assert "0 of 3 parts fetched" in text and 'hx-select="#backfills"' in text
    assert "Go on from here" in admin.post(f"{path}{backfill.pk}/pause/", follow=True).text
    assert "hx-select" not in admin.get(path).text
    assert "Pause it" in admin.post(f"{path}{backfill.pk}/resume/", follow=True).text
    assert "Cancelled" in admin.post(f"{path}{backfill.pk}/cancel/", follow=True).text
    assert not Pull.objects.filter(state__in=("waiting", "paused")).exists()


def test_one_that_stopped_says_why_and_goes_on_from_there(admin: Client, orders: Metric) -> None:
    backfill = begun(admin, orders)
    parts = list(backfill.pulls.order_by("id"))
    Pull.objects.filter(pk=parts[0].pk).update(state="ok")
    Pull.objects.filter(pk=parts[1].pk).update(state="failed", error_message="No answer in time.")
    Backfill.objects.update(state="failed")
    text = admin.get("/metrics/orders/backfills/").text
    assert "1 of 3 parts fetched" in text and "No answer in time." in text and "33% there" in text
    admin.post(f"/metrics/orders/backfills/{backfill.pk}/resume/")
    assert [pull.state for pull in backfill.pulls.order_by("id")] == ["ok", "waiting", "waiting"]


@pytest.mark.parametrize("path", ["{pk}/explode/", "999999/pause/"])
def test_what_does_not_exist_is_not_moved(admin: Client, orders: Metric, path: str) -> None:
    backfill = begun(admin, orders)
    answer = admin.post(f"/metrics/orders/backfills/{path.format(pk=backfill.pk)}")
    assert answer.status_code == 404
    assert admin.post(f"/metrics/others/backfills/{backfill.pk}/pause/").status_code == 404


def test_a_backfill_page_takes_the_same_queries_for_ten_as_for_one(admin: Client, orders: Metric) -> None:
    path = "/metrics/orders/backfills/"
    backfill = begun(admin, orders)
    counted(admin, path)
    before = counted(admin, path)
    for _ in range(9):
        Backfill.objects.create(metric=orders, start=backfill.start, end=backfill.end, state="done")
    assert counted(admin, path) == before
