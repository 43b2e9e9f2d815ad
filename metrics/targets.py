"""How the North Star stands against its targets, and what its page prints about each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from metrics import formatting, series, telling
from metrics.analysis import health as judging
from metrics.analysis.health import Health
from metrics.analysis.pace import expected_fraction, pace_line, progress, required_per_week
from metrics.analysis.points import Point
from metrics.analysis.reading import latest
from metrics.charts.spec import ChartSpec
from metrics.models import Metric, NorthStarTarget
from northstar.lib import periods

HORIZON_WORDS = {"short": "Short term", "annual": "This year", "long": "Long term"}
A_DAY = timedelta(days=1)


def judge(metric: Metric, points: Sequence[Point], target: NorthStarTarget, *, today: date) -> Health:
    """How the newest complete week stands against the straight plan from baseline to target."""
    return judging.evaluate(
        points,
        kind=metric.kind,
        baseline=float(target.baseline_value),
        target=float(target.target_value),
        low=None,
        high=None,
        start=target.baseline_date + A_DAY,
        end=target.due_date,
        k=1,
        today=today,
        unit=metric.unit,
        decimals=metric.decimals,
        grain=series.grain_of(metric),
    )


def aimed(
    spec: ChartSpec, target: NorthStarTarget | None, all_targets: Sequence[NorthStarTarget], *, sentence: str
) -> ChartSpec:
    if target is None:
        return replace(spec, sentence=sentence)
    former = [t for t in all_targets if t.superseded_on is not None and t.horizon == target.horizon]
    newest = max(former, key=lambda t: (t.superseded_on, t.pk), default=None)
    goal, base = float(target.target_value), float(target.baseline_value)
    return replace(
        spec,
        sentence=sentence,
        target=goal,
        target_day=target.due_date,
        pace=pace_line(base, goal, start=target.baseline_date + A_DAY, end=target.due_date),
        former_target=float(newest.target_value)
        if newest and newest.target_value != target.target_value
        else None,
    )


def facts(
    metric: Metric, points: Sequence[Point], target: NorthStarTarget, *, health: Health, today: date
) -> dict[str, Any]:
    """Progress and time elapsed at the end of the newest complete week, and what is needed each week."""
    now = latest(points)
    value = now.value if now else None
    last_day = target.baseline_date
    if now:
        last_day = max(periods.last_day(now.start, series.grain_of(metric)), last_day)
    goal, base = float(target.target_value), float(target.baseline_value)
    needed = required_per_week(value, goal, last_day=last_day, end=target.due_date)
    made = progress(base, goal, value)
    return {
        "horizon": target.horizon,
        "label": HORIZON_WORDS[target.horizon],
        "target": telling.show(goal, metric),
        "from": telling.show(base, metric),
        "from_day": formatting.day_words(target.baseline_date, today),
        "due": formatting.day_words(target.due_date, today),
        "progress": made,
        "elapsed": expected_fraction(target.baseline_date + A_DAY, target.due_date, last_day),
        "needed": "" if needed is None or (made or 0) >= 1 else _weekly(needed, metric),
        "state": health.state,
    }


def _weekly(needed: float, metric: Metric) -> str:
    scaled = abs(needed) * formatting.shown_scale(metric.unit, metric.kind)
    decimals = metric.decimals + (scaled < 10**-metric.decimals * 10)
    return formatting.show_change(needed, unit=metric.unit, decimals=decimals, kind=metric.kind)
