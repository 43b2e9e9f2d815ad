"""How the company works with its bets: approval, quorum, scoring, rhythm. Everything is off at first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from metrics import auditing
from metrics.models import Company

RITUALS = ("two_key_commit", "commitment_quorum", "blind_scoring", "score_method", "check_in_days")


def agree(wanted: Mapping[str, Any], *, actor: Any) -> list[str]:
    """Set the rituals of the company to these; returns the names of those that changed, one audit row."""
    Company.current()
    with transaction.atomic():
        company = Company.objects.select_for_update().get(id=1)
        before = {name: getattr(company, name) for name in RITUALS}
        changed = [name for name in RITUALS if before[name] != wanted[name]]
        for name in changed:
            setattr(company, name, wanted[name])
        if changed:
            company.save(update_fields=changed)
            auditing.record(
                "company.rituals",
                company,
                actor=actor,
                before={name: before[name] for name in changed},
                after={name: wanted[name] for name in changed},
            )
    return changed
