"""Following what was told: marking it acted on, and leading on to its page."""

from __future__ import annotations

from datetime import datetime

from teams.models import Delivery, Reminder, User
from teams.reminders import reminding


def follow(reminder_id: int, user: User, *, now: datetime) -> str | None:
    """The path of the page that the reminder asks for; None where this person was never told of it.

    Every telling of it to this person counts as acted on and seen, and with it what is older about the same
    thing. What a shared chat was told, whoever reads that chat may follow.
    """
    reminder = Reminder.objects.filter(pk=reminder_id).first()
    rows = Delivery.objects.filter(reminder=reminder).select_related("reminder")
    own = list(rows.filter(recipient=user)) if reminder else []
    if reminder is None or not (own or rows.filter(recipient=None).exists()):
        return None
    Delivery.objects.filter(pk__in=[row.pk for row in own], acted_at=None).update(acted_at=now)
    for row in own:
        if row.channel == "app":
            reminding.acknowledge(row, now)
    return reminder.path
