"""Gaps of four kinds, never mixed into one (domain 7.4, product 2 no. 11).

A bad result, a broken source, a review that nobody held and a team that was not asked want different
people, so each gap says its kind. What nobody owns is no team's gap and stands beside the four. Nothing is
summed up to a score. No database here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

PERFORMANCE, DATA, RITUAL, COMMITMENT, OWNER = "performance", "data", "ritual", "commitment", "owner"
KINDS = {
    PERFORMANCE: "Performance",
    DATA: "Data",
    RITUAL: "Ritual",
    COMMITMENT: "Commitment",
    OWNER: "No owner",
}
#: What can be wrong → its kind and how it is counted; in the order in which it is told.
WHATS = {
    "not_measured": (DATA, "not measured"),
    "no_owner": (OWNER, "without owner"),
    "off_track": (PERFORMANCE, "off track"),
    "at_risk": (PERFORMANCE, "at risk"),
    "untrusted": (DATA, "without data to rely on"),
    "no_data": (DATA, "without data"),
    "late_data": (DATA, "with late data"),
    "no_focus": (RITUAL, "without a focus"),
    "review_overdue": (RITUAL, "with a review overdue"),
    "no_check_in": (RITUAL, "without a check-in"),
    "not_in": (COMMITMENT, "with a no unanswered"),
    "concern": (COMMITMENT, "with a concern unanswered"),
    "few_answers": (COMMITMENT, "hardly answered"),
}
#: Faults of data that do not keep a number from being judged, and still want somebody.
LATE = ("stale", "failing", "quiet")
#: A check-in is missed once two of its rounds are over.
ROUNDS = 2
#: Domain 5: at least 60 % of the team answer.
ENOUGH = (3, 5)


@dataclass(frozen=True, slots=True)
class Answers:
    """Of a team's answers in the present round only how many: of whom, and how many wait for a reply."""

    members: int
    answered: int = 0
    concerns: int = 0
    not_in: int = 0


@dataclass(frozen=True, slots=True)
class Bet:
    """What is known of a running bet; `answers` is None for those who may not know them.

    `half_way` is the day of the half-way review, None once it is held; `badge` and `doubt` what trust says.
    """

    pk: int
    team: int
    state: str
    health: str
    reason: str
    start: date
    end: date
    review_due: date
    half_way: date | None = None
    checked_in: date | None = None
    badge: str = "trusted"
    blocks: bool = False
    doubt: str = ""
    answers: Answers | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A stage or a driver: the teams that own it, and those for whom it is measured."""

    key: str
    name: str
    owners: frozenset[int] = frozenset()
    measured: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing: its sentence, whose it is, and on which bet or column."""

    what: str
    words: str
    team: int | None = None
    bet: int | None = None
    column: str = ""
    half_way: bool = False

    @property
    def kind(self) -> str:
        return WHATS[self.what][0]


def of_bet(bet: Bet, *, today: date, check_in_days: int) -> list[Gap]:
    """The gaps of a bet, kind by kind; one that has not begun has none."""
    if bet.state not in ("active", "in_review"):
        return []
    found = [*_result(bet), *_data(bet), *_rituals(bet, today, check_in_days), *_commitment(bet)]
    return [Gap(what, words, bet.team, bet.pk, half_way=_is_half_way(bet, what)) for what, words in found]


def of_team(team: int, *, lead: str) -> Gap:
    """The gap of a team that has no bet."""
    words = f"{lead} can choose one." if lead else "The team has no lead who could choose one."
    return Gap("no_focus", words, team)


def of_columns(columns: Iterable[Column]) -> list[Gap]:
    """What nobody owns, and what is owned and not measured."""
    found = []
    for column in columns:
        if not column.owners:
            found.append(Gap("no_owner", f"Nobody owns {column.name}.", column=column.key))
        for team in sorted(column.owners - column.measured):
            words = f"{column.name} is theirs, and nothing measures it."
            found.append(Gap("not_measured", words, team, column=column.key))
    return found


def counted(found: Sequence[Gap]) -> str:
    """ "3 gaps: 1 not measured, 1 without owner, 1 off track"; "No gaps" where there are none."""
    if not found:
        return "No gaps"
    counts = Counter(gap.what for gap in found)
    parts = [f"{counts[what]} {words}" for what, (_, words) in WHATS.items() if counts[what]]
    return f"{len(found)} gap{'' if len(found) == 1 else 's'}: {', '.join(parts)}"


def by_kind(found: Iterable[Gap]) -> dict[str, int]:
    """How many there are of each kind, those of which there are none included."""
    counts = Counter(gap.kind for gap in found)
    return {kind: counts[kind] for kind in KINDS}


def _result(bet: Bet) -> list[tuple[str, str]]:
    """Only of numbers that can be relied on: a broken source is no bad result."""
    if bet.state != "active" or bet.blocks or bet.health not in ("off_track", "at_risk"):
        return []
    return [(bet.health, bet.reason or "Behind the plan.")]


def _data(bet: Bet) -> list[tuple[str, str]]:
    if bet.blocks:
        return [("untrusted", bet.doubt or "The number cannot be relied on.")]
    if bet.health == "no_data":
        return [("no_data", bet.reason or "No value has come yet.")]
    return [("late_data", bet.doubt)] if bet.badge in LATE and bet.doubt else []


def _rituals(bet: Bet, today: date, check_in_days: int) -> list[tuple[str, str]]:
    if bet.state == "in_review":
        late = (today - bet.review_due).days
        return [("review_overdue", f"The closing review is {_days(late)} late.")] if late > 0 else []
    found = []
    if bet.half_way is not None and bet.half_way < today <= bet.end:
        late = (today - bet.half_way).days
        found.append(("review_overdue", f"The half-way review is {_days(late)} late."))
    since = max(bet.start, bet.checked_in or bet.start)
    silent = (today - since).days
    if silent > ROUNDS * check_in_days and today <= bet.end:
        words = "Nobody has checked in yet" if bet.checked_in is None else "Nobody has checked in"
        found.append(("no_check_in", f"{words}, for {_days(silent)}."))
    return found


def _commitment(bet: Bet) -> list[tuple[str, str]]:
    """Counts alone: who said what is not told here."""
    said = bet.answers
    if said is None or bet.state != "active":
        return []
    found = []
    if said.not_in:
        verb = "is" if said.not_in == 1 else "are"
        found.append(("not_in", f"{said.not_in} {verb} not in and wait{_s(said.not_in)} for an answer."))
    if said.concerns:
        noun = "concern waits" if said.concerns == 1 else "concerns wait"
        found.append(("concern", f"{said.concerns} {noun} for an answer."))
    share, whole = ENOUGH
    if said.members > 1 and said.answered * whole < said.members * share:
        words = f"{said.answered} of {said.members} have said whether they are in."
        found.append(("few_answers", words))
    return found


def _is_half_way(bet: Bet, what: str) -> bool:
    return what == "review_overdue" and bet.state == "active"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _s(count: int) -> str:
    return "s" if count == 1 else ""
