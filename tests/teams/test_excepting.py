"""A second focus runs by exception, as long as that is in force; retired bets are followed by the next."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics.models import AuditRow, Metric
from teams import excepting, goal_posts, lifecycle, retiring, succeeding
from teams.models import Omtm, Team
from teams.refusing import LifecycleError
from tests.teams.ideas import MONDAY, TODAY, WEEKS, idea

pytestmark = pytest.mark.django_db
UNTIL = date(2027, 3, 31)


@pytest.fixture
def trials(clock: Any, make_metric: Any, make_weeks: Any) -> Metric:
    metric = make_metric()
    make_weeks(metric, "2026-09-21", WEEKS)
    return metric


@pytest.fixture
def running(marketing: Team, trials: Metric, idris: Any) -> Omtm:
    return lifecycle.start_omtm(marketing, idea(trials), actor=idris, today=TODAY)


def grant(team: Team, actor: Any, until: date = UNTIL) -> Any:
    return excepting.grant(team, reason="The audit comes.", until=until, actor=actor, today=TODAY)


def second(team: Team, metric: Metric, actor: Any, **changes: Any) -> Omtm:
    return lifecycle.start_omtm(team, idea(metric, name="Second", **changes), actor=actor, today=TODAY)


def test_a_second_focus_starts_by_an_exception_and_a_third_never(
    running: Omtm, marketing: Team, trials: Metric, idris: Any, maren: Any
) -> None:
    given = grant(marketing, maren)
    other = second(marketing, trials, idris)
    assert (other.state, other.slot, other.exception) == ("active", 2, given)
    with pytest.raises(LifecycleError, match="already pushes"):
        second(marketing, trials, idris)
    assert AuditRow.objects.get(action="exception.granted").after == {"until": "2027-03-31"}


def test_the_second_one_ends_with_its_exception(
    running: Omtm, marketing: Team, trials: Metric, idris: Any, maren: Any
) -> None:
    grant(marketing, maren, date(2027, 2, 28))
    with pytest.raises(LifecycleError, match="lasts until 28 Feb 2027: let its window end by then"):
        second(marketing, trials, idris)
    other = second(marketing, trials, idris, end=date(2027, 2, 15))
    with pytest.raises(LifecycleError, match="let its window end by then"):
        goal_posts.extend(other, end=date(2027, 3, 1), reason="r", actor=idris, today=TODAY)


def test_nothing_new_starts_under_an_exception_that_was_taken_back(
    clock: Any, running: Omtm, marketing: Team, trials: Metric, idris: Any, maren: Any
) -> None:
    given = grant(marketing, maren)
    later = second(marketing, trials, idris, start=date(2026, 11, 23), end=date(2027, 2, 22))
    excepting.revoke(given, actor=maren)
    with pytest.raises(LifecycleError, match="taken this exception back already"):
        excepting.revoke(given, actor=maren)
    clock.move_to(datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert lifecycle.advance(date(2026, 11, 23)) == []
    retiring.retire(
        running, lesson="l", reason="r", actor=idris, today=date(2026, 11, 23), stop_reason="market_change"
    )
    assert lifecycle.advance(date(2026, 11, 24)) == [later]


@pytest.mark.parametrize("until", [date(2026, 12, 31), date(2027, 8, 18), date(2026, 1, 1)])
def test_an_exception_leaves_time_for_a_window_and_no_more(
    clock: Any, marketing: Team, maren: Any, until: date
) -> None:
    with pytest.raises(LifecycleError, match="between 3 January 2027 and 17 August 2027") as no:
        grant(marketing, maren, until)
    assert no.value.field == "until"


def test_one_exception_at_a_time_and_never_without_a_reason(clock: Any, marketing: Team, maren: Any) -> None:
    grant(marketing, maren)
    with pytest.raises(LifecycleError, match="has an exception until 31 March 2027 already"):
        grant(marketing, maren)
    with pytest.raises(LifecycleError, match="Write why one focus is not enough"):
        excepting.grant(marketing, reason=" ", until=UNTIL, actor=maren, today=TODAY)


@pytest.fixture
def retired(running: Omtm, idris: Any) -> Omtm:
    return retiring.retire(
        running, lesson="l", reason="r", actor=idris, today=TODAY, stop_reason="strategy_change"
    )


def test_a_renewal_begins_where_the_last_bet_ended(retired: Omtm, idris: Any) -> None:
    Omtm.objects.filter(pk=retired.pk).update(final_reading=Decimal("480"))
    after = succeeding.renew(retired, actor=idris, today=TODAY)
    assert (after.state, after.predecessor, after.succession) == ("draft", retired, "renew")
    assert (after.metric, after.baseline, after.target) == (retired.metric, 480, None)
    assert (after.start, after.end) == (date(2026, 11, 23), date(2027, 3, 22))
    with pytest.raises(LifecycleError, match="follows it already"):
        succeeding.replace(retired, actor=idris, today=TODAY)
    lifecycle.withdraw(after, reason="Something else.", actor=idris, today=TODAY)
    assert succeeding.replace(retired, actor=idris, today=TODAY).succession == "replace"


def test_a_replacement_begins_with_an_idea_and_a_reason(retired: Omtm, idris: Any) -> None:
    after = succeeding.replace(
        retired, actor=idris, today=TODAY, metric_idea="Trials that invite somebody", reason="It leaks later."
    )
    assert (after.name, after.metric, after.why) == ("Trials that invite somebody", None, "It leaks later.")


def test_only_a_retired_focus_is_followed(running: Omtm, idris: Any) -> None:
    with pytest.raises(LifecycleError, match="Only a retired focus"):
        succeeding.renew(running, actor=idris, today=MONDAY)
