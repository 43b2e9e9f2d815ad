"""What cannot be relied on gets no status and no forecast; what is not over is only carried on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics import drawing, storing
from metrics.connectors.base import Row
from metrics.models import ChartDocument, ForecastRecord, LimitSegment, Metric, Source
from northstar.lib import clock as lib_clock
from tests.metrics.stars import WEEKS, aim, make_star

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]


def drawn() -> ChartDocument:
    document = drawing.draw_north_star(lib_clock.now())
    assert document is not None
    return document


def half_read(metric: Metric) -> None:
    """Its source is asked every hour, but the newest week was read before it was over."""
    Source.objects.filter(pk=metric.source_id).update(kind="demo", schedule={"kind": "every", "minutes": 60})
    early = datetime(2026, 11, 15, 14, tzinfo=UTC)
    Metric.objects.filter(pk=metric.pk).update(last_ok_at=early)
    metric.observations.filter(period_start=date(2026, 11, 9)).update(as_of=early)


def test_a_week_that_was_read_before_it_was_over_has_no_status(make_metric: Make, make_weeks: Make) -> None:
    star = make_star(make_metric, make_weeks)
    aim(star)
    half_read(star.versions.get().metric)

    facts = drawn().facts

    assert (facts["state"], facts["pill"], facts["p"]) == ("no_data", "No trusted data", None)
    assert facts["trust"]["blocks"] and facts["trust"]["words"] == "Incomplete"
    assert "before it was over" in facts["sentence"]
    assert facts["sentence"].endswith("Status and forecast wait until it can be relied on.")


def test_a_number_in_doubt_leaves_no_forecast_cone_limits_or_records(
    make_metric: Make, make_weeks: Make
) -> None:
    star = make_star(make_metric, make_weeks)
    aim(star)
    half_read(star.versions.get().metric)

    document = drawn()

    assert "chart-cone" not in document.sketches["26w"]
    assert document.facts["withheld"] == "No forecast while the newest value cannot be relied on."
    assert not ForecastRecord.objects.exists() and not LimitSegment.objects.exists()


def test_the_forecast_of_a_target_is_kept_once_a_week(make_metric: Make, make_weeks: Make) -> None:
    star = make_star(make_metric, make_weeks)
    target = aim(star)
    aim(star, "long", target_value=Decimal(9000), due_date=date(2029, 5, 1))

    drawn(), drawn()

    record = ForecastRecord.objects.get(subject__startswith="target:")
    assert record.subject == f"target:{target.pk}" and record.target == 5400
    assert (record.as_of_week, record.due_on) == (date(2026, 11, 9), target.due_date)


def test_a_fall_outside_the_limits_is_unusual_and_ringed(make_metric: Make, make_weeks: Make) -> None:
    wobble = [4500 + 20 * (week % 3) for week in range(29)]
    make_star(make_metric, make_weeks, weeks=[*wobble, 4100])

    document = drawn()

    assert document.facts["signal"]["unusual"]
    assert document.facts["sentence"].startswith("4,100 weekly active crews. Unusual week: ")
    assert "Look for a cause." in document.facts["sentence"]
    assert "chart-signal" in document.sketches["26w"]


def test_the_state_does_not_change_within_a_week(make_metric: Make, make_weeks: Make, clock: Any) -> None:
    star = make_star(make_metric, make_weeks, weeks=WEEKS)
    aim(star)
    metric = star.versions.get().metric
    before = drawn().facts

    make_weeks(metric, "2026-11-16", [100])
    clock.shift(timedelta(days=2))

    after = drawn().facts
    assert (after["state"], after["sentence"], after["p"]) == (
        before["state"],
        before["sentence"],
        before["p"],
    )


def test_a_sum_in_progress_is_carried_on_by_its_weekdays(make_metric: Make) -> None:
    """The worked example: 428 by Wednesday, 0.517759 of a week."""
    metric = make_metric("Demos booked", kind="flow_sum", grain="day", unit="demos")
    weeks = (
        (116, 122, 117, 118, 97, 75, 50), (126, 139, 127, 126, 103, 79, 54),
        (129, 132, 130, 120, 110, 76, 54), (130, 133, 134, 133, 119, 79, 55), (139, 149),
    )  # fmt: skip
    first = date(2026, 10, 19)
    days = [value for week in weeks for value in week]
    rows = [Row(first + timedelta(days=day), value=Decimal(value)) for day, value in enumerate(days)]
    storing.store(metric, rows, origin="typed")

    told = drawing.draw_metric(metric, lib_clock.now()).facts["incomplete"].replace("\N{NO-BREAK SPACE}", " ")

    assert told.startswith("This week so far: 288 demos, 2 of 7 days; at the usual rhythm about ")
    assert told.endswith(" demos in the end. It is not counted yet.")
    assert 820 <= int(told.split("about ")[1].split()[0]) <= 840


def test_a_metric_with_half_a_year_of_weeks_gets_a_quarter_of_forecast(
    make_metric: Make, make_weeks: Make
) -> None:
    metric = make_metric("Visits", unit="visits")
    make_weeks(metric, "2026-04-20", [100 + week % 4 for week in range(30)])

    document = drawing.draw_metric(metric, lib_clock.now())

    assert "chart-cone" in document.sketches["26w"]
    assert "14 Feb 2027" in document.facts["forecast_words"]


def test_a_shorter_metric_says_when_a_forecast_comes(make_metric: Make, make_weeks: Make) -> None:
    metric = make_metric("Visits", unit="visits")
    make_weeks(metric, "2026-09-07", [100 + week % 4 for week in range(10)])

    facts = drawing.draw_metric(metric, lib_clock.now()).facts

    assert facts["withheld"] == "A forecast comes after 26 complete weeks; there are 10."
    assert facts["forecast_words"] == ""
