"""The chart of signals: the judged series, both sets of limits, what stood out, and what was noted then."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from metrics import drawing, signalling
from metrics.models import Annotation, ChartDocument, LimitSegment, Metric
from northstar.lib import clock as lib_clock
from tests.metrics.analysis.test_xmr import SERIES, STABLE, TREND
from tests.metrics.test_signalling import NBSP, NEWEST, lock, monday

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Make = Callable[..., Any]


@pytest.fixture
def trials(make_metric: Make, make_weeks: Make) -> Metric:
    metric: Metric = make_metric()
    make_weeks(metric, monday(SERIES, 0).isoformat(), [*SERIES, 3])
    return metric


def drawn(metric: Metric) -> ChartDocument:
    document = signalling.redraw(metric, lib_clock.now())
    assert document.key == f"signals:{metric.pk}"
    return document


def test_signals_are_listed_newest_first_with_what_was_noted_then(trials: Metric, make_metric: Make) -> None:
    lock(trials, SERIES)
    began = monday(SERIES, 15)
    Annotation.objects.create(day=NEWEST + timedelta(days=3), text="Sign-in outage", kind="incident")
    Annotation.objects.create(day=began - timedelta(days=5), text="New price page", metric=trials)
    Annotation.objects.create(day=began - timedelta(days=40), until=began, text="Long campaign")
    Annotation.objects.create(day=began - timedelta(days=30), text="Long before")
    Annotation.objects.create(day=NEWEST, text="Elsewhere", metric=make_metric("Other"))

    newest, run = drawn(trials).facts["signals"]

    assert (newest["rule"], newest["when"], newest["notes"]) == (1, "9 to 15 Nov", ["12 Nov: Sign-in outage"])
    assert newest["words"] == f"66{NBSP}trials in the week to 15 Nov, usual 38 to 62{NBSP}trials"
    assert (run["rule"], run["rule_words"]) == (2, "Eight in a row on one side")
    assert run["notes"] == ["5 Aug: Long campaign", "9 Sep: New price page"]


def test_what_only_goes_on_is_told_once_and_ringed_each_time(make_metric: Make, make_weeks: Make) -> None:
    metric = make_metric("Calls")
    values = [*STABLE, 58, 58, 50, 58, 58, 58, 50]
    make_weeks(metric, monday(values, 0).isoformat(), values)
    lock(metric, values)
    facts = drawn(metric).facts
    assert [(each["week"], each["rule"]) for each in facts["signals"]] == [
        (monday(values, 20).isoformat(), 3),
        (monday(values, 17).isoformat(), 3),
    ]
    assert sum("three of the last four" in row[-1] for row in facts["table"]) == 4


def test_a_shift_suggests_limits_from_the_first_week_of_the_run(trials: Metric) -> None:
    lock(trials, SERIES)
    facts = drawn(trials).facts
    assert facts["suggestion"].startswith("Nine weeks in a row lie above")
    assert facts["suggested_start"] == monday(SERIES, 15).isoformat()


def test_both_stretches_are_drawn_and_the_running_week_is_not(trials: Metric, maren: Any) -> None:
    lock(trials, SERIES)
    signalling.set_limits(trials, monday(SERIES, 15), reason="Moved", actor=maren, now=lib_clock.now())

    document = drawn(trials)

    new, old = document.facts["segments"]
    assert (new["usual"], new["reason"], new["provisional"]) == (f"49 to 66{NBSP}trials", "Moved", True)
    assert (old["usual"], old["from"], old["jump"]) == (
        f"38 to 62{NBSP}trials",
        "14 weeks",
        f"15{NBSP}trials",
    )
    assert document.facts["signals"] == []
    assert len(document.facts["table"]) == len(SERIES)
    rows = {row[0]: row for row in document.facts["table"]}
    assert rows["7 to 13 Sep 2026"][3].startswith("38 to 62") and rows["14 to 20 Sep 2026"][3].startswith(
        "49 to"
    )


def test_limits_end_where_the_next_ones_begin(trials: Metric, maren: Any) -> None:
    lock(trials, SERIES)
    signalling.set_limits(trials, monday(SERIES, 15), reason="Moved", actor=maren, now=lib_clock.now())
    drawn_lines = [
        trace for trace in json.loads(drawn(trials).figure)["data"] if "imit" in trace.get("name", "")
    ]
    assert drawn_lines
    ends = sorted({str(day)[:10] for trace in drawn_lines for day in trace["x"] if day})
    assert "2026-09-13" in ends and "2026-09-19" not in ends


def test_limits_are_locked_with_the_chart_of_the_metric_which_knows_its_worth(trials: Metric) -> None:
    drawn(trials)
    assert not LimitSegment.objects.exists()
    drawing.draw_metric(trials, lib_clock.now())
    assert LimitSegment.objects.filter(metric=trials, basis="level").exists()


def test_changes_of_a_share_are_drawn_in_points(make_metric: Make, make_weeks: Make) -> None:
    metric = make_metric("Activation", kind="ratio", unit="%", decimals=1)
    rising = [*TREND, *(value + 26 for value in TREND)]
    make_weeks(metric, monday(rising, 0).isoformat(), [(value, 400) for value in rising])

    document = drawn(metric)

    assert document.facts["basis"] == "changes"
    assert json.loads(document.figure)
    assert f"{NBSP}pp" in document.facts["table"][0][1]
    assert "change from week to week" in document.sketches["26w"]


def test_a_limit_where_values_end_is_none(make_metric: Make, make_weeks: Make) -> None:
    metric = make_metric("Complaints", unit="")
    counts = [0, 1, 0, 2, 1, 0, 0, 1, 3, 0, 1, 0, 2, 0, 1, 0]
    make_weeks(metric, monday(counts, 0).isoformat(), counts)
    facts = drawn(metric).facts
    assert facts["segments"][0]["usual"].startswith("at most ")
    assert any("at most" in cell for cell in facts["table"][0])


def test_a_metric_without_values_is_drawn_too(make_metric: Make) -> None:
    facts = drawn(make_metric("Empty")).facts
    assert (facts["known"], facts["table"], facts["segments"]) == (False, [], [])


def test_months_are_told_as_months(make_metric: Make) -> None:
    metric = make_metric("Revenue", grain="month", unit="£")
    from decimal import Decimal

    from metrics import storing
    from metrics.connectors.base import Row

    months = [date(2025 + (place + 8) // 12, (place + 8) % 12 + 1, 1) for place in range(14)]
    values = [Row(day, value=Decimal(value)) for day, value in zip(months, STABLE, strict=True)]
    storing.store(metric, values, origin="typed", actor=None)
    facts = drawn(metric).facts
    assert facts["segments"][0]["from"] == "14 months"
    assert "£52 in Oct 2026" in facts["sentence"]
