"""Drawing the chart of the North Star and of single metrics, with what their pages print beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from metrics import (
    definitions,
    driving,
    explaining,
    flags,
    foreseeing,
    formatting,
    guarding,
    outlook,
    picturing,
    remembering,
    series,
    signalling,
    targets,
    telling,
    tree,
    trusting,
)
from metrics.analysis.points import Point
from metrics.analysis.reading import latest
from metrics.analysis.splice import splice
from metrics.analysis.trust import Trust
from metrics.charts.spec import RANGES, ChartSpec
from metrics.models import ChartDocument, Company, Driver, Metric, NorthStar
from metrics.models.northstar import NorthStarVersion
from metrics.picturing import Picture
from metrics.verdict import verdict
from northstar.lib import periods

NORTH_STAR = "north-star"


def key_of(star: NorthStar) -> str:
    """The key of its document: the company's active one has the plain one."""
    plain = star.scope == "company" and star.state == "active"
    return NORTH_STAR if plain else f"{NORTH_STAR}:{star.pk}"


def draw_north_star(now: datetime) -> ChartDocument | None:
    """Draw the company's North Star and keep it under "north-star"; None while there is none."""
    star = NorthStar.current()
    document = draw_star(star, now) if star else None
    if document is None:
        ChartDocument.objects.filter(key=NORTH_STAR).delete()
    return document


def draw_stars(now: datetime) -> None:
    """Every star that is active, and once more those that ended and have no picture of their end yet."""
    draw_north_star(now)
    keys = set(ChartDocument.objects.filter(key__startswith=f"{NORTH_STAR}:").values_list("key", flat=True))
    for star in NorthStar.objects.exclude(scope="company", state="active").exclude(state="draft"):
        if star.state == "active" or key_of(star) not in keys:
            draw_star(star, now)


def draw_star(star: NorthStar, now: datetime) -> ChartDocument | None:
    """Draw one star under its key; one that was superseded as it stood at its end. None without a version."""
    company = Company.current()
    versions = list(star.versions.select_related("metric").order_by("-version_no"))
    if not versions:
        return None
    old, drivers = definitions.former(versions), list(star.drivers.select_related("metric"))
    guards = list(star.guardrails.select_related("metric").order_by("pk"))
    wanted = [versions[0].metric, old and old.metric, *(each.metric for each in (*drivers, *guards))]
    found = series.weekly({each.pk: each for each in wanted if each}.values(), company=company, now=now)
    if star.state == "superseded":
        return _draw_ended(star, versions, found, company=company, now=now)
    picture = _of_star(star, versions, found, company=company, now=now)
    aims = list(star.targets.all())
    standings = [targets.stand(picture, each) for each in targets.current(aims)]
    targets.keep(picture, standings, now=now)
    _look_ahead(picture, drivers, found, company=company, now=now)
    near = targets.nearest(standings, picture.today)
    read = found | {picture.metric.pk: picture.points}
    plain = key_of(star) == NORTH_STAR
    why = (
        explaining.draw_why(star, versions[0], read, drivers=drivers, company=company, now=now)
        if plain
        else None
    )
    guarded = [
        guarding.facts(each, found[each.metric_id], signalling.look(each.metric, found[each.metric_id]))
        for each in guards
    ]
    # A broken guardrail is told in the place of what moved the number: the number is not the news then.
    told = replace(
        targets.told(picture, near), driver=guarding.clause(guarded) or (why.clause if why else "")
    )
    spec = replace(targets.aimed(picturing.spec(picture), near, aims), sentence=verdict(told))
    facts = picturing.facts(picture) | targets.near_facts(picture, near) | _named(star, versions[0])
    facts["targets"] = [targets.facts(picture, each) for each in standings]
    facts["drivers"] = _drivers(drivers, found, picture)
    facts |= {"guardrails": guarded} | _raw(picture)
    return _keep(key_of(star), spec, today=picture.today, facts=facts)


def _raw(picture: Picture) -> dict[str, Any]:
    """The newest value itself with its week, for sums of units."""
    newest = latest(picture.points)
    return {"raw": newest.value, "raw_start": newest.start.isoformat()} if newest else {}


def _draw_ended(
    star: NorthStar,
    versions: Sequence[NorthStarVersion],
    found: Mapping[int, Sequence[Point]],
    *,
    company: Company,
    now: datetime,
) -> ChartDocument:
    """As it stood when it ended: nothing after that day, no forecast, no target that still asks."""
    ended = versions[0].effective_to or periods.local_day(now, company.zone)
    cut = {pk: [each for each in points if each.start < ended] for pk, points in found.items()}
    picture = replace(
        _of_star(star, versions, cut, company=company, now=now), forecast=None, signal=None, today=ended
    )
    newest = latest(picture.points)
    stood = f" It stood at {telling.show(newest.value, picture.metric)} then." if newest else ""
    sentence = f"{star.name} ended on {formatting.day_words(ended)}.{stood}"
    facts = picturing.facts(picture) | _named(star, versions[0]) | {"ended": ended.isoformat()}
    spec = replace(picturing.spec(picture), sentence=sentence)
    return _keep(key_of(star), spec, today=ended, facts=facts)


def draw_metric(metric: Metric, now: datetime) -> ChartDocument:
    """Draw one metric and keep it under "metric:<id>"; sketches for 26 weeks, 15 months and everything."""
    company = Company.current()
    former = metric.replaces
    found = series.weekly([metric, *([former] if former else [])], company=company, now=now)
    points = found[metric.pk]
    trust = trusting.trust_of([metric], points=found, company=company, now=now)[metric.pk]
    beside = splice(found[former.pk], points) if former else None
    picture = replace(
        _picture(metric, metric.name, points, trust=trust, company=company, now=now),
        flags=flags.flags(metric, today=periods.local_day(now, company.zone)),
        apart=beside.words if beside else "",
    )
    spec = replace(picturing.spec(picture), sentence=verdict(picturing.known(picture)))
    return _keep(f"metric:{metric.pk}", spec, today=picture.today, facts=picturing.facts(picture))


def _picture(
    metric: Metric, name: str, points: list[Point], *, trust: Trust, company: Company, now: datetime
) -> Picture:
    """What the page of any metric shows; limits are locked only on values that can be relied on."""
    restated = remembering.restatements(metric, points, company=company, now=now)
    return Picture(
        metric,
        name,
        points,
        trust,
        periods.local_day(now, company.zone),
        forecast=outlook.quarter(metric, points, trust=trust),
        signal=signalling.look(metric, points, create=not trust.blocks),
        restated=tuple(each.start for each in restated),
        data_changes=[each.fact for each in restated],
        end=series.nowcast_of(metric, points),
    )


def _of_star(
    star: NorthStar,
    versions: Sequence[NorthStarVersion],
    found: Mapping[int, Sequence[Point]],
    *,
    company: Company,
    now: datetime,
) -> Picture:
    """The North Star by its present definition; versions newest first."""
    metric, today = versions[0].metric, periods.local_day(now, company.zone)
    meant = definitions.meaning(metric, definitions.former(versions), found, company=company)
    trust = trusting.trust_of([metric], points=found, company=company, now=now)[metric.pk]
    return replace(
        _picture(metric, star.name, meant.points, trust=trust, company=company, now=now),
        flags=flags.flags(metric, versions, today=today, apart=meant.words),
        grey=meant.grey,
        broken_on=meant.since,
    )


def _look_ahead(
    picture: Picture,
    drivers: Sequence[Driver],
    found: Mapping[int, Sequence[Point]],
    *,
    company: Company,
    now: datetime,
) -> None:
    """The forecasts of each week that are held against what happens 13 weeks on, of what can be relied on."""
    inputs = {each.metric.pk: each.metric for each in drivers if each.metric is not None}
    inputs.pop(picture.metric.pk, None)
    worth = trusting.trust_of(inputs.values(), points=found, company=company, now=now)
    asked = [(metric, found[pk]) for pk, metric in inputs.items() if not worth[pk].blocks]
    if not picture.trust.blocks:
        asked.append((picture.metric, picture.points))
    foreseeing.routine(asked, now)


def _drivers(
    drivers: Sequence[Driver], found: Mapping[int, Sequence[Point]], picture: Picture
) -> list[dict[str, Any]]:
    return [
        driving.facts(each, each.metric, found[each.metric.pk], star=picture.points, today=picture.today)
        for each in tree.movable(drivers)
        if each.metric is not None
    ]


def _keep(key: str, spec: ChartSpec, *, today: date, facts: dict[str, Any]) -> ChartDocument:
    # Plotly is large: only who draws loads it.
    from metrics import charting

    words = [f"{flag['when']} · {flag['text']}" for flag in facts["flags"]]
    return charting.draw(
        key, spec, today=today, ranges=RANGES, facts=facts | {"notes": words}, wall=key == NORTH_STAR
    )


def _named(star: NorthStar, version: NorthStarVersion) -> dict[str, Any]:
    return {
        "star": star.pk,
        "unit": star.unit,
        "name": star.name,
        "definition": version.plain_definition,
        "metric": version.metric.slug,
        "version": version.version_no,
    }
