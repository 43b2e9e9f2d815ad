"""Choosing another plan than the usual one, and what the data say about a bet before it starts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from metrics.analysis.points import Point
from metrics.models import ChartDocument, Driver, Metric, NorthStar
from teams import charting
from teams.models import Omtm, Team

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
NEW, PREVIEW = "/teams/marketing/omtms/new/", "/teams/marketing/omtms/preview/"
#: Thirty quiet weeks up to the one before the clock of the tests, 18 November 2026.
FIRST, WAVE = "2026-04-20", (420, 428, 417, 424, 431)


@pytest.fixture
def lead(client: Client, clock: Any, idris: Any, marketing: Team) -> Client:
    client.force_login(idris, backend=BACKEND)
    return client


@pytest.fixture
def demos(lead: Client, make_metric: Any, make_weeks: Any) -> Metric:
    """Demos booked: about 424 a week."""
    metric = make_metric("Demos booked", kind="flow_sum", unit="demos", slug="demos")
    make_weeks(metric, FIRST, [WAVE[n % 5] for n in range(30)])
    return metric


def answers(pushed: Metric, /, **changes: Any) -> dict[str, Any]:
    given = {
        "metric": pushed.pk,
        "target": "480",
        "months": "4",
        "start": "2026-11-23",
        "why": "We believe that partner pages bring more.",
        "no_guardrail_reason": "Nothing that we know of.",
    }
    return given | changes


def said(lead: Client, given: dict[str, Any]) -> str:
    return lead.post(PREVIEW, given).content.decode()


def test_left_alone_the_plan_rises_and_then_holds(lead: Client, demos: Metric) -> None:
    lead.post(NEW, answers(demos))
    omtm = Omtm.objects.get()
    assert (omtm.pace_shape, omtm.outcome_rule, omtm.milestones) == ("hold", "mean", [])


def test_a_total_is_counted_from_nothing_in_a_straight_line(lead: Client, demos: Metric) -> None:
    lead.post(NEW, answers(demos, target="8000", rule="total", shape="linear"))
    omtm = Omtm.objects.get()
    assert (omtm.outcome_rule, omtm.baseline, omtm.baseline_from) == ("total", 0, None)
    facts = ChartDocument.objects.get(key=f"omtm:{omtm.pk}").facts
    assert facts["from_words"] == "0\xa0demos"


def test_the_chart_of_a_total_is_the_sum_so_far_and_begins_at_nothing(lead: Client, demos: Metric) -> None:
    lead.post(NEW, answers(demos, target="8000", rule="total", shape="linear"))
    weeks = [Point(date(2026, 11, 23), 400.0), Point(date(2026, 11, 30), 420.0)]
    drawn = charting.spec_of(Omtm.objects.get(), weeks, today=date(2026, 12, 7))
    assert [point.value for point in drawn.points] == [0.0, 400.0, 820.0]
    assert drawn.points[0].start == date(2026, 11, 16)


def test_a_total_is_compared_with_as_many_usual_weeks(lead: Client, demos: Metric) -> None:
    little = said(lead, answers(demos, target="5000", rule="total", shape="linear"))
    assert "17 usual weeks bring 7,2" in little and "already: aim further" in little
    assert "Counted from nothing; 17 usual weeks bring 7,2" in little and "It stands at" not in little
    assert "stands out from the noise" not in little and " on usual weeks" in little
    more = said(lead, answers(demos, target="9000", rule="total", shape="linear"))
    assert "the target asks for 25% more" in more


def test_milestones_are_kept_in_stored_units_and_in_order(lead: Client, demos: Metric) -> None:
    steps = {
        "milestone_1_day": "2027-01-31", "milestone_1_value": "460",
        "milestone_2_day": "2026-12-31", "milestone_2_value": "430",
    }  # fmt: skip
    lead.post(NEW, answers(demos, shape="milestones", **steps))
    kept = [(day, Decimal(value)) for day, value in Omtm.objects.get().milestones]
    assert kept == [("2026-12-31", Decimal(430)), ("2027-01-31", Decimal(460))]


def test_a_plan_that_begins_late_keeps_its_days(lead: Client, demos: Metric) -> None:
    lead.post(NEW, answers(demos, shape="delayed", lag_days="21"))
    assert (Omtm.objects.get().pace_shape, Omtm.objects.get().pace_lag_days) == ("delayed", 21)


WRONG: list[tuple[dict[str, str], str]] = [
    ({"shape": "delayed"}, "after how many days it begins to move"),
    ({"shape": "delayed", "lag_days": "150"}, "1 to 119"),
    ({"shape": "delayed", "lag_days": "x"}, "whole number of days"),
    ({"shape": "milestones"}, "at least one milestone"),
    ({"shape": "milestones", "milestone_1_day": "2026-12-31"}, "Type the value of this milestone"),
    ({"shape": "milestones", "milestone_1_value": "430"}, "Choose the day of this milestone"),
    ({"shape": "milestones", "milestone_1_day": "2027-05-01", "milestone_1_value": "1"}, "inside the window"),
    ({"shape": "seasonal"}, "is for totals"),
    ({"shape": "sideways"}, "not one of the available choices"),
    ({"rule": "total", "target": "0"}, "a target above zero"),
    ({"rule": "product"}, "not one of the available choices"),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_a_plan_that_does_not_fit_is_refused_with_a_sentence(
    lead: Client, demos: Metric, changes: dict[str, str], sentence: str
) -> None:
    refused = lead.post(NEW, answers(demos, **changes))
    assert refused.status_code == 422 and sentence in refused.content.decode()
    assert not Omtm.objects.exists()


def test_a_share_cannot_be_added_up(lead: Client, make_metric: Any, make_weeks: Any) -> None:
    rate = make_metric("Trial to paid", kind="ratio", unit="%", decimals=1)
    make_weeks(rate, FIRST, [(240 + n % 3, 1000) for n in range(30)])
    refused = lead.post(NEW, answers(rate, target="34", rule="total"))
    assert refused.status_code == 422 and "cannot be added up" in refused.content.decode()


def test_the_preview_tells_where_it_would_stand_if_left_alone(lead: Client, demos: Metric) -> None:
    words = said(lead, answers(demos))
    assert "Left alone it would stand at about 42" in words
    assert "reaching the target by itself is unlikely, under 5%" in words


def test_a_target_that_comes_by_itself_is_warned_of(lead: Client, make_metric: Any, make_weeks: Any) -> None:
    growing = make_metric("Trials", kind="flow_sum", unit="trials")
    make_weeks(growing, FIRST, [400 + 10 * n + (n % 3) for n in range(30)])
    words = said(lead, answers(growing, target="700"))
    assert "reaching the target by itself is" in words and words.count("notice--warn") >= 1


def test_a_count_that_can_only_grow_is_called_one(lead: Client, make_metric: Any, make_weeks: Any) -> None:
    ever = make_metric("Sign-ups ever", kind="snapshot_stock", unit="accounts")
    make_weeks(ever, FIRST, [1000 + 7 * n for n in range(30)])
    assert "can only grow" in said(lead, answers(ever, target="1900"))


def test_a_driver_that_leads_by_half_the_window_is_too_slow_for_it(
    lead: Client, demos: Metric, maren: Any
) -> None:
    star = NorthStar.objects.create(name="Weekly active crews", state="active", owner=maren)
    driver = Driver.objects.create(north_star=star, metric=demos, name="Demos", expected_lag_weeks=8)
    assert "moves 8 weeks ahead" not in said(lead, answers(demos))
    Driver.objects.filter(pk=driver.pk).update(expected_lag_weeks=9)
    assert "moves 9 weeks ahead of the North Star, and the window has 17" in said(lead, answers(demos))


def test_the_plan_is_drawn_as_it_is_chosen(lead: Client, demos: Metric) -> None:
    straight = said(lead, answers(demos, shape="linear"))
    late = said(lead, answers(demos, shape="delayed", lag_days="40"))
    assert "chart-pace" in straight and straight.split("chart-pace")[1] != late.split("chart-pace")[1]
