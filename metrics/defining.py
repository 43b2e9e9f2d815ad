"""Defining metrics: what they mean, how they are asked for, and when that may change."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from metrics import backfilling, pulling
from metrics.auditing import record
from metrics.connectors.registry import connector_class
from metrics.models import Metric, Source
from northstar.lib import clock

BY_HAND = "by-hand"
# What a metric measures: with values stored, another meaning is another metric.
MEANING = ("kind", "grain")
MEANS_ELSE = "Values are stored already, and they would mean something else. Define a new metric instead."


class DefiningError(ValueError):
    """The definition cannot be saved like this; the sentence says why and what to do."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything that a person says about a metric."""

    name: str
    definition: str
    kind: str
    grain: str
    direction: str
    unit: str
    decimals: int
    missing: str
    role: str
    latency_hours: int
    restate_days: int
    min_den: int
    history_from: date | None
    query: dict[str, Any]


def by_hand() -> Source:
    """The built-in source of what people type."""
    source, _ = Source.objects.get_or_create(slug=BY_HAND, defaults={"name": "Typed by hand", "kind": "hand"})
    return source


def define(source: Source, wanted: Definition, *, actor: Any) -> Metric:
    """A new metric of the source; pulled at once where its source can be pulled."""
    with transaction.atomic():
        metric = Metric(source=source, slug=_free_slug(wanted.name), is_demo=False)
        _apply(metric, wanted)
        metric.save()
        record("metric.defined", metric, actor=actor, after=_told(wanted))
        if connector_class(source.kind).pulls:
            pulling.request(source, actor=actor, metric=metric)
    return metric


def redefine(metric: Metric, wanted: Definition, *, actor: Any) -> Metric:
    """Save another definition of the metric. Raises DefiningError if that would change what it measures."""
    with transaction.atomic():
        _lock_source(metric)
        locked = Metric.objects.select_for_update(of=("self",)).select_related("source").get(pk=metric.pk)
        before = {field.name: getattr(locked, field.name) for field in fields(Definition)}
        for name in MEANING:
            if before[name] != getattr(wanted, name) and locked.observations.exists():
                raise DefiningError(MEANS_ELSE, field=name)
        asked_anew = before["query"] != wanted.query
        _apply(locked, wanted)
        if asked_anew:
            locked.failures, locked.paused_at, locked.paused_reason = 0, None, ""
            locked.seen_columns = []
        locked.save()
        changed = {
            name: value for name, value in _told(wanted).items() if before[name] != getattr(wanted, name)
        }
        record("metric.redefined", locked, actor=actor, before={n: before[n] for n in changed}, after=changed)
        if asked_anew and connector_class(locked.source.kind).pulls:
            pulling.request(locked.source, actor=actor, metric=locked)
            _ask_history_anew(locked, actor)
    return locked


def _ask_history_anew(metric: Metric, actor: Any) -> None:
    """Another question may mean another answer for every period that is stored already."""
    known = metric.observations.order_by("period_start").values_list("period_start", flat=True)
    if known:
        backfilling.ask(metric, [(known[0], clock.now().date() + timedelta(days=1))], actor=actor)


def resume(metric: Metric, *, actor: Any) -> None:
    """Ask for a paused metric again, now."""
    with transaction.atomic():
        _lock_source(metric)
        Metric.objects.filter(pk=metric.pk).update(paused_at=None, paused_reason="", failures=0)
        record("metric.resumed", metric, actor=actor)
        if connector_class(metric.source.kind).pulls:
            pulling.request(metric.source, actor=actor, metric=metric)


def _lock_source(metric: Metric) -> None:
    """First the source, then the metric, as a pull that stores does: else each would wait for the other."""
    Source.objects.select_for_update().get(pk=metric.source_id)


def _apply(metric: Metric, wanted: Definition) -> None:
    for field in fields(Definition):
        setattr(metric, field.name, getattr(wanted, field.name))


def _told(wanted: Definition) -> dict[str, Any]:
    return {field.name: getattr(wanted, field.name) for field in fields(Definition)}


def _free_slug(name: str) -> str:
    base = slugify(name)[:70] or "metric"
    taken = set(Metric.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | {"new"}
    return next(s for s in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if s not in taken)
