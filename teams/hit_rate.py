"""How the bets of a company went, by stage and by quarter: counts of bets, never of persons or teams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from metrics.models.funnel import AARRR

#: With fewer than this a share says more about luck than about bets.
ENOUGH = 20
#: From good to bad; what could not be judged comes last.
OUTCOMES = {
    "achieved": "achieved",
    "costly": "won at a cost",
    "partly": "partly",
    "missed": "missed",
    "neutral": "not judged",
}
NO_STAGE = "Without a stage"


@dataclass(frozen=True, slots=True)
class Bet:
    """A retired bet: stage ("" without one), day of retirement, its outcome, verdict about the North Star."""

    stage: str
    retired_on: date
    outcome: str
    moved: str = ""


@dataclass(slots=True)
class Row:
    """One stage or quarter: `marks` has a state for each bet, from good to bad."""

    label: str
    key: str = ""
    bets: list[Bet] = field(default_factory=list)

    @property
    def marks(self) -> list[str]:
        order = list(OUTCOMES)
        return sorted((bet.outcome for bet in self.bets), key=order.index)

    @property
    def outcome_words(self) -> str:
        """ "2 achieved, 1 won at a cost, 1 missed"."""
        return _counted(Counter(bet.outcome for bet in self.bets), OUTCOMES)

    @property
    def moved_words(self) -> str:
        """ "1 of 2 as predicted; 1 cannot be told"; "" where nothing was predicted or due."""
        found = Counter(bet.moved for bet in self.bets if bet.moved)
        told = found["supported"] + found["not_supported"]
        parts = [f"{found['supported']} of {told} as predicted"] if told else []
        parts += [f"{found['cannot_tell']} cannot be told"] if found["cannot_tell"] else []
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class HitRate:
    """All bets: by stage in the order of the funnel, by quarter of their retirement with the newest first."""

    stages: list[Row]
    quarters: list[Row]
    count: int
    sentence: str
    few: str


def of(bets: Sequence[Bet]) -> HitRate:
    """The tables and the sentence of the page; a share is told from twenty bets on."""
    judged = [bet for bet in bets if bet.outcome != "neutral"]
    won = sum(bet.outcome in ("achieved", "costly") for bet in judged)
    said = f"{won} of {len(judged)} bets that could be judged reached {'its' if won == 1 else 'their'} target"
    if len(judged) >= ENOUGH:
        said += f", {round(100 * won / len(judged))}%"
    costly = sum(bet.outcome == "costly" for bet in judged)
    said += f", {costly} of them at a cost." if costly else "."
    told = [bet for bet in bets if bet.moved in ("supported", "not_supported")]
    if told:
        moved = sum(bet.moved == "supported" for bet in told)
        said += f" The North Star moved as predicted in {moved} of the {len(told)} that can be told."
    few = f"Fewer than {ENOUGH} bets: counts, and no shares yet." if len(judged) < ENOUGH else ""
    return HitRate(_by_stage(bets), _by_quarter(bets), len(bets), said if judged else "", few)


def _by_stage(bets: Iterable[Bet]) -> list[Row]:
    """Every stage, also those on which nobody has bet yet: they are the gap."""
    rows = {key: Row(label, key) for key, label in AARRR.items()} | {"": Row(NO_STAGE)}
    for bet in bets:
        rows.get(bet.stage, rows[""]).bets.append(bet)
    return [row for row in rows.values() if row.bets or row.key]


def _by_quarter(bets: Iterable[Bet]) -> list[Row]:
    rows: dict[tuple[int, int], Row] = {}
    for bet in bets:
        quarter = bet.retired_on.year, (bet.retired_on.month + 2) // 3
        row = rows.setdefault(quarter, Row(f"Q{quarter[1]} {quarter[0]}"))
        row.bets.append(bet)
    return [rows[quarter] for quarter in sorted(rows, reverse=True)]


def _counted(found: Counter[str], words: dict[str, str]) -> str:
    return ", ".join(f"{found[key]} {word}" for key, word in words.items() if found[key])
