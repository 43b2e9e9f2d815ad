"""Writing the audit: every verb that changes something calls `record` in its own transaction."""

from __future__ import annotations

from typing import Any

from django.db import models

from metrics.models.audit import AuditRow

SYSTEM = "Northstar"


def record(
    action: str,
    subject: models.Model,
    *,
    actor: Any = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditRow:
    """One row for one deed; `actor` None is the product itself. Never hand in a secret."""
    return AuditRow.objects.create(
        actor=actor,
        actor_label=str(actor) if actor else SYSTEM,
        action=action,
        object_type=subject._meta.label_lower,
        object_id=str(subject.pk),
        object_label=str(subject)[:160],
        before=_plain(before),
        after=_plain(after),
        reason=reason,
        is_demo=bool(getattr(subject, "is_demo", False)),
    )


def _plain(values: dict[str, Any] | None) -> dict[str, Any]:
    return {
        key: value if isinstance(value, (int, str, bool, type(None))) else str(value)
        for key, value in (values or {}).items()
    }
