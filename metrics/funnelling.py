"""Funnelling: a funnel read, ranked and drawn when its data changes, kept as the document "funnel:<id>"."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q

from metrics import counting, funnel_facts, funnel_trends, series, telling
from metrics.analysis.cohorts import Cohort, own_best
from metrics.analysis.reading import latest
from metrics.charts import funnel_trend
from metrics.funnel_reading import Counted, Ground, read
from metrics.models import ChartDocument, Company, Funnel, NorthStar, Stage, StageCount
from northstar.lib import clock, periods

#: The numbers of weeks that a reader may switch between, beside the funnel's own.
WINDOWS = (4, 13, 52)


def key_of(funnel: Funnel) -> str:
    """Under which its document is kept."""
    return f"funnel:{funnel.pk}"


def draw(funnel: Funnel, *, now: datetime) -> ChartDocument:
    """Read the steps, rank them and keep what the page shows."""
    company = Company.current()
    counting.refresh(_stages(funnel), now=now)
    stages = _stages(funnel)
    groups = counting.groups_of(stages, now=now)
    steps = [_counted(stage, groups.get(stage.pk, [])) for stage in stages]
    today, ground = periods.local_day(now, company.zone), _ground(funnel.north_star, company, now)
    windows = {
        str(weeks): funnel_facts.window(
            read(funnel, steps, weeks=weeks, ground=ground), funnel, ground, today=today
        )
        for weeks in sorted({*WINDOWS, funnel.weeks_read})
    }
    trends = {each.stage.pk: funnel_trends.trend(each) for each in steps}
    facts: dict[str, Any] = {
        "star": _star_facts(funnel, ground),
        "windows": windows,
        "trends": [funnel_trends.facts(each, trends[each.stage.pk]) for each in steps],
    }
    sketches = {f"trend-{pk}": funnel_trend.sketch(shown) for pk, shown in trends.items()}
    version = hashlib.sha256(f"{today}{sketches}{facts}".encode()).hexdigest()[:16]
    document = ChartDocument(
        key=key_of(funnel), version=version, figure="{}", sketches=sketches, facts=facts, drawn_on=today
    )
    return ChartDocument.objects.keep(document)


def draw_again(funnel: Funnel) -> None:
    """At once, because its reader is who changed it; the worker draws again when data comes."""
    transaction.on_commit(lambda: draw(funnel, now=clock.now()))


def stale(changed: Iterable[int], *, today: date) -> list[Funnel]:
    """The funnels that read one of these metrics, or were not drawn today."""
    fresh = ChartDocument.objects.filter(key__startswith="funnel:", drawn_on=today)
    drawn = [int(key.partition(":")[2]) for key in fresh.values_list("key", flat=True)]
    touched = Q(stages__metric__in=list(changed)) | Q(north_star__versions__metric__in=list(changed))
    rows = Funnel.objects.filter(archived_at=None).filter(touched | ~Q(pk__in=drawn))
    return list(rows.select_related("north_star").distinct().order_by("pk"))


def _stages(funnel: Funnel) -> list[Stage]:
    counts = Prefetch("counts", StageCount.objects.order_by("cohort_start"))
    rows = funnel.stages.select_related("metric__source", "funnel").prefetch_related(counts, "benchmarks")
    return list(rows)


def _counted(stage: Stage, groups: Sequence[tuple[str, Sequence[Cohort]]]) -> Counted:
    rows = list(stage.counts.all())
    cohorts, benchmarks = counting.cohorts_of(rows), list(stage.benchmarks.all())
    origin = rows[0].origin if rows else counting.METRIC if stage.metric_id else ""
    best = own_best(cohorts, lower_is_better=stage.kind == "loss")
    return Counted(stage, cohorts, benchmarks[0] if benchmarks else None, best, origin, groups)


def _ground(star: NorthStar | None, company: Company, now: datetime) -> Ground | None:
    if star is None:
        return None
    version = star.versions.select_related("metric").order_by("-version_no").first()
    if version is None:
        return None
    found = latest(series.of(version.metric, company=company, now=now))
    if found is None or found.value is None:
        return None
    return Ground(telling.measure_of(version.metric, star.name), found.value, found.start)


def _star_facts(funnel: Funnel, ground: Ground | None) -> dict[str, Any] | None:
    if ground is None or funnel.north_star is None:
        return None
    measure = ground.measure
    return {
        "name": funnel.north_star.name,
        "unit": measure.unit,
        "decimals": measure.decimals,
        "kind": measure.kind,
        "direction": measure.direction,
        "level": ground.level,
        "week": ground.week.isoformat(),
    }
