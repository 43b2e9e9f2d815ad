"""Over which channels a reminder is told to whom: rows that are due, or told by being there."""

from __future__ import annotations

from datetime import datetime

from teams.channels import email
from teams.models import Channel, Delivery, Reminder, Team, User


def tellings(reminder: Reminder, user: User, now: datetime) -> list[Delivery]:
    """In the app it is told by being there; by mail where mail may reach the person."""
    rows = [Delivery(reminder=reminder, recipient=user, channel="app", state="sent", sent_at=now)]
    if email.reaches(user):
        rows.append(Delivery(reminder=reminder, recipient=user, channel="email", next_due_at=now))
    return rows


def shared(reminder: Reminder, team: Team | None, now: datetime) -> list[Delivery]:
    """A telling for each working chat of the team, or of the company, that is to hear of this rule."""
    chats = Channel.objects.filter(person=None, team=team, archived_at=None, broken_at=None)
    wanted = (chat for chat in chats if reminder.rule in chat.rules)
    return [Delivery(reminder=reminder, channel="chat", via=chat, next_due_at=now) for chat in wanted]
