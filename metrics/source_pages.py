"""What the pages of sources show, read in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from metrics import ages, breakers, kind_pages, pull_pages, source_state, unchanging
from metrics.connectors.base import Connector
from metrics.connectors.registry import connector_class
from metrics.models import Company, Observation, Source
from northstar.lib import schedules
from northstar.lib.schedules import Schedule

LOGGED = 10
LISTED = Q(metrics__archived_at=None)
#: Trouble first: by the colour of the pill.
ORDER = {"bad": 0, "warn": 1}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A line of the list."""

    source: Source
    cls: type[Connector]
    where: str
    metrics: int
    schedule: str
    strip: pull_pages.Strip
    standing: source_state.Standing
    trouble: source_state.Trouble | None
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the standing of a source depends on beside its own row, by source id."""

    resting: dict[int, breakers.Resting]
    unchanged: dict[int, int]
    zone: str

    def standing(self, source: Source, now: datetime, *, arrived: bool) -> source_state.Standing:
        """Its state, from what was read for all of them at once."""
        return source_state.standing(
            source, now, arrived=arrived, resting=self.resting.get(source.pk),
            unchanged=self.unchanged.get(source.pk, 0), zone=self.zone,
        )  # fmt: skip


def rows(now: datetime, *, zone: str) -> list[SourceRow]:
    """All listed sources, those in trouble first, else by name; in seven queries."""
    sources = list(
        Source.objects.listed().annotate(
            metric_count=Count("metrics", filter=LISTED), newest_at=Max("metrics__last_ok_at")
        )
    )
    strips, arrived = pull_pages.strips(now=now, zone=zone), _arrivals(sources)
    known = _Known(breakers.of(sources, now), unchanging.unchanged(sources, now), zone)
    found = [
        _row(each, strips[each.pk], each.newest_at or arrived.get(each.pk), known=known, now=now)
        for each in sources
    ]
    return sorted(found, key=lambda row: ORDER.get(row.standing.pill, 2))


def detail(source: Source, *, company: Company, now: datetime) -> dict[str, Any]:
    """Everything that the page of one source shows."""
    cls = connector_class(source.kind)
    metrics = list(source.metrics.listed())
    pulls = pull_pages.logged(source.pulls.all(), most=LOGGED)
    arrived = any(metric.last_ok_at for metric in metrics) or _arrivals([source])
    resting = breakers.of([source], now)
    known = _Known(resting, unchanging.unchanged([source], now), company.zone)
    return {
        "source": source,
        "cls": cls,
        "standing": known.standing(source, now, arrived=bool(arrived)),
        "resting": resting.get(source.pk),
        "trouble": source_state.trouble(source, now, metrics=len(metrics)),
        "facts": _facts(source, cls),
        "documented": source.kind in kind_pages.offered(demo=company.is_demo),
        "schedule": schedule_words(source, cls),
        "runs": [] if source.paused_at else runs(source.schedule, now, zone=company.zone),
        "zone": company.zone,
        "metrics": metrics,
        "pulls": pulls,
        "under_way": pull_pages.under_way(pulls, now),
        "tokens": list(source.tokens.order_by("-id")) if source.kind == "push" else [],
        "now": now,
    }


@dataclass(frozen=True, slots=True)
class Run:
    """A pull to come: when, by the clocks of its schedule, and `here` by the company's where they differ."""

    words: str
    here: str


def runs(schedule: Mapping[str, Any], now: datetime, *, zone: str, count: int = 3) -> list[Run]:
    """The next pulls of a stored schedule."""
    if not schedule:
        return []
    asked = Schedule.from_dict(schedule)
    own = zone if asked.kind == "every" else asked.zone or zone
    found = []
    for moment in schedules.upcoming(asked, now, zone, count):
        here = ages.moment_words(moment, zone=zone, now=now)
        words = ages.moment_words(moment, zone=own, now=now)
        found.append(Run(f"{words}, {own} time", f"{here} in {zone}" if own != zone else ""))
    return found


def schedule_words(source: Source, cls: type[Connector]) -> str:
    """ "Every hour", or how values come where nothing is pulled."""
    if not cls.pulls:
        return "When sent" if source.kind == "push" else "When typed"
    return Schedule.from_dict(source.schedule).words() if source.schedule else "On request only"


def who(source: Source, cls: type[Connector]) -> str:
    """Where it leads or which key it uses, never the key itself: "db.example.com", "key ending 9f2c"."""
    host = str(source.settings.get("host") or "")
    return host or source.secret_hint or cls.host_of(source.settings).removesuffix(":443")


def _row(
    source: Source, strip: pull_pages.Strip, newest_at: datetime | None, *, known: _Known, now: datetime
) -> SourceRow:
    cls, count = connector_class(source.kind), getattr(source, "metric_count", 0)
    return SourceRow(
        source=source,
        cls=cls,
        where=" · ".join(filter(None, (cls.label, who(source, cls)))),
        metrics=count,
        schedule=schedule_words(source, cls),
        strip=strip,
        standing=known.standing(source, now, arrived=newest_at is not None),
        trouble=source_state.trouble(source, now, metrics=count),
        newest_at=newest_at,
    )


def _arrivals(sources: list[Source]) -> dict[int, datetime]:
    """When values last arrived that no pull brought."""
    quiet = [source.pk for source in sources if not connector_class(source.kind).pulls]
    newest = Observation.objects.filter(metric__source__in=quiet).values_list("metric__source")
    return dict(newest.annotate(at=Max("received_at")))


def _facts(source: Source, cls: type[Connector]) -> list[tuple[str, str]]:
    """Settings in words; of a secret only whether it is stored."""
    shown = [field for field in cls.settings_fields if field.matters(source.settings)]
    return [(field.label, _fact(source, field)) for field in shown]


def _fact(source: Source, field: Any) -> str:
    if field.secret:
        return "Stored, encrypted; never shown again" if field.name in source.secrets else "Not set"
    value = source.settings.get(field.name)
    if field.kind == "flag":
        return "Yes" if value else "No"
    return str(dict(field.choices).get(value, value)) if value not in (None, "") else "Not set"
