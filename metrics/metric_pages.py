"""What the pages of metrics print: rows and facts, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from metrics import formatting
from metrics.connectors.registry import connector_class
from metrics.models import ChartDocument, Company, Metric, Observation, ObservationRevision
from metrics.models.metric import DIRECTIONS, GRAINS, KINDS, MISSING, ROLES
from northstar.lib import periods

SHOWN = 26
FIRST_PULL = timedelta(minutes=5)
ORIGINS = {"pull": "pulled", "push": "sent", "typed": "typed", "csv": "from a file", "import": "imported"}


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric in the list, with the chart that was drawn for it."""

    metric: Metric
    document: ChartDocument | None
    state: str
    words: str

    @property
    def came_at(self) -> datetime | None:
        """When the newest value came, by pull or by hand."""
        return self.metric.last_ok_at or (self.document.updated_at if self.document else None)

    @property
    def facts(self) -> dict[str, Any]:
        return self.document.facts if self.document else {}


def rows(query: str = "") -> list[MetricRow]:
    """Every metric by name; two queries."""
    found = Metric.objects.listed().select_related("source")
    if query:
        found = found.filter(name__icontains=query)
    metrics = list(found)
    documents = {d.key: d for d in ChartDocument.objects.filter(key__in=[f"metric:{m.pk}" for m in metrics])}
    return [MetricRow(m, documents.get(f"metric:{m.pk}"), *standing(m)) for m in metrics]


def is_awaited(metric: Metric, chart: ChartDocument | None, now: datetime) -> bool:
    """Whether the first number is still on its way: the page then looks again by itself, for five minutes."""
    arrived = bool(chart and chart.facts.get("value"))
    pulls = connector_class(metric.source.kind).pulls
    return pulls and not (arrived or metric.failures) and now - metric.created_at < FIRST_PULL


def standing(metric: Metric) -> tuple[str, str]:
    """(pill, words): whether values arrive."""
    if metric.paused_at:
        return "off_track", "Paused"
    if metric.failures or metric.source.failures:
        return "off_track" if metric.source.paused_at else "at_risk", "Failing"
    if metric.source.paused_at:
        return "no_data", "Source paused"
    return "neutral", connector_class(metric.source.kind).label


def facts(metric: Metric) -> list[tuple[str, str]]:
    """The definition in words."""
    told = [
        ("Kind", KINDS[metric.kind].split(" (")[0]),
        ("Grain", f"One value for each {metric.grain}"),
        ("Direction", DIRECTIONS[metric.direction]),
        ("Unit", metric.unit or "none"),
        ("No row means", MISSING[metric.missing].split(":")[0].lower()),
        ("Role", ROLES[metric.role].split(":")[0]),
    ]
    if metric.latency_hours:
        told.append(
            ("Complete", f"{metric.latency_hours} hours after the end of the {GRAINS[metric.grain].lower()}")
        )
    return told


def newest(metric: Metric, *, company: Company, now: datetime) -> list[dict[str, Any]]:
    """The newest periods as stored: value, state, where it came from and when. Two queries."""
    found = list(metric.observations.order_by("-period_start").select_related("pinned_by")[:SHOWN])
    revisions = ObservationRevision.objects.in_bulk([row.sequence for row in found])
    return [_row(metric, row, revisions.get(row.sequence), company=company, now=now) for row in found]


def _row(
    metric: Metric, row: Observation, revision: ObservationRevision | None, *, company: Company, now: datetime
) -> dict[str, Any]:
    complete = periods.is_complete(
        row.period_start, metric.grain, now=now, zone=company.zone, latency=metric.latency
    )
    words = "missing" if row.status == "missing" else "" if complete else "in progress"
    return {
        "period": formatting.period_words(row.period_start, metric.grain),
        "start": row.period_start,
        "value": row.value,
        "parts": f"{plain(row.numerator)} of {plain(row.denominator)}" if row.numerator is not None else "",
        "words": words,
        "origin": ORIGINS.get(revision.origin, "") if revision else "",
        "late": bool(revision and revision.late),
        "pinned": row.pinned_reason if row.pinned_at else "",
        "pinned_by": row.pinned_by,
        "received_at": row.received_at,
    }


def plain(number: Any) -> str:
    """A stored number without the zeros that only its column has."""
    return "" if number is None else f"{number:f}".rstrip("0").rstrip(".") if number % 1 else f"{number:.0f}"


def revisions_of(metric: Metric) -> QuerySet[ObservationRevision]:
    """Every value that was ever accepted, newest first."""
    return metric.revisions.select_related("actor", "pull").order_by("-id")


def csv_lines(metric: Metric) -> list[list[str]]:
    """All observations for a file, oldest first; numbers as they are stored, never a formula."""
    head = ["period", "numerator", "denominator", "value"] if metric.kind == "ratio" else ["period", "value"]
    head += ["weight"] if metric.kind == "average" else []
    lines = [head]
    for row in metric.observations.order_by("period_start").iterator():
        parts = {"numerator": row.numerator, "denominator": row.denominator, "value": row.value}
        parts["weight"] = row.denominator
        lines.append([row.period_start.isoformat(), *(plain(parts[name]) for name in head[1:])])
    return lines
