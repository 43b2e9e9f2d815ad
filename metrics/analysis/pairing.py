"""Changes of two weekly series side by side, in two parts of their common time. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from metrics.analysis import leading

Array = npt.NDArray[np.float64]
#: A rank correlation has a little more spread than one of values (Fieller, Hartley and Pearson 1957).
RANKED = 1.06


@dataclass(frozen=True, slots=True)
class Pairs:
    """Changes of two series `lag` weeks apart: their correlation and what a week of them is worth."""

    r: float
    n: float

    @property
    def error(self) -> float:
        return 1 / math.sqrt(max(self.n, 1.0))


def aligned(
    first: Mapping[date, float | None], second: Mapping[date, float | None]
) -> tuple[list[date], Array, Array] | None:
    """The weeks from the later beginning to the earlier end of both, NaN for a gap; None without any."""
    known = [first, second]
    if not all(known):
        return None
    start, last = max(min(each) for each in known), min(max(each) for each in known)
    starts = list(_weeks(start, last))
    x, y = (
        np.array([math.nan if (v := each.get(day)) is None else v for day in starts], dtype=float)
        for each in known
    )
    return starts, x, y


def _weeks(start: date, last: date) -> Iterator[date]:
    while start <= last:
        yield start
        start += timedelta(weeks=1)


def halves(x: Array, y: Array, place: int) -> list[tuple[Pairs, Pairs]]:
    """For each lag the pairs of changes before and after a place; empty where one side has too few.

    The season stays in: both sides have it, and taking it out costs the half of two years. Ranks, so that
    a holiday that lies in one of them only does not decide.
    """
    left, right = np.diff(x), np.diff(y)
    found: list[tuple[Pairs, Pairs]] = []
    for lag in range(leading.MOST_LAG + 1):
        cut = place - 1
        before = _pairs(left[: max(cut - lag, 0)], right[lag:cut])
        after = _pairs(left[cut : len(left) - lag], right[cut + lag :])
        if before is None or after is None:
            return found
        found.append((before, after))
    return found


def _pairs(first: Array, second: Array) -> Pairs | None:
    both = ~(np.isnan(first) | np.isnan(second))
    size = int(both.sum())
    if size < leading.LEAST_PAIRS:
        return None
    a, b = _ranks(first[both]), _ranks(second[both])
    scale = math.sqrt(float(a @ a) * float(b @ b))
    r = float(a @ b) / scale if scale > 0 else 0.0
    # Bartlett: changes that go back and forth on their own correlate more by chance.
    own = max(_own(a) * _own(b), 0.0)
    return Pairs(max(-0.999, min(0.999, r)), max(size / (1 + 2 * own), 4.0))


def _ranks(values: Array) -> Array:
    """Ranks around zero; equal values share theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Array = ((last - counts + last - 1) / 2)[place]
    around: Array = ranks - ranks.mean()
    return around


def _own(values: Array) -> float:
    """Correlation of a series of changes with itself a week before."""
    total = float(values @ values)
    return float(values[1:] @ values[:-1]) / total if total > 0 else 0.0


def strongest(pairs: Sequence[Pairs], lags: range, *, both_signs: bool = False) -> int | None:
    """The lag of the likeliest correlation, None where none stands out though so many were tried."""
    likely = [
        (abs(pairs[lag].r) if both_signs else pairs[lag].r, lag)
        for lag in lags
        if lag < len(pairs)
        and (abs(pairs[lag].r) if both_signs else pairs[lag].r) > leading.LIKELY * pairs[lag].error
    ]
    return max(likely)[1] if likely else None


def apart(before: Pairs, after: Pairs) -> float:
    """How far apart two correlations are, in standard errors of Fisher's z."""
    spread = math.sqrt(RANKED / max(before.n - 3, 1) + RANKED / max(after.n - 3, 1))
    return (math.atanh(before.r) - math.atanh(after.r)) / spread
