"""Holding what a bet predicted against what came, once the day for it is over; what was said stays."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from metrics import series
from metrics.analysis import effect as analysis
from metrics.analysis.effect import CANNOT_TELL, Judged
from metrics.analysis.points import SNAPSHOT_STOCK, Point
from metrics.charts import effect as drawing
from metrics.charts.effect import Compared
from metrics.models import Company, Metric, NorthStarVersion
from northstar.lib import periods
from northstar.lib.periods import WEEK
from teams import ledger
from teams.models import Effect
from teams.verdict_words import of_verdict

log = logging.getLogger(__name__)

#: As much as the forecast reads, and the weeks that are drawn before a window.
HISTORY, DRAWN = timedelta(weeks=108), timedelta(weeks=26)
#: Values that have not come by then will not come any more.
PATIENCE = timedelta(weeks=8)
#: So many in one run; the next run takes the rest.
AT_ONCE = 50
WIDE, NARROW = (720, 260), (360, 260)


def judge_due(now: datetime) -> int:
    """Judge every prediction whose day is over and whose data is complete; returns how many were judged.

    Each is judged once: a later correction of the data, or another run at the same time, changes nothing.
    """
    company = Company.current()
    today = periods.local_day(now, company.zone)
    due = Effect.objects.filter(verdict="", due_on__lt=today).select_related("omtm").order_by("due_on", "id")
    waiting = list(due[:AT_ONCE])
    if not waiting:
        return 0
    metrics = Metric.objects.in_bulk({effect.detail["metric"] for effect in waiting})
    since = min(effect.omtm.start for effect in waiting) - HISTORY
    points = series.weekly(metrics.values(), company=company, now=now, since=since)
    judged = 0
    for effect in waiting:
        try:
            judged += _judge(effect, points.get(effect.detail["metric"], []), today=today, now=now)
        except Exception:
            log.exception("Effect %s could not be judged", effect.pk)
    return judged


def _judge(effect: Effect, points: Sequence[Point], *, today: date, now: datetime) -> bool:
    """Whether it was judged by this run."""
    if not analysis.is_ready(points, effect.due_on) and today <= effect.due_on + PATIENCE:
        return False
    found = analysis.judge(
        points,
        kind=effect.detail["kind"],
        start=effect.omtm.start,
        due=effect.due_on,
        predicted=effect.predicted,
        sign=effect.detail["sign"],
    )
    if _was_redefined(effect):
        found = replace(found, verdict=CANNOT_TELL, reason="redefined")
    words = of_verdict(found, effect.detail)
    kept = Effect.objects.filter(pk=effect.pk, verdict="").update(
        observed=found.observed,
        low=found.low,
        high=found.high,
        verdict=found.verdict,
        words=words,
        detail=effect.detail | {"reason": found.reason} | _drawn(effect, found, points, words=words),
        judged_at=now,
    )
    return kept > 0


def _was_redefined(effect: Effect) -> bool:
    """Whether the number came to mean something else between the window's start and the day that counts."""
    start, star = effect.omtm.start, effect.detail.get("north_star")
    if star is not None:
        between = NorthStarVersion.objects.filter(
            north_star=star, effective_from__range=(start, effect.due_on)
        )
        if between.exclude(effective_from=start).exists():
            return True
    return any(
        start <= change.day <= effect.due_on
        for change in ledger.redefinitions([effect.detail["metric"]], since=start)
    )


def _drawn(effect: Effect, found: Judged, points: Sequence[Point], *, words: str) -> Mapping[str, Any]:
    """The drawing at both widths and its table; nothing where nothing was to be expected."""
    if not found.path:
        return {}
    detail, start = effect.detail, effect.omtm.start
    end = found.path[-1].mean
    shown = Compared(
        title=detail["name"],
        sentence=words,
        unit=detail["unit"],
        decimals=detail["decimals"],
        kind=detail["kind"],
        points=tuple(point for point in points if point.start >= start - DRAWN),
        path=found.path,
        window=(start, min(effect.omtm.end, found.path[-1].day)),
        predicted=None if found.predicted is None else end + found.predicted,
        observed=found.actual,
        counted=1 if detail["kind"] == SNAPSHOT_STOCK else analysis.COUNTED,
    )
    return {
        "wide": drawing.sketch(shown, width=WIDE[0], height=WIDE[1]),
        "narrow": drawing.sketch(shown, width=NARROW[0], height=NARROW[1]),
        "table": drawing.table(shown),
        "weeks": (found.path[-1].day - start + periods.A_DAY) // WEEK,
    }
