"""Putting off a closing review: with a day and a reason, at most twice, and never what leaders hear of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from metrics import auditing
from northstar.lib.datewords import long_date_words
from teams.models import Delivery, Membership, Omtm, Reminder, Snooze, User
from teams.reminders import rules
from teams.reminders.wording import one_line

MOST = 2
LONGEST = timedelta(days=14)
#: What waits. An escalation is not among them: nobody puts off what others are told about their team.
PUT_OFF = (rules.WINDOW_ENDED, rules.REVIEW_OVERDUE)


class SnoozeError(ValueError):
    """It cannot be put off; the sentence says why, `field` which answer it is about."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


def put_off(omtm: Omtm, *, until: date, reason: str, actor: User, today: date, now: datetime) -> Snooze:
    """Ask the leads of its team nothing about this review before `until`. Raises SnoozeError.

    What waits to leave to them does not leave any more; on that day it is asked again.
    """
    with transaction.atomic():
        omtm = Omtm.objects.select_for_update(of=("self",)).get(pk=omtm.pk)
        earlier = list(Snooze.objects.filter(omtm=omtm).order_by("until"))
        _demand_open(omtm, earlier)
        _demand_day(until, earlier, today)
        reason = one_line(reason)
        if not reason:
            raise SnoozeError("Say why, so that whoever waits for it knows.", "reason")
        snooze = Snooze.objects.create(omtm=omtm, by=actor, until=until, reason=reason)
        _keep_back(omtm, actor)
        after = {"until": until.isoformat()}
        auditing.record("review.put_off", omtm, actor=actor, after=after, reason=snooze.reason)
    return snooze


def why_not(omtm: Omtm) -> str:
    """Why this review cannot be put off, in a sentence; empty where it can. One query."""
    try:
        _demand_open(omtm, list(Snooze.objects.filter(omtm=omtm)))
    except SnoozeError as error:
        return str(error)
    return ""


def running(omtm_ids: Iterable[int], today: date) -> dict[int, Snooze]:
    """By the id of the OMTM: until when, by whom and why its review is put off today. One query."""
    rows = Snooze.objects.filter(omtm__in=list(omtm_ids), until__gt=today).select_related("by")
    return {row.omtm_id: row for row in rows.order_by("until")}


def without(rows: QuerySet[Delivery], user: User, today: date) -> QuerySet[Delivery]:
    """The tellings without those that this person put off, or whose team's lead they are and it was."""
    omtm = OuterRef("reminder__omtm")
    leads = Membership.objects.filter(team=OuterRef("omtm__team"), user=user, role="lead")
    asleep = Snooze.objects.filter(omtm=omtm, until__gt=today).filter(Q(by=user) | Exists(leads))
    return rows.exclude(Exists(asleep), reminder__rule__in=PUT_OFF)


def can_wait(reminder: Reminder) -> bool:
    """Whether what it asks for may be put off at all."""
    return reminder.rule in PUT_OFF and reminder.omtm_id is not None


def path(omtm_id: int) -> str:
    """The page on which it is put off."""
    return reverse("omtm-later", args=[omtm_id])


def address(omtm_id: int) -> str:
    """The whole address of it, for messages. Whoever follows it signs in."""
    return settings.SITE_URL + path(omtm_id)


def words(snooze: Snooze) -> str:
    """ "put off until 12 December 2026 by Idris Vane: the data of November is late" """
    by = f" by {snooze.by}" if snooze.by else ""
    return f"put off until {long_date_words(snooze.until)}{by}: {snooze.reason}"


def _demand_open(omtm: Omtm, earlier: list[Snooze]) -> None:
    if omtm.state != "in_review":
        raise SnoozeError(f"Nothing waits to be put off: the closing review of {omtm} is not open.")
    if len(earlier) >= MOST:
        raise SnoozeError(
            f"The review of {omtm} was put off twice already. A short honest note is enough to close it."
        )


def _demand_day(until: date, earlier: list[Snooze], today: date) -> None:
    last = today + LONGEST
    if not today < until <= last:
        raise SnoozeError(f"Choose a day from tomorrow to {long_date_words(last)}.", "until")
    if earlier and until <= earlier[-1].until:
        before = long_date_words(earlier[-1].until)
        raise SnoozeError(f"It is put off until {before} already. Choose a later day.", "until")


def _keep_back(omtm: Omtm, actor: User) -> None:
    """Messages of it to the team's leads, and to whoever puts it off, do not leave any more."""
    leads = Membership.objects.filter(team=omtm.team_id, role="lead").values("user")
    waiting = Delivery.objects.filter(reminder__omtm=omtm, reminder__rule__in=PUT_OFF, state="due")
    # One that is on its way at this moment is held by its lease and arrives.
    mine = waiting.filter(Q(recipient__in=leads) | Q(recipient=actor), lease_token="").exclude(channel="app")
    mine.update(state="dropped", next_due_at=None)
