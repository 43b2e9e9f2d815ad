"""The home page answers where the company stands, in few queries, and says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from metrics import drawing
from metrics.models import Annotation, Metric, Source
from northstar.lib import clock as lib_clock
from teams.models import Review, Team, User
from tests.metrics.stars import aim, drive, make_star
from tests.northstar.focuses import draw_omtm, make_omtm, make_team

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
MOST_QUERIES = 13


def opened(client: Client, user: User, path: str = "/") -> str:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def counted(client: Client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get("/").status_code == 200
    return len(queries)


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> Any:
    made = make_star(make_metric, make_weeks)
    aim(made)
    drawing.draw_north_star(lib_clock.now())
    return made


def test_the_number_stands_with_unit_period_age_and_verdict(client: Client, vera: User, star: Any) -> None:
    Metric.objects.update(last_ok_at=datetime(2026, 11, 18, 5, 10, tzinfo=UTC))

    page = opened(client, vera)

    assert '<span class="stat-figure">4,880' in page
    assert "Week to Sun 15 Nov · complete · typed 06:10 CET" in page
    assert "it stands at about 4,960 by 16 May 2027, short of 5,400 (unlikely, under 5%)." in page
    assert "Off track" in page and "42% there, 24% of the time gone" in page


def test_every_target_has_its_reason_and_what_it_still_needs(
    client: Client, vera: User, make_metric: Make, make_weeks: Make
) -> None:
    star = make_star(make_metric, make_weeks)
    aim(star)
    aim(star, "long", target_value=Decimal(10000), due_date=date(2029, 9, 20))
    drawing.draw_north_star(lib_clock.now())

    page = opened(client, vera)
    card = page[page.index('id="targets-title"') : page.index('id="drivers-title"')]

    assert "Short term, by 16 May 2027" in card and "unlikely to reach 5,400 crews (under 5%)" in card
    assert "Needs +20 crews a week." in card
    assert card.count("pill--") == 1  # the long one has no state
    assert "it needs +34 crews a week from here." in card


def test_a_number_in_doubt_is_marked_beside_its_age(
    client: Client, vera: User, make_metric: Make, make_weeks: Make
) -> None:
    star = make_star(make_metric, make_weeks)
    aim(star)
    metric = star.versions.get().metric
    Source.objects.update(kind="demo", schedule={"kind": "every", "minutes": 60})
    early = datetime(2026, 11, 15, 14, tzinfo=UTC)
    Metric.objects.update(last_ok_at=early)
    metric.observations.filter(period_start=date(2026, 11, 9)).update(as_of=early)
    drawing.draw_north_star(lib_clock.now())

    page = opened(client, vera)

    age = page[page.index('class="hero-age"') :].partition("</p>")[0]
    assert "Incomplete" in age and "complete ·" not in age
    assert "No trusted data" in page and "Status and forecast wait until it can be relied on." in page


def test_a_range_is_a_link_and_draws_its_sketch(client: Client, vera: User, star: Any) -> None:
    page = opened(client, vera, "/?range=26w")

    assert 'data-range="26w" data-today="2026-11-18"' in page
    assert '<a href="?range=26w" data-range="26w" aria-current="true" aria-label="26 weeks">26 w</a>' in page
    assert 'data-range="15m"' in opened(client, vera, "/?range=%3Cscript%3E")


def test_the_queries_stay_few_with_twice_the_teams_and_ten_times_the_history(
    client: Client, maren: User, star: Any, make_metric: Make, make_weeks: Make
) -> None:
    share = make_metric("Share", kind="ratio", unit="%")
    for number in range(4):
        draw_omtm(make_omtm(make_team(f"Team {number}"), share, owner=maren))
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/")
    before = counted(client)

    make_weeks(Metric.objects.get(slug="weekly-active-crews"), "2020-07-06", [4000 + n for n in range(300)])
    for number in range(4, 8):
        draw_omtm(make_omtm(make_team(f"Team {number}"), share, owner=maren))
        drive(star, make_metric(f"Driver {number}"))
        Source.objects.create(name=f"Source {number}", slug=f"source-{number}", kind="demo")
        Annotation.objects.create(day=date(2026, 10, number), text=f"Note {number}")
    drawing.draw_north_star(lib_clock.now())

    assert counted(client) <= MOST_QUERIES  # documents that are new to the process cost one more
    assert counted(client) == before


def test_without_a_north_star_a_leader_finds_the_first_steps(client: Client, maren: User) -> None:
    page = opened(client, maren)

    assert "Three steps to your North Star" in page
    assert "Connect a source</a>" in page and "Create a team</a>" in page


def test_without_a_north_star_a_viewer_reads_who_can_do_what(client: Client, vera: User) -> None:
    page = opened(client, vera)

    assert "A leader does this" in page and "An admin does this" in page
    assert "Connect a source</a>" not in page


def test_a_north_star_without_values_says_what_it_waits_for(
    client: Client, maren: User, make_metric: Make, make_weeks: Make
) -> None:
    make_star(make_metric, make_weeks, weeks=[])

    page = opened(client, maren)

    assert "No complete week yet" in page and "Type values</a>" in page
    drawing.draw_north_star(lib_clock.now())
    assert "No complete week yet" in opened(client, maren)


def test_without_teams_the_grid_says_who_creates_them(
    client: Client, maren: User, vera: User, star: Any
) -> None:
    assert "Create a team</a>" in opened(client, maren)
    assert "A leader or an admin creates the teams" in opened(client, vera)


def test_cards_come_with_what_needs_help_first(
    client: Client, vera: User, idris: User, marketing: Team, star: Any, make_metric: Make
) -> None:
    share = make_metric("Share", kind="ratio", unit="%")
    for name, state in (
        ("Alpha", "on_track"),
        ("Beta", "too_early"),
        ("Gamma", "off_track"),
        ("Delta", "at_risk"),
    ):
        draw_omtm(make_omtm(make_team(name), share, name=f"Bet of {name}"), state)
    ended = make_omtm(make_team("Epsilon"), share, name="Bet of Epsilon", state="in_review",
                      start=date(2026, 6, 1), end=date(2026, 9, 30))  # fmt: skip
    draw_omtm(ended, "off_track")

    page = opened(client, vera)

    order = ["Bet of Gamma", "Bet of Delta", "Bet of Epsilon", "No focus yet", "Bet of Beta", "Bet of Alpha"]
    places = [page.index(text, page.index("Team focus")) for text in order]
    assert places == sorted(places)
    assert "Review overdue" in page and "Idris Vane, who leads the team" in page
    assert "1 off track" in page and "1 without a focus" in page


def test_a_card_says_reading_way_progress_week_and_review(
    client: Client, vera: User, maren: User, marketing: Team, star: Any, make_metric: Make
) -> None:
    draw_omtm(make_omtm(marketing, make_metric("Share", kind="ratio", unit="%"), owner=maren))

    page = opened(client, vera)

    assert 'from 24.0% → <span class="target">34.0%</span>' in page
    assert "66% there, 57% expected" in page and '<svg class="drawn">' in page
    assert "Week 10 of 18" in page and "Half-way 16 Nov" in page
    assert '<span class="gap-value gap--on_track">+9 pt</span>' in page


def test_an_omtm_that_was_not_evaluated_yet_is_no_data_not_zero(
    client: Client, vera: User, marketing: Team, star: Any, make_metric: Make
) -> None:
    make_omtm(marketing, make_metric("Share", kind="ratio", unit="%"))

    page = opened(client, vera)

    assert "Not evaluated yet" in page and "No data" in page


def test_reviews_of_four_weeks_stand_with_their_days(
    client: Client, vera: User, marketing: Team, platform: Team, star: Any, make_metric: Make
) -> None:
    share = make_metric("Share", kind="ratio", unit="%")
    make_omtm(marketing, share, name="Late one")
    held = make_omtm(platform, share, name="Held one")
    Review.objects.create(omtm=held, kind="midpoint", due_on=date(2026, 11, 16), held_at=lib_clock.now())

    page = opened(client, vera)
    reviews = page[page.index('id="coming-title"') :]

    assert "2 days late" in reviews and "Late one" in reviews
    assert "Held one" not in reviews
    assert "10 Dec" in reviews and "North Star review" in reviews


def test_data_health_has_no_details_for_viewers(client: Client, vera: User, maren: User, star: Any) -> None:
    Source.objects.create(
        name="Ledger", slug="ledger", kind="postgresql", failures=2, last_error_message="password wrong",
        last_ok_at=datetime(2026, 11, 15, 10, tzinfo=UTC), failing_since=datetime(2026, 11, 16, tzinfo=UTC),
        settings={"host": "db.internal"},
    )  # fmt: skip

    page = opened(client, vera)

    assert "age--bad" in page and "3 days ago" in page
    assert (
        "password wrong" not in page
        and "db.internal" not in page
        and reverse("source", args=["ledger"]) not in page
    )
    assert reverse("source", args=["ledger"]) in opened(client, maren)


def test_a_failing_source_of_the_north_star_is_said_beside_the_number(
    client: Client, vera: User, star: Any
) -> None:
    Source.objects.update(failures=1, failing_since=datetime(2026, 11, 17, 9, 0, tzinfo=UTC))

    assert "Typed by hand has not answered since 17 Nov 2026, 10:00 CET." in opened(client, vera)


def test_only_leaders_see_the_buttons_that_change_it(
    client: Client, vera: User, maren: User, star: Any
) -> None:
    assert reverse("north-star-edit") in opened(client, maren)
    assert reverse("north-star-edit") not in opened(client, vera)


def test_markup_in_names_is_shown_not_run(client: Client, vera: User, star: Any, make_metric: Make) -> None:
    omtm = make_omtm(
        make_team("<b>Team</b>"), make_metric("Share", kind="ratio", unit="%"), name="<script>1</script>"
    )
    draw_omtm(omtm, reading_words="<i>1</i>")

    page = opened(client, vera)

    assert "<script>1" not in page and "<b>Team" not in page and "<i>1" not in page


def test_a_stranger_is_asked_to_sign_in(client: Client, company: Any) -> None:
    answer = client.get("/")

    assert answer.status_code == 302 and "/accounts/login/" in answer.url


def test_the_target_of_a_range_is_shown_as_the_range(
    client: Client, vera: User, marketing: Team, star: Any, make_metric: Make
) -> None:
    omtm = make_omtm(marketing, make_metric("Delay", kind="quantile", unit="s", direction="range"),
                     direction="range", target=None, low=Decimal(0), high=Decimal(2))  # fmt: skip
    draw_omtm(omtm, range_words="between 0.0 s and 2.0 s", progress=1.0, expected=0.9)

    page = opened(client, vera)

    assert "kept between 0.0 s and 2.0 s" in page and "100% of weeks in range, 90% asked" in page
