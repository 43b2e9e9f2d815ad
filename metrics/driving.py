"""What the North Star page prints about each driver."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from metrics import series, telling
from metrics.analysis.points import Point
from metrics.analysis.reading import changes, latest
from metrics.models import Driver, Metric


def facts(
    driver: Driver, metric: Metric, points: Sequence[Point], *, star: Sequence[Point], today: date
) -> dict[str, Any]:
    now, of_star, found = latest(points), latest(star), changes(points, metric.kind)
    behind = now is not None and of_star is not None and now.start < of_star.start
    moved = (
        None
        if found.four_week_mean is None
        else telling.delta(found.four_week_mean, found.four_week_share, metric)
    )
    return {
        "name": driver.name or metric.name,
        "metric": metric.slug,
        "value": telling.show(now.value if now else None, metric),
        "age": telling.when(now.start, series.grain_of(metric), today) if now and behind else "",
        "edge": driver.edge,
        "evidence": driver.evidence,
        **(moved or {"change": "", "tone": "", "arrow": ""}),
    }
