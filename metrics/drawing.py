"""Drawing the chart of the North Star and of single metrics, with what their pages print beside them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from metrics import driving, flags, series, targets, telling, tree
from metrics.analysis.points import Point
from metrics.charts.spec import RANGES, ChartSpec, Note
from metrics.models import ChartDocument, Company, Metric, NorthStar
from metrics.models.northstar import NorthStarVersion
from northstar.lib import periods

NORTH_STAR = "north-star"


def draw_north_star(now: datetime) -> ChartDocument | None:
    """Draw the company's North Star and keep it under "north-star"; None while there is none."""
    company = Company.current()
    today = periods.local_day(now, company.zone)
    star = NorthStar.current()
    version = star.versions.select_related("metric").order_by("-version_no").first() if star else None
    if star is None or version is None:
        ChartDocument.objects.filter(key=NORTH_STAR).delete()
        return None
    metric, drivers = version.metric, list(star.drivers.select_related("metric"))
    measured = {each.pk: each for each in (metric, *(driver.metric for driver in drivers)) if each}
    found = series.weekly(measured.values(), company=company, now=now)
    points, aims = found[metric.pk], list(star.targets.all())
    current = sorted((t for t in aims if t.superseded_on is None), key=lambda t: t.due_date)
    judged = {target.horizon: targets.judge(metric, points, target, today=today) for target in current}
    nearest = next((t for t in current if t.due_date >= today), current[-1] if current else None)
    health = judged[nearest.horizon] if nearest else None
    listed = flags.flags(metric, star, today=today)
    spec = _spec(metric, points, now=now, zone=company.zone, title=star.name, notes=listed)
    grain = series.grain_of(metric)
    verdict = telling.sentence(metric, points, today=today, grain=grain, health=health)
    spec = targets.aimed(spec, nearest, aims, sentence=verdict)
    facts = _named(star, version) | telling.figure_facts(metric, points, today=today, grain=grain)
    facts |= {
        "state": health.state if health else "",
        "reason": health.reason if health else "",
        "targets": [targets.facts(metric, points, t, health=judged[t.horizon], today=today) for t in current],
        "drivers": [
            driving.facts(driver, driver.metric, found[driver.metric.pk], star=points, today=today)
            for driver in tree.movable(drivers)
            if driver.metric is not None
        ],
        "flags": listed,
    }
    return _keep(NORTH_STAR, spec, today=today, facts=facts)


def draw_metric(metric: Metric, now: datetime) -> ChartDocument:
    """Draw one metric and keep it under "metric:<id>"; sketches for 26 weeks, 15 months and everything."""
    company = Company.current()
    today = periods.local_day(now, company.zone)
    points, grain = series.of(metric, company=company, now=now), series.grain_of(metric)
    listed = flags.flags(metric, today=today)
    spec = _spec(metric, points, now=now, zone=company.zone, title=metric.name, notes=listed)
    spec = targets.aimed(spec, None, [], sentence=telling.sentence(metric, points, today=today, grain=grain))
    facts = telling.figure_facts(metric, points, today=today, grain=grain) | {"flags": listed}
    return _keep(f"metric:{metric.pk}", spec, today=today, facts=facts)


def _keep(key: str, spec: ChartSpec, *, today: date, facts: dict[str, Any]) -> ChartDocument:
    # Plotly is large: only who draws loads it.
    from metrics import charting

    words = [f"{flag['when']} · {flag['text']}" for flag in facts["flags"]]
    return charting.draw(key, spec, today=today, ranges=RANGES, facts=facts | {"notes": words})


def _spec(
    metric: Metric,
    points: Sequence[Point],
    *,
    now: datetime,
    zone: str,
    title: str,
    notes: Sequence[dict[str, Any]],
) -> ChartSpec:
    return ChartSpec(
        title=title,
        unit=metric.unit,
        decimals=metric.decimals,
        kind=metric.kind,
        direction=metric.direction,
        points=tuple(points),
        notes=tuple(Note(date.fromisoformat(each["day"]), each["text"], each["number"]) for each in notes),
        incomplete_day=periods.local_day(now, zone),
        grain=series.grain_of(metric),
    )


def _named(star: NorthStar, version: NorthStarVersion) -> dict[str, Any]:
    return {
        "name": star.name,
        "definition": version.plain_definition,
        "metric": version.metric.slug,
        "version": version.version_no,
    }
