"""The map itself: rows of teams, columns of stages or drivers, and what stands where they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metrics import formatting
from northstar.portfolio.columns import Board
from northstar.portfolio.standing import Standing
from northstar.ui.marks import WORDS
from teams.gaps import Column
from teams.models import Omtm, Team

NO_DEPARTMENT = "No department"
ELSEWHERE = Column("", "Elsewhere")


@dataclass(frozen=True, slots=True)
class Mark:
    """A bet in a cell: how it stands, by how many points of the journey it is off its plan, its name."""

    pk: int
    name: str
    state: str
    word: str
    gap: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a column of a row; without marks, `missing` says what is not there, `calm` what is."""

    column: str
    marks: tuple[Mark, ...] = ()
    missing: str = ""
    calm: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A team with a cell for each column; without a slug the row of what nobody owns."""

    name: str
    slug: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The teams of a department."""

    name: str
    rows: tuple[Row, ...]


def headings(board: Board, standing: Standing) -> list[Column]:
    """The columns, and one for the bets that stand in none."""
    loose = any(bet.pk not in board.places for bet in standing.shown)
    return [*board.columns, *([ELSEWHERE] if loose else [])]


def groups(board: Board, standing: Standing) -> list[Group]:
    """The rows by department, those without one last; at the end what nobody owns."""
    columns = headings(board, standing)
    found = []
    for department in [*standing.departments, ""]:
        teams = [team for team in standing.teams if team.department == department]
        if teams:
            rows = tuple(_row(team, columns, board, standing) for team in teams)
            name = department or (NO_DEPARTMENT if standing.departments else "")
            found.append(Group(name, rows))
    lost = [column for column in board.columns if not column.owners]
    if lost and found:
        cells = tuple(Cell(each.name, missing="No owner" if each in lost else "") for each in columns)
        found.append(Group("", (Row("Nobody", "", cells),)))
    return found


def gap_words(facts: dict[str, Any], *, ranged: bool) -> str:
    """ "−54 pt" of the journey; of a range the share of weeks inside."""
    gap, share = facts.get("gap"), facts.get("progress")
    if ranged:
        return "" if share is None else f"{formatting.show_share(share)} in range"
    return "" if gap is None else f"{formatting.show_share(gap, sign=True)[:-1]} pt"


def _row(team: Team, columns: Sequence[Column], board: Board, standing: Standing) -> Row:
    bets: dict[str, list[Omtm]] = {}
    for bet in standing.of(team):
        bets.setdefault(board.places.get(bet.pk, ""), []).append(bet)
    cells = tuple(_cell(team, column, bets.get(column.key, []), standing) for column in columns)
    return Row(team.name, team.slug, cells)


def _cell(team: Team, column: Column, bets: Sequence[Omtm], standing: Standing) -> Cell:
    if bets:
        return Cell(column.name, tuple(_mark(bet, standing) for bet in bets))
    if team.pk not in column.owners:
        return Cell(column.name)
    if team.pk in column.measured:
        return Cell(column.name, calm="measured, no focus")
    return Cell(column.name, missing="Not measured")


def _mark(bet: Omtm, standing: Standing) -> Mark:
    facts = standing.drawn(bet).facts
    if bet.state == "in_review":
        overdue = standing.today > bet.review_due_on
        return Mark(bet.pk, bet.name, "warn" if overdue else "neutral",
                    "Review overdue" if overdue else "In review", "")  # fmt: skip
    if bet.state == "committed":
        return Mark(bet.pk, bet.name, "neutral", "Not started", "")
    state = str(facts.get("state", "no_data"))
    word = "No trusted data" if facts.get("trust", {}).get("blocks") else WORDS.get(state, "No data")
    judged = state in ("on_track", "at_risk", "off_track", "too_early")
    gap = gap_words(facts, ranged=bet.direction == "range") if judged else ""
    return Mark(bet.pk, bet.name, state, word, gap)
