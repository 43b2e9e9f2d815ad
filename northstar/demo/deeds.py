"""What was done before today, as the audit keeps it: written now, dated then, marked as demo."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models

from metrics.auditing import record
from metrics.models import AuditRow, NorthStar, Source
from northstar.demo import star as told
from northstar.demo.days import Days
from teams.models import User


def done(
    action: str,
    subject: models.Model,
    at: datetime,
    *,
    actor: User | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """One deed of the past."""
    row = record(action, subject, actor=actor, after=dict(after or {}), reason=reason)
    AuditRow.objects.filter(pk=row.pk).update(at=at, is_demo=True)


def record_company(star: NorthStar, sources: Mapping[str, Source], *, leader: User, days: Days) -> None:
    """How the North Star was set and changed, and when the sources came."""
    for version in star.versions.order_by("version_no"):
        deed = "north_star.defined" if version.version_no == 1 else "north_star.redefined"
        at = days.moment(version.effective_from, "10:15")
        after = {"version": version.version_no, "definition": version.plain_definition}
        done(deed, star, at, actor=leader, after=after, reason=version.change_reason)
    for target in star.targets.order_by("set_on", "id"):
        at = days.moment(target.set_on, "10:20")
        after = {"horizon": target.horizon, "target": f"{target.target_value:f}", "due": target.due_date}
        done("north_star.target", star, at, actor=leader, after=after, reason=target.rationale)
    created = days.moment(days.monday(told.FIRST_WEEK), "09:00")
    for source in sources.values():
        if source.is_demo:
            Source.objects.filter(pk=source.pk).update(created_at=created)
            done("source.created", source, created, actor=leader, after={"kind": source.kind})
