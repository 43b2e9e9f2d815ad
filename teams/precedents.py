"""What was tried before: retired bets on the same metric, step of the funnel or driver (domain 3.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from teams.models import Omtm

MOST = 5
#: Field → what the two have in common, the closest first.
ALIKE = {"metric_id": "same metric", "stage_id": "same step of the funnel", "driver_id": "same driver"}


@dataclass(frozen=True, slots=True)
class Precedent:
    """A retired bet and what it has in common with the one that is thought about."""

    omtm: Omtm
    alike: str


def of(omtm: Omtm) -> list[Precedent]:
    """At most five, the closest and newest first; one query."""
    return of_each([omtm])[omtm.pk]


def of_each(omtms: Sequence[Omtm]) -> dict[int, list[Precedent]]:
    """The same for many, by id; one query."""
    wanted = {name: {getattr(omtm, name) for omtm in omtms} - {None} for name in ALIKE}
    alike = Q(pk=None)
    for name, values in wanted.items():
        alike |= Q((f"{name}__in", values))
    mine = [omtm.pk for omtm in omtms]
    rows = Omtm.objects.retired().filter(alike).exclude(pk__in=mine).select_related("team", "metric")
    past = list(rows.defer("snapshot")) if any(wanted.values()) else []
    return {omtm.pk: _matching(omtm, past) for omtm in omtms}


def _matching(omtm: Omtm, past: Sequence[Omtm]) -> list[Precedent]:
    found = [Precedent(row, words) for row in past if (words := _common(omtm, row))]
    closeness = list(ALIKE.values())
    return sorted(found, key=lambda each: closeness.index(each.alike))[:MOST]


def _common(omtm: Omtm, row: Omtm) -> str:
    for name, words in ALIKE.items():
        value = getattr(omtm, name)
        if value is not None and value == getattr(row, name):
            return words
    return ""
