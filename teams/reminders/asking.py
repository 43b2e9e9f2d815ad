"""Whom to ask for a check-in: nobody who has just said it, and nobody about numbers in doubt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from metrics.models import ChartDocument
from teams import charting
from teams.models import CheckIn, Omtm, User

#: What a source is mended for first: a value that is days old, or comes from a source that fails.
NOT_NOW = ("stale", "failing")


def doubted(omtms: Iterable[Omtm]) -> set[int]:
    """The ids of those whose newest value is old or cannot be relied on (domain §8). One query."""
    keys = {charting.key_of(omtm): omtm.pk for omtm in omtms}
    if not keys:
        return set()
    rows = ChartDocument.objects.filter(key__in=keys).values_list("key", "facts")
    trusts = ((key, facts.get("trust") or {}) for key, facts in rows)
    return {keys[key] for key, trust in trusts if trust.get("blocks") or trust.get("badge") in NOT_NOW}


def silent(omtm: Omtm, people: Iterable[User], *, since: date) -> list[User]:
    """Those of the people who have said nothing of it after `since`, each once, in their order. One query."""
    said = set(CheckIn.objects.filter(omtm=omtm, day__gt=since).values_list("person_id", flat=True))
    return list({person.pk: person for person in people if person.pk not in said}.values())
