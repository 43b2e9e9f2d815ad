"""What a day counts for: its weekday and the holidays (domain 6.3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from statistics import median

from metrics.analysis.constants import (
    HOLIDAYS_MIN,
)
from metrics.analysis.rolling import weekday_factors

__all__ = ["day_weights", "holiday_share", "weekday_factors"]

WEEK = 7


def day_weights(
    first: date, last: date, *, factors: Sequence[float] | None = None, holidays: Mapping[date, float] = {}
) -> tuple[float, ...]:
    """The weight of every day from `first` to `last`: weekday factor (Monday first) times holiday factor.

    Without factors every weekday counts 1; an ordinary week adds up to 7.
    """
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    return tuple((factors[day.weekday()] if factors else 1.0) * holidays.get(day, 1.0) for day in days)


def holiday_share(
    values: Mapping[date, float], factors: Sequence[float], holidays: Collection[date]
) -> float | None:
    """What a holiday brings of an ordinary day of its weekday; None when fewer than two lie in the values.

    The median over the past holidays of value / (weekday factor x mean of the ordinary days around it).
    """
    shares = []
    for day in holidays:
        if day not in values or factors[day.weekday()] <= 0:
            continue
        near = [day + timedelta(days=shift) for shift in range(-WEEK, WEEK + 1)]
        usual = [each for each in near if each in values and each not in holidays]
        level = sum(factors[each.weekday()] for each in usual)
        total = sum(values[each] for each in usual)
        if len(usual) >= WEEK and level > 0 and total > 0:
            shares.append(values[day] / (factors[day.weekday()] * total / level))
    return median(shares) if len(shares) >= HOLIDAYS_MIN else None
