"""What a chart's page prints beside it: figures, changes and sentences, worked out when data changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from metrics import formatting, series
from metrics.analysis.health_rule import NO_DATA, TOO_EARLY, Health
from metrics.analysis.points import Point, complete_points
from metrics.analysis.reading import changes, latest
from metrics.models import Metric
from metrics.verdict import Known, Measure
from northstar.lib import datewords

Facts = dict[str, Any]
NEAR_PLAN = 0.05
SHORT_UNIT = 3
COUNTED = ("flow_sum", "unique", "snapshot_stock")
COMPARED = ("on last week", "on 4-week mean", "on last year")


def figure_facts(
    metric: Metric, points: Sequence[Point], *, today: date, grain: str = "week", end: float | None = None
) -> Facts:
    """The latest complete value with its period, its changes, and what the running period has so far.

    `end` is what the running period is likely to come to. Texts only, but for `period_start` (ISO date);
    without any value just `figure` as an en dash.
    """
    now = latest(points)
    if now is None:
        return {"figure": formatting.NOTHING, "unit_words": "", "value": "", "period": "", "deltas": []}
    figure, unit = split_unit(now.value, metric)
    return {
        "figure": figure,
        "unit_words": unit,
        "value": show(now.value, metric),
        "period": when(now.start, grain, today),
        "period_start": now.start.isoformat(),
        "period_note": now.note or ("estimated" if now.estimated else ""),
        "missed": _missed(points, now, grain, today),
        "incomplete": _incomplete(points, metric, grain, end=end),
        "deltas": deltas(points, metric),
    }


def deltas(points: Sequence[Point], metric: Metric) -> list[Facts]:
    """The changes against the week before, the four weeks before and a year ago, those that are known."""
    found = changes(points, metric.kind)
    pairs = (
        (found.week_before, found.week_before_share),
        (found.four_week_mean, found.four_week_share),
        (found.year_before, found.year_before_share),
    )
    return [
        delta(change, part, metric) | {"note": note}
        for (change, part), note in zip(pairs, COMPARED, strict=True)
        if change is not None
    ]


def delta(change: float, part: float | None, metric: Metric) -> Facts:
    """{"change", "tone", "arrow"}: percent of percent is never shown, nor a colour that means nothing."""
    if part is None or formatting.is_percent(metric.unit, metric.kind):
        text = formatting.show_change(change, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)
    else:
        text = formatting.show_share(part, decimals=1, sign=True)
    if not text.startswith(("+", formatting.MINUS)):
        return {"change": "steady", "tone": "", "arrow": "steady"}
    rises = text.startswith("+")
    tone = "good" if rises == (metric.direction == "up") else "bad"
    return {
        "change": text,
        "tone": "" if metric.direction == "range" else tone,
        "arrow": "up" if rises else "down",
    }


def measure_of(metric: Metric, name: str = "") -> Measure:
    """How values of the metric are written; `name` is what the page calls it."""
    return Measure(name or metric.name, metric.unit, metric.decimals, metric.kind, metric.direction)


def known(metric: Metric, points: Sequence[Point], *, today: date, name: str = "") -> Known:
    """What a verdict knows of the newest complete period itself."""
    now, grain = latest(points), series.grain_of(metric)
    measure = measure_of(metric, name)
    if now is None or now.value is None:
        return Known(measure, today, grain=grain)
    end = now.start if grain == "month" else now.start + timedelta(days=6)
    month = datewords.MONTHS[end.month - 1]
    year = "" if end.year == today.year else f" {end.year}"
    period = f"{month}{year}" if grain == "month" else f"the week to {end.day} {month}{year}"
    against = _against_before(points, metric)
    return Known(measure, today, now.value, period, against=against, grain=grain)


def show(value: float | Decimal | None, metric: Metric) -> str:
    """A value of the metric as text with its unit."""
    return formatting.show(value, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)


def split_unit(value: float | None, metric: Metric) -> tuple[str, str]:
    """The figure and its unit word apart, for figures set large: ("4,871", "crews"), ("24.0%", "")."""
    tied = formatting.is_percent(metric.unit, metric.kind) or metric.unit[:1] in formatting.CURRENCIES
    if not metric.unit or tied:
        return show(value, metric), ""
    bare = formatting.show(value, decimals=metric.decimals)
    return bare, metric.unit


def when(start: date, grain: str, today: date) -> str:
    """The period that begins on `start`: "week to Sun 15 Nov", "Oct 2026"."""
    return (
        formatting.period_words(start, "month") if grain == "month" else formatting.week_words(start, today)
    )


def _against_before(points: Sequence[Point], metric: Metric) -> str:
    change, grain = changes(points, metric.kind).week_before, series.grain_of(metric)
    if change is None:
        return ""
    text = formatting.show_change(change, unit=metric.unit, decimals=metric.decimals, kind=metric.kind)
    if not text.startswith(("+", formatting.MINUS)):
        return f"the same as the {grain} before"
    counted = metric.kind in COUNTED and metric.decimals == 0 and metric.unit[:1] not in formatting.CURRENCIES
    size = formatting.show(abs(change)) if counted else text[1:]
    word = "more" if change > 0 else "fewer" if counted else "less"
    return f"{size} {word} than the {grain} before"


def against_plan(metric: Metric, health: Health) -> str:
    """How it stands against its plan, where nothing better than the plan is known."""
    if health.state == NO_DATA or health.gap is None or health.state == TOO_EARLY:
        return health.reason
    asked = f"The plan asks for {show(health.pace, metric)} by now"
    if abs(health.gap) <= NEAR_PLAN:
        return f"{asked}, so it is on plan."
    return f"{asked}, so it is {'ahead' if health.gap > 0 else 'behind'}."


def _incomplete(points: Sequence[Point], metric: Metric, grain: str, *, end: float | None) -> str:
    last = points[-1] if points else None
    if last is None or last.complete or last.value is None:
        return ""
    note = f", {last.note}" if last.note else ""
    rhythm = "" if end is None else f"; at the usual rhythm about {show(end, metric)} in the end"
    return f"This {grain} so far: {show(last.value, metric)}{note}{rhythm}. It is not counted yet."


def _missed(points: Sequence[Point], now: Point, grain: str, today: date) -> str:
    """A sentence where complete periods after the newest value have none."""
    empty = [point for point in complete_points(points) if point.start > now.start]
    if not empty:
        return ""
    if len(empty) == 1:
        return f"The {when(empty[0].start, grain, today)} has no value."
    return f"{formatting.count_word(len(empty))} {grain}s since then have no value."
