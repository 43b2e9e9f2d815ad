"""The page of all events: what is coming, what was, with whom it belongs; a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet

from metrics import flags
from metrics.models import Annotation, EventToken
from metrics.models.annotation import ANNOTATION_KINDS
from northstar.lib.policy import Subject, may

PAGE = 60


def page(asked: Mapping[str, str], *, subject: Subject, today: date) -> dict[str, Any]:
    """The events of the chosen kind: `coming`, the next one first, and `past`, the newest first, in pages."""
    kind = asked.get("kind", "")
    kind = kind if kind in ANNOTATION_KINDS else ""
    found = Annotation.objects.filter(kind=kind) if kind else Annotation.objects.all()
    number = asked.get("page", "1")
    at = min(max(int(number), 1), 10_000) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    past = list(_read(found.filter(day__lte=today).order_by("-day", "-id"))[(at - 1) * PAGE : at * PAGE + 1])
    coming = list(_read(found.filter(day__gt=today).order_by("day", "id"))[:PAGE]) if at == 1 else []
    return {
        "kinds": [("", "All")] + list(ANNOTATION_KINDS.items()),
        "kind": kind,
        "coming": [_row(note, subject=subject, today=today) for note in coming],
        "past": [_row(note, subject=subject, today=today) for note in past[:PAGE]],
        "newer": _link(kind, at - 1) if at > 1 else "",
        "older": _link(kind, at + 1) if len(past) > PAGE else "",
    }


def keys(now: datetime) -> list[EventToken]:
    """The keys for events that still work, the newest first."""
    return list(EventToken.objects.filter(revoked_at=None, expires_at__gt=now).order_by("-id"))


def _read(found: QuerySet[Annotation]) -> QuerySet[Annotation]:
    return found.select_related("metric", "author", "token").prefetch_related("teams")


def _row(note: Annotation, *, subject: Subject, today: date) -> dict[str, Any]:
    teams = list(note.teams.all())  # type: ignore[attr-defined]
    return {
        "note": note,
        "kind": ANNOTATION_KINDS[note.kind],
        "when": flags.when(note, today),
        "on": str(teams[0]) if teams else str(note.metric or ""),
        "by": str(note.author or (note.token.label if note.token else "")),
        "may_change": may(subject, "annotation.change", note),
    }


def _link(kind: str, number: int) -> str:
    asked = ({"kind": kind} if kind else {}) | ({"page": str(number)} if number > 1 else {})
    return f"?{urlencode(asked)}" if asked else "?"
