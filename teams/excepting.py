"""Exceptions to one focus a team: a leader grants one with a reason and a last day, and takes it back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from metrics import auditing
from northstar.lib import clock
from northstar.lib.datewords import long_date_words
from northstar.lib.windows import START_AHEAD_DAYS, window_end
from teams.lifecycle import queue_at
from teams.models import ExceptionGrant, Team
from teams.refusing import LifecycleError, demand
from teams.reminders.rules import TWO_WEEKS

FEWEST_MONTHS, MOST_MONTHS = 2, 9


def grant(team: Team, *, reason: str, until: date, actor: Any, today: date) -> ExceptionGrant:
    """Let a team push a second metric whose window ends by `until`. Raises LifecycleError.

    Two at the same time are the most; one exception is in force at a time.
    """
    demand(reason.strip(), "Write why one focus is not enough.", "reason")
    earliest, latest = window_end(today - TWO_WEEKS, FEWEST_MONTHS), window_end(today, MOST_MONTHS)
    if not earliest <= until <= latest:
        raise LifecycleError(
            f"A second focus lasts two to six months and starts at most {START_AHEAD_DAYS} days ahead: "
            f"choose a last day between {long_date_words(earliest)} and {long_date_words(latest)}.",
            "until",
        )
    with transaction.atomic():
        queue_at(team)
        open_one = ExceptionGrant.objects.open_on(today).filter(team=team).first()
        if open_one is not None:
            words = f"{team} has an exception until {long_date_words(open_one.until)} already."
            raise LifecycleError(f"{words} Take it back before you grant another.", "until")
        given = ExceptionGrant.objects.create(team=team, reason=reason.strip(), until=until, granted_by=actor)
        auditing.record("exception.granted", given, actor=actor, after={"until": until}, reason=given.reason)
    return given


def revoke(given: ExceptionGrant, *, reason: str = "", actor: Any) -> ExceptionGrant:
    """Take an exception back: what runs under it goes on, nothing new starts. Raises LifecycleError."""
    with transaction.atomic():
        queue_at(given.team)
        given = ExceptionGrant.objects.select_for_update().get(pk=given.pk)
        if given.revoked_at is not None:
            raise LifecycleError("Somebody has taken this exception back already.")
        given.revoked_at = clock.now()
        given.save(update_fields=["revoked_at"])
        auditing.record("exception.revoked", given, actor=actor, before={"until": given.until}, reason=reason)
    return given
