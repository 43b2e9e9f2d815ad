"""Drawing the chart of the North Star and of single metrics, with what their pages print beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from metrics import formatting, series, telling, tree
from metrics.analysis import health as judging
from metrics.analysis.health import Health
from metrics.analysis.pace import expected_fraction, pace_line, progress, required_per_week
from metrics.analysis.points import Point
from metrics.analysis.reading import changes, latest
from metrics.charts.spec import RANGES, ChartSpec, Note
from metrics.models import Annotation, ChartDocument, Company, Driver, Metric, NorthStar, NorthStarTarget
from metrics.models.northstar import NorthStarVersion
from northstar.lib import periods

NORTH_STAR = "north-star"
HORIZON_WORDS = {"short": "Short term", "annual": "This year", "long": "Long term"}
BREAKS = {"correction": "Restated", "redefinition": "Definition changed", "replacement": "New metric"}
A_DAY = timedelta(days=1)


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
    points, targets = found[metric.pk], list(star.targets.all())
    current = sorted((t for t in targets if t.superseded_on is None), key=lambda t: t.due_date)
    judged = {target.horizon: judge(metric, points, target, today=today) for target in current}
    nearest = next((t for t in current if t.due_date >= today), current[-1] if current else None)
    health = judged[nearest.horizon] if nearest else None
    listed = _notes(metric, star, today=today)
    spec = _spec(metric, points, now=now, zone=company.zone, title=star.name, notes=listed)
    grain = series.grain_of(metric)
    verdict = telling.sentence(metric, points, today=today, grain=grain, health=health)
    spec = _aimed(spec, nearest, targets, sentence=verdict)
    facts = _named(star, version) | telling.figure_facts(metric, points, today=today, grain=grain)
    facts |= {
        "state": health.state if health else "",
        "reason": health.reason if health else "",
        "targets": [_target_facts(metric, points, t, health=judged[t.horizon], today=today) for t in current],
        "drivers": [
            _driver_facts(driver, driver.metric, found[driver.metric.pk], star=points, today=today)
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
    listed = _notes(metric, today=today)
    spec = _spec(metric, points, now=now, zone=company.zone, title=metric.name, notes=listed)
    spec = _aimed(spec, None, [], sentence=telling.sentence(metric, points, today=today, grain=grain))
    facts = telling.figure_facts(metric, points, today=today, grain=grain) | {"flags": listed}
    return _keep(f"metric:{metric.pk}", spec, today=today, facts=facts)


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


def _aimed(
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


def _named(star: NorthStar, version: NorthStarVersion) -> dict[str, Any]:
    return {
        "name": star.name,
        "definition": version.plain_definition,
        "metric": version.metric.slug,
        "version": version.version_no,
    }


def _target_facts(
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


def _driver_facts(
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


def _notes(metric: Metric, star: NorthStar | None = None, *, today: date) -> list[dict[str, Any]]:
    """Notes of the metric and of the company, and changes of the definition; oldest first, numbered."""
    rows = Annotation.objects.filter(Q(metric=None) | Q(metric=metric)).select_related("author")
    found: list[tuple[date, dict[str, Any]]] = [(row.day, _flag(row, today)) for row in rows]
    for version in star.versions.exclude(change_type__in=("first", "clarification")) if star else ():
        text = BREAKS.get(version.change_type, "Definition changed")
        found.append(
            (
                version.effective_from,
                {
                    "text": text,
                    "kind": "definition",
                    "when": formatting.day_words(version.effective_from, today),
                },
            )
        )
    found.sort(key=lambda pair: pair[0])
    return [flag | {"day": day.isoformat(), "number": place} for place, (day, flag) in enumerate(found, 1)]


def _flag(row: Annotation, today: date) -> dict[str, Any]:
    when = _span(row.day, row.until or row.day, today)
    author = str(row.author) if row.author else ""
    return {
        "id": row.pk,
        "text": row.text,
        "kind": row.kind,
        "when": when,
        "link": row.link,
        "author": author,
    }


def _span(first: date, last: date, today: date) -> str:
    """ "5 Oct", "7 to 8 Sep", "30 Dec 2025 to 2 Jan"."""
    end = formatting.day_words(last, today)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {end}"
    return f"{formatting.day_words(first, today)} to {end}"
