"""A target that was reached while a guardrail broke was won at a cost, and says so everywhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from metrics.analysis.points import Point
from northstar.lib import clock as our_clock
from teams import judging, retiring
from teams.models import Guardrail, Omtm, Team, User
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db
START, END = date(2026, 7, 6), date(2026, 9, 5)


def points(*values: float | None, first: date = START) -> list[Point]:
    return [Point(first + timedelta(weeks=n), value) for n, value in enumerate(values)]


def broke(
    *values: float | None, side: str = "at_most", alarms: tuple[date, ...] = (), **span: Any
) -> date | None:
    dates = {"start": START, "end": END} | span
    return judging.first_breach(points(*values), side=side, limit=9.0, alarms=alarms, **dates)


@pytest.mark.parametrize(
    ("values", "week"),
    [
        ((8, 9, 9, 8), None),
        ((8, 10, 8, 10, 8), None),
        ((8, 10, 10, 8), 2),
        ((8, 10, None, 10, 8), 3),
        ((10, 10), 1),
        ((8, 8, 8, 8, 8, 8, 8, 8, 10, 10), None),
        ((), None),
    ],
)
def test_two_weeks_in_a_row_beyond_the_limit_break_it(
    values: tuple[float | None, ...], week: int | None
) -> None:
    # The ninth week ends after the window, which holds eight whole ones.
    assert broke(*values) == (None if week is None else START + timedelta(weeks=week))


def test_one_week_out_of_all_that_is_usual_breaks_it_too_if_it_is_beyond_the_limit() -> None:
    third = START + timedelta(weeks=2)
    assert broke(8, 8, 12, 8, alarms=(third,)) == third
    assert broke(8, 8, 8.5, 8, alarms=(third,)) is None


def test_a_limit_from_below_is_broken_from_below() -> None:
    assert broke(10, 8, 8, side="at_least") == START + timedelta(weeks=2)
    assert broke(10, 12, 12, side="at_least") is None


@pytest.fixture
def won(clock: Any, marketing: Team, make_metric: Any, make_weeks: Any) -> Omtm:
    """Marketing's window of two months is over and its target reached."""
    clock.move_to(datetime(2026, 9, 9, 8, 0, tzinfo=UTC))
    metric = make_metric()
    make_weeks(metric, "2026-05-11", [400] * 8 + [440, 480, 520, 560, 580, 580, 580, 580])
    omtm = omtm_of(marketing, metric, start=str(START), months=2, state="in_review")
    guard = make_metric("Support contacts", unit="contacts", direction="down")
    make_weeks(guard, "2026-05-11", [8, 7, 8, 8, 7, 8, 7, 8, 8, 8, 10, 10, 8, 8, 8, 8])
    Guardrail.objects.create(omtm=omtm, metric=guard, side="at_most", limit=9)
    return omtm


def close(omtm: Omtm, actor: User) -> Omtm:
    today = our_clock.today("Europe/Berlin")
    return retiring.retire(
        omtm, lesson="Call first.", reason="We called. They bought.", actor=actor, today=today
    )


def test_it_is_achieved_at_a_cost_on_every_page(won: Omtm, idris: User, client: Client) -> None:
    done = close(won, idris)
    assert (done.outcome, done.guardrail_breach, done.outcome_words) == (
        "achieved",
        True,
        "Achieved at a cost",
    )
    client.force_login(idris)
    for path in (f"/omtms/{won.pk}/", f"/teams/{won.team.slug}/"):
        page = client.get(path, follow=True).content.decode()
        assert "pill--costly" in page and "Achieved at a cost" in page
    page = client.get(f"/omtms/{won.pk}/").content.decode()
    assert "Support contacts broke its limit: 10\N{NO-BREAK SPACE}contacts in the week to Sun 2 Aug" in page


def test_it_is_plainly_achieved_where_the_guardrail_held(won: Omtm, idris: User, make_weeks: Any) -> None:
    make_weeks(won.guardrails.get().metric, "2026-07-20", [9, 9])
    done = close(won, idris)
    assert (done.guardrail_breach, done.outcome_words, done.outcome_pill) == (False, "Achieved", "achieved")


def test_what_was_missed_is_not_called_won_at_a_cost(won: Omtm, idris: User, make_weeks: Any) -> None:
    make_weeks(won.metric, "2026-08-03", [410, 410, 410, 410, 410])
    done = close(won, idris)
    assert (done.outcome, done.guardrail_breach, done.outcome_pill) == ("missed", True, "missed")
