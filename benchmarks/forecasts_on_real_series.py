"""The forecast on real weekly series that it was not made for, beside what one would use instead.

From up to eight origins of each series, with at most 104 weeks of history: how often the 80 % and the 50 %
band hold the outcome (± the standard error over series), the CRPS in units of the series' mean weekly step,
and the Brier score of four questions ("will it be at least ...") around the last value. Series count alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from _package_series import Series, collect
from _rivals import HISTORY, Rival, last_value, northstar, run_rate, settling, trend

from metrics.analysis import mixture
from metrics.analysis.scoring import crps_mixture

METHODS: dict[str, Rival] = {
    "Northstar": northstar,
    "settling only": settling,
    "last value": last_value,
    "run rate": run_rate,
    "Theil-Sen": trend,
}
#: (weeks ahead, weeks that the outcome is the mean of, weeks of the window that are over)
FREE = ((4, 1, 0), (8, 1, 0), (13, 1, 0), (17, 4, 0), (26, 1, 0))
IN_WINDOW = ((13, 4, 4), (9, 4, 8), (7, 4, 10), (4, 4, 13))
ORIGINS, LEAST_HISTORY = 8, 26
STEPS = (-0.5, 0.0, 0.5, 1.0)


def main() -> None:
    """Print a table for forecasts as such, and one for bets inside a window of 17 weeks."""
    series = collect()
    families = Counter(name.partition("/")[0] for name in series)
    print(f"{len(series)} series: " + ", ".join(f"{count} {name}" for name, count in families.items()))
    _table("North Star and drivers, 4 to 26 weeks ahead", series, FREE)
    _table("inside a window of 17 weeks, after 4, 8, 10 and 13", series, IN_WINDOW)


def _table(title: str, series: Series, horizons: tuple[tuple[int, int, int], ...]) -> None:
    scores: dict[str, dict[str, list[tuple[float, ...]]]] = {name: defaultdict(list) for name in METHODS}
    for name, values in series.items():
        for ahead, k, done in horizons:
            _score(name, values, scores, ahead=ahead, k=k, done=done)
    print(f"\n{title}\n{'':14} {'80 %':>7} {'±':>5} {'50 %':>7} {'CRPS':>7} {'Brier':>7}")
    for method, rows in scores.items():
        by_series = np.array([np.mean(each, axis=0) for each in rows.values()])
        means, error = by_series.mean(axis=0), by_series[:, 0].std(ddof=1) / len(by_series) ** 0.5
        print(f"{method:14} {means[0]:7.1%} {error:5.1%} {means[1]:7.1%} {means[2]:7.3f} {means[3]:7.4f}")


def _score(
    name: str,
    values: list[float],
    scores: dict[str, dict[str, list[tuple[float, ...]]]],
    *,
    ahead: int,
    k: int,
    done: int,
) -> None:
    if len(values) - ahead < LEAST_HISTORY:
        return
    for origin in np.unique(np.linspace(LEAST_HISTORY, len(values) - ahead, ORIGINS).astype(int)):
        history = values[max(0, origin - HISTORY) : origin]
        outcome = float(np.mean(values[origin + ahead - k : origin + ahead]))
        step = float(np.mean(np.abs(np.diff(history)))) or 1.0
        reach = last_value(history, ahead, k)[0][2]
        targets = [history[-1] + share * reach for share in STEPS]
        for method, rival in METHODS.items():
            parts = rival(history, ahead, k, done)
            inside = [_holds(parts, level, outcome) for level in (0.8, 0.5)]
            wrong = [(mixture.reach(parts, target) - (outcome >= target)) ** 2 for target in targets]
            row = (*inside, crps_mixture(parts, outcome) / step, float(np.mean(wrong)))
            scores[method][name].append(row)


def _holds(parts: mixture.Parts, level: float, outcome: float) -> bool:
    edge = (1 - level) / 2
    return mixture.quantile(parts, edge) <= outcome <= mixture.quantile(parts, 1 - edge)


if __name__ == "__main__":
    main()
