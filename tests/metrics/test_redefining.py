"""A North Star that means something else is never joined to what it was (domain 2.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics import drawing, steering
from metrics.models import ChartDocument, Metric, NorthStar
from metrics.steering import SteeringError
from tests.metrics.stars import FIRST, WEEKS, make_star
from tests.metrics.test_steering import answers

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
TODAY, NOW = date(2026, 11, 18), datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> NorthStar:
    return make_star(make_metric, make_weeks)


def redefine(star: NorthStar, metric: Metric, actor: Any, **more: Any) -> NorthStar:
    change = {
        "change_type": "redefinition",
        "reason": "One job is a try-out.",
        "actor": actor,
        "today": TODAY,
    }
    fields = answers(metric, plain_definition="Crews that completed five jobs in the week.")
    return steering.redefine(star, fields, **change | more)


@pytest.fixture
def five_jobs(make_metric: Make) -> Metric:
    metric: Metric = make_metric("Crews with five jobs", kind="unique", unit="crews")
    return metric


def test_with_too_few_weeks_of_both_somebody_says_why(
    maren: Any, star: NorthStar, five_jobs: Metric, make_weeks: Make
) -> None:
    make_weeks(five_jobs, "2026-10-19", [4000, 4010, 4020, 4030])

    with pytest.raises(SteeringError, match="counted in 4 weeks only; eight show how far apart") as refused:
        redefine(star, five_jobs, maren)
    assert refused.value.field == "overlap_reason" and star.versions.count() == 1

    redefine(star, five_jobs, maren, overlap_reason="The old source closes on Friday.")
    version = star.versions.get(version_no=2)
    assert (version.overlap_weeks, version.overlap_reason) == (4, "The old source closes on Friday.")
    assert version.splice_ratio == pytest.approx(sum((4000, 4010, 4020, 4030)) / sum(WEEKS[-4:]))


def test_the_weeks_of_both_and_their_ratio_are_kept_and_nothing_is_rescaled(
    maren: Any, star: NorthStar, five_jobs: Metric, make_weeks: Make
) -> None:
    make_weeks(five_jobs, FIRST, [round(value * 0.93) for value in WEEKS])
    redefine(star, five_jobs, maren, overlap_reason="Not needed.")

    version = star.versions.get(version_no=2)
    assert (version.overlap_weeks, version.overlap_reason) == (30, "")
    assert version.splice_ratio == pytest.approx(0.93, abs=0.001) and version.checklist == {}
    drawing.draw_north_star(NOW)
    document = ChartDocument.objects.get(key="north-star")
    assert document.facts["figure"] == f"{round(WEEKS[-1] * 0.93):,}", "the new series, as it was counted"
    assert "chart-former" in document.sketches["all"] and "chart-break" in document.sketches["all"]


def test_year_on_year_is_told_only_where_the_new_definition_was_counted_then(
    maren: Any, make_metric: Make, make_weeks: Make, five_jobs: Metric
) -> None:
    star = make_star(make_metric, make_weeks, weeks=[])
    make_weeks(star.versions.get().metric, "2025-10-06", [4000 + 10 * week for week in range(58)])
    make_weeks(five_jobs, "2026-09-07", [3800 + 10 * week for week in range(10)])
    redefine(star, five_jobs, maren)
    notes = [each["note"] for each in _drawn().facts["deltas"]]
    assert not any("year" in note for note in notes), notes

    make_weeks(five_jobs, "2025-10-06", [3300 + 10 * week for week in range(48)])
    notes = [each["note"] for each in _drawn().facts["deltas"]]
    assert any("year" in note for note in notes), notes


def _drawn() -> ChartDocument:
    document = drawing.draw_north_star(NOW)
    assert document is not None
    return document


def test_a_clarification_keeps_what_was_answered(maren: Any, star: NorthStar) -> None:
    star.versions.update(checklist={"value": {"answer": "2", "note": "Renewals follow."}})
    worded = answers(star.versions.get().metric, plain_definition="Crews with three jobs.")
    steering.redefine(star, worded, change_type="clarification", reason="Shorter.", actor=maren, today=TODAY)

    new = star.versions.get(version_no=2)
    assert new.checklist == {"value": {"answer": "2", "note": "Renewals follow."}}
    assert new.overlap_weeks is None and new.measured["source"] == "Typed by hand"
    assert "chart-break" not in _drawn().sketches["all"]


def test_one_that_was_replaced_is_drawn_as_it_stood_at_its_end(
    maren: Any, star: NorthStar, five_jobs: Metric, make_weeks: Make, django_capture_on_commit_callbacks: Any
) -> None:
    make_weeks(five_jobs, FIRST, WEEKS)
    with django_capture_on_commit_callbacks(execute=True):
        redefine(star, five_jobs, maren, change_type="replacement")
    make_weeks(star.versions.get().metric, "2026-11-16", [9999])
    drawing.draw_stars(NOW)

    star.refresh_from_db()
    document = ChartDocument.objects.get(key=drawing.key_of(star))
    assert document.key == f"north-star:{star.pk}"
    assert document.facts["sentence"].startswith("Weekly active crews ended on 18 Nov")
    assert "It stood at 4,880" in document.facts["sentence"] and "9,999" not in document.figure
