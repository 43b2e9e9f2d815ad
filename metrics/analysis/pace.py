"""Where a value stands between baseline and target, and where the plan has it (domain 6.2, 6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from metrics.analysis.points import Point, complete_points


class PaceShape(Protocol):
    """How a plan spreads over its window."""

    @property
    def name(self) -> str:
        """What the form calls it."""
        ...

    def fraction(self, days_done: int, days_total: int) -> float:
        """The share of the journey, 0 to 1, planned after `days_done` of `days_total` days."""
        ...


@dataclass(frozen=True, slots=True)
class Linear:
    """The same step every day."""

    name: str = "linear"

    def fraction(self, days_done: int, days_total: int) -> float:
        """d/D, clipped to 0...1."""
        return min(1.0, max(0.0, days_done / days_total))


LINEAR = Linear()


def progress(baseline: float, target: float, value: float | None) -> float | None:
    """(value - baseline) / (target - baseline), not clipped; None without a value.

    Raises ValueError when baseline and target are equal: there is no journey to measure.
    """
    if baseline == target:
        raise ValueError("Baseline and target are equal. Choose a target that differs from the baseline.")
    return None if value is None else (value - baseline) / (target - baseline)


def expected_fraction(start: date, end: date, last_day: date, *, shape: PaceShape = LINEAR) -> float:
    """The share of the journey, 0 to 1, that the plan holds for the end of `last_day` (inclusive dates)."""
    if end < start:
        raise ValueError("A window ends after it starts.")
    return shape.fraction((last_day - start).days + 1, (end - start).days + 1)


def pace_value(baseline: float, target: float, fraction: float) -> float:
    """The value that the plan holds at `fraction` of the journey."""
    return baseline + (target - baseline) * fraction


def pace_line(
    baseline: float, target: float, *, start: date, end: date, shape: PaceShape = LINEAR
) -> tuple[tuple[date, float], ...]:
    """(day, plan at its end) from the eve of the window to its last day; two points for a straight plan."""
    eve = start - timedelta(days=1)
    if shape.name == "linear":
        return (eve, baseline), (end, target)
    days = [eve + timedelta(weeks=i) for i in range((end - eve).days // 7 + 1)]
    if days[-1] != end:
        days.append(end)
    return tuple(
        (day, pace_value(baseline, target, expected_fraction(start, end, day, shape=shape))) for day in days
    )


def inside(value: float, low: float | None, high: float | None) -> bool:
    """Whether a value lies in the range, bounds included; an open side is None."""
    return (low is None or value >= low) and (high is None or value <= high)


def range_share(points: Sequence[Point], low: float | None, high: float | None) -> float | None:
    """Complete periods in range / complete periods with a value, 0 to 1; None without any."""
    values = [point.value for point in complete_points(points) if point.value is not None]
    return sum(inside(value, low, high) for value in values) / len(values) if values else None


def range_distance(value: float, low: float | None, high: float | None) -> float:
    """How far outside the range, in the unit of the metric; 0 inside."""
    under = 0.0 if low is None else low - value
    over = 0.0 if high is None else value - high
    return max(under, 0.0, over)


def required_per_week(value: float | None, target: float, *, last_day: date, end: date) -> float | None:
    """Change per week still needed from the end of `last_day` to the end of the window.

    In the unit of the metric, negative where the value has to fall; None without a value or time left.
    """
    days_left = (end - last_day).days
    return None if value is None or days_left <= 0 else (target - value) / (days_left / 7)
