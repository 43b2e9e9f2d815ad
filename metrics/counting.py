"""Counting: who entered a step and how many went on, typed by people or taken from the step's metric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from metrics.analysis.cohorts import Cohort
from metrics.auditing import record
from metrics.connectors import count_lines
from metrics.connectors.count_lines import Line
from metrics.models import Company, Metric, Observation, Stage, StageCount
from northstar.lib import periods

TYPED, METRIC = "typed", "metric"
#: How far back a metric is read for its step.
WEEKS_KEPT = 156
DEED = "funnel.counts"


class CountError(ValueError):
    """Nothing was stored; `problems` has a sentence for each wrong line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


def enter(stage: Stage, text: str, *, actor: Any, now: datetime) -> int:
    """Keep pasted lines as the cohorts of this step, all or none; returns how many. Raises CountError.

    A cohort that is there already is replaced. From then on the step reads what is typed, not its metric.
    """
    zone = Company.current().zone
    capped = stage.kind != "loop" and stage.funnel.mode == "cohort"
    lines, faults = count_lines.read(text, today=periods.local_day(now, zone), capped=capped)
    if faults:
        raise CountError(faults)
    with transaction.atomic():
        stage = _locked(stage)
        stage.counts.filter(origin=METRIC).delete()
        _refuse_overlaps(stage, lines)
        stage.counts.filter(cohort_start__in=[line.start for line in lines]).delete()
        _write(stage, lines, as_of=now, zone=zone)
        record(DEED, stage, actor=actor, after={"typed cohorts": len(lines), "to": lines[-1].end})
    return len(lines)


def take_back(stage: Stage, *, actor: Any) -> int:
    """Remove what was typed: the step reads its metric again, if it has one. How many cohorts that were."""
    with transaction.atomic():
        gone = _locked(stage).counts.filter(origin=TYPED).delete()[0]
        if gone:
            record(DEED, stage, actor=actor, before={"typed cohorts": gone})
    return gone


def refresh(stages: Iterable[Stage], *, now: datetime) -> None:
    """Bring the cohorts of these steps up to date: of their metrics, and who had their time by now."""
    zone = Company.current().zone
    listed = list(stages)
    kept: dict[int, list[StageCount]] = {stage.pk: [] for stage in listed}
    for row in StageCount.objects.filter(stage__in=listed):
        kept[row.stage_id].append(row)
    typed = {pk for pk, rows in kept.items() if any(row.origin == TYPED for row in rows)}
    reading = [stage for stage in listed if stage.metric_id and stage.pk not in typed]
    found = _read_metrics(reading, now=now)
    for stage in listed:
        if stage.pk in typed:
            _mature(stage, kept[stage.pk], zone=zone)
        else:
            _replace(stage, kept[stage.pk], found.get(stage.pk, []), zone=zone)


def has_matured(end: date, seen: date, *, maturity_days: int, mode: str) -> bool:
    """Whether all who entered until `end` had their time when they were counted on the day `seen`."""
    return seen > end + timedelta(days=maturity_days if mode == "cohort" else 0)


def cohorts_of(rows: Iterable[StageCount]) -> list[Cohort]:
    """Stored counts as the analysis reads them, oldest first."""
    return [
        Cohort(
            row.cohort_start,
            row.cohort_end,
            float(row.entered),
            float(row.converted),
            row.matured,
            row.median_days,
        )
        for row in sorted(rows, key=lambda row: row.cohort_start)
    ]


def groups_of(stages: Iterable[Stage], *, now: datetime) -> dict[int, list[tuple[str, list[Cohort]]]]:
    """(name, whole cohorts) of each group of a step's metric, by step; two queries however many steps."""
    wanted = {stage.pk: stage.metric_id for stage in stages if stage.metric_id}
    listed = Metric.objects.listed().filter(segment_of__in=set(wanted.values()), kind="ratio")
    groups = list(listed)
    added = _observed([group.pk for group in groups], now=now) if groups else {}
    return {
        pk: [
            (
                group.name,
                [
                    Cohort(first, of.end, of.entered, of.converted)
                    for first, of in sorted(added.get(group.pk, {}).items())
                    if of.is_whole(first)
                ],
            )
            for group in groups
            if group.segment_of_id == metric_id
        ]
        for pk, metric_id in wanted.items()
    }


@dataclass(slots=True)
class _Counted:
    """A cohort of a metric while its days are added up."""

    end: date
    entered: float = 0.0
    converted: float = 0.0
    days: int = 0
    as_of: datetime | None = None

    def is_whole(self, first: date) -> bool:
        """Whether every day of it was asked for."""
        return self.days == (self.end - first).days + 1


def _locked(stage: Stage) -> Stage:
    return Stage.objects.select_for_update(of=("self",)).select_related("funnel").get(pk=stage.pk)


def _refuse_overlaps(stage: Stage, lines: Sequence[Line]) -> None:
    new = {line.start: (line.start, line.end) for line in lines}
    old = {row.cohort_start: (row.cohort_start, row.cohort_end) for row in stage.counts.all()}
    spans = sorted((old | new).values())
    for one, other in zip(spans, spans[1:], strict=False):
        if other[0] <= one[1]:
            raise CountError(
                [
                    f"{other[0]:%Y-%m-%d} lies inside the cohort of {one[0]:%Y-%m-%d} to {one[1]:%Y-%m-%d}. "
                    "Write weeks or months, not both for the same days."
                ]
            )


def _write(stage: Stage, lines: Iterable[Line], *, as_of: datetime, zone: str) -> None:
    seen = periods.local_day(as_of, zone)
    StageCount.objects.bulk_create(
        StageCount(
            stage=stage,
            cohort_start=line.start,
            cohort_end=line.end,
            entered=line.entered,
            converted=line.converted,
            median_days=line.median_days,
            matured=has_matured(line.end, seen, maturity_days=stage.maturity_days, mode=stage.funnel.mode),
            as_of=as_of,
            origin=TYPED,
        )
        for line in lines
    )


def _mature(stage: Stage, rows: Sequence[StageCount], *, zone: str) -> None:
    """Typed counts are as old as when they were typed: later days do not make them whole."""
    changed = []
    for row in rows:
        seen = periods.local_day(row.as_of, zone)
        matured = has_matured(row.cohort_end, seen, maturity_days=stage.maturity_days, mode=stage.funnel.mode)
        if matured != row.matured:
            row.matured = matured
            changed.append(row)
    StageCount.objects.bulk_update(changed, ["matured"])


def _replace(stage: Stage, kept: Sequence[StageCount], found: Sequence[StageCount], *, zone: str) -> None:
    for row in found:
        seen = periods.local_day(row.as_of, zone)
        row.matured = row.matured and has_matured(
            row.cohort_end, seen, maturity_days=stage.maturity_days, mode=stage.funnel.mode
        )
    if [_told(row) for row in kept] == [_told(row) for row in found]:
        return
    with transaction.atomic():
        # Somebody may have typed counts meanwhile: theirs stay.
        if _locked(stage).counts.filter(origin=TYPED).exists():
            return
        stage.counts.filter(origin=METRIC).delete()
        StageCount.objects.bulk_create(found)


def _told(row: StageCount) -> tuple[Any, ...]:
    return row.cohort_start, row.cohort_end, row.entered, row.converted, row.matured, row.as_of


def _read_metrics(stages: Sequence[Stage], *, now: datetime) -> dict[int, list[StageCount]]:
    """The cohorts of the metrics of these steps, by step."""
    added = _observed({stage.metric_id or 0 for stage in stages}, now=now)
    return {
        stage.pk: [
            StageCount(
                stage=stage,
                cohort_start=first,
                cohort_end=of.end,
                entered=round(of.entered),
                converted=round(of.converted),
                matured=of.is_whole(first),
                as_of=of.as_of,
                origin=METRIC,
            )
            for first, of in sorted(added.get(stage.metric_id or 0, {}).items())
        ]
        for stage in stages
    }


def _observed(metrics: Iterable[int], *, now: datetime) -> dict[int, dict[date, _Counted]]:
    """Weeks or months by metric and first day: one query for all."""
    since = (now - timedelta(weeks=WEEKS_KEPT)).date()
    rows = Observation.objects.filter(
        metric__in=list(metrics), period_start__gte=since, denominator__isnull=False
    )
    added: dict[int, dict[date, _Counted]] = {}
    fields = ("metric_id", "grain", "period_start", "numerator", "denominator", "as_of")
    for metric_id, grain, start, numerator, denominator, as_of in rows.values_list(*fields):
        first, end = _span(start, grain)
        of = added.setdefault(metric_id, {}).setdefault(first, _Counted(end))
        of.entered += max(0.0, float(denominator))
        of.converted += max(0.0, float(numerator or 0))
        of.days += (end - first).days + 1 if grain != "day" else 1
        of.as_of = as_of if of.as_of is None else min(of.as_of, as_of)
    return added


def _span(start: date, grain: str) -> tuple[date, date]:
    first = periods.period_start(start, "month" if grain == "month" else "week")
    following = periods.next_start(first, "month" if grain == "month" else "week")
    return first, following - timedelta(days=1)
