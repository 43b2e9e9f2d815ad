"""Whatever the data: no exception, no infinite number, bands in order, sentences that can be read."""

from __future__ import annotations

import dataclasses
import math
import re
from calendar import monthrange
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import formatting
from metrics.analysis.forecast import Forecast
from metrics.analysis.health import evaluate_target, two_stories, weekly
from metrics.analysis.pace import plan_line
from metrics.analysis.points import Point
from metrics.analysis.shapes import _SHAPES as SHAPES
from metrics.analysis.terms import Terms

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
KINDS = ("flow_sum", "ratio", "snapshot_stock", "unique", "average", "quantile")
UNREADABLE = re.compile(r"nan|None|inf\b|-0\b|e[+-]\d|\u22120(\.0+)?(?![\d.,])")


@st.composite
def bets(draw):
    """(points, terms, today): windows of two to six months that begin on any day, weeks of any size."""
    kind, months = draw(st.sampled_from(KINDS)), draw(st.integers(2, 6))
    start = draw(st.dates(date(2024, 8, 1), date(2026, 3, 1)))
    end = _end(start, months)
    before, inside = (
        draw(st.sampled_from([0, 1, 7, 8, 30])),
        draw(st.integers(0, (end - start).days // 7 + 2)),
    )
    size = draw(st.sampled_from([1e-9, 0.3, 1.0, 1e3, 1e14]))
    numbers = st.floats(-1, 1).map(lambda value: round(value, 3) * size)
    values = draw(st.lists(st.none() | numbers, min_size=before + inside, max_size=before + inside))
    if draw(st.booleans()):
        values = [size if value is None else abs(value) for value in values]
    first = start - start.weekday() * DAY - before * WEEK
    cases = draw(st.sampled_from([0.0, 1.0, 40.0, 1e12]))
    points = [_point(kind, first + place * WEEK, value, cases) for place, value in enumerate(values)]
    if points and draw(st.booleans()):
        points[-1] = dataclasses.replace(points[-1], complete=False)
    base = draw(numbers)
    goal = base + draw(st.sampled_from([-1, -0.01, 0.01, 1])) * size
    ranged = draw(st.integers(0, 7)) == 0
    shape = draw(st.sampled_from(sorted(SHAPES)))
    weights = draw(
        st.sampled_from([(), tuple((1.0, 1.2, 0.0)[day % 3] for day in range((end - start).days + 1))])
    )
    terms = Terms(
        kind=kind, start=start, end=end, k=draw(st.integers(1, 4)),
        baseline=None if ranged else base, target=None if ranged else goal,
        low=min(base, goal) if ranged else None, high=max(base, goal) if ranged else None,
        rule="total" if kind == "flow_sum" and draw(st.booleans()) else "mean",
        shape=shape, lag_days=draw(st.integers(0, 200)), weights=weights,
        milestones=((start + 20 * DAY, base), (start + 40 * DAY, goal)) if shape == "milestones" else (),
        unit=draw(st.sampled_from(["", "crews", "£"])), decimals=draw(st.integers(0, 3)),
        min_den=draw(st.sampled_from([0, 30])), direction=draw(st.sampled_from(["up", "down"])),
    )  # fmt: skip
    return points, terms, start + draw(st.integers(-3, (end - start).days + 30)) * DAY


def _end(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return (
        date(year, month + 1, 1) - DAY if start.day == 1 else date(year, month + 1, min(start.day - 1, last))
    )


def _point(kind: str, start: date, value: float | None, cases: float) -> Point:
    if value is None or kind not in ("ratio", "average"):
        return Point(start, value)
    if kind == "average":
        return Point(start, value, None, cases)
    return Point(start, value, value * cases, cases) if cases else Point(start, None, 0.0, 0.0)


def _numbers(found: object) -> list[float]:
    if dataclasses.is_dataclass(found) and not isinstance(found, type):
        return [n for each in dataclasses.fields(found) for n in _numbers(getattr(found, each.name))]
    if isinstance(found, (list, tuple)):
        return [n for each in found for n in _numbers(each)]
    return [found] if isinstance(found, float) else []


@settings(max_examples=150, deadline=None)
@given(bet=bets())
def test_every_evaluation_is_finite_ordered_and_readable(bet):
    points, terms, today = bet
    found = weekly(points, terms, today=today, cone=True)
    for each in found:
        assert each.state and each.reason and not UNREADABLE.search(each.reason)
        assert all(map(math.isfinite, _numbers(each)))
        assert each.p is None or 0.01 - 1e-9 <= each.p <= 0.99
        if isinstance(each.forecast, Forecast):
            for band in (each.forecast, *each.forecast.cone):
                edges = [band.low80, band.low50, band.high50, band.high80]
                assert edges == sorted(edges) and band.low80 <= band.high80
            words = two_stories(
                each.forecast, lambda value: formatting.show(value, unit=terms.unit, kind=terms.kind)
            )
            assert not UNREADABLE.search(words)
    assert all(map(math.isfinite, _numbers(plan_line(terms))))


@settings(max_examples=60, deadline=None)
@given(bet=bets())
def test_every_target_is_finite_and_readable(bet):
    points, terms, today = bet
    if terms.target is None or terms.baseline is None:
        return
    for horizon in ("short", "long"):
        found = evaluate_target(
            points, kind=terms.kind, baseline=terms.baseline, baseline_date=terms.start, target=terms.target,
            due=terms.end, today=today, unit=terms.unit, decimals=terms.decimals, horizon=horizon, cone=True,
        )  # fmt: skip
        assert found.reason and not UNREADABLE.search(found.reason)
        assert all(map(math.isfinite, _numbers(found)))
