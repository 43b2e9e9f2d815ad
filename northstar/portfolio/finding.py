"""Finding the gaps of the company, for the map and for the card of the home page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from northstar.lib.policy import Subject, may
from northstar.portfolio.columns import Board
from northstar.portfolio.standing import Standing
from teams import gaps
from teams.gaps import Answers, Bet, Gap
from teams.models import Omtm
from teams.reminders import rules


def every_gap(standing: Standing, boards: Iterable[Board], subject: Subject) -> list[Gap]:
    """Every gap that this person may see, of columns, of bets, of teams without one. No query."""
    people = {team.pk: getattr(team, "people", 0) or 0 for team in standing.teams}
    found = gaps.of_columns(column for board in boards if board.used for column in board.columns)
    for bet in standing.shown:
        answers = _answers(bet, people.get(bet.team_id, 0)) if may_see_answers(subject, bet) else None
        facts = _bet(bet, standing.drawn(bet).facts, answers, country=standing.company.country)
        found += gaps.of_bet(facts, today=standing.today, check_in_days=standing.company.check_in_days)
    return found + _idle(standing)


def may_see_answers(subject: Subject, bet: Omtm) -> bool:
    """Whether somebody may know how many of a team are in: the team itself, and leaders."""
    return may(subject, "commitment.view", bet)


def _answers(bet: Any, members: int) -> Answers:
    return Answers(members, bet.answered or 0, bet.open_concerns or 0, bet.open_refusals or 0)


def _idle(standing: Standing) -> list[Gap]:
    """The gaps of the teams that have no bet, running or to come."""
    busy = {bet.team_id for bet in standing.bets}
    idle = [team for team in standing.teams if team.pk not in busy]
    return [gaps.of_team(team.pk, lead=team.lead or "") for team in idle]  # type: ignore[attr-defined]


def _bet(bet: Omtm, facts: Mapping[str, Any], answers: Answers | None, *, country: str) -> Bet:
    trust = facts.get("trust", {})
    held = bool(bet.midpoint_held)  # type: ignore[attr-defined]
    return Bet(
        pk=bet.pk,
        team=bet.team_id,
        state=bet.state,
        health=str(facts.get("state", "no_data")),
        reason=str(facts.get("reason", "")),
        start=bet.start,
        end=bet.end,
        review_due=bet.review_due_on,
        half_way=None if held else rules.half_way_day(bet.start, bet.end, country),
        checked_in=bet.checked_in,  # type: ignore[attr-defined]
        badge=str(trust.get("badge", "trusted")),
        blocks=bool(trust.get("blocks")),
        doubt=" ".join(trust.get("sentences", ())[:1]),
        answers=answers,
    )
