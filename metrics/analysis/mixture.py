"""Mixtures of normal distributions: chances and quantiles (domain 6.5 c)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from metrics.analysis.constants import ROUNDING, SURE

#: (weight, mean, standard deviation) of each part; the weights add up to 1.
Parts = Sequence[tuple[float, float, float]]

_STANDARD = NormalDist()


def shifted(parts: Parts, *, scale: float, plus: float) -> list[tuple[float, float, float]]:
    """The distribution of scale * x + plus."""
    return [(weight, middle * scale + plus, width * scale) for weight, middle, width in parts]


def mean(parts: Parts) -> float:
    """Expected value."""
    return sum(weight * middle for weight, middle, _ in parts)


def cdf(parts: Parts, x: float) -> float:
    """Probability of a value of at most `x`; a part without width counts wholly from its mean on."""
    return sum(weight * _below(x, middle, width) for weight, middle, width in parts)


def reach(parts: Parts, target: float, sign: int = 1) -> float:
    """Probability, kept within 0.01...0.99, of reaching the target: `sign` 1 from below, -1 from above.

    A part without width has reached a target that it equals.
    """
    missed = 0.0
    for weight, middle, width in parts:
        short = sign * (target - middle)
        if width > 0:
            missed += weight * _below(short, 0.0, width)
        elif short > ROUNDING * max(abs(middle), abs(target)):
            missed += weight
    return min(SURE, max(1 - SURE, 1 - missed))


def quantile(parts: Parts, share: float) -> float:
    """The value that lies above `share` (between 0 and 1) of the distribution."""
    z = _STANDARD.inv_cdf(share)
    ends = [middle + z * width for _, middle, width in parts]
    low, high = min(ends), max(ends)
    if len(parts) == 1 or high - low <= 1e-13 * max(abs(low), abs(high)):
        return ends[0]
    x = (low + high) / 2
    for _ in range(100):
        off = cdf(parts, x) - share
        if off < 0:
            low = x
        else:
            high = x
        slope = sum(
            weight * math.exp(-0.5 * ((x - middle) / width) ** 2) / (width * math.sqrt(2 * math.pi))
            for weight, middle, width in parts
            if width > 0
        )
        newton = x - off / slope if slope > 0 else math.inf
        step = newton if low < newton < high else (low + high) / 2
        if abs(step - x) <= 1e-12 * max(high - low, abs(x)):
            return step
        x = step
    return x


def _below(x: float, middle: float, width: float) -> float:
    if width <= 0:
        return float(x >= middle)
    return 0.5 * math.erfc(-(x - middle) / width / math.sqrt(2))
