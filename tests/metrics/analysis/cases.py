"""Windows and weeks that several tests of the analysis judge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from metrics.analysis.points import Point
from metrics.analysis.terms import Terms

START = date(2026, 9, 7)
LAST_MONDAY = date(2026, 11, 9)
TODAY = date(2026, 11, 20)

#: Eight weeks before the window, and three courses of ten weeks in it (domain 6.6).
BEFORE = [24.1, 23.8, 24.3, 23.9, 24.0, 24.4, 23.7, 24.2]
CLIMBING = [24.6, 25.3, 25.9, 27.2, 27.8, 28.3, 29.9, 29.6, 31.2, 31.5]
SLOWER = [24.5, 25.9, 25.6, 27.6, 27.0, 28.9, 28.3, 29.9, 29.2, 30.6]
FLAT = [24.2, 24.0, 24.9, 24.4, 25.1, 24.8, 25.3, 25.0, 25.6, 25.2]


def terms(**changed) -> Terms:
    """Seventeen weeks from 7 September, 24 to 34, read from the last four weeks."""
    given = {
        "kind": "unique",
        "start": START,
        "end": START + timedelta(weeks=17, days=-1),
        "k": 4,
        "baseline": 24.0,
        "target": 34.0,
    }
    return Terms(**{**given, **changed})


def weeks(values: Iterable[float | None], *, last: date = LAST_MONDAY) -> list[Point]:
    """Complete weeks with these values, the newest one beginning on `last`."""
    listed = list(values)
    first = last - timedelta(weeks=len(listed) - 1)
    return [Point(first + timedelta(weeks=i), value) for i, value in enumerate(listed)]


def ratios(pairs: Sequence[tuple[int, int]], *, last: date = LAST_MONDAY) -> list[Point]:
    """Complete weeks of a ratio from (events, cases)."""
    first = last - timedelta(weeks=len(pairs) - 1)
    return [Point(first + timedelta(weeks=i), k / n if n else None, k, n) for i, (k, n) in enumerate(pairs)]
