"""How the North Star stands against its targets, and what its page prints about each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from metrics import foreseeing, formatting, outlook, picturing, series, telling
from metrics.analysis.forecast import Forecast, Withheld
from metrics.analysis.health_rule import NO_DATA, TOO_EARLY, Health
from metrics.analysis.pace import expected_fraction, pace_line, progress, required_per_week
from metrics.analysis.points import Point, complete_points
from metrics.analysis.reading import latest
from metrics.analysis.target_health import evaluate_target
from metrics.analysis.wording import likely_words
from metrics.charts.spec import ChartSpec
from metrics.models import Metric, NorthStarTarget
from metrics.picturing import Picture
from metrics.verdict import Aim, Known
from northstar.lib import periods
from northstar.lib.periods import A_DAY

HORIZON_WORDS = {"short": "Short term", "annual": "This year", "long": "Long term"}
REACHED_WEEKS = 2
UNTRUSTED = "No trusted data"


@dataclass(frozen=True, slots=True)
class Standing:
    """A target, with its health and forecast where it is judged; `progress` as a fraction of the way."""

    target: NorthStarTarget
    health: Health | None = None
    forecast: Forecast | Withheld | None = None
    progress: float | None = None

    @property
    def likely(self) -> str:
        """The chance to be there that day in words, "" where nobody can say."""
        cone = self.forecast
        known = isinstance(cone, Forecast) and cone.p is not None
        return likely_words(cone.p) if known and isinstance(cone, Forecast) else ""


def current(rows: Iterable[NorthStarTarget]) -> list[NorthStarTarget]:
    """Those that hold now, soonest first."""
    return sorted((row for row in rows if row.superseded_on is None), key=lambda row: row.due_date)


def stand(found: Picture, target: NorthStarTarget) -> Standing:
    """How the newest complete week stands against the straight plan, and where it leads (domain 6.6)."""
    metric, now = found.metric, latest(found.points)
    goal, base = float(target.target_value), float(target.baseline_value)
    made = progress(base, goal, now.value if now else None)
    if found.trust.blocks:
        doubt = Health(NO_DATA, " ".join(found.trust.sentences))
        return Standing(target, doubt, Withheld(outlook.UNTRUSTED), made)
    if found.broken_on is not None and target.set_on < found.broken_on:
        since = formatting.day_words(found.broken_on, found.today)
        reason = f"This target was set for the definition that counted until {since}. Set it anew."
        return Standing(target, Health(NO_DATA, reason), Withheld(reason))
    health = evaluate_target(
        found.points,
        kind=metric.kind,
        baseline=base,
        baseline_date=target.baseline_date,
        target=goal,
        due=target.due_date,
        today=found.today,
        unit=metric.unit,
        decimals=metric.decimals,
        grain=series.grain_of(metric),
        horizon=target.horizon,
        cone=True,
        set_on=target.set_on,
    )
    return Standing(target, health, health.forecast, made)


def nearest(standings: Sequence[Standing], today: date) -> Standing | None:
    """The one whose day comes next; the last one where every day is over. They come soonest first."""
    ahead = (each for each in standings if each.target.due_date >= today)
    return next(ahead, standings[-1] if standings else None)


def told(found: Picture, near: Standing | None) -> Known:
    """What a verdict may say, the nearest target included."""
    plain = picturing.known(found)
    if near is None:
        return plain
    target, health = near.target, near.health
    plan = telling.against_plan(found.metric, health) if health else ""
    aim = Aim(float(target.target_value), target.due_date, near.progress, near.likely, plan)
    young = health.reason if health and health.state == TOO_EARLY else ""
    if near.forecast is None:
        return plain
    return replace(plain, aim=aim, forecast=near.forecast, young=young)


def keep(found: Picture, standings: Iterable[Standing], *, now: datetime) -> None:
    """Keep what was foreseen of each target, so that it can be held against what happens. One query."""
    newest = latest(found.points)
    if newest is None or found.trust.blocks:
        return
    weeks = foreseeing.digest_of([point for point in found.points if point.complete])
    kept = []
    for each in standings:
        cone, row = each.forecast, each.target
        if isinstance(cone, Forecast) and row.due_date >= found.today:
            terms = repr((weeks, row.target_value, row.due_date)).encode()
            digest = hashlib.sha256(terms).hexdigest()[:16]
            goal, subject = float(row.target_value), f"target:{row.pk}"
            kept.append(foreseeing.Kept(subject, found.metric, cone, goal, newest.start, digest))
    foreseeing.keep_many(kept, now=now)


def aimed(spec: ChartSpec, near: Standing | None, all_targets: Sequence[NorthStarTarget]) -> ChartSpec:
    """The chart with target, plan, the target before it, and the forecast to its day."""
    if near is None:
        return spec
    target, cone = near.target, near.forecast
    former = [t for t in all_targets if t.superseded_on is not None and t.horizon == target.horizon]
    newest = max(former, key=lambda t: (t.superseded_on, t.pk), default=None)
    goal, base = float(target.target_value), float(target.baseline_value)
    changed = newest is not None and newest.target_value != target.target_value
    return replace(
        spec,
        target=goal,
        target_day=target.due_date,
        pace=pace_line(base, goal, start=target.baseline_date + A_DAY, end=target.due_date),
        former_target=float(newest.target_value) if newest and changed else None,
        cone=cone.cone if isinstance(cone, Forecast) else spec.cone if cone is None else (),
    )


def near_facts(found: Picture, near: Standing | None) -> dict[str, Any]:
    """State, reason, chance and forecast against the nearest target; empty texts without one."""
    health, cone = (near.health, near.forecast) if near else (None, None)
    measure = telling.measure_of(found.metric, found.name)
    told_of = outlook.facts(cone, measure, today=found.today) if cone is not None else {}
    return {
        "state": health.state if health else "",
        "pill": UNTRUSTED if health and found.trust.blocks else "",
        "reason": health.reason if health else "",
        "likely_words": near.likely if near else "",
        "p": cone.p if isinstance(cone, Forecast) else None,
        **told_of,
    }


def facts(found: Picture, standing: Standing) -> dict[str, Any]:
    """Progress and time elapsed at the end of the newest complete week, its chance, the rate it needs."""
    metric, today = found.metric, found.today
    target, health, now = standing.target, standing.health, latest(found.points)
    last_day = target.baseline_date
    if now:
        last_day = max(periods.last_day(now.start, series.grain_of(metric)), last_day)
    goal, base = float(target.target_value), float(target.baseline_value)
    needed = required_per_week(now.value if now else None, goal, last_day=last_day, end=target.due_date)
    return {
        "horizon": target.horizon,
        "label": HORIZON_WORDS[target.horizon],
        "target": telling.show(goal, metric),
        "from": telling.show(base, metric),
        "due": formatting.day_words(target.due_date, today),
        "over": target.due_date < today,
        "progress": standing.progress,
        "elapsed": expected_fraction(target.baseline_date + A_DAY, target.due_date, last_day),
        "needed": "" if needed is None or (standing.progress or 0) >= 1 else _weekly(needed, metric),
        "state": health.state if health else "",
        "reason": health.reason if health else "",
        "likely": standing.likely,
        "reached": reached(found.points, goal, up=goal > base),
        **outlook.facts(standing.forecast, telling.measure_of(metric), today=today),
    }


def reached(points: Sequence[Point], goal: float, *, up: bool) -> bool:
    """Whether the last two complete periods are at the target or past it."""
    last = complete_points(points)[-REACHED_WEEKS:]
    values = [point.value for point in last if point.value is not None]
    there = [value >= goal if up else value <= goal for value in values]
    return len(values) == REACHED_WEEKS and all(there)


def _weekly(needed: float, metric: Metric) -> str:
    scaled = abs(needed) * formatting.shown_scale(metric.unit, metric.kind)
    decimals = metric.decimals + (scaled < 10**-metric.decimals * 10)
    return formatting.show_change(needed, unit=metric.unit, decimals=decimals, kind=metric.kind)
