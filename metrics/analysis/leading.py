"""Whether one series moves some weeks before another: a reason to look, not a cause (domain 6.9)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = Sequence[float | None]
Array = npt.NDArray[np.float64]

MOST_LAG = 13
LEAST_PAIRS = 30
#: In standard errors: worth a mark, and worth the word "likely" though 14 lags were tried.
MARKED, LIKELY = 1.96, 2.9
YEAR = 52


@dataclass(frozen=True, slots=True)
class Lead:
    """How changes of the first series go with changes of the second `lag` weeks later; r from -1 to 1."""

    lag: int
    r: float
    pairs: int
    marked: bool
    likely: bool
    #: r in standard errors.
    score: float = 0.0


def lead_correlation(x: Values, y: Values) -> list[Lead]:
    """One entry for every lag from 0 to 13 that has at least 30 pairs of weekly changes, smallest lag first.

    Both are weekly values of the same weeks, oldest first, None for a gap. Correlated are first differences
    without their mean and, from two years on, without what each week of the year has in common: two series
    that both grow would always go together.
    """
    size = min(len(x), len(y))
    left, spent_left = changes_of(x[len(x) - size :])
    right, spent_right = changes_of(y[len(y) - size :])
    spent = max(spent_left, spent_right)
    found = []
    for lag in range(min(MOST_LAG, len(left) - 1) + 1):
        first, second = left[: len(left) - lag], right[lag:]
        both = ~(np.isnan(first) | np.isnan(second))
        pairs = int(both.sum())
        if pairs < LEAST_PAIRS:
            continue
        r = _correlation(first[both], second[both])
        # Every week of the year whose mean was taken out is one observation less.
        error = 1 / math.sqrt(max(pairs - spent, 1))
        found.append(Lead(lag, r, pairs, abs(r) > MARKED * error, abs(r) > LIKELY * error, r / error))
    return found


def best(leads: Sequence[Lead]) -> Lead | None:
    """The strongest of those that are likely; None if none stands out from chance."""
    return max((lead for lead in leads if lead.likely), key=lambda lead: abs(lead.r), default=None)


def words(lead: Lead | None) -> str:
    """ "moves with it, 3 weeks ahead"; correlation is never told as a cause."""
    if lead is None:
        return "no lead that stands out from chance"
    way = "moves with it" if lead.r > 0 else "moves against it"
    if not lead.lag:
        return f"{way}, in the same week"
    return f"{way}, {lead.lag} week{'s' if lead.lag > 1 else ''} ahead"


def changes_of(values: Values) -> tuple[Array, int]:
    """First differences without mean and season, NaN beside gaps; and how many means were taken out."""
    known = np.array([math.nan if value is None else value for value in values], dtype=float)
    moved: Array = np.diff(known)
    if np.isnan(moved).all():
        return moved, 0
    moved = moved - np.nanmean(moved)
    if len(moved) < 2 * YEAR:
        return moved, 0
    spent = 0
    for place in range(YEAR):
        season = moved[place::YEAR]
        if not np.isnan(season).all():
            spent += 1
            moved[place::YEAR] = season - np.nanmean(season)
    return moved, spent


def _correlation(first: Array, second: Array) -> float:
    first, second = first - first.mean(), second - second.mean()
    scale = math.sqrt(float(first @ first) * float(second @ second))
    # Differences of a straight line are equal but for the last digit, which correlates with anything.
    tiny = 1e-18 * len(first)
    return float(first @ second) / scale if scale > tiny else 0.0
