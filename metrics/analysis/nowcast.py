"""What the running week will come to, if the rest of it goes as its weekdays usually do (domain 6.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from metrics.analysis.constants import FACTOR_WEEKS
from metrics.analysis.points import FLOW_SUM, next_start
from metrics.analysis.rolling import weekday_factors


def nowcast(values: Mapping[date, float], kind: str, *, start: date, grain: str = "week") -> float | None:
    """The sum of the period that begins on `start`, from its days so far; None where nobody can tell.

    Only sums can be carried on: sum so far / share of the days so far, with weekday factors of the 26 weeks
    before. A ratio's value to date already is its best estimate.
    """
    if kind != FLOW_SUM:
        return None
    end = next_start(start, grain)
    since = start - timedelta(weeks=FACTOR_WEEKS)
    factors = weekday_factors({day: value for day, value in values.items() if since <= day < start})
    so_far = {day: value for day, value in values.items() if start <= day < end}
    if factors is None or not so_far:
        return None
    whole = sum(factors[(start + timedelta(days=i)).weekday()] for i in range((end - start).days))
    share = sum(factors[day.weekday()] for day in so_far) / whole
    return sum(so_far.values()) / share if share > 0 else None
