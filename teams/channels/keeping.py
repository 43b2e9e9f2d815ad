"""Whether a channel works: counted after every telling, and told to its owner once when it is broken."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from metrics.models import Company
from northstar.lib.localtime import local_day
from teams.channels import email
from teams.channels.base import ChannelError
from teams.models import Channel, Delivery, Grant, Membership, Reminder, User
from teams.reminders import addressing
from teams.reminders.rules import CHANNEL_BROKEN
from teams.reminders.wording import one_line

#: So many failures in a row, whatever each of them was, and somebody has to look.
FAILURES = 5
LEFT = (
    "{person}, who connected it, has left. It is told as before. Whoever enters its address anew answers for "
    "it and hears when it breaks; if nobody reads it, remove it."
)
_MOST_COUNTED = 1000
_MOST_ERROR = 300


def worked(channel: Channel, now: datetime) -> None:
    """It was told something: whatever was wrong is over, and nobody is asked to mend it any more."""
    with transaction.atomic():
        Channel.objects.filter(pk=channel.pk).update(failures=0, broken_at=None, error="", worked_at=now)
        _asking(channel).update(closed_at=now)
    channel.failures, channel.broken_at, channel.error, channel.worked_at = 0, None, "", now


def failed(channel: Channel, error: ChannelError, now: datetime, *, tell: bool = True) -> None:
    """Count it. A dead channel is broken at once, any other after five failures in a row; its owner is told.

    A service that asks to wait has not failed, and of a chat that was removed meanwhile nobody hears.
    """
    if error.retry_after is not None and not error.broken:
        return
    sentence = one_line(str(error), _MOST_ERROR)
    with transaction.atomic():
        row = Channel.objects.filter(pk=channel.pk, archived_at=None)
        row.filter(failures__lt=_MOST_COUNTED).update(failures=F("failures") + 1)
        row.update(error=sentence)
        whole = row if error.broken else row.filter(failures__gte=FAILURES)
        if whole.filter(broken_at=None).update(broken_at=now):
            channel.refresh_from_db()
            if tell:
                _tell(channel, now)
    channel.refresh_from_db(fields=["failures", "broken_at", "error"])


def answerable(channel: Channel) -> list[User]:
    """Who is told when it breaks: who connected it, else the leads of its team, else the admins."""
    if channel.owner is not None and channel.owner.is_active:
        return [channel.owner]
    leads = Membership.objects.filter(team=channel.team_id, role="lead", user__is_active=True)
    found = [row.user for row in leads.select_related("user").order_by("id")] if channel.team_id else []
    if found or channel.person_id:
        return found
    admins = Grant.objects.filter(name="admin", user__is_active=True)
    return [row.user for row in admins.select_related("user").order_by("id")]


def left_behind(person: User, now: datetime) -> None:
    """Who connected these shared chats has left: who answers for them from now on is told, once for each."""
    shared = Channel.objects.filter(owner=person, person=None, archived_at=None, broken_at=None)
    for channel in shared.select_related("team", "owner").order_by("pk"):
        channel.owner = None
        _write(channel, f"{_left_key(channel)}{now:%Y%m%dT%H%M%S}", LEFT.format(person=person), now=now)


def looked_after(channel: Channel, now: datetime) -> None:
    """Somebody else entered where it leads, or it was removed: nobody is asked to take it over."""
    _waiting(_left_key(channel)).update(closed_at=now)


def forget(channel: Channel, now: datetime) -> None:
    """It was removed: nobody is asked to mend it."""
    _asking(channel).update(closed_at=now)
    looked_after(channel, now)


def _asking(channel: Channel) -> QuerySet[Reminder]:
    return _waiting(f"{CHANNEL_BROKEN}:{channel.pk}:")


def _waiting(key: str) -> QuerySet[Reminder]:
    return Reminder.objects.filter(rule=CHANNEL_BROKEN, key__startswith=key, closed_at=None)


def _left_key(channel: Channel) -> str:
    """Of another beginning than that of a broken chat, which the next message that arrives closes."""
    return f"{CHANNEL_BROKEN}:left:{channel.pk}:"


def _write(channel: Channel, key: str, text: str, *, now: datetime) -> None:
    reminder, _ = Reminder.objects.get_or_create(
        key=key,
        defaults={
            "rule": CHANNEL_BROKEN,
            "team": channel.team,
            "occurs_on": local_day(now, Company.current().zone),
            "subject": one_line(f"Who looks after {channel.label}?"),
            "text": text,
            "plain_text": text,
            "path": reverse("channel", args=[channel.pk]),
            "action": "Look at the chat",
            "is_demo": channel.is_demo,
        },
    )
    rows = [row for user in answerable(channel) for row in addressing.tellings(reminder, user, now)]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _tell(channel: Channel, now: datetime) -> None:
    company = Company.current()
    reminder, _ = Reminder.objects.get_or_create(
        key=f"{CHANNEL_BROKEN}:{channel.pk}:{now:%Y%m%dT%H%M%S}",
        defaults={
            "rule": CHANNEL_BROKEN,
            "team": channel.team,
            "occurs_on": local_day(now, company.zone),
            "subject": one_line(f"{channel.label} can no longer be told"),
            "text": f"{channel.error} {_meanwhile(channel)}",
            "plain_text": "A chat that you connected no longer takes messages. Its page says why.",
            "path": reverse("channel", args=[channel.pk]),
            "action": "Mend the chat",
            "is_demo": channel.is_demo,
        },
    )
    rows = [row for user in answerable(channel) for row in _tellings(reminder, user, channel, now)]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _meanwhile(channel: Channel) -> str:
    if channel.person_id:
        return "Until it is mended, its messages go to you by e-mail."
    return "Until it is mended, its people hear nothing there."


def _tellings(reminder: Reminder, user: User, channel: Channel, now: datetime) -> list[Delivery]:
    """As for everything else, but never over the channel that is broken: then by mail."""
    rows = addressing.tellings(reminder, user, now)
    kept = [row for row in rows if row.via_id != channel.pk]
    if len(kept) < len(rows) and email.reaches(user) and all(row.channel != "email" for row in kept):
        kept.append(Delivery(reminder=reminder, recipient=user, channel="email", next_due_at=now))
    return kept
