"""What the map of gaps shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from northstar.lib.policy import Subject
from northstar.portfolio import columns, finding, grid, outcomes
from northstar.portfolio.acting import Step, next_step
from northstar.portfolio.columns import DRIVERS, STAGES
from northstar.portfolio.standing import Standing
from teams import gaps
from teams.gaps import COMMITMENT, KINDS, OWNER, Gap
from teams.models import Omtm, Team

#: The mark of a gap, by what is wrong; the others have the ring of what is not there.
MARKS = {
    "off_track": "off_track",
    "at_risk": "at_risk",
    "review_overdue": "warn",
    "no_check_in": "warn",
    "untrusted": "bad",
    "late_data": "warn",
    "not_in": "warn",
    "concern": "warn",
    "few_answers": "neutral",
}
WORDS = {
    "not_measured": "Not measured",
    "no_owner": "No owner",
    "off_track": "Off track",
    "at_risk": "At risk",
    "untrusted": "Not to be relied on",
    "no_data": "No data",
    "late_data": "Late data",
    "no_focus": "No focus",
    "review_overdue": "Review overdue",
    "no_check_in": "No check-in",
    "not_in": "Not in",
    "concern": "Concern",
    "few_answers": "Few answers",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A gap as a cell shows it: mark and word, its sentence, the bet that it is about, the next action."""

    mark: str
    word: str
    words: str
    bet: Omtm | None
    step: Step | None


@dataclass(frozen=True, slots=True)
class Line:
    """A team with the gaps of each kind that is shown; None for what belongs to no team."""

    team: Team | None
    cells: tuple[tuple[str, tuple[Told, ...]], ...]


def gap_map(standing: Standing, subject: Subject, *, view: str, kind: str) -> dict[str, Any]:
    """The context of the page. `view` and `kind` are what was asked for; unknown words ask for nothing."""
    boards = columns.boards(columns.owned(), standing.teams, standing.shown)
    shown_view = view if view in boards else columns.usual(boards)
    board = boards[shown_view]
    found = finding.every_gap(standing, boards.values(), subject)
    sees = any(finding.may_see_answers(subject, bet) for bet in standing.bets)
    kinds = [each for each in KINDS if each != COMMITMENT or sees]
    wanted = kind if kind in kinds else ""
    return {
        "view": shown_view,
        "views": _views(shown_view, wanted),
        "kind": wanted,
        "kinds": _kinds(found, kinds, shown_view),
        "sentence": gaps.counted(found),
        "found": bool(found),
        "headings": grid.headings(board, standing),
        "groups": grid.groups(board, standing),
        "shown_kinds": [(each, KINDS[each]) for each in kinds if wanted in ("", each) and each != OWNER],
        "lines": _lines(found, standing, subject, boards, [each for each in kinds if wanted in ("", each)]),
        "sees_commitment": sees,
        "sees_all": all(finding.may_see_answers(subject, bet) for bet in standing.bets),
        "past": outcomes.year(standing),
        "since": outcomes.days_words(standing),
        "teams": len(standing.teams),
        "today": standing.today,
    }


def _views(shown: str, kind: str) -> list[tuple[str, str, bool]]:
    """(address, words, whether it is shown) of both switches."""
    tail = f"&kind={kind}" if kind else ""
    return [
        (f"?by={view}{tail}", words, view == shown)
        for view, words in ((STAGES, "By stage"), (DRIVERS, "By driver"))
    ]


def _kinds(found: Iterable[Gap], kinds: Iterable[str], view: str) -> list[tuple[str, str, int]]:
    """(key, words, count) of the filters, "" for all of them first."""
    found = list(found)
    counts = gaps.by_kind(found)
    return [("", "All", len(found)), *((kind, KINDS[kind], counts[kind]) for kind in kinds)]


def _lines(
    found: Iterable[Gap],
    standing: Standing,
    subject: Subject,
    boards: Mapping[str, columns.Board],
    kinds: Sequence[str],
) -> list[Line]:
    """The teams that have a gap of these kinds, by department and name; at the end what nobody owns."""
    teams: Mapping[int, Team] = {team.pk: team for team in standing.teams}
    bets = {bet.pk: bet for bet in standing.bets}
    told: dict[tuple[int | None, str], list[Told]] = {}
    for gap in found:
        team, bet = teams.get(gap.team or 0), bets.get(gap.bet or 0)
        step = next_step(gap, subject=subject, team=team, bet=bet, boards=boards)
        mark = MARKS.get(gap.what, "no_data")
        told.setdefault((gap.team, gap.kind), []).append(Told(mark, WORDS[gap.what], gap.words, bet, step))
    order = sorted(standing.teams, key=lambda team: (not team.department, team.department.casefold()))
    own = [kind for kind in kinds if kind != OWNER]
    lines = [
        Line(team, tuple((KINDS[kind], tuple(told.get((team.pk, kind), ()))) for kind in own))
        for team in order
        if any((team.pk, kind) in told for kind in own)
    ]
    lost = told.get((None, OWNER), []) if OWNER in kinds else []
    return lines + ([Line(None, ((KINDS[OWNER], tuple(lost)),))] if lost else [])
