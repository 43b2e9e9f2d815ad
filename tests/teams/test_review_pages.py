"""The pages of reviews as each person meets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Metric, NorthStar
from northstar.lib import clock as clocks
from teams import lifecycle, reviewing
from teams.models import Delivery, Membership, Omtm, Review, Team, User
from teams.reminders import reminding
from tests.metrics.stars import make_star
from tests.teams.bets import omtm_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
ANSWERED = {"note": "Partners bring trials.", "hypothesis": "supported", "decision": "continue"}


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    """Wednesday 4 November 2026, two days after half-time."""
    clock.move_to("2026-11-04 10:00+00:00")


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric], idris: User) -> Omtm:
    return omtm_of(marketing, make_metric("Qualified trials"), start="2026-09-01")


@pytest.fixture
def opened(bet: Omtm) -> Omtm:
    reviewing.open_due(date(2026, 11, 4), country="DE")
    return bet


@pytest.fixture
def star(make_metric: Callable[..., Metric], make_weeks: Callable[..., None], maren: User) -> NorthStar:
    return make_star(make_metric, make_weeks, weeks=[4300 + 20 * week for week in range(28)])


def see(client: Client, user: User, path: str) -> str:
    client.force_login(user, backend=BACKEND)
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_due_list_says_what_whose_and_how_late_with_one_button(
    client: Client, opened: Omtm, idris: User
) -> None:
    page = see(client, idris, "/reviews/")
    assert "One review waits for you" in page
    assert "2 days late" in page
    assert "Half-way review · Marketing" in page
    assert f'href="/omtms/{opened.pk}/half-way/"' in page


def test_others_see_it_without_a_button(client: Client, opened: Omtm, vera: User, maren: User) -> None:
    page = see(client, vera, "/reviews/")
    assert "No review waits for you" in page
    assert "Waiting for others" in page
    assert "half-way/" not in page
    assert "half-way/" in see(client, maren, "/reviews/"), "a leader may act for any team"


def test_overdue_reviews_come_first(
    client: Client, opened: Omtm, platform: Team, make_metric: Callable[..., Metric], idris: User
) -> None:
    Membership.objects.create(team=platform, user=idris, role="lead")
    ended = omtm_of(platform, make_metric("Deploys"), start="2026-09-02", months=2)
    lifecycle.advance(date(2026, 11, 4))
    assert Review.objects.get(omtm=ended).due_on == date(2026, 11, 15)
    page = see(client, idris, "/reviews/")
    assert page.index("2 days late") < page.index("15 Nov")


def test_what_comes_in_four_weeks_and_what_was_held_is_listed(
    client: Client, opened: Omtm, platform: Team, make_metric: Callable[..., Metric], idris: User, vera: User
) -> None:
    omtm_of(platform, make_metric("Deploys"), start="2026-09-20", months=2)
    terms = {"decision": "change_actions", "note": "Two partners left.", "answers": {}, "actor": idris}
    reviewing.hold_half_way(opened, today=date(2026, 11, 4), country="DE", **terms)
    page = see(client, vera, "/reviews/")
    assert "Window ends, closing review opens · Platform" in page
    assert "Qualified trials: change what we do" in page
    assert "Two partners left." in page


def test_a_reminder_stands_on_top_until_got_it(client: Client, bet: Omtm, idris: User) -> None:
    reminding.remind(_now())
    page = see(client, idris, "/reviews/")
    assert "Half-time for Qualified trials" in page
    row = Delivery.objects.get(channel="app", reminder__rule="half_way")
    answer = client.post(f"/reviews/reminders/{row.pk}/seen/")
    assert (answer.status_code, answer["Location"]) == (302, "/reviews/")
    assert "Half-time for" not in see(client, idris, "/reviews/")


def test_nobody_acknowledges_for_somebody_else(client: Client, bet: Omtm, yuki: User) -> None:
    reminding.remind(_now())
    row = Delivery.objects.get(channel="app", reminder__rule="half_way")
    client.force_login(yuki, backend=BACKEND)
    assert client.post(f"/reviews/reminders/{row.pk}/seen/").status_code == 404
    assert client.get(f"/reviews/reminders/{row.pk}/seen/").status_code == 405
    row.refresh_from_db()
    assert row.seen_at is None


def test_the_lead_records_the_half_way_review(client: Client, opened: Omtm, idris: User) -> None:
    assert "Three questions" in see(client, idris, f"/omtms/{opened.pk}/half-way/")
    answer = client.post(f"/omtms/{opened.pk}/half-way/", ANSWERED)
    assert (answer.status_code, answer["Location"]) == (302, f"/reviews/{Review.objects.get().pk}/")
    review = Review.objects.get(omtm=opened)
    assert (review.decision, review.answers["hypothesis"]) == ("continue", "supported")
    page = see(client, idris, f"/omtms/{opened.pk}/half-way/")
    assert "Partners bring trials." in page
    assert "Three questions" not in page


def test_stopping_early_leads_to_the_retirement(client: Client, opened: Omtm, idris: User) -> None:
    client.force_login(idris, backend=BACKEND)
    answer = client.post(f"/omtms/{opened.pk}/half-way/", ANSWERED | {"decision": "retire_early"})
    assert answer["Location"] == f"/omtms/{opened.pk}/retirement/"


def test_a_half_empty_review_is_refused_with_a_sentence_each(
    client: Client, opened: Omtm, idris: User
) -> None:
    client.force_login(idris, backend=BACKEND)
    answer = client.post(f"/omtms/{opened.pk}/half-way/", {"decision": "nonsense", "note": " "})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Write what happened, in two sentences." in page
    assert "cannot tell yet" in page
    assert Review.objects.get().held_at is None


def test_a_second_review_is_refused_with_the_reason(client: Client, opened: Omtm, idris: User) -> None:
    client.force_login(idris, backend=BACKEND)
    client.post(f"/omtms/{opened.pk}/half-way/", ANSWERED)
    answer = client.post(f"/omtms/{opened.pk}/half-way/", ANSWERED | {"note": "Another."})
    assert answer.status_code == 422
    assert Review.objects.get().note == "Partners bring trials."


def test_members_look_at_the_half_way_review_and_only_leads_record_it(
    client: Client, opened: Omtm, teo: User, yuki: User
) -> None:
    page = see(client, teo, f"/omtms/{opened.pk}/half-way/")
    assert "The lead of Marketing, or a leader, records this review." in page
    assert "<textarea" not in page
    for user in (teo, yuki):
        client.force_login(user, backend=BACKEND)
        assert client.post(f"/omtms/{opened.pk}/half-way/", ANSWERED).status_code == 403


def test_before_its_day_the_page_says_when_it_opens(
    client: Client, bet: Omtm, idris: User, clock: Any
) -> None:
    clock.move_to("2026-10-20 10:00+00:00")
    assert "Half of the window is over on 2 Nov." in see(client, idris, f"/omtms/{bet.pk}/half-way/")
    assert client.post(f"/omtms/{bet.pk}/half-way/", ANSWERED).status_code == 422


def test_a_leader_reviews_the_north_star(client: Client, star: NorthStar, maren: User, vera: User) -> None:
    page = see(client, maren, "/north-star/review/")
    assert page.count("<fieldset") == 12
    answer = client.post("/north-star/review/", {"decision": "keep", "note": "Still it.", "value": "2"})
    assert (answer.status_code, answer["Location"]) == (302, "/reviews/")
    review = Review.objects.get()
    assert (review.decision, review.answers) == ("keep", {"value": "2"})
    star.refresh_from_db()
    assert star.next_review_on == date(2027, 6, 10)
    assert "A leader records the review." in see(client, vera, "/north-star/review/")
    assert client.post("/north-star/review/", {"decision": "keep", "note": "x"}).status_code == 403


def test_refining_the_north_star_leads_to_its_definition(
    client: Client, star: NorthStar, maren: User
) -> None:
    client.force_login(maren, backend=BACKEND)
    answer = client.post("/north-star/review/", {"decision": "refine", "note": "Crews have changed."})
    assert answer["Location"] == "/north-star/edit/"


def test_a_decision_without_a_reason_is_refused(client: Client, star: NorthStar, maren: User) -> None:
    client.force_login(maren, backend=BACKEND)
    answer = client.post("/north-star/review/", {"decision": "replace", "value": "7"})
    assert answer.status_code == 422
    assert not Review.objects.filter(held_at__isnull=False).exists()


def test_a_review_of_the_north_star_that_is_sent_twice_is_recorded_once(
    client: Client, star: NorthStar, maren: User
) -> None:
    client.force_login(maren, backend=BACKEND)
    client.post("/north-star/review/", {"decision": "keep", "note": "Still it."})
    again = client.post("/north-star/review/", {"decision": "keep", "note": "Still it, I say."})
    assert again.status_code == 422
    page = again.content.decode()
    assert "it is held once a day" in page
    assert "Still it, I say." in page
    assert Review.objects.filter(held_at__isnull=False).count() == 1


def test_without_a_north_star_there_is_nothing_to_review(client: Client, maren: User) -> None:
    client.force_login(maren, backend=BACKEND)
    assert client.get("/north-star/review/").status_code == 404


def test_the_due_list_asks_as_many_questions_for_thirty_teams_as_for_one(
    client: Client,
    opened: Omtm,
    star: NorthStar,
    maren: User,
    make_metric: Callable[..., Metric],
) -> None:
    reminding.remind(_now())
    see(client, maren, "/reviews/")
    with CaptureQueriesContext(connection) as few:
        client.get("/reviews/")
    metric = make_metric("Deploys")
    for number in range(30):
        team = Team.objects.create(name=f"Team {number}", slug=f"team-{number}")
        omtm_of(team, metric, start="2026-09-01" if number % 2 else "2026-08-20", months=2 + number % 3)
    lifecycle.advance(date(2026, 11, 4))
    reminding.remind(_now())
    with CaptureQueriesContext(connection) as many:
        page = client.get("/reviews/").content.decode()
    assert "Team 29" in page
    assert len(many) == len(few)


def _now() -> Any:
    return clocks.now()
