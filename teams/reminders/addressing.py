"""Over which channels a reminder is told to whom: rows that are due, or told by being there."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist

from metrics.models import Company
from teams.channels.reaching import reaches
from teams.models import Channel, Delivery, Preference, Reminder, Team, User
from teams.reminders.budgeting import Terms
from teams.reminders.quiet import Hours
from teams.reminders.rules import RULES, WEEKLY_READY

WEEKLY = "weekly"
#: What `tellings` asks of a person, to be read along with them: select_related(f"user__{WANTED}").
WANTED = "preference__channel"


def tellings(reminder: Reminder, user: User, now: datetime) -> list[Delivery]:
    """In the app it is told by being there; by message over the first way that the person left open.

    When a message leaves is for `planning` to say. No query where `user` came with its preference.
    Of the invented company real people are told in the app only.
    """
    rows = [Delivery(reminder=reminder, recipient=user, channel="app", state="sent", sent_at=now)]
    wanted = preference(user)
    if wants(wanted, reminder.rule) and (user.is_demo or not reminder.is_demo):
        if wanted.channel is not None and works(wanted.channel):
            row = Delivery(reminder=reminder, recipient=user, channel="chat", via=wanted.channel)
            rows.append(_due(row, now))
        elif wanted.by_mail and reaches(user):
            rows.append(_due(Delivery(reminder=reminder, recipient=user, channel="email"), now))
    return rows


def shared(reminder: Reminder, team: Team | None, now: datetime) -> list[Delivery]:
    """A telling for each working chat of the team, or of the company, that is to hear of this rule."""
    chats = Channel.objects.filter(person=None, team=team, archived_at=None, broken_at=None)
    wanted = (chat for chat in chats if reminder.rule in chat.rules)
    return [Delivery(reminder=reminder, channel="chat", via=chat, next_due_at=now) for chat in wanted]


def instead(failed: Delivery, now: datetime) -> Delivery | None:
    """The telling over the next way when one has failed for good, or was left: after the own chat, e-mail."""
    user = failed.recipient
    if user is None or failed.channel != "chat":
        return None
    if not preference(user).by_mail or not reaches(user):
        return None
    # What was on its way has waited for its digest already.
    ripe = failed.is_ripe or failed.attempt > 0
    return _due(Delivery(reminder=failed.reminder, recipient=user, channel="email", is_ripe=ripe), now)


def preference(user: User) -> Preference:
    """What the person wants to hear: their row, or one that is not stored with what everybody starts with."""
    try:
        return user.preference
    except ObjectDoesNotExist:
        return Preference(user=user)


def wants(wanted: Preference, rule: str) -> bool:
    """Whether messages about this rule may leave; some are told whatever was switched off."""
    if rule == WEEKLY_READY:
        return wanted.weekly_mail
    return rule not in wanted.off_rules or (rule in RULES and RULES[rule].always)


def works(channel: Channel) -> bool:
    return channel.broken_at is None and channel.archived_at is None


def terms(user: User, company: Company) -> Terms:
    """The person's zone, quiet hours and caps; zone and holidays are the company's where they have none."""
    wanted = preference(user)
    hours = Hours(user.zone or company.zone, company.country, wanted.quiet_from, wanted.quiet_until)
    return Terms(hours, most_a_week=wanted.most_a_week, weekly=wanted.digest == WEEKLY)


def shared_terms(company: Company) -> Terms:
    """Those of a chat that several people read: one message a working day, in the hours of the company."""
    usual = Preference()
    hours = Hours(company.zone, company.country, usual.quiet_from, usual.quiet_until)
    return Terms(hours, most_a_week=None)


def _due(row: Delivery, now: datetime) -> Delivery:
    row.next_due_at = now
    return row
