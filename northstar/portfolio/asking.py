"""What an address of the portfolio asks for: order and filters. Unknown words ask for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from metrics.models.funnel import AARRR
from northstar.home.focus import ORDER
from northstar.portfolio.rows import Row
from northstar.ui.marks import WORDS

USUAL = "state"
STATE_WORDS = {key: WORDS[key] for key in ORDER if key in WORDS} | {
    "review_overdue": "Review overdue",
    "no_focus": "No focus",
    "in_review": "In review",
    "committed": "Not started",
}
NO_DEPARTMENT, NO_STAGE = "-", "-"

#: Key of a column → its heading, and what a line is put in order by; None stands last either way.
COLUMNS: dict[str, tuple[str, Callable[[Row], Any]]] = {
    "team": ("Team", lambda row: row.card.team.casefold()),
    "focus": ("Focus", lambda row: row.card.name.casefold() or None),
    "state": ("State", lambda row: ORDER.index(row.card.sort)),
    "progress": ("Progress against plan", lambda row: row.card.gap),
    "likely": ("Likely", lambda row: row.p),
    "days": ("Days left", lambda row: row.days),
    "check-in": ("Last check-in", lambda row: row.checked_days),
    "guardrails": ("Guardrails", lambda row: _grave(row)),
    "data": ("Data", lambda row: row.as_of or None),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Order (`falling` from the largest) and filters; "" filters nothing."""

    sort: str = USUAL
    falling: bool = False
    department: str = ""
    stage: str = ""
    state: str = ""

    def query(self) -> str:
        """The part of the address that asks for this: "sort=-days&stage=revenue"; empty for the usual."""
        sort = f"-{self.sort}" if self.falling else "" if self.sort == USUAL else self.sort
        asked = {"sort": sort, "department": self.department, "stage": self.stage, "state": self.state}
        return urlencode({name: value for name, value in asked.items() if value})

    @property
    def filtered(self) -> bool:
        return bool(self.department or self.stage or self.state)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its words, the address that puts it in order, and how it is put in order now."""

    key: str
    words: str
    query: str
    order: str = ""


def asked(values: Mapping[str, str], departments: Iterable[str]) -> Asked:
    """What these values of an address ask for."""
    wanted = values.get("sort", "")
    sort = wanted.removeprefix("-")
    department, stage, state = (values.get(name, "") for name in ("department", "stage", "state"))
    return Asked(
        sort=sort if sort in COLUMNS else USUAL,
        falling=wanted.startswith("-") and sort in COLUMNS,
        department=department if department in (*departments, NO_DEPARTMENT) else "",
        stage=stage if stage in (*AARRR, NO_STAGE) else "",
        state=state if state in STATE_WORDS else "",
    )


def chosen(rows: Iterable[Row], wanted: Asked) -> list[Row]:
    """The lines that pass the filters, in the order that is asked for; equal ones as usual, then by name."""
    kept = [row for row in rows if _passes(row, wanted)]
    kept.sort(key=lambda row: (ORDER.index(row.card.sort), row.card.team.casefold(), row.card.pk))
    by = COLUMNS[wanted.sort][1]
    known = [row for row in kept if by(row) is not None]
    known.sort(key=by, reverse=wanted.falling)
    return known + [row for row in kept if by(row) is None]


def headings(wanted: Asked) -> list[Heading]:
    """The columns; the one in order leads the other way round."""
    found = []
    for key, (words, _) in COLUMNS.items():
        here = key == wanted.sort
        other = replace(wanted, sort=key, falling=here and not wanted.falling)
        order = ("descending" if wanted.falling else "ascending") if here else ""
        found.append(Heading(key, words, other.query(), order))
    return found


def _passes(row: Row, wanted: Asked) -> bool:
    return (
        (not wanted.department or (row.department or NO_DEPARTMENT) == wanted.department)
        and (not wanted.stage or (row.stage or NO_STAGE) == wanted.stage)
        and (not wanted.state or row.card.sort == wanted.state)
    )


def _grave(row: Row) -> int | None:
    """The gravest guardrails first; None where there is none."""
    order = ("bad", "warn", "no_data", "good")
    return order.index(row.guard) if row.guard in order else None
