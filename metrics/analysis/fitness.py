"""Whether a North Star still does its work: does it lead, does it move, do its drivers hold (domain 2.3).

Pure. Every finding is fit, doubtful or unknown; what cannot be told for want of data is unknown, never fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from metrics.analysis import leading, pairing
from metrics.analysis.noise import sigma_w
from metrics.analysis.pairing import Array
from metrics.analysis.points import Point, complete_points

FIT, DOUBTFUL, UNKNOWN = "fit", "doubtful", "unknown"
#: In standard errors of Fisher's z: how far a lead must have dropped before it is called lost.
LOST = 3.3
#: In standard errors: what moves against an outcome by less is not held against the star.
AGAINST = 3.5
QUARTER = {"week": 13, "month": 3}
HALF_A_YEAR, MEAN_WEEKS, LEAST_CHANGES = 26, 4, 8
LOOKED_AT = 104
CLEAR, DROWNED, MANY = 2.0, 1.0, 10.0


@dataclass(frozen=True, slots=True)
class Series:
    """A weekly (or monthly) series with its name; `sign` is -1 where lower is better."""

    name: str
    points: Sequence[Point]
    sign: int = 1
    grain: str = "week"


@dataclass(frozen=True, slots=True)
class Finding:
    """One test: `name` says which, `words` what was found; `figures` are what the words stand on."""

    name: str
    verdict: str
    words: str
    figures: dict[str, float] = field(default_factory=dict)


def test(star: Series, outcomes: Sequence[Series], drivers: Sequence[Series]) -> list[Finding]:
    """Every finding that needs numbers, those about the outcomes first."""
    found = [lead(star, each) for each in outcomes] or [
        Finding("lead", UNKNOWN, "No outcome is measured that it could lead, such as revenue or retention.")
    ]
    found += [falling(star, each) for each in outcomes]
    return [*found, sensitivity(star), *(turned(star, each) for each in drivers)]


def lead(star: Series, outcome: Series) -> Finding:
    """Does the star move some weeks before the outcome, and did it stop doing so (on changes, domain 6.9)?"""
    both = _aligned(star, outcome)
    if both is None:
        words = f"Both are needed by the week to see whether it leads {outcome.name}."
        return Finding("lead", UNKNOWN, words)
    starts, x, y = both
    leads = leading.lead_correlation(list(x), list(outcome.sign * star.sign * y))
    if not leads:
        words = (
            f"{outcome.name}: {len(starts)} common weeks are too few; {leading.LEAST_PAIRS + 1} are needed."
        )
        return Finding("lead", UNKNOWN, words)
    lost = _lost(starts, x, outcome.sign * star.sign * y)
    if lost is not None:
        when, lag, before, after = lost
        words = (
            f"{star.name} lost its lead over {outcome.name} in {_quarter(when)}: it moved {_ahead(lag)} of it"
        )
        return Finding(
            "lead", DOUBTFUL, f"{words} before, and does not since.", {"before": before, "after": after}
        )
    best = leading.best(leads)
    weeks = {"weeks": float(len(starts))}
    if best is None or -AGAINST < best.score < 0:
        words = f"No lead over {outcome.name} stands out from chance in {len(starts)} weeks."
        return Finding("lead", UNKNOWN, words, weeks)
    figures = weeks | {"r": best.r, "lag": float(best.lag)}
    if best.r < 0:
        words = f"{star.name} moves against {outcome.name}, {_ahead(best.lag)}."
        return Finding("lead", DOUBTFUL, words, figures)
    if not best.lag:
        words = f"{star.name} moves with {outcome.name} in the same week, not ahead of it."
        return Finding("lead", UNKNOWN, words, figures)
    return Finding("lead", FIT, f"{star.name} moves with {outcome.name}, {_ahead(best.lag)}.", figures)


def falling(star: Series, outcome: Series) -> Finding:
    """The star got better for two quarters while the outcome got worse: the trigger of domain 2.3."""
    risen, fallen = _two_quarters(star, 1), _two_quarters(outcome, -1)
    if risen is None or fallen is None:
        words = f"Three quarters of both are needed to see whether {outcome.name} goes the other way."
        return Finding("apart", UNKNOWN, words)
    if risen and fallen:
        worse = "fell" if outcome.sign > 0 else "got worse"
        better = "rose" if star.sign > 0 else "got better"
        words = f"{star.name} {better} for two quarters while {outcome.name} {worse}."
        return Finding("apart", DOUBTFUL, words)
    return Finding("apart", FIT, f"{star.name} and {outcome.name} did not go apart for two quarters.")


def sensitivity(star: Series) -> Finding:
    """Does what usually happens within half a year stand out from the noise of single weeks?"""
    known = [p for p in complete_points(star.points) if p.value is not None][-LOOKED_AT:]
    values = np.array([p.value for p in known], dtype=float)
    noise = sigma_w(known) if star.grain == "week" else None
    if noise is None or len(values) < HALF_A_YEAR + MEAN_WEEKS + LEAST_CHANGES:
        least = HALF_A_YEAR + MEAN_WEEKS + LEAST_CHANGES
        words = f"{least} complete weeks show whether it moves within half a year; there are {len(values)}."
        return Finding("sensitive", UNKNOWN, words)
    means = np.convolve(values, np.ones(MEAN_WEEKS) / MEAN_WEEKS, mode="valid")
    typical = float(np.median(np.abs(means[HALF_A_YEAR:] - means[:-HALF_A_YEAR])))
    if noise == 0:
        verdict = FIT if typical > 0 else UNKNOWN
        words = "It moves within half a year without noise." if typical > 0 else "It has not moved at all."
        return Finding("sensitive", verdict, words)
    times = typical / (noise * math.sqrt(2 / MEAN_WEEKS))
    figures = {"times": times, "change": typical}
    if times >= CLEAR:
        more = "more than ten" if times > MANY else f"{times:.1f}"
        words = f"What half a year usually changes is {more} times what chance does: it can be seen."
        return Finding("sensitive", FIT, words, figures)
    if times < DROWNED:
        words = (
            "What half a year usually changes is less than what chance does: either nothing moved, or it "
            "does not show what did."
        )
        return Finding("sensitive", DOUBTFUL, words, figures)
    words = (
        f"What half a year usually changes is {times:.1f} times what chance does: hard to tell from noise."
    )
    return Finding("sensitive", UNKNOWN, words, figures)


def turned(star: Series, driver: Series) -> Finding:
    """Did a driver that went with the star begin to go against it, or the other way round?"""
    both = _aligned(driver, star)
    if both is None:
        return Finding("driver", UNKNOWN, f"{driver.name} is not known by the week.")
    starts, x, y = both
    half = len(starts) // 2
    sides = pairing.halves(x, y, half)
    early = pairing.strongest([pairs for pairs, _ in sides], range(leading.MOST_LAG + 1), both_signs=True)
    if not sides:
        return Finding("driver", UNKNOWN, f"{driver.name} has too few common weeks with it in each half.")
    if early is None:
        words = f"{driver.name} went neither with it nor against it in the first half of what is known."
        return Finding("driver", UNKNOWN, words)
    before, after = sides[early]
    side = 1 if before.r > 0 else -1
    apart = pairing.apart(before, after) * side
    if side * after.r < -leading.MARKED * after.error and apart >= LOST:
        way = "against it" if side > 0 else "with it"
        words = f"{driver.name} turned round: since {_month(starts[half])} it goes {way}."
        return Finding("driver", DOUBTFUL, words, {"before": before.r, "after": after.r})
    return Finding(
        "driver", FIT, f"{driver.name} has not turned round.", {"before": before.r, "after": after.r}
    )


def verdict(found: Sequence[Finding]) -> str:
    """Doubtful if anything is; fit if it leads or moves visibly; else unknown."""
    if any(each.verdict == DOUBTFUL for each in found):
        return DOUBTFUL
    proved = any(each.verdict == FIT and each.name in ("lead", "sensitive") for each in found)
    return FIT if proved else UNKNOWN


def _lost(starts: Sequence[date], x: Array, y: Array) -> tuple[date, int, float, float] | None:
    """(when, lag, r before, r after) of the quarter in which a likely lead was lost; None without one."""
    worst: tuple[float, date, int, float, float] | None = None
    for place in _quarter_starts(starts):
        sides = pairing.halves(x, y, place)
        lag = pairing.strongest([before for before, _ in sides], range(1, leading.MOST_LAG + 1))
        if lag is None:
            continue
        before = sides[lag][0]
        # A lead that came a week nearer or went a week further is not lost.
        near = [sides[each][1] for each in (lag - 1, lag, lag + 1) if each < len(sides)]
        after = max(near, key=lambda pairs: pairs.r)
        apart = pairing.apart(before, after)
        gone = after.r < leading.MARKED * after.error
        if gone and apart >= LOST and (worst is None or apart > worst[0]):
            worst = (apart, starts[place], lag, before.r, after.r)
    return worst[1:] if worst else None


def _two_quarters(series: Series, way: int) -> bool | None:
    """Whether the last two quarters each went the `way` (1 better, -1 worse) by more than noise.

    Against the year before as well where that is known, so that a season is no fall. None without data.
    """
    size = QUARTER[series.grain]
    known = [p.value for p in complete_points(series.points) if p.value is not None]
    if len(known) < 3 * size:
        return None
    means = [float(np.mean(known[len(known) - (n + 1) * size : len(known) - n * size])) for n in range(3)]
    noise = sigma_w(list(series.points)) or 0.0
    least = 2 * noise * math.sqrt(2 / size)
    moved = [series.sign * way * (means[n] - means[n + 1]) > least for n in range(2)]
    if len(known) >= 6 * size:
        year = [
            float(np.mean(known[len(known) - (n + 5) * size : len(known) - (n + 4) * size])) for n in (0, 1)
        ]
        moved += [series.sign * way * (means[n] - year[n]) > 0 for n in range(2)]
    return all(moved)


def _aligned(first: Series, second: Series) -> tuple[list[date], Array, Array] | None:
    if "month" in (first.grain, second.grain):
        return None
    known = [{p.start: p.value for p in complete_points(each.points)} for each in (first, second)]
    return pairing.aligned(*known)


def _quarter_starts(starts: Sequence[date]) -> Iterator[int]:
    """The places of the first week of each calendar quarter."""
    for place, (before, after) in enumerate(zip(starts, starts[1:], strict=False), start=1):
        if (before.month - 1) // 3 != (after.month - 1) // 3:
            yield place


def _quarter(day: date) -> str:
    return f"Q{(day.month - 1) // 3 + 1} {day.year}"


def _month(day: date) -> str:
    return f"{day:%B %Y}"


def _ahead(lag: int) -> str:
    return f"{lag} week{'' if lag == 1 else 's'} ahead" if lag else "in the same week"
