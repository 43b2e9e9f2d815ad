"""The tracks of "Where the gaps are" as one drawing that can leave its page, and as rows of text."""

from __future__ import annotations

from collections.abc import Sequence

from metrics import formatting
from metrics.charts.canvas import Box, Canvas
from northstar.home.focus import Gap
from northstar.ui.marks import WORDS

COLUMNS = ["Team", "State", "There", "Expected", "Gap"]
WIDTH, STEP, NAMES, FIGURES, MOST_LETTERS = 640.0, 26.0, 190.0, 70.0, 28
NO_FOCUS = "no focus"


def sketch(rows: Sequence[Gap]) -> str:
    """A line for each team: from where the calendar wants it (tick) to where it stands (its shape)."""
    canvas = Canvas()
    for number, row in enumerate(rows):
        y = 16 + number * STEP
        name = row.name if len(row.name) <= MOST_LETTERS else f"{row.name[: MOST_LETTERS - 1]}…"
        canvas.text(0, y + 4, name, css="chart-axis")
        canvas.text(WIDTH, y + 4, row.gap or NO_FOCUS, css="chart-axis", anchor="end")
        canvas.path([(NAMES, y), (WIDTH - FIGURES, y)], "chart-grid")
        if row.state:
            _track(canvas, row, y)
    says = " ".join(f"{line[0]}: {line[4]}." for line in table(rows))
    return canvas.svg(width=WIDTH, height=6 + STEP * len(rows), says=f"Where the gaps are. {says}")


def table(rows: Sequence[Gap]) -> list[list[str]]:
    """Rows of text under COLUMNS; a team without a focus has nothing but that."""
    return [
        [
            row.name,
            WORDS.get(row.state, row.state),
            formatting.show_share(row.progress),
            formatting.show_share(row.expected),
            row.gap,
        ]
        if row.state
        else [row.name, "", "", "", NO_FOCUS]
        for row in rows
    ]


def _track(canvas: Canvas, row: Gap, y: float) -> None:
    here, wanted = _x(row.progress), _x(row.expected)
    canvas.path([(wanted, y), (here, y)], "chart-pace")
    canvas.path([(wanted, y - 7), (wanted, y + 7)], "chart-pace")
    css = f"chart-bubble chart-bubble--{row.state}"
    if row.state == "at_risk":
        canvas.area([(here, y - 7), (here + 7, y + 5), (here - 7, y + 5)], css)
    elif row.state == "off_track":
        canvas.rect(Box(here - 5.5, y - 5.5, here + 5.5, y + 5.5), css)
    else:
        canvas.ring(here, y, css=css, r=6)


def _x(share: float) -> float:
    return NAMES + 8 + (WIDTH - FIGURES - NAMES - 16) * min(max(share, 0.0), 1.0)
