"""What the North Star meant before: its series under the former definition, apart from the present one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from metrics import series
from metrics.analysis.points import Point
from metrics.analysis.splice import splice
from metrics.models import Company, Metric, Observation
from metrics.models.northstar import NorthStarVersion
from northstar.lib import periods
from northstar.lib.localtime import first_instant


@dataclass(frozen=True, slots=True)
class Meaning:
    """The points of the present definition, and in `grey` those of the one before, to its last day.

    `words` compare the two where both were measured side by side for eight weeks; the present one counts
    from `since` on, None where nothing was redefined.
    """

    points: list[Point]
    grey: tuple[Point, ...] = ()
    words: str = ""
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Former:
    """The definition before the last redefinition; the present one counts from `until` on."""

    metric: Metric
    until: date


def former(versions: Sequence[NorthStarVersion]) -> Former | None:
    """What the last redefinition replaced, from versions in any order; None where nothing was redefined."""
    ordered = sorted(versions, key=lambda each: each.version_no)
    for before, after in reversed(list(zip(ordered, ordered[1:], strict=False))):
        if after.change_type == "redefinition":
            return Former(before.metric, after.effective_from)
    return None


def meaning(
    metric: Metric, old: Former | None, found: Mapping[int, Sequence[Point]], *, company: Company
) -> Meaning:
    """Present and former points of the North Star from `series.weekly` of both metrics."""
    points = list(found[metric.pk])
    if old is None:
        return Meaning(points)
    if old.metric.pk == metric.pk:
        return _divided(metric, points, old.until, company=company)
    past = found[old.metric.pk]
    side_by_side = splice(past, points)
    grey = tuple(point for point in past if point.complete and point.start <= old.until)
    return Meaning(points, grey, side_by_side.words if side_by_side else "", old.until)


def _divided(metric: Metric, points: list[Point], day: date, *, company: Company) -> Meaning:
    """One metric that means something else from `day` on: what was not read again since is the past.

    Until the first new period is complete, the old ones are all there is.
    """
    rows = Observation.objects.filter(metric=metric, period_start__lt=day)
    stale = rows.filter(as_of__lt=first_instant(day, company.zone)).values_list("period_start", flat=True)
    grain = series.grain_of(metric)
    old = {periods.period_start(start, grain) for start in stale}
    present = [point for point in points if point.start not in old]
    if not any(point.complete and point.value is not None for point in present):
        return Meaning(points)
    grey = tuple(point for point in points if point.complete and point.start in old)
    return Meaning(present, grey, since=day)
