"""What the inbox shows: what is told to a person now, and what was. A constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from northstar.lib.policy import Subject, may
from teams.models import Delivery, Reminder, User
from teams.reminders import acting, because, reminding, snoozing, told, unsubscribing
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
    locked = because.locked(reminder.rule)
    may_go = reminder.rule in RULES and not locked
    return Entry(
        pk=row.pk,
        subject=reminder.subject,
        text=_rest(reminder),
        day=reminder.occurs_on,
        path=told.path(reminder),
        action=reminder.action,
        why=because.told(reminder, subject),
        locked=locked,
        later=snoozing.path(reminder.omtm_id) if _may_wait(reminder, subject) else "",
        fewer=unsubscribing.path(user, reminder.rule) if may_go else "",
    )


def _may_wait(reminder: Reminder, subject: Subject) -> bool:
    return snoozing.can_wait(reminder) and may(subject, "review.put_off", reminder.omtm)


def _rest(reminder: Reminder) -> str:
    """The text without its heading, or whole where that goes on in it; minutes are for their own page."""
    if reminder.rule == MINUTES:
        return ""
    rest = reminder.text.removeprefix(reminder.subject)
    return rest[1:].lstrip() if rest.startswith((".", ":")) or not rest else reminder.text


def _earlier(row: Delivery) -> Earlier:
    reminder = row.reminder
    what = "done" if acting.was_acted_on(row) else "read" if row.seen_at else "over"
    return Earlier(reminder.subject, reminder.occurs_on, told.path(reminder), what)
