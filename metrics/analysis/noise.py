"""How much a weekly series wobbles around its own trend (domain 6.4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metrics.analysis.constants import (
    D2,
    FIT_MAX,
    FIT_MIN,
    ROUNDING,
    Z_WITHOUT_NOISE,
)
from metrics.analysis.points import Point, complete_points


def theil_sen(positions: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """(slope per position, intercept): median of all pairwise slopes, median of what is left.

    Slope 0 for one value. Raises ValueError without values.
    """
    if not values:
        raise ValueError("A trend needs at least one value.")
    x, y = np.asarray(positions, dtype=float), np.asarray(values, dtype=float)
    left, right = np.triu_indices(len(y), k=1)
    slope = float(np.median((y[right] - y[left]) / (x[right] - x[left]))) if len(left) else 0.0
    return slope, float(np.median(y - slope * x))


def sigma_w(points: Sequence[Point], *, weeks_since_start: int = FIT_MAX) -> float | None:
    """Weekly noise in the unit of the metric; None when no two neighbouring weeks have values.

    Mean moving range / 1.128 of the residuals from the Theil-Sen line over the last
    max(8, min(26, weeks since start)) complete weeks; no moving range across a gap.
    """
    window = complete_points(points)[-max(FIT_MIN, min(FIT_MAX, weeks_since_start)) :]
    if not window:
        return None
    first = window[0].start
    known = [(float((p.start - first).days) / 7, p.value) for p in window if p.value is not None]
    if len(known) < 2:
        return None
    positions, values = [x for x, _ in known], [y for _, y in known]
    slope, intercept = theil_sen(positions, values)
    residuals = [y - (intercept + slope * x) for x, y in known]
    ranges = [
        abs(residuals[i] - residuals[i - 1])
        for i in range(1, len(known))
        if positions[i] - positions[i - 1] <= 1.0
    ]
    if not ranges:
        return None
    noise = float(np.mean(ranges)) / D2
    # Rounding leaves about 1e-16 of a straight line; taken as noise it would make every z enormous.
    return 0.0 if noise <= ROUNDING * max(abs(y) for y in values) else noise


def z_score(value: float, plan: float, *, sign: int, sigma: float, k: int) -> float:
    """Distance to plan in standard errors of a mean of `k` weeks, positive = better; ±9 without noise."""
    distance = sign * (value - plan)
    if sigma > 0:
        return float(distance / (sigma / np.sqrt(max(k, 1))))
    if abs(distance) <= ROUNDING * max(abs(value), abs(plan)):
        return 0.0
    return float(np.copysign(Z_WITHOUT_NOISE, distance))
