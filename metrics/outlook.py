"""Where a metric goes if nothing special happens: the settling forecast, and what pages print of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from metrics import series
from metrics.analysis.forecast import Forecast, Withheld, foresee
from metrics.analysis.points import Point
from metrics.analysis.reading import latest
from metrics.analysis.trust import Trust
from metrics.models import Metric
from metrics.verdict import Measure, expected_words
from northstar.lib import periods

AHEAD = timedelta(weeks=13)
#: A line of half a year says something about the next quarter; a shorter one little.
LEAST_WEEKS = 26
UNTRUSTED = "No forecast while the newest value cannot be relied on."


def quarter(metric: Metric, points: Sequence[Point], *, trust: Trust) -> Forecast | Withheld:
    """The settling forecast for 13 weeks after the newest complete one, with its cone."""
    if trust.blocks:
        return Withheld(UNTRUSTED)
    grain, newest = series.grain_of(metric), latest(points)
    if newest is None:
        return Withheld("There is no complete value yet.")
    known = sum(point.complete and point.value is not None for point in points)
    if grain == "week" and known < LEAST_WEEKS:
        return Withheld(f"A forecast comes after {LEAST_WEEKS} complete weeks; there are {known}.")
    due = periods.last_day(newest.start, grain) + AHEAD
    return foresee(points, kind=metric.kind, due=due, cone=True, grain=grain)


def facts(found: Forecast | Withheld | None, measure: Measure, *, today: date) -> dict[str, Any]:
    """`forecast_words` with the likely range, or `withheld` with the reason, else ""."""
    return {
        "forecast_words": expected_words(found, measure, today) if isinstance(found, Forecast) else "",
        "withheld": found.reason if isinstance(found, Withheld) else "",
    }
