"""The page of a North Star tells its story to everybody; units stand beside the company."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from metrics import drawing, steering
from metrics.models import FitnessTest, Metric, NorthStar
from northstar.home.shelf import _shelf
from tests.metrics.stars import FIRST, WEEKS, aim, make_star
from tests.metrics.test_steering import answers
from tests.northstar.world import as_somebody
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
TODAY, NOW = date(2026, 11, 18), datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> NorthStar:
    return make_star(make_metric, make_weeks)


@pytest.fixture
def reader(vera: Any) -> Client:
    return as_somebody(vera)


def unit(name: str, metric: Metric, actor: Any, *, relation: str = "addend") -> NorthStar:
    fields = answers(metric, name=f"{name} crews", scope="unit", unit=name, relation=relation)
    fields |= {"why_not_company": "Other customers.", "parent": NorthStar.current()}
    return steering.define_north_star(fields, actor=actor, today=TODAY)


def test_everybody_reads_every_version_with_who_when_and_why(
    reader: Client, star: NorthStar, maren: Any
) -> None:
    aim(star)
    metric = star.versions.get().metric
    worded = answers(metric, plain_definition="Crews with three jobs.")
    steering.redefine(star, worded, change_type="clarification", reason="Shorter.", actor=maren, today=TODAY)

    page = reader.get(reverse("north-star", args=[star.pk])).content.decode()
    told_there = (
        "Version 2 · Clarification",
        "Version 1 · The beginning",
        "Why: Shorter.",
        "Crews with three jobs.",
        "Crews that completed three or more jobs in the week.",
        "approved by Maren Tolk",
        "5,400",
    )
    for told in told_there:
        assert told in page, told
    assert "Test it now" not in page and "Definition</a>" not in page


def test_bets_of_an_earlier_version_are_named(
    reader: Client, star: NorthStar, maren: Any, marketing: Any, make_metric: Make
) -> None:
    omtm = omtm_of(marketing, make_metric("Trials"), name="More trials")
    omtm.north_star_version = star.versions.get()
    omtm.save(update_fields=["north_star_version"])
    path = reverse("north-star", args=[star.pk])
    assert "Committed under an earlier version" not in reader.get(path).content.decode()

    five = make_metric("Crews with five jobs", kind="unique", unit="crews")
    change = {"change_type": "redefinition", "reason": "A habit.", "overlap_reason": "The source closed."}
    steering.redefine(star, answers(five), actor=maren, today=TODAY, **change)
    page = reader.get(path).content.decode()
    assert "Committed under an earlier version" in page and "More trials" in page and "version 1" in page


def test_one_that_ended_stays_readable_and_names_its_successor(
    reader: Client, star: NorthStar, maren: Any, make_metric: Make
) -> None:
    jobs = answers(make_metric("Jobs"), name="Jobs planned")
    steering.redefine(star, jobs, change_type="replacement", reason="Strategy.", actor=maren, today=TODAY)
    page = reader.get(reverse("north-star", args=[star.pk])).content.decode()
    assert "It ended on 18 Nov" in page and "Jobs planned</a> took its place: Strategy." in page
    assert as_somebody(maren).get(f"/north-star/{star.pk}/edit/").status_code == 404
    assert reader.get("/north-star/99999/").status_code == 404


def test_a_leader_tests_it_and_everybody_reads_what_was_found(
    reader: Client, star: NorthStar, maren: Any
) -> None:
    path = reverse("north-star-retest", args=[star.pk])
    assert reader.post(path).status_code == 403
    for _ in range(2):
        assert as_somebody(maren).post(path).url == reverse("north-star", args=[star.pk])

    test = FitnessTest.objects.get()
    assert test.verdict == "unknown" and test.tested_on == TODAY
    page = reader.get(reverse("north-star", args=[star.pk])).content.decode()
    assert "Not known yet" in page and "No outcome is measured that it could lead" in page
    review = as_somebody(maren).get(reverse("north-star-review")).content.decode()
    assert "The data: No outcome is measured" in review


def test_units_stand_beside_the_company_and_parts_are_added_up(
    client: Client, star: NorthStar, maren: Any, make_metric: Make, make_weeks: Make, settings: Any
) -> None:
    _shelf.clear()
    for name, share in (("North", 0.4), ("South", 0.5)):
        metric = make_metric(f"{name} crews", kind="unique", unit="crews")
        make_weeks(metric, FIRST, [round(value * share) for value in WEEKS])
        unit(name, metric, maren)
    drawing.draw_stars(NOW)

    page = as_somebody(maren).get("/").content.decode().replace("\xa0", " ")
    assert "Business units" in page and "North crews" in page and "1,952" in page and "2,440" in page
    assert "The parts add up to 4,392 crews of 4,880 crews (90.0%)." in page
    own = as_somebody(maren).get(reverse("north-star", args=[NorthStar.objects.get(unit="North").pk]))
    assert "Other customers." in own.content.decode() and "Part: the units add up" in own.content.decode()


def test_unlike_units_are_never_added_up(
    star: NorthStar, maren: Any, make_metric: Make, make_weeks: Make
) -> None:
    metric = make_metric("North revenue", kind="flow_sum", unit="£")
    make_weeks(metric, FIRST, WEEKS)
    unit("North", metric, maren)
    drawing.draw_stars(NOW)
    page = as_somebody(maren).get("/").content.decode()
    assert "their numbers are not added up" in page and "add up to" not in page


def test_home_asks_as_many_questions_with_four_units_and_warns(
    star: NorthStar, maren: Any, make_metric: Make, make_weeks: Make, django_assert_max_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    drawing.draw_stars(NOW)
    browser = as_somebody(maren)
    browser.get("/")
    with CaptureQueriesContext(connection) as before:
        browser.get("/")
    for name in ("North", "South", "East", "West"):
        metric = make_metric(f"{name} crews", kind="unique", unit="crews")
        make_weeks(metric, FIRST, WEEKS)
        unit(name, metric, maren, relation="influences")
    drawing.draw_stars(NOW)
    browser.get("/")
    with CaptureQueriesContext(connection) as after:
        page = browser.get("/").content.decode()
    assert len(after) == len(before)
    assert "Four units: more stars than one can steer by." in page


def test_a_unit_has_one_star_with_targets_and_guardrails_of_its_own(
    star: NorthStar, maren: Any, make_metric: Make, make_weeks: Make
) -> None:
    metric = make_metric("North crews", kind="unique", unit="crews")
    make_weeks(metric, FIRST, WEEKS)
    north = unit("North", metric, maren)
    with pytest.raises(steering.SteeringError, match="North has a North Star already"):
        unit("North", metric, maren)
    browser = as_somebody(maren)
    goal = {
        "horizon": "short",
        "value": "5400",
        "due": "2027-05-16",
        "baseline": "4880",
        "baseline_date": "2026-11-15",
    }
    assert browser.post(f"/north-star/{north.pk}/targets/", goal).status_code == 302
    assert north.targets.count() == 1 and star.targets.count() == 0
    page = browser.get(f"/north-star/{north.pk}/edit/")
    worded = {
        name: page.context["form"].initial[name] or ""
        for name in page.context["form"].fields
        if name in page.context["form"].initial
    } | {
        "metric": metric.pk,
        "next_review_on": "2027-05-17",
        "owner": maren.pk,
        "plain_definition": "Crews in the north.",
        "change_reason": "Shorter.",
    }
    assert browser.post(f"/north-star/{north.pk}/edit/", worded).url == f"/north-star/{north.pk}/"
    assert north.versions.count() == 2 and star.versions.count() == 1
    contacts = make_metric("Contacts")
    given = {"g0_metric": contacts.pk, "g0_side": "at_most", "g0_limit": "9"}
    assert browser.post(f"/north-star/{north.pk}/guardrails/", given).status_code == 302
    assert [guard.metric for guard in north.guardrails.all()] == [contacts]
