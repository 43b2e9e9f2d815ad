"""How good forecasts were, once the outcome is known (smaller is better but for coverage)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: (weight, mean, standard deviation) of one normal distribution among several; weights add up to 1.
Part = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts of about the same chance: the mean that was said, the share that happened, how many."""

    said: float
    happened: float
    count: int


def brier(chances: Sequence[float], happened: Sequence[bool]) -> float | None:
    """Mean squared distance of the chance (0 to 1) from what came (0 or 1); None without any.

    0 is perfect, 0.25 is what "fifty-fifty" for everything gets.
    """
    pairs = list(zip(chances, happened, strict=True))
    return math.fsum((p - came) ** 2 for p, came in pairs) / len(pairs) if pairs else None


def crps_normal(mean: float, sd: float, outcome: float) -> float:
    """Continuous ranked probability score of a normal forecast, in the unit of the outcome.

    Closed form after Gneiting and Raftery. Without spread it is the absolute error.
    """
    return crps_mixture([(1.0, mean, sd)], outcome)


def crps_mixture(parts: Sequence[Part], outcome: float) -> float:
    """The same score of a mixture of normals (closed form after Grimit and others), unit of the outcome."""
    distance = math.fsum(w * _mean_distance(outcome - m, s) for w, m, s in parts)
    spread = math.fsum(
        v * w * _mean_distance(m - n, math.hypot(s, t)) for v, m, s in parts for w, n, t in parts
    )
    return distance - spread / 2


def coverage(bands: Sequence[tuple[float, float]], outcomes: Sequence[float]) -> float | None:
    """The share of outcomes inside their band, bounds included, 0 to 1; None without any."""
    pairs = list(zip(bands, outcomes, strict=True))
    return sum(low <= came <= high for (low, high), came in pairs) / len(pairs) if pairs else None


def reliability_bins(chances: Sequence[float], happened: Sequence[bool], *, bins: int = 5) -> list[Bin]:
    """Equally wide groups of chances from 0 to 1 that hold any forecast, lowest first.

    Raises ValueError for a chance outside 0 to 1.
    """
    groups: dict[int, list[tuple[float, bool]]] = {}
    for p, came in zip(chances, happened, strict=True):
        if not 0 <= p <= 1:
            raise ValueError(f"{p} is no chance. It lies between 0 and 1.")
        # 0.6 * 5 is a little below 3 or above it; the edge belongs to the upper group.
        groups.setdefault(min(int(p * bins + 1e-9), bins - 1), []).append((p, came))
    return [
        Bin(math.fsum(p for p, _ in group) / len(group), sum(c for _, c in group) / len(group), len(group))
        for _, group in sorted(groups.items())
    ]


def _mean_distance(offset: float, sd: float) -> float:
    """The mean absolute value of a normal variable with this mean and standard deviation."""
    if sd <= 0:
        return abs(offset)
    z = offset / sd
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return 2 * sd * density + offset * math.erf(z / math.sqrt(2))
