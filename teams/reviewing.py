"""Reviews: what is due, opening and holding them."""

from __future__ import annotations

from datetime import date

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import Subject, which
from teams.models import Omtm, Review


def due_count(subject: Subject, company: Company) -> int:
    """How many reviews wait for this person today."""
    today = clock.today(company.zone)
    return due_for(subject, today).count()


def due_for(subject: Subject, today: date):  # type: ignore[no-untyped-def]
    """Open reviews of OMTMs that this person may hold and whose day has come."""
    mine = which(subject, "omtm.review", Omtm.objects.running())
    return Review.objects.filter(omtm__in=mine, held_at=None, due_on__lte=today)
