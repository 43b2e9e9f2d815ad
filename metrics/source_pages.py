"""What the pages of sources show, read in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Max, Prefetch, Q, Window
from django.db.models.functions import RowNumber

from metrics import source_state, sourcing
from metrics.connectors.base import Connector
from metrics.connectors.registry import connector_class, kinds
from metrics.models import Company, Observation, Pull, PullItem, Source
from northstar.lib.schedules import Schedule

TICKS = 28
LOGGED = 50
LOG_OPEN = 10
LISTED = Q(metrics__archived_at=None)
REASONS = {"live": "By schedule", "requested": "Asked for", "backfill": "Backfill"}
WAITS = ("waiting", "running")
LOOK_AGAIN = timedelta(minutes=5)
PULL_PILLS = {
    "ok": ("good", "Stored"),
    "partly": ("warn", "Partly stored"),
    "failed": ("bad", "Failed"),
    "dead": ("bad", "Given up"),
    "stale": ("warn", "Too late, dropped"),
    "cancelled": ("neutral", "Cancelled"),
    "waiting": ("neutral", "Waiting"),
    "paused": ("neutral", "Paused"),
    "running": ("neutral", "Running"),
}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A line of the list."""

    source: Source
    cls: type[Connector]
    where: str
    metrics: int
    schedule: str
    ticks: list[str]
    standing: source_state.Standing
    trouble: source_state.Trouble | None
    newest_at: datetime | None


def rows(now: datetime) -> list[SourceRow]:
    """All listed sources by name, in four queries."""
    sources = list(
        Source.objects.listed().annotate(
            metric_count=Count("metrics", filter=LISTED), newest_at=Max("metrics__last_ok_at")
        )
    )
    ticks, arrived = _ticks(), _arrivals(sources)
    return [
        _row(found, ticks[found.pk], found.newest_at or arrived.get(found.pk), now=now) for found in sources
    ]


def offered(*, demo: bool) -> list[str]:
    """The kinds that can be added; the invented one only where the company is invented."""
    return [kind for kind in kinds() if demo or kind != "demo"]


def gallery(*, demo: bool) -> list[type[Connector]]:
    """The connectors to choose from."""
    return [connector_class(kind) for kind in offered(demo=demo)]


def detail(source: Source, *, company: Company, now: datetime) -> dict[str, Any]:
    """Everything that the page of one source shows."""
    cls = connector_class(source.kind)
    metrics, pulls = list(source.metrics.listed()), _log(source)
    arrived = any(metric.last_ok_at for metric in metrics) or _arrivals([source])
    return {
        "source": source,
        "cls": cls,
        "standing": source_state.standing(source, now, arrived=bool(arrived)),
        "trouble": source_state.trouble(source, now, metrics=len(metrics)),
        "facts": _facts(source, cls),
        "schedule": schedule_words(source, cls),
        "runs": sourcing.next_runs(source, now, zone=company.zone),
        "zone": company.zone,
        "metrics": metrics,
        "pulls": pulls[:LOG_OPEN],
        "earlier": pulls[LOG_OPEN:],
        "under_way": _under_way(pulls, now),
        "tokens": list(source.tokens.order_by("-id")) if source.kind == "push" else [],
        "now": now,
    }


def schedule_words(source: Source, cls: type[Connector]) -> str:
    """ "Every hour", or how values come where nothing is pulled."""
    if not cls.pulls:
        return "When sent" if source.kind == "push" else "When typed"
    return Schedule.from_dict(source.schedule).words() if source.schedule else "On request only"


def _row(source: Source, ticks: list[str], newest_at: datetime | None, *, now: datetime) -> SourceRow:
    cls, count = connector_class(source.kind), getattr(source, "metric_count", 0)
    return SourceRow(
        source=source,
        cls=cls,
        where=" · ".join(filter(None, (cls.label, str(source.settings.get("host") or "")))),
        metrics=count,
        schedule=schedule_words(source, cls),
        ticks=ticks,
        standing=source_state.standing(source, now, arrived=newest_at is not None),
        trouble=source_state.trouble(source, now, metrics=count),
        newest_at=newest_at,
    )


def _ticks() -> dict[int, list[str]]:
    """States of the last pulls by source, oldest first; backfills are not ticks of the schedule."""
    place = Window(RowNumber(), partition_by=F("source_id"), order_by=F("id").desc())
    latest = Pull.objects.exclude(kind="backfill").annotate(place=place).filter(place__lte=TICKS)
    found: dict[int, list[str]] = defaultdict(list)
    for source_id, state in latest.order_by("id").values_list("source_id", "state"):
        found[source_id].append(state)
    return found


def _arrivals(sources: list[Source]) -> dict[int, datetime]:
    """When values last arrived that no pull brought."""
    quiet = [source.pk for source in sources if not connector_class(source.kind).pulls]
    newest = Observation.objects.filter(metric__source__in=quiet).values_list("metric__source")
    return dict(newest.annotate(at=Max("received_at")))


def _facts(source: Source, cls: type[Connector]) -> list[tuple[str, str]]:
    """Settings in words; of a secret only whether it is stored."""
    return [(field.label, _fact(source, field)) for field in cls.settings_fields]


def _fact(source: Source, field: Any) -> str:
    if field.secret:
        return "Stored, encrypted; never shown again" if field.name in source.secrets else "Not set"
    value = source.settings.get(field.name)
    if field.kind == "flag":
        return "Yes" if value else "No"
    return str(dict(field.choices).get(value, value)) if value not in (None, "") else "Not set"


def _log(source: Source) -> list[Pull]:
    """The last pulls, newest first, each with its items, totals and words."""
    items = PullItem.objects.select_related("metric").order_by("metric__name")
    pulls = list(
        source.pulls.select_related("requested_by", "metric")
        .prefetch_related(Prefetch("items", queryset=items, to_attr="listed"))
        .order_by("-id")[:LOGGED]
    )
    for pull in pulls:
        _complete(pull)
    return pulls


def _under_way(pulls: list[Pull], now: datetime) -> bool:
    """Whether the page should look again by itself; not for ever, because a worker may be gone."""
    return any(pull.state in WAITS and now - pull.created_at < LOOK_AGAIN for pull in pulls)


def _complete(pull: Any) -> None:
    for name in ("rows", "added", "changed", "missing"):
        setattr(pull, f"all_{name}", sum(getattr(item, name) for item in pull.listed))
    pull.pill, pull.words = PULL_PILLS.get(pull.state, ("neutral", pull.state))
    if pull.state == "ok" and not pull.listed:
        pull.pill, pull.words = "neutral", "No metric to ask for"
    pull.reason = REASONS.get(pull.kind, pull.kind)
    done = pull.started_at and pull.finished_at
    pull.seconds = (pull.finished_at - pull.started_at).total_seconds() if done else None
