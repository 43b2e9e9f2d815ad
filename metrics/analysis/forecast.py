"""Where a weekly series is likely to stand some weeks ahead (domain 6.5), or why nobody can say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from metrics import formatting
from metrics.analysis import mixture
from metrics.analysis.constants import (
    BANDS,
    FIT_MAX,
    FIT_MIN,
    HISTORY_MAX,
    MAD_SCALE,
    MISSING_SHARE_MAX,
    MIXTURE_SHARE,
    ROUNDING,
    SETTLING_VARIANCE_SHARE,
    VALUES_MIN,
    WINDOW_WEEKS_MIN,
)
from metrics.analysis.noise import theil_sen
from metrics.analysis.points import (
    FLOW_SUM,
    QUANTILE,
    RATIO,
    SNAPSHOT_STOCK,
    UNIQUE,
    Point,
    complete_points,
)
from metrics.analysis.reading import reading
from metrics.analysis.settling import Settling, outcome_steps
from metrics.analysis.terms import TOTAL
from northstar.lib.periods import A_DAY, WEEK

#: As long as they never were: a margin or a balance can be below zero.
NOT_NEGATIVE = frozenset({FLOW_SUM, UNIQUE, SNAPSHOT_STOCK, QUANTILE, RATIO})


@dataclass(frozen=True, slots=True)
class Cone:
    """The likely range of one week ahead; `day` is its Sunday."""

    day: date
    mean: float
    low80: float
    low50: float
    high50: float
    high80: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The outcome that is likely on `due`, in the unit of the metric.

    `settled` and `trending` are the two stories behind the mean: as series usually go, and if the window goes
    on as it went (None outside a window). `p` is the chance to reach the target, 0.01 to 0.99.
    """

    due: date
    mean: float
    low80: float
    low50: float
    high50: float
    high80: float
    settled: float
    trending: float | None
    p: float | None
    cone: tuple[Cone, ...] = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """No forecast, and the one sentence that says why."""

    reason: str


def settle(values: Sequence[float], ahead: int, k: int = 1) -> tuple[float, float]:
    """Mean and standard deviation of the mean of the last `k` of `ahead` weeks, by the whole history."""
    return Settling(values).ahead(ahead, k)


def window_trend(values: Sequence[float], done: int, ahead: int, k: int = 1) -> tuple[float, float]:
    """The same if the trend of the window, of which `done` weeks are complete, goes on (domain 6.5 b)."""
    return Trend(values, done).ahead(ahead, k)


def parts(
    values: Sequence[float], ahead: int, k: int = 1, done: int | None = None
) -> list[tuple[float, float, float]]:
    """(weight, mean, sd): settling alone, or half and half with the window trend when `done` weeks are in."""
    return Stories(values, done=done).parts(ahead, k)


class Trend:
    """The robust line through the last max(8, min(26, done)) of at least eight weekly values."""

    def __init__(self, values: Sequence[float], done: int, positions: Sequence[float] | None = None) -> None:
        n = min(len(values), max(FIT_MIN, min(FIT_MAX, done)))
        y = np.asarray(values, dtype=float)[-n:]
        x = np.arange(n, dtype=float) if positions is None else np.asarray(positions, dtype=float)[-n:]
        self.slope, self.intercept = theil_sen(x.tolist(), y.tolist())
        rest = y - (self.intercept + self.slope * x)
        mad = MAD_SCALE * float(np.median(np.abs(rest - np.median(rest))))
        self.n, self.last, self.centre = n, float(x[-1]), float(x.mean())
        self.noise = max(mad, math.sqrt(float(rest @ rest) / (n - 2)))
        self.spread = float(((x - self.centre) ** 2).sum())

    def ahead(self, ahead: int, k: int = 1) -> tuple[float, float]:
        """Mean and standard deviation of the mean of the last `k` of `ahead` weeks to come."""
        steps = outcome_steps(ahead, k)
        at = self.last + sum(steps) / len(steps)
        share = 1 / len(steps) + 1 / self.n + (at - self.centre) ** 2 / self.spread
        return self.intercept + self.slope * at, self.noise * math.sqrt(share)


class Stories:
    """The two stories of one series, ready for every horizon."""

    def __init__(
        self, values: Sequence[float], positions: Sequence[float] | None = None, *, done: int | None = None
    ) -> None:
        # Rounding leaves about 1e-16 of a constant series; it must not pass for noise.
        self.least = ROUNDING * max(abs(value) for value in values)
        self.settling = Settling(values, positions)
        self.trend = None if done is None else Trend(values, done, positions)

    def parts(self, ahead: int, k: int = 1) -> list[tuple[float, float, float]]:
        """(weight, mean, sd) of the mean of the last `k` of `ahead` weeks."""
        middle, width = self.settling.ahead(ahead, k)
        width = 0.0 if width <= self.least else width
        if self.trend is None:
            return [(1.0, middle, width)]
        trend, own = self.trend.ahead(ahead, k)
        own = math.sqrt(own * own + SETTLING_VARIANCE_SHARE * width * width)
        own = 0.0 if own <= self.least else own
        return [(1 - MIXTURE_SHARE, middle, width), (MIXTURE_SHARE, trend, own)]


def foresee(
    points: Sequence[Point],
    *,
    kind: str,
    due: date,
    k: int = 1,
    start: date | None = None,
    target: float | None = None,
    sign: int = 1,
    rule: str = "mean",
    cone: bool = False,
    grain: str = "week",
    so_far: float = 0.0,
    weeks_left: float | None = None,
) -> Forecast | Withheld:
    """The outcome on `due` from the complete weeks of `points`, or why there is no forecast.

    `start` is the first day of a window whose own trend counts for half; None: settling alone. The outcome is
    the mean of the last `k` weeks up to `due`, or with `rule` "total" the sum of the weeks left added to
    `so_far`; `weeks_left` are those weeks in ordinary weeks, where days of them do not count in full.
    Missing weeks are left out. `sign` -1: the target is reached from above.
    """
    if grain != "week":
        return Withheld("Months are too few for a forecast; the plan alone is judged.")
    history = [point for point in complete_points(points) if point.start + WEEK <= due + A_DAY]
    known = [(point.start, point.value) for point in history if point.value is not None][-HISTORY_MAX:]
    refusal = _refusal([day for day, _ in known], start)
    if refusal:
        return Withheld(refusal)
    days, values = [day for day, _ in known], [value for _, value in known]
    positions = [(day - days[0]).days / 7 for day in days]
    done = None if start is None else sum(day >= start for day in days)
    stories = Stories(values, positions, done=done)
    ahead = ((due - days[-1]).days + 1) // 7 - 1
    if rule == TOTAL:
        outcome, settled, trending = _total(stories, ahead, so_far=so_far, weeks_left=weeks_left)
    else:
        wanted = 1 if kind == SNAPSHOT_STOCK else max(k, 1)
        outcome, settled, trending = _level(stories, ahead, wanted, history=history, kind=kind)
    clip = _bounds(kind, values)
    mean, low80, low50, high50, high80 = _spread(outcome, clip)
    return Forecast(
        due, mean, low80, low50, high50, high80,
        settled=clip(settled),
        trending=None if trending is None else clip(trending),
        p=None if target is None else mixture.reach(outcome, target, sign),
        cone=_cone(stories, ahead, days[-1], clip) if cone else (),
    )  # fmt: skip


def _refusal(days: Sequence[date], start: date | None) -> str:
    """Why nothing can be said, or ""."""
    if len(days) < VALUES_MIN:
        there = formatting.count_word(len(days)).lower() if days else "none"
        return f"A forecast needs eight complete weeks with values; there {_are(len(days))} {there}."
    inside = len(days) if start is None else sum(day >= start for day in days)
    if inside < WINDOW_WEEKS_MIN:
        return "A forecast comes after three complete weeks of the window."
    recent = [day for day in days if days[-1] - day < FIT_MAX * WEEK]
    spanned = min((days[-1] - days[0]).days // 7 + 1, FIT_MAX)
    missing = spanned - len(recent)
    if missing > MISSING_SHARE_MAX * spanned:
        return f"{missing} of the last {spanned} weeks have no value, too many for a forecast."
    return ""


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _level(
    stories: Stories, ahead: int, k: int, *, history: Sequence[Point], kind: str
) -> tuple[list[tuple[float, float, float]], float, float | None]:
    """Distribution of the mean of the last `k` weeks, and its two stories; weeks already in are constants."""
    last = [point for point in history if point.value is not None][-1].start
    seen = [p for p in history if p.value is not None and p.start > last + (ahead - k) * WEEK]
    there = reading(seen if ahead else history, kind, len(seen) if ahead else k)
    if ahead == 0:
        value = 0.0 if there is None else there
        return [(1.0, value, 0.0)], value, None if stories.trend is None else value
    left = min(k, ahead)
    share = left / (left + len(seen))
    found = stories.parts(ahead, left)
    return _told(mixture.shifted(found, scale=share, plus=(1 - share) * (there or 0.0)))


def _total(
    stories: Stories, ahead: int, *, so_far: float, weeks_left: float | None
) -> tuple[list[tuple[float, float, float]], float, float | None]:
    """Distribution of the sum of the window, and its two stories."""
    left = float(ahead) if weeks_left is None else weeks_left
    if left <= 0:
        return [(1.0, so_far, 0.0)], so_far, None if stories.trend is None else so_far
    weeks = max(ahead, math.ceil(left))
    return _told(mixture.shifted(stories.parts(weeks, weeks), scale=left, plus=so_far))


def _told(
    found: list[tuple[float, float, float]],
) -> tuple[list[tuple[float, float, float]], float, float | None]:
    return found, found[0][1], found[1][1] if len(found) > 1 else None


def _cone(stories: Stories, ahead: int, last: date, clip: Callable[[float], float]) -> tuple[Cone, ...]:
    found = []
    for week in range(1, ahead + 1):
        sunday = last + week * WEEK + timedelta(days=6)
        found.append(Cone(sunday, *_spread(stories.parts(week), clip)))
    return tuple(found)


def _spread(
    outcome: list[tuple[float, float, float]], clip: Callable[[float], float]
) -> tuple[float, float, float, float, float]:
    """Mean, then the bands from the lowest to the highest."""
    low80, low50, high50, high80 = (clip(mixture.quantile(outcome, share)) for share in BANDS)
    return clip(mixture.mean(outcome)), low80, low50, high50, high80


def _bounds(kind: str, values: Sequence[float]) -> Callable[[float], float]:
    """Keeps a value where the metric can be: shares within 0...1, counts not below 0."""
    low = 0.0 if kind in NOT_NEGATIVE and min(values) >= 0 else -math.inf
    # A ratio of its own unit ("crews per account") has no ceiling.
    high = 1.0 if kind == RATIO and max(values) <= 1 else math.inf
    return lambda value: min(high, max(low, value))
