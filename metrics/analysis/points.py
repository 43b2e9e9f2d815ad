"""The value that every analysis reads, and the words for what kind of number it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

FLOW_SUM = "flow_sum"
RATIO = "ratio"
SNAPSHOT_STOCK = "snapshot_stock"
UNIQUE = "unique"
AVERAGE = "average"
QUANTILE = "quantile"

#: Kinds of which a longer period cannot be computed from shorter ones.
NOT_ADDITIVE = frozenset({UNIQUE, QUANTILE})


@dataclass(frozen=True, slots=True)
class Point:
    """One period of one metric; `value` None is a gap. Ratios are fractions, never percent."""

    start: date
    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    complete: bool = True
    estimated: bool = False
    note: str = ""


def complete_points(points: Iterable[Point]) -> list[Point]:
    """The complete periods, gaps included, oldest first."""
    return sorted((point for point in points if point.complete), key=lambda point: point.start)


def period_start(day: date, grain: str) -> date:
    """The first day of the day, ISO week or calendar month that holds `day`."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def next_start(start: date, grain: str) -> date:
    """The first day of the period after the one that begins on `start`."""
    if grain == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if grain == "week" else 1)
