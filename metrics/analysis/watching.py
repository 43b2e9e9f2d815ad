"""A series held against its locked limits: which periods stand out, and whether new limits are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from metrics.analysis.cusum import cusum
from metrics.analysis.locking import Judged
from metrics.analysis.xmr import MOST_POINTS, RUN, Limits, jumps, limits, run_start, signals

#: The three rules.
BEYOND, IN_A_ROW, NEAR_LIMIT = 1, 2, 3
#: A sum that has grown for longer than a quarter without eight in a row is a slow drift, and no news.
NEWS = 13


@dataclass(frozen=True, slots=True)
class Stretch:
    """Limits and the periods that they judge, `first` to `last` (their first days).

    `locked` is False for limits that are computed anew until there is enough for lasting ones.
    """

    first: date
    last: date
    limits: Limits
    locked: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A period that stands out: the judged value, the strongest rule, its side, since when, and why in words.

    `week` is the first day of the period; `since` that of the run (rule 2) or of the four (rule 3).
    """

    week: date
    value: float
    rule: int
    side: str
    since: date
    words: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """The newest run of eight or more on one side: since when, how long, and the limits it would have."""

    start: date
    side: str
    length: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Creep:
    """A small shift that the running sums have heard and eight in a row not yet: since when, which side."""

    since: date
    side: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What the limits say about a series; `newest` is the newest judged period that has a value.

    `jumps` are the periods that lie further from the one before than the moving range ever does.
    """

    marks: tuple[Mark, ...]
    jumps: tuple[date, ...]
    newest: Judged | None
    run: Run | None
    creep: Creep | None


def watch(rows: Sequence[Judged], stretches: Sequence[Stretch]) -> Watched:
    """Every stretch judged by its own limits; runs never reach from one stretch into the next.

    `rows` are the complete periods, oldest first.
    """
    marks: list[Mark] = []
    leaps: list[date] = []
    for stretch in stretches:
        inside = _inside(rows, stretch)
        marks += _marks(inside, stretch.limits)
        leaps += [inside[place].start for place in jumps([row.value for row in inside], stretch.limits)]
    last = stretches[-1] if stretches else None
    judged = _inside(rows, last) if last else []
    newest = next((row for row in reversed(judged) if row.value is not None), None)
    if last is None or newest is None:
        return Watched(tuple(marks), tuple(leaps), newest, None, None)
    run = _run(judged, last.limits)
    heard = any(mark.week == newest.start for mark in marks)
    creep = None if run or heard else _creep(judged, last.limits)
    return Watched(tuple(marks), tuple(leaps), newest, run, creep)


def _inside(rows: Sequence[Judged], stretch: Stretch) -> list[Judged]:
    return [row for row in rows if stretch.first <= row.start <= stretch.last]


def _marks(rows: Sequence[Judged], found: Limits) -> list[Mark]:
    """One for each period with a signal, oldest first, told by the lowest rule; and the end of a long run."""
    values = [row.value for row in rows]
    strongest: dict[int, Mark] = {}
    for signal in sorted(signals(values, found), key=lambda each: each.rule):
        row, since = rows[signal.index], signal.index
        if signal.rule == IN_A_ROW:
            since = run_start(values, found, signal.index)
        elif signal.rule == NEAR_LIMIT:
            since = signal.index - 3
        mark = Mark(row.start, row.value or 0.0, signal.rule, signal.side, rows[since].start)
        strongest.setdefault(signal.index, mark)
    return [strongest[index] for index in sorted(strongest)]


def _run(rows: Sequence[Judged], found: Limits) -> Run | None:
    """The run that the newest value belongs to, if it is long enough for limits of its own."""
    while rows and rows[-1].value is None:
        rows = rows[:-1]
    values = [row.value for row in rows]
    if not values:
        return None
    first = run_start(values, found, len(values) - 1)
    length = len(values) - first
    own = limits(values[first : first + MOST_POINTS]) if length >= RUN else None
    if own is None:
        return None
    return Run(rows[first].start, "high" if own.centre > found.centre else "low", length, own)


def _creep(rows: Sequence[Judged], found: Limits) -> Creep | None:
    alarm = cusum([row.value for row in rows], found.centre, found.sigma).standing
    if alarm is None or len(rows) - alarm.since > NEWS:
        return None
    return Creep(rows[alarm.since].start, alarm.side)
