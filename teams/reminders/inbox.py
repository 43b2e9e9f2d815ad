"""What the inbox shows: what is told to a person now, and what was. A constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from northstar.lib.policy import Subject, may
from teams.alerts import quieting
from teams.models import Delivery, Reminder, User
from teams.reminders import acting, because, reminding, snoozing, told, unsubscribing, wording
from teams.reminders.rules import MINUTES, RULES

MOST_EARLIER = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is told: its words, where it leads, why it is told, and how to hear less of it."""

    pk: int
    subject: str
    text: str
    day: date
    path: str
    action: str
    why: str
    locked: str
    fewer: str
    fewer_words: str
    later: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was told before, in a line: "done", "read" or "over"."""

    subject: str
    day: date
    path: str
    what: str


def page(user: User, subject: Subject, *, today: date) -> dict[str, Any]:
    """Now, the newest first, and earlier. Two queries."""
    now = [_entry(row, user, subject) for row in reversed(reminding.unseen(user, today=today))]
    rows = Delivery.objects.filter(recipient=user, channel="app").select_related("reminder")
    before = rows.exclude(seen_at=None, reminder__closed_at=None)
    earlier = before.order_by("-reminder__occurs_on", "-reminder_id")[:MOST_EARLIER]
    return {"now": now, "earlier": [_earlier(row) for row in earlier], "today": today}


def _entry(row: Delivery, user: User, subject: Subject) -> Entry:
    reminder = row.reminder
    fewer, words = _fewer(reminder, user)
    return Entry(
        pk=row.pk,
        subject=reminder.subject,
        text=_rest(reminder),
        day=reminder.occurs_on,
        path=told.path(reminder),
        action=reminder.action,
        why=because.told(reminder, subject),
        locked=because.locked(reminder.rule),
        later=snoozing.path(reminder.omtm_id) if _may_wait(reminder, subject) else "",
        fewer=fewer,
        fewer_words=words,
    )


def _fewer(reminder: Reminder, user: User) -> tuple[str, str]:
    """Where one hears less of it, and the words of that; an alert has a page of its own."""
    if reminder.alert and reminder.alert.owner_id == user.pk:
        return reverse("alert-quiet", args=[quieting.token_of(reminder.alert)]), "Mute this alert"
    if reminder.rule not in RULES or because.locked(reminder.rule):
        return "", ""
    return unsubscribing.path(user, reminder.rule), "Fewer of these"


def _may_wait(reminder: Reminder, subject: Subject) -> bool:
    return snoozing.can_wait(reminder) and may(subject, "review.put_off", reminder.omtm)


def _rest(reminder: Reminder) -> str:
    """What stands under the heading; minutes are for their own page."""
    return "" if reminder.rule == MINUTES else wording.after_heading(reminder.subject, reminder.text)


def _earlier(row: Delivery) -> Earlier:
    reminder = row.reminder
    what = "done" if acting.was_acted_on(row) else "read" if row.seen_at else "over"
    return Earlier(reminder.subject, reminder.occurs_on, told.path(reminder), what)
