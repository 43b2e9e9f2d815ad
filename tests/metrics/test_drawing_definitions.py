"""Two definitions of the North Star are never one line, and never one number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from metrics import drawing
from metrics.models import ChartDocument, NorthStar
from northstar.lib import clock as lib_clock
from tests.metrics.stars import BREAK, WEEKS, aim, make_star, redefine

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]


def drawn() -> ChartDocument:
    document = drawing.draw_north_star(lib_clock.now())
    assert document is not None
    return document


def definition_flag(document: ChartDocument) -> dict[str, Any]:
    return next(flag for flag in document.facts["flags"] if flag["kind"] == "definition")


@pytest.fixture
def redefined(make_metric: Make, make_weeks: Make) -> NorthStar:
    """Measured anew by another metric since 3 August, with the old one still counted beside it."""
    star = make_star(make_metric, make_weeks)
    anew = make_metric("Crews with five jobs", kind="unique", unit="crews")
    make_weeks(anew, "2026-06-08", [round(0.93 * value) for value in WEEKS[7:]])
    redefine(star, anew)
    return star


def test_the_old_series_ends_in_grey_at_a_labelled_break(redefined: NorthStar) -> None:
    document = drawn()

    assert 'class="chart-former"' in document.sketches["all"]
    assert (
        'class="chart-break"' in document.sketches["all"] and "definition changed" in document.sketches["all"]
    )
    assert document.facts["value"] == "4,538\N{NO-BREAK SPACE}crews"


def test_how_much_apart_they_read_is_told_and_nothing_is_rescaled(redefined: NorthStar) -> None:
    flag = definition_flag(drawn())

    assert flag["more"] == (
        "The new definition reads about 7.0% lower than the one before "
        "in 23 weeks that were counted both ways."
    )


def test_a_year_before_the_break_is_compared_only_where_the_new_definition_reaches_it(
    redefined: NorthStar, make_weeks: Make
) -> None:
    old, new = (version.metric for version in redefined.versions.order_by("version_no"))
    make_weeks(old, "2025-11-10", [4000])
    assert "on last year" not in [each["note"] for each in drawn().facts["deltas"]]

    make_weeks(new, "2025-11-10", [3720])
    assert "on last year" in [each["note"] for each in drawn().facts["deltas"]]


def test_with_seven_common_weeks_nothing_is_said_of_a_difference(make_metric: Make, make_weeks: Make) -> None:
    star = make_star(make_metric, make_weeks, weeks=WEEKS[:16])
    anew = make_metric("Crews with five jobs", kind="unique", unit="crews")
    make_weeks(anew, "2026-06-22", WEEKS[9:])
    redefine(star, anew)

    assert definition_flag(drawn())["more"] == ""


def test_a_target_of_the_definition_before_is_not_judged_by_the_new_one(redefined: NorthStar) -> None:
    target = aim(redefined, set_on=BREAK - timedelta(days=30))

    facts = drawn().facts

    assert facts["state"] == "no_data" and facts["p"] is None
    assert facts["reason"] == (
        "This target was set for the definition that counted until 3 Aug. Set it anew."
    )
    target.set_on = BREAK
    target.save()
    assert drawn().facts["p"] is not None


def test_one_metric_that_means_something_else_is_cut_where_it_was_not_read_again(
    make_metric: Make, make_weeks: Make
) -> None:
    star = make_star(make_metric, make_weeks)
    metric = star.versions.get().metric
    metric.observations.filter(period_start__lt=BREAK).update(as_of="2026-07-31T06:00:00Z")
    redefine(star, metric)

    document = drawn()

    assert 'class="chart-former"' in document.sketches["all"]
    oldest = document.facts["table"][-1]
    assert oldest[0] == "20 to 26 Apr 2026" and "definition" in " ".join(oldest)
    assert document.facts["value"] == "4,880\N{NO-BREAK SPACE}crews"


def test_until_the_first_week_of_the_new_meaning_the_old_values_stand(
    make_metric: Make, make_weeks: Make
) -> None:
    star = make_star(make_metric, make_weeks)
    metric = star.versions.get().metric
    metric.observations.update(as_of="2026-11-16T06:00:00Z")
    redefine(star, metric, on=date(2026, 11, 17))

    assert drawn().facts["value"] == "4,880\N{NO-BREAK SPACE}crews"
