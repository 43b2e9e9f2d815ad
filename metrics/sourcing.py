"""What admins do with sources: create, change, pause, resume, archive. Each leaves an audit row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from metrics import planning
from metrics.auditing import record
from metrics.connecting import seal
from metrics.connectors.base import Connector
from metrics.connectors.registry import connector_class
from metrics.models import AuditRow, Source
from metrics.waking import wake
from northstar.lib import clock, schedules

SLUG_LENGTH = 70
#: What is long enough that its last four characters give nothing away.
KEY = re.compile(r"[\x21-\x7e]{20,400}")
NO_KEY = re.compile("pass|refresh")
#: Addresses of pages beside those of sources.
RESERVED = frozenset({"new", "pulls", "kinds", "next-runs"})


class SourcingError(ValueError):
    """It cannot be done; the sentence says why and what to do first."""


class Stale(SourcingError):
    """Somebody else changed the source since the form was opened; nothing was saved."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source as an admin typed it; `secrets` holds only those typed, `schedule` {} means never."""

    name: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    schedule: Mapping[str, Any]
    owner: Any = None
    backup_owner: Any = None


def create(kind: str, wanted: Wanted, *, actor: Any, slug: str = "") -> Source:
    """A new source, due at once if it is one that is pulled; known by `slug`, else by its name."""
    cls = connector_class(kind)
    due = clock.now() if cls.pulls else None
    source = Source(kind=kind, next_scheduled_at=due, next_due_at=due, **_plain(wanted, cls))
    with transaction.atomic():
        source.slug = _free_slug(slug or wanted.name)
        source.secrets = seal(source, wanted.secrets)
        source.secret_hint = secret_hint(cls, wanted.secrets)
        source.save()
        record("source.created", source, actor=actor, after={"kind": kind} | _told(wanted, {}))
        _claim_if_due(source)
    return source


def update(source: Source, wanted: Wanted, *, version: int, actor: Any) -> Source:
    """Save a change made on top of `version`. Raises Stale if that is no longer the newest.

    Settings or secrets that changed are tried at once, also where the source was paused for its failures.
    """
    now = clock.now()
    cls = connector_class(source.kind)
    kept = {} if cls.identity_changed(source.settings, wanted.settings) else source.secrets
    reconnects = dict(wanted.settings) != source.settings or bool(wanted.secrets)
    before = _told(_as_wanted(source), {})
    changes = _plain(wanted, cls) | {
        "version": F("version") + 1,
    }
    if wanted.secrets or not kept:
        changes["secret_hint"] = secret_hint(cls, wanted.secrets)
    if cls.pulls:
        changes |= _due_again(source, wanted, reconnects=reconnects, now=now)
    with transaction.atomic():
        # What a renewal stored since the form was read is newer than what was read then.
        newest = Source.objects.select_for_update().values_list("secrets", flat=True).get(pk=source.pk)
        changes["secrets"] = {name: newest.get(name, kept[name]) for name in kept}
        changes["secrets"] |= seal(source, wanted.secrets)
        if not Source.objects.filter(pk=source.pk, version=version, archived_at=None).update(**changes):
            raise Stale(_changed_by(source))
        source.refresh_from_db()
        after = _told(wanted, before)
        record("source.changed", source, actor=actor, before={k: before.get(k) for k in after}, after=after)
        _claim_if_due(source)
    return source


def pause(source: Source, *, actor: Any) -> None:
    """No pull by itself until somebody resumes it; what was stored stays."""
    if source.paused_at is not None:
        return
    with transaction.atomic():
        _set(source, paused_at=clock.now(), paused_reason=f"Paused by {actor}."[:300], next_due_at=None)
        record("source.paused", source, actor=actor)


def resume(source: Source, *, actor: Any) -> None:
    """Pull again from now on, beginning with everything that was missed."""
    now = clock.now() if connector_class(source.kind).pulls else None
    with transaction.atomic():
        _set(
            source, paused_at=None, paused_reason="", failures=0, wait_until=None, next_scheduled_at=now,
            next_due_at=now,
        )  # fmt: skip
        record("source.resumed", source, actor=actor)
        _claim_if_due(source)


def archive(source: Source, *, actor: Any) -> None:
    """Put it away and forget its secrets. Raises SourcingError while metrics use it."""
    now = clock.now()
    with transaction.atomic():
        Source.objects.select_for_update().get(pk=source.pk)
        names = list(source.metrics.listed().values_list("name", flat=True))
        if names:
            raise SourcingError(_still_used(names))
        source.tokens.filter(revoked_at=None).update(revoked_at=now)
        # Never to be claimed again: without an end they would wait, and be counted as waiting, for ever.
        source.pulls.filter(state__in=("waiting", "paused")).update(state="cancelled", finished_at=now)
        _set(source, archived_at=now, next_due_at=None, next_scheduled_at=None, secrets={},
             secret_hint="")  # fmt: skip
        record("source.archived", source, actor=actor)


def secret_hint(cls: type[Connector], secrets: Mapping[str, str]) -> str:
    """Such as "API key ending 9f2c": of a long key only, never of a password or of what renews itself."""
    for each in cls.settings_fields:
        value = secrets.get(each.name, "") if each.secret else ""
        if KEY.fullmatch(value) and not NO_KEY.search(each.label.lower()):
            label = each.label if each.label[1:2].isupper() else each.label[:1].lower() + each.label[1:]
            return f"{label} ending {value[-4:]}"[:80]
    return ""


def next_runs(source: Source, now: datetime, *, zone: str, count: int = 3) -> list[datetime]:
    """The next moments of the schedule, in UTC; none for a source that is not pulled or is paused."""
    if not source.schedule or source.paused_at is not None:
        return []
    return schedules.upcoming(schedules.Schedule.from_dict(source.schedule), now, zone, count)


def _claim_if_due(source: Source) -> None:
    """Whoever just changed a source wants to see whether it works: no waiting for the next tick."""
    if source.next_due_at is not None and source.next_due_at <= clock.now():
        wake("metrics.tasks.claim")


def _plain(wanted: Wanted, cls: type[Connector]) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "settings": dict(wanted.settings),
        "host_key": cls.host_of(wanted.settings),
        "schedule": dict(wanted.schedule),
        "owner": wanted.owner,
        "backup_owner": wanted.backup_owner,
    }


def _as_wanted(source: Source) -> Wanted:
    return Wanted(source.name, source.settings, {}, source.schedule, source.owner, source.backup_owner)


def _told(wanted: Wanted, before: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit keeps: values that differ from `before`; of secrets only that they were typed."""
    schedule = schedules.Schedule.from_dict(wanted.schedule).words() if wanted.schedule else "never"
    told = {"name": wanted.name, "schedule": schedule}
    for name in ("owner", "backup_owner"):
        told[name] = str(getattr(wanted, name)) if getattr(wanted, name) else None
    told |= dict(wanted.settings)
    changed = {key: value for key, value in told.items() if key not in before or before[key] != value}
    return changed | dict.fromkeys(wanted.secrets, "typed anew")


def _due_again(source: Source, wanted: Wanted, *, reconnects: bool, now: datetime) -> dict[str, Any]:
    if reconnects and (source.paused_at is None or source.failures):
        return {
            "paused_at": None, "paused_reason": "", "failures": 0, "wait_until": None, "breaker_key": "",
            "next_scheduled_at": now, "next_due_at": now,
        }  # fmt: skip
    if _same_schedule(wanted.schedule, source.schedule) or source.paused_at is not None:
        return {}
    planned = Source(uid=source.uid, schedule=dict(wanted.schedule))
    slot = planning.next_slot(planned, now)
    waits = source.next_due_at is not None and source.next_due_at <= now
    due = source.next_due_at if waits else planning.due_at(planned, slot)
    return {"next_scheduled_at": slot, "next_due_at": due}


def _same_schedule(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Those stored before there were crons and zones lack some of the fields."""
    if not one or not other:
        return not one and not other
    return schedules.Schedule.from_dict(one) == schedules.Schedule.from_dict(other)


def _free_slug(name: str) -> str:
    base = slugify(name)[:SLUG_LENGTH].strip("-") or "source"
    taken = set(Source.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED
    return next(slug for number in range(1, len(taken) + 3) if (slug := _numbered(base, number)) not in taken)


def _numbered(base: str, number: int) -> str:
    return base if number == 1 else f"{base}-{number}"


def _changed_by(source: Source) -> str:
    latest = AuditRow.objects.filter(object_type="metrics.source", object_id=str(source.pk)).order_by("-id")
    who = latest.values_list("actor_label", flat=True).first() or "somebody else"
    return f"This source was changed by {who} while you had it open. Nothing of yours was saved."


def _still_used(names: list[str]) -> str:
    count = "1 metric still uses" if len(names) == 1 else f"{len(names)} metrics still use"
    shown = ", ".join(names[:5]) + (" and more" if len(names) > 5 else "")
    return f"{count} this source: {shown}. Archive what uses it first, or pause the source."


def _set(source: Source, **values: Any) -> None:
    Source.objects.filter(pk=source.pk).update(version=F("version") + 1, **values)
    source.refresh_from_db()
