"""A window is extended once, a target moves early; both leave what stood before in the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics.models import AuditRow, Company, Metric
from teams import goal_posts, lifecycle, retiring
from teams.models import GoalChange, Omtm, Reminder, Review, Team
from teams.refusing import LifecycleError
from tests.teams.bets import omtm_of
from tests.teams.ideas import MONDAY, TODAY, WEEKS, idea

pytestmark = pytest.mark.django_db
END = date(2027, 3, 15)
LATEST = date(2027, 5, 15)


@pytest.fixture
def trials(clock: Any, make_metric: Any, make_weeks: Any) -> Metric:
    metric = make_metric()
    make_weeks(metric, "2026-09-21", WEEKS)
    return metric


@pytest.fixture
def running(marketing: Team, trials: Metric, idris: Any) -> Omtm:
    return lifecycle.start_omtm(marketing, idea(trials), actor=idris, today=TODAY)


def extend(
    omtm: Omtm, actor: Any, end: date = LATEST, today: date = TODAY, reason: str = "A slow start."
) -> Omtm:
    return goal_posts.extend(omtm, end=end, reason=reason, actor=actor, today=today)


def test_an_extension_keeps_the_first_end_and_is_counted(running: Omtm, idris: Any) -> None:
    longer = extend(running, idris)
    assert (longer.end, longer.original_end, longer.state) == (LATEST, END, "active")
    change = GoalChange.objects.get()
    assert (change.kind, change.day, change.actor) == ("window", TODAY, idris)
    assert (change.before, change.after) == ({"end": "2027-03-15"}, {"end": "2027-05-15"})
    assert longer.commitment_round == 2
    assert AuditRow.objects.get(action="omtm.extended").after == {"state": "active", "end": "2027-05-15"}
    with pytest.raises(LifecycleError, match="a window is extended once"):
        extend(running, idris)


REFUSED = [
    (date(2027, 5, 16), "A slow start.", "six months from its first day: until 15 May 2027"),
    (END, "A slow start.", "Choose a day after 15 March 2027"),
    (LATEST, " ", "Write why it needs more time"),
]


@pytest.mark.parametrize(("end", "reason", "sentence"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_an_extension_that_cannot_be_is_refused(
    running: Omtm, idris: Any, end: date, reason: str, sentence: str
) -> None:
    with pytest.raises(LifecycleError, match=sentence):
        extend(running, idris, end, reason=reason)
    assert not GoalChange.objects.exists() and Omtm.objects.get().end == END


def test_an_extension_does_not_run_into_the_next_commitment(
    running: Omtm, marketing: Team, trials: Metric, idris: Any
) -> None:
    Omtm.objects.filter(pk=running.pk).update(end=date(2027, 1, 31))
    after = idea(trials, start=date(2027, 2, 1), end=date(2027, 4, 30))
    lifecycle.start_omtm(marketing, after, actor=idris, today=TODAY)
    with pytest.raises(LifecycleError, match="already committed to Qualified trials from 1 Feb"):
        extend(running, idris, date(2027, 2, 1))


def test_a_review_that_is_open_closes_again_while_the_new_end_is_ahead(
    clock: Any, running: Omtm, idris: Any
) -> None:
    clock.move_to(datetime(2027, 3, 20, 9, tzinfo=UTC))
    lifecycle.advance(date(2027, 3, 20))
    Reminder.objects.create(
        key="m5", rule="window_ended", omtm=running, occurs_on=TODAY, subject="s", text="t"
    )
    with pytest.raises(LifecycleError, match="That day is past"):
        extend(running, idris, date(2027, 3, 19), today=date(2027, 3, 20))
    longer = extend(running, idris, date(2027, 4, 30), today=date(2027, 3, 20))
    assert longer.state == "active" and longer.review_opened_at is None
    assert Review.objects.get(kind="closing").due_on == date(2027, 5, 14)
    assert Reminder.objects.get().closed_at is not None
    clock.move_to(datetime(2027, 5, 1, 9, tzinfo=UTC))
    assert lifecycle.advance(date(2027, 5, 1)) == [running]
    assert Review.objects.filter(kind="closing").count() == 1


@pytest.mark.parametrize(
    ("first", "last", "outcome"),
    [(570, 575, "achieved"), (500, 575, "achieved_late"), (570, 500, "partly"), (430, 430, "missed")],
)
def test_an_extended_bet_is_judged_by_both_ends(
    trials: Metric, marketing: Team, make_weeks: Any, idris: Any, first: int, last: int, outcome: str
) -> None:
    make_weeks(trials, "2026-09-14", [first] * 4 + [last] * 4)
    omtm = omtm_of(
        marketing, trials, start="2026-08-17", baseline="420", end=date(2026, 11, 8), state="in_review"
    )
    Omtm.objects.filter(pk=omtm.pk).update(original_end=date(2026, 10, 18))
    retired = retiring.retire(omtm, lesson="l", reason="r", actor=idris, today=TODAY)
    assert retired.outcome == outcome


def test_a_target_moves_in_the_first_quarter_and_the_old_one_stays_in_the_ledger(
    running: Omtm, idris: Any
) -> None:
    assert goal_posts.last_free_day(running) == date(2026, 12, 15)  # 30 of 120 days
    moved = goal_posts.retarget(
        running, target=Decimal("520"), reason="Half the pages.", actor=idris, today=TODAY
    )
    change = GoalChange.objects.get()
    assert moved.target == 520 and (change.before, change.after) == ({"target": "560"}, {"target": "520"})
    assert (
        moved.commitment_round == 2
        and AuditRow.objects.get(action="omtm.retargeted").reason == "Half the pages."
    )


MOVED = [
    (Decimal("560"), "aims for already"),
    (Decimal("420"), "equal to the baseline"),
    (Decimal("300"), "Higher is better"),
    (None, "Type the value"),
]


@pytest.mark.parametrize(("target", "sentence"), MOVED, ids=[row[-1] for row in MOVED])
def test_a_target_that_makes_no_sense_is_refused(
    running: Omtm, idris: Any, target: Any, sentence: str
) -> None:
    with pytest.raises(LifecycleError, match=sentence):
        goal_posts.retarget(running, target=target, reason="r", actor=idris, today=TODAY)
    assert Omtm.objects.get().target == 560 and not GoalChange.objects.exists()


def test_later_a_target_moves_only_where_the_metric_was_corrected(
    clock: Any, running: Omtm, idris: Any
) -> None:
    clock.move_to(datetime(2026, 12, 16, 9, tzinfo=UTC))
    told: dict[str, Any] = {"target": Decimal("520"), "actor": idris, "today": date(2026, 12, 16)}
    with pytest.raises(LifecycleError, match="in the first quarter of its window, until 15 December 2026"):
        goal_posts.retarget(running, reason="Too hard.", **told)
    goal_posts.retarget(running, reason="Doubles were counted.", correction=True, **told)
    assert GoalChange.objects.get().reason == "Metric corrected: Doubles were counted."


def test_a_range_moves_by_both_its_ends(
    marketing: Team, clock: Any, make_metric: Any, make_weeks: Any, idris: Any
) -> None:
    delay = make_metric("Sync delay", kind="quantile", direction="range", unit="s", decimals=1)
    make_weeks(delay, "2026-09-21", ["1.6"] * 8)
    omtm = lifecycle.start_omtm(
        marketing, idea(delay, target=None, high=Decimal(2)), actor=idris, today=TODAY
    )
    with pytest.raises(LifecycleError, match="lower end must be below"):
        goal_posts.retarget(omtm, low=Decimal(3), high=Decimal(2), reason="r", actor=idris, today=TODAY)
    goal_posts.retarget(omtm, low=Decimal(1), high=Decimal(2), reason="r", actor=idris, today=TODAY)
    assert GoalChange.objects.get().after == {"low": "1", "high": "2"}


def test_where_two_keys_are_asked_for_a_leader_moves_the_goal_posts(
    running: Omtm, idris: Any, maren: Any
) -> None:
    Company.objects.update(two_key_commit=True)
    with pytest.raises(LifecycleError, match="lets a leader decide"):
        extend(running, idris)
    with pytest.raises(LifecycleError, match="lets a leader decide"):
        goal_posts.retarget(running, target=Decimal("520"), reason="r", actor=idris, today=TODAY)
    assert extend(running, maren).end == LATEST


def test_an_early_review_needs_a_reason_and_still_blocks_the_next(
    running: Omtm, marketing: Team, trials: Metric, idris: Any
) -> None:
    with pytest.raises(LifecycleError, match="Write why it is reviewed"):
        lifecycle.open_review(running, reason=" ", actor=idris, today=TODAY)
    opened = lifecycle.open_review(running, reason="The partner left.", actor=idris, today=TODAY)
    assert opened.state == "in_review" and opened.snapshot["facts"]
    assert Review.objects.get(kind="closing").due_on == date(2026, 12, 2)
    row = AuditRow.objects.get(action="omtm.in_review")
    assert (row.actor, row.reason) == (idris, "The partner left.")
    with pytest.raises(LifecycleError, match="already pushes"):
        lifecycle.start_omtm(marketing, idea(trials, start=MONDAY), actor=idris, today=TODAY)
    with pytest.raises(LifecycleError, match="say why it ends early"):
        retiring.retire(opened, lesson="l", reason="r", actor=idris, today=TODAY)
    with pytest.raises(LifecycleError, match="Only a running focus is reviewed"):
        lifecycle.open_review(running, reason="Again.", actor=idris, today=TODAY)
