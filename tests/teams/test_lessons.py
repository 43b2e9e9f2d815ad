"""The library finds every retired bet by its words and by what it was about, on both databases alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Funnel, NorthStar, ObservationRevision, Source, Stage
from teams import lessons, retiring
from teams.lessons import Wanted
from teams.models import Effect, Omtm, Review, Team, User
from tests.metrics.stars import drive
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db
RETIRED = datetime(2026, 9, 3, 9, 0, tzinfo=UTC)
SPARK = '<svg class="kept" viewBox="0 0 300 90"></svg>'


@pytest.fixture
def retire_as(make_metric: Any) -> Any:
    """retire_as(team, "Name", lesson=…): a retired bet on a metric of its own, with a kept drawing."""

    def make(team: Team, name: str, **fields: Any) -> Omtm:
        defaults = {
            "state": "retired",
            "retired_at": RETIRED,
            "outcome": "achieved",
            "outcome_computed": "achieved",
            "attainment": 1.1,
            "lesson": f"What {name} taught.",
            "snapshot": {"sketches": {"card": SPARK}, "figure": "{}", "facts": {}},
        }
        metric = make_metric(f"Metric of {name}", slug=f"m-{Omtm.objects.count()}")
        return omtm_of(team, metric, name=name, **(defaults | fields))

    return make


def found(**asked: Any) -> list[str]:
    return [omtm.name for omtm in lessons.find(Wanted(**asked))]


def test_only_retired_bets_are_lessons_and_the_newest_comes_first(retire_as: Any, marketing: Team) -> None:
    retire_as(marketing, "Older", retired_at=datetime(2026, 1, 3, tzinfo=UTC))
    retire_as(marketing, "Newer")
    retire_as(marketing, "Running", state="active")
    assert found() == ["Newer", "Older"]


@pytest.mark.parametrize(
    "words",
    [
        "größe",
        "GRÖSSE",
        "Gro\u0308ße",
        "dispatcher EDIT",
        "marketing",
        "öltank",
        "Metric of Plan",
        "ARKADE",
        "retention",
    ],
)
def test_words_are_found_whatever_their_case_and_wherever_they_were_said(
    retire_as: Any, marketing: Team, words: str
) -> None:
    Team.objects.filter(pk=marketing.pk).update(stage="retention")
    omtm = retire_as(
        marketing,
        "Plan",
        lesson="Dispatchers want to EDIT.",
        why="Die Größe zählt.",
        retire_reason="ÖLTANK leer",
    )
    Review.objects.create(
        omtm=omtm, kind="closing", due_on=omtm.end, held_at=RETIRED, answers={"4": ["Die Arkade schloss."]}
    )
    retire_as(marketing, "Other", state="withdrawn")
    assert found(words=words) == ["Plan"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", "plan nowhere", "100%"])
def test_signs_that_databases_read_otherwise_are_only_letters(
    retire_as: Any, marketing: Team, words: str
) -> None:
    retire_as(marketing, "Plan", lesson="Dispatchers want to edit.")
    assert found(words=words) == []


def test_every_question_narrows_it_down(
    retire_as: Any, marketing: Team, platform: Team, star_with_driver: Any
) -> None:
    driver, stage = star_with_driver
    one = retire_as(marketing, "One", driver=driver, stage=stage, verdict="supported")
    two = retire_as(platform, "Two", outcome="missed", verdict="not_supported")
    three = retire_as(platform, "Three", guardrail_breach=True)
    Team.objects.filter(pk=platform.pk).update(stage="revenue")
    due = RETIRED.date()
    Effect.objects.create(omtm=one, on="north_star", due_on=due, verdict="supported")
    Effect.objects.create(omtm=two, on="north_star", due_on=due)
    Effect.objects.create(omtm=three, on="driver", due_on=due, verdict="supported")
    assert found(outcome="missed") == ["Two"]
    assert found(outcome="costly") == ["Three"]
    assert found(stage="activation") == ["One"]
    assert found(stage="revenue") == ["Three", "Two"]
    assert found(driver=driver.pk) == ["One"]
    assert found(team="platform") == ["Three", "Two"]
    assert found(verdict="not_supported") == ["Two"]
    assert found(moved="supported") == ["One"]
    assert found(team="platform", outcome="achieved", words="three") == ["Three"]
    options = lessons.choices()
    assert options["stage"] == [("activation", "Activation"), ("revenue", "Revenue")]
    assert options["driver"] == [(driver.pk, driver.name)]


@pytest.fixture
def star_with_driver(make_metric: Any) -> tuple[Any, Stage]:
    star = NorthStar.objects.create(name="Crews", state="active")
    funnel = Funnel.objects.create(name="Funnel", slug="funnel", north_star=star)
    stage = Stage.objects.create(funnel=funnel, aarrr="activation", name="Trial to active")
    return drive(star, make_metric("Activation")), stage


def test_cards_show_outcome_lesson_verdicts_and_what_came_before_and_after(
    retire_as: Any, marketing: Team, client: Client, vera: User
) -> None:
    first = retire_as(marketing, "First try", verdict="not_supported", outcome="missed", attainment=0.2)
    second = retire_as(marketing, "Second try", predecessor=first, succession="renew", guardrail_breach=True)
    Effect.objects.create(omtm=second, on="north_star", due_on=RETIRED.date(), verdict="supported")
    client.force_login(vera)
    page = client.get("/lessons/").content.decode()
    for words in (
        "Achieved at a cost",
        "What First try taught.",
        "Not supported",
        "Moved as predicted",
        "reached 20%",
    ):
        assert words in page
    assert "Follows" in page and "Followed by" in page and page.count(SPARK) == 2


def test_what_nobody_could_have_chosen_is_left_out(
    retire_as: Any, marketing: Team, client: Client, vera: User
) -> None:
    retire_as(marketing, "First try")
    client.force_login(vera)
    for query in (
        "outcome=won",
        "driver=7777777777777777777777",
        "driver=x",
        "page=99999999999",
        "page=x",
    ):
        answer = client.get(f"/lessons/?{query}")
        assert answer.status_code == 200 and "First try" in answer.content.decode()
    page = client.get("/lessons/?q=%22%3E%3Cscript%3E").content.decode()
    assert "<script>" not in page.replace("<script src", "") and "Nothing found" in page


def test_the_old_address_leads_to_the_library_with_its_question(client: Client, vera: User) -> None:
    client.force_login(vera)
    answer = client.get("/omtms/?q=guild&outcome=missed")
    assert (answer.status_code, answer["Location"]) == (301, "/lessons/?q=guild&outcome=missed")


def test_hundreds_are_paged_and_cost_no_more_queries(
    retire_as: Any, marketing: Team, make_metric: Any, client: Client, vera: User
) -> None:
    client.force_login(vera)
    first = retire_as(marketing, "Bet")
    rows = [
        Omtm(**{f.attname: getattr(first, f.attname) for f in Omtm._meta.concrete_fields if f.name != "id"})
        for _ in range(11)
    ]
    counts = []
    for _ in range(2):
        Omtm.objects.bulk_create(rows)
        for row in rows:
            row.pk = None
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/lessons/?q=bet").content.decode()
        counts.append(len(queries))
        assert page.count('lesson-card"') == 12
        rows = [
            Omtm(
                **{f.attname: getattr(first, f.attname) for f in Omtm._meta.concrete_fields if f.name != "id"}
            )
            for _ in range(300)
        ]
    assert counts[0] == counts[1] <= 22
    assert "Page 1 of 26" in page and 'href="?q=bet&amp;page=2"' in page


def test_a_record_draws_when_metric_values_and_source_are_gone(
    marketing: Team, make_metric: Any, make_weeks: Any, clock: Any, idris: User, client: Client
) -> None:
    clock.move_to(datetime(2027, 1, 20, 9, 0, tzinfo=UTC))
    metric = make_metric()
    make_weeks(
        metric, "2026-07-20", [400, 402, 398, 401, 399, 403, 397, 400, *(400 + 10 * n for n in range(17))]
    )
    omtm = omtm_of(marketing, metric, state="in_review")
    retiring.retire(
        omtm, lesson="Call first.", reason="We called.", actor=idris, today=datetime(2027, 1, 20).date()
    )
    client.force_login(idris)
    before = client.get(f"/omtms/{omtm.pk}/").content.decode()
    metric.observations.all().delete()
    metric.rollups.all().delete()
    ObservationRevision.objects.filter(metric=metric).delete()
    type(metric).objects.filter(pk=metric.pk).update(
        archived_at=RETIRED, paused_at=RETIRED, query={"sql": "gone"}
    )
    # Its source exists no more, as after an upgrade without its connector.
    Source.objects.filter(pk=metric.source_id).update(kind="vanished", slug="vanished", name="Vanished")
    after = client.get(f"/omtms/{omtm.pk}/").content.decode()
    drawn = [page[page.index("<svg xmlns") : page.index("</figure>")] for page in (before, after)]
    assert drawn[0] == drawn[1] and "chart-actual" in drawn[0]
    assert "<svg" in client.get("/lessons/").content.decode().partition("lesson-spark")[2]
