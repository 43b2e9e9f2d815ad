"""Bets whose truth is known: how good forecast and status are, beside what one would use instead.

Windows of 17 weeks after a year of history, a target 3 to 5 standard deviations away, that is reached by
week 13 in full, by 120 %, by 60 % or not at all, in a straight line, S-shaped or at one blow, under white,
autocorrelated or wandering noise (domain 6.5, 6.6). An argument is the number of windows of each cell.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from _rivals import Rival, last_value, northstar, run_rate, settling, trend

from metrics.analysis import health, mixture
from metrics.analysis.points import Point
from metrics.analysis.scoring import brier, crps_mixture
from metrics.analysis.terms import Terms

METHODS: dict[str, Rival] = {
    "Northstar": northstar,
    "settling only": settling,
    "last value": last_value,
    "run rate": run_rate,
    "Theil-Sen": trend,
}
HISTORY, WEEKS, COUNTED = 52, 17, 4
TRUTHS = (0.0, 0.6, 1.0, 1.2)
SHAPES = ("linear", "s_curve", "sudden")
NOISES = ("white", "autocorrelated", "wandering")
BASE, SIGMA = 100.0, 1.0
START = date(2026, 1, 5)
ASKED = (4, 7, 10, 13)
MIDDLE = 10


@dataclass(frozen=True, slots=True)
class Window:
    """One simulated bet; `values` are history and window, the truth is the share of the target's change."""

    truth: float
    target: float
    values: list[float]

    @property
    def outcome(self) -> float:
        return float(np.mean(self.values[-COUNTED:]))


def main() -> None:
    """Print forecasts by method, then the states by truth."""
    a_cell = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    windows = list(_windows(a_cell))
    print(f"{len(windows)} windows: truths {TRUTHS}, shapes {SHAPES}, noises {NOISES}")
    _forecasts(windows)
    _states(windows)


def _windows(a_cell: int) -> Iterator[Window]:
    chance = np.random.default_rng(2026)
    for truth in TRUTHS:
        for shape in SHAPES:
            for noise in NOISES:
                for _ in range(a_cell):
                    change = chance.uniform(3, 5) * SIGMA
                    path = np.concatenate([np.zeros(HISTORY), truth * change * _rise(shape, chance)])
                    values = BASE + path + _noise(noise, len(path), chance)
                    yield Window(truth, BASE + change, [float(value) for value in values])


def _rise(shape: str, chance: np.random.Generator) -> np.ndarray:
    """The share of the change that is there after each week of the window: all of it by week 13."""
    x = np.clip((np.arange(WEEKS) + 0.5) / (WEEKS - COUNTED), 0, 1)
    if shape == "linear":
        return x
    return 3 * x**2 - 2 * x**3 if shape == "s_curve" else (x > chance.uniform(0.2, 0.8)).astype(float)


def _noise(kind: str, length: int, chance: np.random.Generator) -> np.ndarray:
    white = chance.normal(0, SIGMA, length)
    if kind == "white":
        return white
    if kind == "wandering":
        return 0.8 * white + np.cumsum(chance.normal(0, 0.15 * SIGMA, length))
    found = [white[0]]
    for each in white[1:]:
        found.append(0.5 * found[-1] + each * (1 - 0.25) ** 0.5)
    return np.array(found)


def _forecasts(windows: list[Window]) -> None:
    inside: dict[str, list[bool]] = defaultdict(list)
    scores: dict[str, list[float]] = defaultdict(list)
    chances: dict[str, list[float]] = defaultdict(list)
    reached = [window.outcome >= window.target for window in windows for _ in ASKED]
    for window in windows:
        for done in ASKED:
            seen, ahead = window.values[: HISTORY + done], WEEKS - done
            for name, rival in METHODS.items():
                parts = rival(seen, ahead, COUNTED, done)
                low, high = mixture.quantile(parts, 0.1), mixture.quantile(parts, 0.9)
                inside[name].append(low <= window.outcome <= high)
                scores[name].append(crps_mixture(parts, window.outcome) / SIGMA)
                chances[name].append(mixture.reach(parts, window.target))
    print(f"\nforecasts after {ASKED} weeks\n{'':14} {'80 %':>7} {'CRPS':>7} {'Brier':>7}")
    for name in METHODS:
        wrong = brier(chances[name], reached)
        print(f"{name:14} {np.mean(inside[name]):7.1%} {np.mean(scores[name]):7.3f} {wrong:7.4f}")


def _states(windows: list[Window]) -> None:
    middle: dict[float, Counter[str]] = defaultdict(Counter)
    final: dict[float, Counter[str]] = defaultdict(Counter)
    changes: dict[float, list[int]] = defaultdict(list)
    for window in windows:
        path = [each.state for each in _judged(window)]
        states = [state for state in path if state in (health.ON_TRACK, health.AT_RISK, health.OFF_TRACK)]
        middle[window.truth][path[MIDDLE - 1]] += 1
        final[window.truth][path[-1]] += 1
        changes[window.truth].append(sum(a != b for a, b in zip(states, states[1:], strict=False)))
    print(f"\nstates\n{'truth':>6} {'':8} {'on':>5} {'risk':>5} {'off':>5}   changes a window")
    for truth in TRUTHS:
        for name, counted in (("middle", middle[truth]), ("final", final[truth])):
            shares = [
                counted[each] / counted.total()
                for each in (health.ON_TRACK, health.AT_RISK, health.OFF_TRACK)
            ]
            words = " ".join(f"{share:5.0%}" for share in shares)
            print(f"{truth:6.0%} {name:8} {words}   {np.mean(changes[truth]):.1f}")


def _judged(window: Window) -> list[health.Health]:
    points = [
        Point(START + timedelta(weeks=place - HISTORY), value) for place, value in enumerate(window.values)
    ]
    end = START + timedelta(weeks=WEEKS) - timedelta(days=1)
    before = window.values[HISTORY - 8 : HISTORY]
    terms = Terms(
        kind="unique",
        start=START,
        end=end,
        k=COUNTED,
        baseline=float(np.mean(before)),
        target=window.target,
    )
    return health.weekly(points, terms, today=end + timedelta(days=1))


if __name__ == "__main__":
    main()
