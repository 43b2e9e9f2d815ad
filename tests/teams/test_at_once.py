"""Two people act on one OMTM at the same moment: one wins, the other one gets a sentence.

In threads with connections of their own, on real transactions of both databases.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from metrics.models import AuditRow, Company, Metric
from teams import drafting, excepting, goal_posts, lifecycle, retiring, succeeding
from teams.models import GoalChange, Omtm, Team
from teams.refusing import LifecycleError
from tests.teams.bets import at_once, shared_between_threads
from tests.teams.ideas import TODAY, WEEKS, idea

pytestmark = pytest.mark.django_db(transaction=True)
STOP = {"lesson": "l", "reason": "r", "stop_reason": "market_change"}


@pytest.fixture
def trials(clock: time_machine.Coordinates, make_metric: Any, make_weeks: Any) -> Metric:
    metric = make_metric()
    make_weeks(metric, "2026-09-21", WEEKS)
    return metric


@pytest.fixture
def running(marketing: Team, trials: Metric, idris: Any) -> Omtm:
    return lifecycle.start_omtm(marketing, idea(trials), actor=idris, today=TODAY)


@pytest.fixture
def later(marketing: Team, trials: Metric, idris: Any) -> Omtm:
    thought = idea(trials, start=date(2026, 11, 23), end=date(2027, 2, 22))
    return lifecycle.start_omtm(marketing, thought, actor=idris, today=TODAY)


@pytest.fixture
def together(tmp_path: Any) -> Callable[..., tuple[list[Any], dict[str, Any]]]:
    """Do these at once; what came of them, and `look()` afterwards, which reads in a thread as well."""

    def run(*deeds: Callable[[], Any], look: Callable[[], Any]) -> tuple[list[Any], Any]:
        with shared_between_threads(tmp_path):
            found = at_once(*deeds)
            (seen,) = at_once(look)
        for each in found:
            assert isinstance(each, (Omtm, LifecycleError)) or not isinstance(each, Exception), found
            assert not isinstance(each, LifecycleError) or str(each).endswith("."), found
        return found, seen

    return run


def won(found: list[Any]) -> int:
    return sum(not isinstance(each, Exception) for each in found)


def test_of_two_candidates_committed_at_once_one_wins(
    marketing: Team, trials: Metric, idris: Any, teo: Any, together: Any
) -> None:
    rows = [drafting.draft(marketing, idea(trials), actor=teo, today=TODAY) for _ in range(2)]

    def commit(row: Omtm) -> Any:
        told = {"actor": idris, "today": TODAY, "candidate": row, "choice_reason": "r"}
        return lambda: lifecycle.start_omtm(marketing, idea(trials), **told)

    found, states = together(
        *map(commit, rows), look=lambda: sorted(Omtm.objects.values_list("state", flat=True))
    )
    assert won(found) == 1 and states == ["active", "draft"]
    assert "already pushes" in str(next(each for each in found if isinstance(each, Exception)))


def test_one_candidate_committed_twice_at_once_is_committed_once(
    marketing: Team, trials: Metric, idris: Any, maren: Any, teo: Any, together: Any
) -> None:
    row = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)

    def commit(actor: Any) -> Any:
        told = {"actor": actor, "today": TODAY, "candidate": row, "choice_reason": "r"}
        return lambda: lifecycle.start_omtm(marketing, idea(trials), **told)

    found, rows = together(
        commit(idris),
        commit(maren),
        look=lambda: (Omtm.objects.count(), AuditRow.objects.filter(action="omtm.active").count()),
    )
    assert won(found) == 1 and rows == (1, 1)


def test_a_candidate_is_committed_or_withdrawn(
    marketing: Team, trials: Metric, idris: Any, teo: Any, together: Any
) -> None:
    row = drafting.draft(marketing, idea(trials), actor=teo, today=TODAY)
    told = {"actor": idris, "today": TODAY}
    found, state = together(
        lambda: lifecycle.start_omtm(marketing, idea(trials), candidate=row, choice_reason="r", **told),
        lambda: lifecycle.withdraw(row, reason="Not now.", actor=teo, today=TODAY),
        look=lambda: Omtm.objects.get().state,
    )
    assert won(found) == 1
    assert state == ("active" if isinstance(found[0], Omtm) else "withdrawn"), found


def test_a_commitment_is_withdrawn_or_sent_back(later: Omtm, idris: Any, maren: Any, together: Any) -> None:
    found, state = together(
        lambda: lifecycle.withdraw(later, reason="r", actor=idris, today=TODAY),
        lambda: drafting.send_back(later, reason="r", actor=maren, today=TODAY),
        look=lambda: Omtm.objects.get().state,
    )
    # A draft can still be withdrawn: both win in that order, and the last one decides.
    assert won(found) >= 1
    assert state in ("withdrawn", "draft") and (won(found) == 1 or state == "withdrawn")


def test_a_bet_is_extended_or_retired(running: Omtm, idris: Any, maren: Any, together: Any) -> None:
    told = {"today": TODAY, "reason": "r"}
    found, state = together(
        lambda: goal_posts.extend(running, end=date(2027, 5, 15), actor=idris, **told),
        lambda: retiring.retire(running, actor=maren, today=TODAY, **STOP),
        look=lambda: Omtm.objects.get().state,
    )
    # Extended first, it can still be retired; retired first, it cannot be extended any more.
    assert isinstance(found[1], Omtm) and state == "retired", found
    assert isinstance(found[0], Omtm) or "is retired" in str(found[0])


def test_of_two_extensions_one_wins(running: Omtm, idris: Any, maren: Any, together: Any) -> None:
    told = {"today": TODAY, "reason": "r"}
    found, rows = together(
        lambda: goal_posts.extend(running, end=date(2027, 5, 15), actor=idris, **told),
        lambda: goal_posts.extend(running, end=date(2027, 4, 15), actor=maren, **told),
        look=lambda: [row.before for row in GoalChange.objects.all()],
    )
    assert won(found) == 1 and rows == [{"end": "2027-03-15"}]


def test_two_new_targets_make_a_ledger_without_a_gap(
    running: Omtm, idris: Any, maren: Any, together: Any
) -> None:
    def move(target: str, actor: Any) -> Any:
        aim = {"target": Decimal(target), "reason": "r", "actor": actor, "today": TODAY}
        return lambda: goal_posts.retarget(running, **aim)

    found, (rows, target, asked) = together(
        move("520", idris),
        move("600", maren),
        look=lambda: (
            [(row.before["target"], row.after["target"]) for row in GoalChange.objects.all()],
            str(Omtm.objects.get().target.normalize()),
            Omtm.objects.get().commitment_round,
        ),
    )
    # Each is allowed; the second one starts from what the first one has set.
    assert won(found) == 2 and len(rows) == 2 and asked == 3
    assert rows[0][0] == "560" and rows[0][1] == rows[1][0] and Decimal(rows[1][1]) == Decimal(target)


def test_the_same_new_target_twice_at_once_moves_it_once(running: Omtm, idris: Any, together: Any) -> None:
    aim = {"target": Decimal("520"), "reason": "r", "actor": idris, "today": TODAY}
    found, rows = together(
        lambda: goal_posts.retarget(running, **aim),
        lambda: goal_posts.retarget(running, **aim),
        look=lambda: GoalChange.objects.count(),
    )
    assert won(found) == 1 and rows == 1


def test_what_waits_is_approved_or_sent_back(
    marketing: Team, trials: Metric, idris: Any, maren: Any, together: Any
) -> None:
    Company.objects.update(two_key_commit=True)
    asked = lifecycle.start_omtm(marketing, idea(trials), actor=idris, today=TODAY)
    found, state = together(
        lambda: lifecycle.approve(asked, actor=maren, today=TODAY),
        lambda: drafting.send_back(asked, reason="r", actor=idris, today=TODAY),
        look=lambda: Omtm.objects.get().state,
    )
    assert won(found) == 1
    assert state == ("active" if isinstance(found[0], Omtm) else "draft"), found


def test_two_exceptions_or_two_successors_at_once_are_one(
    running: Omtm, marketing: Team, idris: Any, maren: Any, together: Any
) -> None:
    retired = retiring.retire(running, actor=idris, today=TODAY, **STOP)
    told = {"actor": maren, "today": TODAY}
    given = {"reason": "r", "until": date(2027, 3, 31), **told}
    found, seen = together(
        lambda: succeeding.renew(retired, **told),
        lambda: succeeding.replace(retired, **told),
        lambda: excepting.grant(marketing, **given),
        lambda: excepting.grant(marketing, **given),
        look=lambda: (Omtm.objects.count(), marketing.exceptions.count()),
    )
    assert seen == (2, 1) and (won(found[:2]), won(found[2:])) == (1, 1)
