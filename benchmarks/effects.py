"""How often the verdict about a bet's effect is wrong, and how often it says anything, where the truth is
known.

A year and more of weekly values, a window of 17 weeks and 8 weeks of waiting; at the window's start the
series begins to move by nothing, by half of what was predicted or by all of it, in a straight line until
the window ends. Worlds: white noise, autocorrelated, a random walk, steady growth, growth that wanders, a
yearly season, growth that bends, growth in percent. Predictions are told in widths of the noise band. An
argument is the number of bets in each cell.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from metrics.analysis import effect
from metrics.analysis.points import UNIQUE, Point

WINDOW, DELAY = 17, 8
AHEAD = WINDOW + DELAY
PASTS = (52, 78, 104)
SIZES = (0.8, 1.2, 2.0, 3.0)
TRUTHS = (0.0, 0.5, 1.0)
FIRST = date(2022, 1, 3)
Array = np.ndarray
Chance = np.random.Generator


def main() -> None:
    """Print false "supported" by world and past, then what is said by size of the prediction and truth."""
    a_cell = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    chance = np.random.default_rng(2026)
    false: dict[str, list[float]] = {}
    told: dict[tuple[float, float], Counter[str]] = {}
    for name, world in WORLDS.items():
        for past in PASTS:
            values = [world(past + AHEAD, chance) for _ in range(a_cell)]
            for size in SIZES:
                for truth in TRUTHS:
                    said = Counter(verdict(series, past=past, size=size, truth=truth) for series in values)
                    told.setdefault((size, truth), Counter()).update(said)
                    if truth == 0.0:
                        false.setdefault(name, []).append(said[effect.SUPPORTED] / a_cell)
    _print(false, told, bets=a_cell * len(WORLDS) * len(PASTS))


def verdict(values: Array, *, past: int, size: float, truth: float) -> str:
    """What is said of a series to which `truth` of a prediction of `size` noise bands was added."""
    start, due = FIRST + timedelta(weeks=past), FIRST + timedelta(weeks=past + AHEAD, days=-1)
    bare = effect.judge(points(values), kind=UNIQUE, start=start, due=due, predicted=1.0)
    assert bare.high is not None
    predicted = size * bare.high
    moved = values + truth * predicted * np.clip((np.arange(len(values)) - past + 1) / WINDOW, 0, 1)
    judged = effect.judge(points(moved), kind=UNIQUE, start=start, due=due, predicted=predicted)
    return judged.verdict


def points(values: Array) -> list[Point]:
    """Complete weeks from the first Monday of the worlds on."""
    return [Point(FIRST + timedelta(weeks=week), float(value)) for week, value in enumerate(values)]


def _white(n: int, chance: Chance) -> Array:
    return 1000 + chance.normal(0, 20, n)


def _autocorrelated(n: int, chance: Chance) -> Array:
    found, level = [], 0.0
    for step in chance.normal(0, 16, n):
        level = 0.6 * level + step
        found.append(1000 + level)
    return np.array(found)


def _walk(n: int, chance: Chance) -> Array:
    return 1000 + np.cumsum(chance.normal(0, 8, n))


def _growth(n: int, chance: Chance) -> Array:
    return _white(n, chance) + 4 * np.arange(n)


def _wandering(n: int, chance: Chance) -> Array:
    return _walk(n, chance) + 4 * np.arange(n)


def _season(n: int, chance: Chance) -> Array:
    return _white(n, chance) + 60 * np.sin(2 * np.pi * (np.arange(n) + chance.integers(52)) / 52)


def _bend(n: int, chance: Chance) -> Array:
    at = int(chance.integers(n // 3, n))
    later = chance.choice((-1.0, 8.0))
    weeks = np.arange(n)
    return _white(n, chance) + 4 * np.minimum(weeks, at) + later * np.maximum(weeks - at, 0)


def _percent(n: int, chance: Chance) -> Array:
    return 1000 * np.exp(0.006 * np.arange(n)) * (1 + chance.normal(0, 0.02, n))


WORLDS: dict[str, Callable[[int, Chance], Array]] = {
    "white noise": _white,
    "autocorrelated": _autocorrelated,
    "random walk": _walk,
    "steady growth": _growth,
    "growth that wanders": _wandering,
    "yearly season": _season,
    "growth that bends": _bend,
    "growth in percent": _percent,
}


def _print(
    false: dict[str, list[float]], told: dict[tuple[float, float], Counter[str]], *, bets: int
) -> None:
    print(f'"supported" although nothing moved (worst size; pasts of {PASTS} weeks)')
    for name, shares in false.items():
        by_past = [max(shares[first : first + len(SIZES)]) for first in range(0, len(shares), len(SIZES))]
        print(f"{name:22}" + "".join(f"{share:8.1%}" for share in by_past))
    print(f"\n{bets} bets a row\n{'prediction':12}{'truth':>7}{'supported':>12}{'not':>8}{'cannot tell':>13}")
    for (size, truth), said in sorted(told.items()):
        shares = [said[each] / bets for each in (effect.SUPPORTED, effect.NOT_SUPPORTED, effect.CANNOT_TELL)]
        print(f"{size:5.1f} bands  {truth:6.0%}{shares[0]:12.1%}{shares[1]:8.1%}{shares[2]:13.1%}")


if __name__ == "__main__":
    main()
