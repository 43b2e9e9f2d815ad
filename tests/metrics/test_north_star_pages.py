"""Leaders steer on three pages; wrong answers come back with a sentence and status 422."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from metrics.models import ChartDocument, Metric, NorthStar, NorthStarTarget
from tests.metrics.stars import FIRST, WEEKS, aim, make_star

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
EDIT, TARGETS = "/north-star/edit/", "/north-star/targets/"


@pytest.fixture
def leader(client: Client, maren: Any) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> NorthStar:
    return make_star(make_metric, make_weeks)


def definition(metric: Metric, **fields: Any) -> dict[str, Any]:
    return {
        "name": "Weekly active crews",
        "value_proposition": "We win when a crew plans its week with us.",
        "plain_definition": "Crews that completed three or more jobs in the week.",
        "metric": metric.pk,
        "review_every_months": 6,
        "next_review_on": "2027-05-17",
        "time_window": "ISO week",
        "change_type": "clarification",
    } | fields


def target(**fields: Any) -> dict[str, Any]:
    return {
        "horizon": "short",
        "value": "5400",
        "due": "2027-05-16",
        "baseline": "4880",
        "baseline_date": "2026-11-15",
    } | fields


@pytest.mark.parametrize("path", [EDIT, TARGETS, "/north-star/drivers/"])
def test_only_leaders_steer(client: Client, idris: Any, star: NorthStar, path: str) -> None:
    client.force_login(idris, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get(path)

    assert answer.status_code == 403 and "Only leaders can do this." in answer.content.decode()


def test_a_leader_defines_it_and_goes_on_to_targets(
    leader: Client, make_metric: Make, make_weeks: Make, django_capture_on_commit_callbacks: Any
) -> None:
    metric = make_metric("Weekly active crews", kind="unique", unit="crews")
    make_weeks(metric, "2026-11-02", [4864, 4871])
    assert "What makes a good one" in leader.get(EDIT).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        answer = leader.post(EDIT, definition(metric))

    assert (answer.status_code, answer.url) == (302, TARGETS)
    assert NorthStar.current().versions.get().metric == metric  # type: ignore[union-attr]
    assert ChartDocument.objects.get(key="north-star").facts["figure"] == "4,871"


def test_without_metrics_the_page_says_what_is_needed_first(leader: Client) -> None:
    assert "It needs a metric first" in leader.get(EDIT).content.decode()


def test_a_missing_answer_is_asked_for(leader: Client, make_metric: Make) -> None:
    answer = leader.post(EDIT, definition(make_metric(), plain_definition="", review_every_months=13))

    assert answer.status_code == 422
    assert "less than or equal to 12" in answer.content.decode()
    assert not NorthStar.objects.exists()


def test_saving_without_a_change_makes_no_version(leader: Client, star: NorthStar) -> None:
    version = star.versions.get()
    assert leader.post(EDIT, definition(version.metric)).status_code == 302
    assert star.versions.count() == 1


def test_a_new_metric_as_clarification_comes_back_with_the_sentence(
    leader: Client, star: NorthStar, make_metric: Make
) -> None:
    answer = leader.post(EDIT, definition(make_metric(), change_reason="Better."))

    assert answer.status_code == 422
    assert "Another metric is more than wording." in answer.content.decode()
    other = definition(make_metric("Other"), change_type="redefinition", change_reason="Better.")
    refused = leader.post(EDIT, other)
    assert refused.status_code == 422
    assert "There is no week yet in which both definitions were counted." in refused.content.decode()
    assert leader.post(EDIT, other | {"overlap_reason": "The old source closed."}).url == "/"
    assert star.versions.count() == 2


def test_the_form_of_targets_begins_at_the_newest_week(leader: Client, star: NorthStar) -> None:
    page = leader.get(TARGETS).content.decode()

    assert 'value="4880"' in page and 'value="2026-11-15"' in page


def test_a_target_is_set_by_typing_it(leader: Client, star: NorthStar) -> None:
    assert leader.post(TARGETS, target()).status_code == 302
    assert NorthStarTarget.objects.get().target_value == Decimal(5400)
    assert "5,400" in leader.get(TARGETS).content.decode()


def test_percentages_are_typed_as_they_are_shown(leader: Client, make_metric: Make, make_weeks: Make) -> None:
    star = make_star(make_metric, make_weeks)
    Metric.objects.filter(pk=star.versions.get().metric_id).update(kind="ratio", unit="%", decimals=1)

    assert leader.post(TARGETS, target(value="38.4", baseline="24")).status_code == 302

    made = NorthStarTarget.objects.get()
    assert (made.target_value, made.baseline_value) == (Decimal("0.384"), Decimal("0.24"))
    assert 'value="38.4"' in leader.get(f"{TARGETS}?horizon=short").content.decode()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"value": "NaN"}, "is not a number"),
        ({"value": "12,5"}, "is not a number"),
        ({"value": "12345678901234567890"}, "15"),
        ({"value": "4880"}, "Target and baseline are equal"),
        ({"due": "2029-05-16"}, "within six months"),
        ({"due": "soon"}, "Enter a valid date"),
        ({"horizon": "never"}, "Select a valid choice"),
    ],
)
def test_a_wrong_target_comes_back_with_a_sentence_and_nothing_is_stored(
    leader: Client, star: NorthStar, wrong: dict[str, str], sentence: str
) -> None:
    answer = leader.post(TARGETS, target(**wrong))

    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not NorthStarTarget.objects.exists()


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_year_that_nobody_meant_is_asked_about(leader: Client, star: NorthStar, day: str) -> None:
    metric = star.versions.get().metric
    for path, given in (
        (EDIT, definition(metric, next_review_on=day)),
        (TARGETS, target(horizon="annual", due=day)),
        (TARGETS, target(baseline_date=day)),
    ):
        answer = leader.post(path, given)
        assert answer.status_code == 422
        assert "Check the year of this date." in answer.content.decode()


def test_former_targets_stay_readable(leader: Client, star: NorthStar) -> None:
    aim(star, target_value=Decimal(5000), superseded_on=date(2026, 10, 1), superseded_reason="Too easy.")

    assert "Too easy." in leader.get(TARGETS).content.decode()


def test_without_a_north_star_there_is_nothing_to_aim(leader: Client) -> None:
    assert leader.get(reverse("north-star-targets")).status_code == 404


def test_definitions_are_compared_before_anything_is_saved(
    leader: Client, star: NorthStar, make_metric: Make, make_weeks: Make
) -> None:
    other = make_metric("Crews with five jobs", kind="unique", unit="crews")
    make_weeks(other, FIRST, [round(value * 0.93) for value in WEEKS])
    asked = definition(other, change_type="redefinition", compare="1")

    answer = leader.post(EDIT, asked)

    page = answer.content.decode()
    assert answer.status_code == 200 and star.versions.count() == 1
    assert "The new definition reads about 7.0% lower than the one before in 30 weeks" in page
    assert (
        "nothing to hold side by side"
        in leader.post(EDIT, definition(star.versions.get().metric, compare="1")).content.decode()
    )
