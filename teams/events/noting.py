"""Notes on charts: adding, changing and removing them; the charts that they stand on are drawn again."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from metrics import drawing
from metrics.auditing import record
from metrics.models import Annotation, Metric, MetricChange
from metrics.waking import wake
from northstar.lib import clock
from teams.models import Omtm, Team


def add(note: Annotation, *, team: Team | None = None, actor: Any = None, reason: str = "") -> Annotation:
    """Store a new note, of `team` if one is given; its charts are drawn again."""
    with transaction.atomic():
        note.author, note.of_team = actor, team is not None
        note.save()
        if team is not None:
            team.annotations.add(note)
        record("annotation.create", note, actor=actor, after=_told(note, team), reason=reason)
        _draw_again(note, team)
    return note


def change(note: Annotation, *, team: Team | None = None, actor: Any = None, reason: str = "") -> Annotation:
    """Store what was changed; the charts that it leaves and those that it comes to are drawn again."""
    with transaction.atomic():
        before, was = Annotation.objects.select_for_update().get(pk=note.pk), team_of(note)
        _draw_again(before, was)
        note.of_team = team is not None
        note.save()
        note.teams.set([team] if team else [])  # type: ignore[attr-defined]
        told = {"before": _told(before, was), "after": _told(note, team)}
        record("annotation.change", note, actor=actor, **told, reason=reason)
        _draw_again(note, team)
    return note


def remove(note: Annotation, *, actor: Any = None, reason: str = "") -> None:
    """Delete a note; what it said stays in the audit."""
    with transaction.atomic():
        team = team_of(note)
        record("annotation.delete", note, actor=actor, before=_told(note, team), reason=reason)
        _draw_again(note, team)
        note.delete()


def team_of(note: Annotation) -> Team | None:
    """The team on whose charts alone it stands, if there is one."""
    return Team.objects.filter(annotations=note).first() if note.of_team else None


def _told(note: Annotation, team: Team | None) -> dict[str, Any]:
    shown_on = team or note.metric or "the company"
    return {
        "day": note.day, "until": note.until or "", "text": note.text, "kind": note.kind, "on": str(shown_on)
    }  # fmt: skip


def _draw_again(note: Annotation, team: Team | None) -> None:
    """The North Star at once, so that whoever wrote it sees it; the other charts by the worker."""
    MetricChange.objects.bulk_create(
        MetricChange(metric_id=pk, first_period=note.day) for pk in _metrics(note, team)
    )
    if team is None:
        transaction.on_commit(lambda: drawing.draw_north_star(clock.now()))
    wake("teams.tasks.evaluate")


def _metrics(note: Annotation, team: Team | None) -> list[int]:
    """Whose charts show it."""
    if team is not None:
        pushed = Omtm.objects.running().filter(team=team).exclude(metric=None)
        return sorted(set(pushed.values_list("metric_id", flat=True)))
    if note.metric_id is not None:
        return [note.metric_id]
    return list(Metric.objects.listed().values_list("pk", flat=True))
