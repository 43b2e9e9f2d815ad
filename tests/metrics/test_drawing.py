"""The North Star's chart and the facts beside it say what the data supports."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics import drawing
from metrics.models import Annotation, ChartDocument, Metric
from northstar.lib import clock as lib_clock
from tests.metrics.stars import WEEKS, aim, drive, make_star

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]


def drawn() -> ChartDocument:
    document = drawing.draw_north_star(lib_clock.now())
    assert document is not None
    return document


def test_without_a_north_star_nothing_is_kept(company: Any) -> None:
    ChartDocument.objects.create(key="north-star", version="1", figure="{}", drawn_on=date(2026, 1, 1))

    assert drawing.draw_north_star(lib_clock.now()) is None
    assert not ChartDocument.objects.exists()


def test_the_newest_complete_week_is_the_figure(make_metric: Make, make_weeks: Make) -> None:
    make_star(make_metric, make_weeks, weeks=[*WEEKS, 1200])

    facts = drawn().facts

    assert (facts["figure"], facts["unit_words"], facts["period"]) == ("4,880", "crews", "week to Sun 15 Nov")
    assert facts["incomplete"].startswith("This week so far: 1,200\N{NO-BREAK SPACE}crews, 2 of 7 days")


def test_where_it_leads_is_held_against_the_nearest_target(make_metric: Make, make_weeks: Make) -> None:
    star = make_star(make_metric, make_weeks)
    plan = aim(star)

    facts = drawn().facts

    assert facts["sentence"].endswith(
        "If it goes on as usual it stands at about 4,960 by 16 May 2027, short of 5,400 (unlikely, under 5%)."
    )
    assert facts["state"] == "off_track" and facts["likely_words"] == "unlikely, under 5%"
    plan.target_value = Decimal(4800)
    plan.save()
    assert "The target of 4,800 by 16 May 2027 is reached; to stand there" in drawn().facts["sentence"]


def test_with_seven_weeks_the_plan_speaks_and_no_forecast(make_metric: Make, make_weeks: Make) -> None:
    aim(make_star(make_metric, make_weeks, weeks=[*[None] * 23, *WEEKS[23:]]))

    facts = drawn().facts

    assert facts["sentence"].endswith(
        "The plan asks for 4,712\N{NO-BREAK SPACE}crews by now, so it is ahead."
    )
    assert facts["withheld"].startswith("A forecast needs eight complete weeks")
    assert facts["p"] is None and "chart-cone" not in drawn().sketches["26w"]


def test_a_young_plan_is_not_judged(make_metric: Make, make_weeks: Make) -> None:
    aim(make_star(make_metric, make_weeks), baseline_date=date(2026, 11, 1))

    facts = drawn().facts

    assert facts["state"] == "too_early"
    assert facts["sentence"].endswith("Two complete weeks in; a status comes after four.")


def test_without_a_target_there_is_no_verdict_on_a_plan(make_metric: Make, make_weeks: Make) -> None:
    make_star(make_metric, make_weeks)

    facts = drawn().facts

    assert facts["state"] == "" and facts["targets"] == []
    assert "plan" not in facts["sentence"]


def test_changes_are_against_week_four_weeks_and_a_year_of_364_days(
    make_metric: Make, make_weeks: Make
) -> None:
    make_star(make_metric, make_weeks, weeks=WEEKS)
    metric = Metric.objects.get(slug="weekly-active-crews")
    make_weeks(metric, "2025-11-10", [4000])

    found = [(each["change"], each["tone"], each["note"]) for each in drawn().facts["deltas"]]

    assert found == [
        ("+0.4%", "good", "on last week"),
        ("+1.0%", "good", "on 4-week mean"),
        ("+22.0%", "good", "on last year"),
    ]


def test_a_fall_is_good_where_lower_is_better(make_metric: Make, make_weeks: Make) -> None:
    metric = make_metric("Lapse", kind="ratio", unit="%", decimals=1, direction="down")
    make_weeks(metric, "2026-11-02", [(30, 1000), (20, 1000)])

    facts = drawing.draw_metric(metric, lib_clock.now()).facts

    assert facts["deltas"][0] | {"note": ""} == {
        "change": "\N{MINUS SIGN}1.0\N{NO-BREAK SPACE}pp", "tone": "good", "arrow": "down", "note": "",
    }  # fmt: skip
    assert "1.0\N{NO-BREAK SPACE}pp less than the week before" in facts["sentence"]


def test_targets_have_progress_time_and_what_is_needed(make_metric: Make, make_weeks: Make) -> None:
    star = make_star(make_metric, make_weeks)
    aim(star)
    aim(star, "long", target_value=Decimal(10000), due_date=date(2029, 9, 20))

    short, long = drawn().facts["targets"]

    assert short["label"] == "Short term" and short["due"] == "16 May 2027"
    assert short["progress"] == pytest.approx(380 / 900)
    assert short["elapsed"] == pytest.approx(56 / 238)
    assert short["needed"] == "+20\N{NO-BREAK SPACE}crews"
    assert long["horizon"] == "long"


def test_a_superseded_target_stays_in_the_figure_but_not_in_the_list(
    make_metric: Make, make_weeks: Make
) -> None:
    star = make_star(make_metric, make_weeks)
    aim(star, target_value=Decimal(5200), superseded_on=date(2026, 10, 1), superseded_reason="Too easy.")
    aim(star)

    document = drawn()

    assert len(document.facts["targets"]) == 1
    assert "5200" in document.figure and "5400" in document.figure


def test_drivers_say_value_change_and_age(make_metric: Make, make_weeks: Make) -> None:
    star = make_star(make_metric, make_weeks)
    paid, engaged = (
        make_metric("New paid accounts", unit="accounts"),
        make_metric("Engaged", kind="ratio", unit="%"),
    )
    make_weeks(paid, "2026-10-12", [100, 100, 100, 100, 104])
    make_weeks(engaged, "2026-10-12", [(1, 2), (1, 2), (1, 2)])
    drive(star, paid, sort=1)
    drive(star, engaged, sort=2)

    first, second = drawn().facts["drivers"]

    assert (first["value"], first["change"], first["age"]) == ("104\N{NO-BREAK SPACE}accounts", "+4.0%", "")
    assert (second["value"], second["change"], second["age"]) == ("50%", "steady", "week to Sun 1 Nov")


def test_notes_are_numbered_from_the_oldest(make_metric: Make, make_weeks: Make) -> None:
    make_star(make_metric, make_weeks)
    Annotation.objects.create(day=date(2026, 10, 5), text="Price page", kind="release")
    Annotation.objects.create(day=date(2026, 9, 7), text="Outage", kind="incident", until=date(2026, 9, 8))
    Annotation.objects.create(day=date(2026, 9, 9), text="Elsewhere", metric=make_metric("Other"))

    flags = drawn().facts["flags"]

    assert [(flag["number"], flag["text"], flag["when"]) for flag in flags] == [
        (1, "Outage", "7 to 8 Sep"),
        (2, "Price page", "5 Oct"),
    ]


def test_a_source_that_went_silent_is_said(make_metric: Make, make_weeks: Make) -> None:
    aim(make_star(make_metric, make_weeks, weeks=WEEKS[:-2]))

    facts = drawn().facts

    assert facts["missed"] == "Two weeks since then have no value."
    assert facts["state"] == "no_data"


def test_three_ranges_and_a_figure_without_colours_are_kept(make_metric: Make, make_weeks: Make) -> None:
    aim(make_star(make_metric, make_weeks))

    document = drawn()

    assert {"26w", "15m", "all", "26w-small", "card"} <= set(document.sketches)
    assert "color" not in document.figure
    assert json.loads(document.figure)["data"]


def test_drawing_asks_as_few_questions_with_ten_times_the_history(
    make_metric: Make, make_weeks: Make, django_assert_max_num_queries: Any
) -> None:
    star = make_star(make_metric, make_weeks, weeks=WEEKS)
    make_weeks(Metric.objects.get(slug="weekly-active-crews"), "2020-01-06", [4000] * 300)
    for number in range(5):
        drive(star, make_metric(f"Driver {number}"), sort=number)

    with django_assert_max_num_queries(48):
        drawn()
