"""Notes on charts: adding and removing."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from metrics import drawing
from metrics.auditing import record
from metrics.models import Annotation, Metric, MetricChange
from metrics.waking import wake
from northstar.lib import clock


def add(note: Annotation, *, actor: Any) -> Annotation:
    """Store a new note; the charts that it belongs on are drawn again."""
    with transaction.atomic():
        note.author = actor
        note.save()
        record("annotation.create", note, actor=actor, after={"day": note.day, "text": note.text})
        _draw_again(note)
    return note


def remove(note: Annotation, *, actor: Any) -> None:
    """Delete a note; what it said stays in the audit."""
    with transaction.atomic():
        record("annotation.delete", note, actor=actor, before={"day": note.day, "text": note.text})
        _draw_again(note)
        note.delete()


def _draw_again(note: Annotation) -> None:
    """The North Star at once, so that whoever wrote it sees it; the other charts by the worker."""
    shown_on = Metric.objects.listed() if note.metric_id is None else Metric.objects.filter(pk=note.metric_id)
    MetricChange.objects.bulk_create(
        MetricChange(metric_id=pk, first_period=note.day) for pk in shown_on.values_list("pk", flat=True)
    )
    transaction.on_commit(lambda: drawing.draw_north_star(clock.now()))
    wake("teams.tasks.evaluate")
