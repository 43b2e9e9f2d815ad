"""The page "as we saw it": a former day beside today, with what changed in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from metrics import drawing, entering, history_pages, storing
from metrics.connectors.base import Row
from metrics.models import Company, Metric
from northstar.lib import clock
from teams.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def moving() -> Any:
    with time_machine.travel(datetime.fromisoformat("2026-11-02T09:00:00+01:00"), tick=False) as moved:
        yield moved


@pytest.fixture
def trials(
    moving: Any, maren: User, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> Metric:
    """Ten weeks of 400 known on 2 November; one corrected to 420 on the 5th, one to 396 on the 6th."""
    made = make_metric("Trials")
    make_weeks(made, "2026-08-24", [400] * 10)
    moving.move_to(datetime.fromisoformat("2026-11-05T09:00:00+01:00"))
    entering.enter(made, date(2026, 10, 12), value=Decimal(420), reason="Counted late", actor=maren)
    moving.move_to(datetime.fromisoformat("2026-11-06T09:00:00+01:00"))
    storing.store(made, [Row(date(2026, 10, 19), value=Decimal(380))], origin="csv")
    moving.move_to(datetime.fromisoformat("2026-11-16T09:00:00+01:00"))
    drawing.draw_metric(made, clock.now())
    return made


def page(metric: Metric, day: str) -> dict[str, Any]:
    return history_pages.page(metric, date.fromisoformat(day), company=Company.current(), now=clock.now())


def test_what_reads_otherwise_today_is_listed_with_size_and_cause(trials: Metric) -> None:
    found = page(trials, "2026-11-04")
    assert found["summary"] == "2 weeks that were complete on 4 Nov read otherwise today."
    newest, older = found["differences"]
    assert (older.then, older.now, older.change) == ("400\xa0trials", "420\xa0trials", "+5.0%")
    assert older.period == "12 to 18 Oct"
    assert older.cause == "Corrected by hand by Maren Tolk on 5 Nov: Counted late"
    assert (newest.change, newest.cause) == ("\N{MINUS SIGN}5.0%", "From a file on 6 Nov")


def test_between_two_changes_only_the_later_one_is_news(trials: Metric) -> None:
    found = page(trials, "2026-11-05")
    assert found["summary"] == (
        "1 week reads otherwise today: 19 to 25 Oct, restated by \N{MINUS SIGN}5.0% since."
    )
    assert page(trials, "2026-11-06")["summary"] == (
        "Every week that was complete on 6 Nov reads the same today."
    )


def test_the_changes_lead_from_one_to_the_next(trials: Metric) -> None:
    found = page(trials, "2026-11-04")
    assert [change.when for change in found["changes"]] == ["6 Nov", "5 Nov"]
    assert (found["previous"], found["next"]) == (None, date(2026, 11, 5))
    assert page(trials, "2026-11-16")["previous"] == date(2026, 11, 5)


def test_before_the_first_value_nothing_was_known(client: Client, trials: Metric, vera: User) -> None:
    client.force_login(vera)
    text = client.get("/metrics/trials/history/?on=2026-11-01").content.decode()
    assert "Nothing was known on that day yet." in text


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        ("yesterday", "This is not a date."),
        ("2026-11-17", "This day is still to come."),
        ("0001-01-01", "Check the year of this date."),
    ],
)
def test_a_day_that_is_none_is_told(
    client: Client, trials: Metric, vera: User, on: str, sentence: str
) -> None:
    client.force_login(vera)
    for address in ("/metrics/trials/history/", "/metrics/trials.csv"):
        answer = client.get(address, {"on": on})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()


def test_the_file_of_a_day_has_the_values_of_that_day(client: Client, trials: Metric, vera: User) -> None:
    client.force_login(vera)
    then = client.get("/metrics/trials.csv?on=2026-11-04").content.decode()
    now = client.get("/metrics/trials.csv").content.decode()
    assert "2026-10-12,400" in then and "2026-10-19,400" in then
    assert "2026-10-12,420" in now and "2026-10-19,380" in now


def test_the_page_of_the_metric_leads_to_the_day_before_the_newest_change(
    client: Client, trials: Metric, vera: User
) -> None:
    client.force_login(vera)
    assert "/metrics/trials/history/" in client.get("/metrics/trials/").content.decode()
    text = client.get("/metrics/trials/history/").content.decode()
    assert "restated by \N{MINUS SIGN}5.0% since" in text


def test_it_costs_four_queries_and_draws_nothing_anew(
    trials: Metric, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    company, now = Company.current(), clock.now()
    with django_assert_num_queries(4):
        history_pages.page(trials, date(2026, 11, 4), company=company, now=now)
