"""Counts of a funnel's step as people paste them: a line for each cohort, or what is wrong with it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.connectors.numbers import NumberError, parse

MOST_LINES = 1000
MOST_FAULTS = 20
LARGEST = 10**15
EARLIEST = date(1990, 1, 1)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?W(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_HEADER = re.compile(r"[a-z ]*(date|week|month|cohort|period|start)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """One cohort: the week or the month from `start` to `end` (inclusive)."""

    start: date
    end: date
    entered: int
    converted: int
    median_days: float | None = None


def read(text: str, *, today: date, capped: bool = True) -> tuple[list[Line], list[str]]:
    """(cohorts, oldest first; a sentence for each wrong line). With sentences, store nothing.

    A line has a date, who entered, who went on and, if known, the median days it took them; divided by
    comma, semicolon, tab or spaces. "2026-11-16" is its week, "2026-11" the month. `capped`: nobody goes on
    who has not entered.
    """
    found: dict[date, Line] = {}
    faults: list[str] = []
    seen: dict[date, int] = {}
    filled = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if filled and _HEADER.match(filled[0][1].lower()):
        filled = filled[1:]
    if len(filled) > MOST_LINES:
        return [], [f"At most {MOST_LINES} lines at once; these are {len(filled)}."]
    for number, line in filled:
        try:
            row = _line(line, label=f"Line {number}", today=today, capped=capped)
        except ValueError as fault:
            faults.append(str(fault))
            continue
        if row.start in found:
            faults.append(f"Line {number}: {row.start:%Y-%m-%d} stands in line {seen[row.start]} already.")
        found[row.start], seen[row.start] = row, number
    if not filled:
        faults.append("There is no line with counts. Write one such as 2026-11-16, 600, 144.")
    if len(faults) > MOST_FAULTS:
        faults = [*faults[:MOST_FAULTS], f"And {len(faults) - MOST_FAULTS} more lines with faults."]
    return [found[start] for start in sorted(found)], faults


def _line(line: str, *, label: str, today: date, capped: bool) -> Line:
    parts = [part.strip() for part in re.split(r"[;\t]" if re.search(r"[;\t]", line) else r",|\s+", line)]
    parts = [part for part in parts if part]
    if len(parts) not in (3, 4):
        raise ValueError(f"{label}: write a date, who entered and who went on, such as 2026-11-16, 600, 144.")
    start, end = _cohort(parts[0], label=label)
    if start > today:
        raise ValueError(f"{label}: {parts[0]} has not begun yet. Only what was counted is kept.")
    entered = _count(parts[1], label=f"{label}, entered")
    converted = _count(parts[2], label=f"{label}, went on")
    if capped and converted > entered:
        raise ValueError(f"{label}: {converted:,} went on, but only {entered:,} entered.")
    return Line(start, end, entered, converted, _days(parts[3], label=label) if len(parts) == 4 else None)


def _cohort(text: str, *, label: str) -> tuple[date, date]:
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            start, end = day - timedelta(days=day.weekday()), day + timedelta(days=6 - day.weekday())
        elif week := _WEEK.fullmatch(text):
            start = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            end = start + timedelta(days=6)
        elif month := _MONTH.fullmatch(text):
            start = date(int(month[1]), int(month[2]), 1)
            end = (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        else:
            raise ValueError
        if start < EARLIEST:
            raise ValueError
    except (ValueError, OverflowError):
        raise ValueError(
            f"{label}: '{text[:40]}' is no date. Write 2026-11-16 for its week or 2026-11 for the month."
        ) from None
    return start, end


def _count(text: str, *, label: str) -> int:
    try:
        number = parse(text, label=label)
    except NumberError as error:
        raise ValueError(str(error)) from None
    if number != number.to_integral_value() or not 0 <= number < LARGEST:
        raise ValueError(f"{label}: {text[:40]} is not a count. Write a whole number from 0 on.")
    return int(number)


def _days(text: str, *, label: str) -> float:
    try:
        days = float(parse(text, label=f"{label}, days"))
    except NumberError as error:
        raise ValueError(str(error)) from None
    if not 0 <= days <= 3650:
        raise ValueError(f"{label}: {text[:40]} days are not possible here. Write 0 to 3650.")
    return days
