"""What the page of the portfolio shows, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from metrics import formatting
from metrics.models.funnel import AARRR
from northstar.home.focus import counts_of
from northstar.lib import spreadsheets
from northstar.lib.policy import Subject
from northstar.portfolio import asking, helping
from northstar.portfolio.asking import Asked
from northstar.portfolio.rows import Row, rows_of
from northstar.portfolio.standing import Standing

CSV_HEADINGS = (
    "Team", "Department", "Stage", "Focus", "Exception", "State", "Baseline", "Target", "Reading", "Progress",
    "Expected", "Likely", "Window", "Window ends", "Last check-in", "Guardrails", "Data", "Doubt",
)  # fmt: skip


def portfolio(standing: Standing, wanted: Asked, subject: Subject) -> dict[str, Any]:
    """The context of the page."""
    rows = rows_of(standing, subject)
    shown = asking.chosen(rows, wanted)
    return {
        "helping": helped(standing, shown, subject),
        "wanted": wanted,
        "query": wanted.query(),
        "headings": asking.headings(wanted),
        "rows": [rendered(row) for row in shown],
        "total": len(rows),
        "bets": sum(bool(row.card.name) for row in rows),
        "teams": len(standing.teams),
        "counts": counts_of(row.card for row in shown),
        **_choices(rows, standing),
    }


def helped(standing: Standing, shown: Iterable[Row], subject: Subject) -> dict[str, Any]:
    """Where help counts most among the lines that are shown."""
    kept = {row.card.pk for row in shown}
    return helping.section(standing, [bet for bet in standing.shown if bet.pk in kept], subject)


def csv_lines(standing: Standing, wanted: Asked, subject: Subject) -> list[list[str]]:
    """Exactly what the page shows, line by line, safe to be opened in a spreadsheet."""
    shown = asking.chosen(rows_of(standing, subject), wanted)
    return [list(CSV_HEADINGS), *(spreadsheets.line(_cells(row)) for row in shown)]


@lru_cache(maxsize=1000)
def rendered(row: Row) -> SafeString:
    """A line of the table, kept while it says the same."""
    return SafeString(render_to_string("portfolio/_row.html", {"row": row, "card": row.card}))


def _choices(rows: Iterable[Row], standing: Standing) -> dict[str, Any]:
    """What can be filtered by: only what some line has."""
    rows = list(rows)
    stages, states = {row.stage for row in rows}, {row.card.sort for row in rows}
    departments = [(name, name) for name in standing.departments]
    bare = [(asking.NO_DEPARTMENT, "No department")] if any(not row.department for row in rows) else []
    found = [(key, words) for key, words in AARRR.items() if key in stages]
    return {
        "departments": [*departments, *bare] if departments else [],
        "stages": [*found, *([(asking.NO_STAGE, "No stage")] if "" in stages else [])] if found else [],
        "states": [(key, words) for key, words in asking.STATE_WORDS.items() if key in states],
    }


def _cells(row: Row) -> tuple[str, ...]:
    card = row.card
    known = card.progress is not None
    return (
        card.team,
        row.department,
        row.stage_word,
        card.name,
        "exception" if row.exception else "",
        asking.STATE_WORDS[card.sort],
        card.way_from,
        card.way_to,
        card.reading,
        formatting.show_share(card.progress) if known else "",
        formatting.show_share(card.expected) if known else "",
        row.likely,
        row.window,
        row.ends,
        row.checked,
        row.guard_words,
        row.data,
        row.doubt,
    )
