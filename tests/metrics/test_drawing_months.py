"""A metric that comes by the month is drawn, judged and told in months."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics import drawing, storing
from metrics.connectors.base import Row
from metrics.models import Metric, NorthStarVersion
from northstar.lib import clock as lib_clock
from tests.metrics.stars import aim, make_star

pytestmark = pytest.mark.usefixtures("clock")
MONTHS = [date(2025 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in range(12)]


@pytest.fixture
def monthly(make_metric: Callable[..., Metric]) -> Metric:
    """Twelve months to October 2026, 1,000 to 1,110 accounts."""
    metric = make_metric("Paying accounts", kind="snapshot_stock", grain="month", unit="accounts")
    rows = [Row(month, value=Decimal(1000 + 10 * n)) for n, month in enumerate(MONTHS)]
    storing.store(metric, rows, origin="typed")
    return metric


def test_months_follow_each_other_in_one_line(monthly: Metric) -> None:
    document = drawing.draw_metric(monthly, lib_clock.now())
    (line,) = [part for part in document.sketches["all"].split("<path") if 'class="chart-actual"' in part]
    assert line.count("L") == 11 or line.count(" ") >= 11
    assert document.facts["columns"][0] == "Month"
    assert document.facts["table"][0][0] == "Oct 2026"


def test_a_north_star_by_the_month_is_not_called_silent_in_the_middle_of_a_month(
    monthly: Metric, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    star = make_star(make_metric, make_weeks)
    NorthStarVersion.objects.filter(north_star=star).update(metric=monthly)
    aim(
        star,
        target_value=Decimal(1200),
        baseline_value=Decimal(1080),
        baseline_date=date(2026, 7, 31),
        due_date=date(2027, 1, 31),
    )
    document: Any = drawing.draw_north_star(lib_clock.now())
    assert (document.facts["state"], document.facts["targets"][0]["elapsed"]) == ("off_track", 0.5)
    assert document.facts["period"] == "Oct 2026" and "normal month" in document.facts["sentence"]
    assert document.facts["withheld"].startswith("Months are too few for a forecast")
