"""What one would use instead of the product's forecast: last value, run rate, plain Theil-Sen line.

Each answers with the parts (weight, mean, standard deviation) of its forecast of the mean of the last `k` of
`ahead` weeks, `done` weeks of a window being over (0: there is no window).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from metrics.analysis import forecast

HISTORY = 104
Parts = list[tuple[float, float, float]]
Rival = Callable[[Sequence[float], int, int, int], Parts]
#: A spread of nothing cannot be scored.
LEAST = 1e-12


def last_value(values: Sequence[float], ahead: int, k: int, done: int = 0) -> Parts:
    """A random walk: the last value, with the variance of its steps growing week by week."""
    steps = np.diff(np.asarray(values[-HISTORY:], dtype=float))
    shares = [sum(h >= i for h in range(ahead - k + 1, ahead + 1)) / k for i in range(1, ahead + 1)]
    width = math.sqrt(float(steps.var(ddof=1)) * sum(share * share for share in shares))
    return _one(float(values[-1]), width)


def run_rate(values: Sequence[float], ahead: int, k: int, done: int = 0) -> Parts:
    """The average step of the window (26 weeks without one) goes on; its scatter is the width."""
    y = np.asarray(values[-max(done + 1, 5) :] if done else values[-26:], dtype=float)
    step = (y[-1] - y[0]) / (len(y) - 1)
    scatter = float(np.std(y - (y[0] + step * np.arange(len(y))), ddof=1))
    return _one(float(y[-1] + step * (ahead - (k - 1) / 2)), scatter)


def trend(values: Sequence[float], ahead: int, k: int, done: int = 0) -> Parts:
    """A Theil-Sen line through the window (26 weeks without one) with the usual prediction variance."""
    return _one(*forecast.window_trend(values, done or 26, ahead, k))


def settling(values: Sequence[float], ahead: int, k: int, done: int = 0) -> Parts:
    """The product's forecast of a North Star, a driver or a guardrail, also inside a window."""
    return _one(*forecast.settle(values, ahead, k))


def northstar(values: Sequence[float], ahead: int, k: int, done: int = 0) -> Parts:
    """The product's forecast: settling, inside a window mixed with the window's own trend."""
    parts = forecast.parts(values, ahead, k, done or None)
    return [(weight, mean, max(sd, LEAST)) for weight, mean, sd in parts]


def _one(mean: float, sd: float) -> Parts:
    return [(1.0, mean, max(sd, LEAST))]
