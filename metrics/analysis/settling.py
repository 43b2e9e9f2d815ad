"""What weekly series usually do: exponential smoothing and half of a damped trend (domain 6.5 a).

Everything that does not depend on the horizon is worked out once, so that a forecast for every week ahead
costs little more than one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from metrics.analysis.constants import (
    ALPHAS,
    DAMPING,
    DRIFT_SHARE,
    DRIFT_VALUES,
    FIRST_ORIGIN,
    HISTORY_MAX,
    ORIGINS_MIN,
    PRIOR_WEIGHT,
    START_VALUES,
    WALK_SHARE,
)

Array = NDArray[np.float64]

_LEFT, _RIGHT = np.triu_indices(DRIFT_VALUES, k=1)


def outcome_steps(ahead: int, k: int) -> range:
    """The weeks ahead, counted from 1, that the outcome is the mean of: the last `k` of `ahead`."""
    return range(max(ahead - k, 0) + 1, ahead + 1)


class Settling:
    """Smoothing and drift of one series of weekly values, oldest first, at least five; 104 are used.

    `positions` are the weeks they belong to, where some are missing; by default one follows the other.
    """

    def __init__(self, values: Sequence[float], positions: Sequence[float] | None = None) -> None:
        self.y: Array = np.asarray(values, dtype=float)[-HISTORY_MAX:]
        self.n = len(self.y)
        self.x: Array = (
            np.arange(self.n, dtype=float)
            if positions is None
            else np.asarray(positions, dtype=float)[-HISTORY_MAX:]
        )
        self.alpha, self.error, self._levels = _smooth(self.y)

    def ahead(self, ahead: int, k: int = 1) -> tuple[float, float]:
        """Mean and standard deviation of the mean of the last `k` of `ahead` weeks to come."""
        steps = outcome_steps(ahead, k)
        reach = _damped(steps)
        middle = float(self._levels[-1] + self._drifts[-1] * reach)
        model = (1 - WALK_SHARE) * self._model(ahead, steps) + WALK_SHARE * self._walk(ahead, steps)
        misses = self._misses(ahead, len(steps), reach)
        if len(misses) < ORIGINS_MIN:
            return middle, math.sqrt(model)
        weight = len(misses) / (1 + ahead / 2)
        past = float(np.mean(misses * misses)) * (1 + 1 / max(weight, 1))
        trust = weight / (weight + PRIOR_WEIGHT)
        return middle, math.sqrt(trust * past + (1 - trust) * model)

    def _model(self, ahead: int, steps: range) -> float:
        """Variance that the smoothing itself implies."""
        # Of the outcome weeks h >= i, the one with h = i carries the whole error and each later one alpha.
        later = _later(ahead, steps)
        exact = np.zeros(ahead)
        exact[steps.start - 1 :] = 1
        weights = (self.alpha * (later - exact) + exact) / len(steps)
        return self.error * float(weights @ weights) * (1 + 2 / self.n)

    def _walk(self, ahead: int, steps: range) -> float:
        """Variance of a random walk with the last 26 differences as steps."""
        shares = _later(ahead, steps) / len(steps)
        return self._step_variance * float(shares @ shares)

    @cached_property
    def _step_variance(self) -> float:
        return float(np.var(np.diff(self.y[-DRIFT_VALUES - 1 :]), ddof=1))

    def _misses(self, ahead: int, k: int, reach: float) -> Array:
        """By how much the same forecast, made at each past origin, was wrong."""
        last = self.n - ahead
        if last < FIRST_ORIGIN:
            return np.empty(0)
        origins = np.arange(FIRST_ORIGIN, last + 1)
        sums = np.concatenate(([0.0], np.cumsum(self.y)))
        came = (sums[origins + ahead] - sums[origins + ahead - k]) / k
        drifts = self._drifts[: len(origins)]
        return came - (self._levels[origins - 1] + drifts * reach)

    @cached_property
    def _drifts(self) -> Array:
        """Half of the Theil-Sen slope of the last 26 values, at origins 10, 11, ... and at the end."""
        slopes: list[float] = []
        for end in range(FIRST_ORIGIN, min(self.n, DRIFT_VALUES)):
            slopes.append(_slope(self.x[:end], self.y[:end]))
        if self.n < DRIFT_VALUES:
            slopes.append(_slope(self.x, self.y))
            return DRIFT_SHARE * np.array(slopes)
        windows = np.lib.stride_tricks.sliding_window_view
        y, x = windows(self.y, DRIFT_VALUES), windows(self.x, DRIFT_VALUES)
        rises = (y[:, _RIGHT] - y[:, _LEFT]) / (x[:, _RIGHT] - x[:, _LEFT])
        return DRIFT_SHARE * np.concatenate((slopes, np.median(rises, axis=1)))


def _smooth(y: Array) -> tuple[float, float, Array]:
    """The smoothing factor with the least mean squared one-step error, that error, level after each value."""
    start = float(np.mean(y[:START_VALUES]))
    counted = START_VALUES if len(y) > START_VALUES + 2 else 0
    values = y.tolist()
    best: tuple[float, float, list[float]] | None = None
    for alpha in ALPHAS:
        level, levels, squares = start, [], 0.0
        for i, value in enumerate(values):
            miss = value - level
            if i >= counted:
                squares += miss * miss
            level += alpha * miss
            levels.append(level)
        error = squares / (len(values) - counted)
        if best is None or error < best[1]:
            best = alpha, error, levels
    assert best is not None
    return best[0], best[1], np.array(best[2])


def _slope(x: Array, y: Array) -> float:
    left, right = np.triu_indices(len(y), k=1)
    return float(np.median((y[right] - y[left]) / (x[right] - x[left])))


def _damped(steps: range) -> float:
    """Mean over the outcome weeks h of 0.9 + 0.9^2 + ... + 0.9^h."""
    whole = DAMPING / (1 - DAMPING)
    return sum(whole * (1 - DAMPING**h) for h in steps) / len(steps)


def _later(ahead: int, steps: range) -> Array:
    """For each week 1...ahead, how many outcome weeks are not before it."""
    weeks = np.arange(1, ahead + 1)
    counts: Array = np.minimum(len(steps), ahead + 1 - weeks).astype(float)
    return counts
