"""Telling people what was written down: each telling once, or again with the same Message-ID.

Nothing is lost: a telling stays due until it is sent or has failed for good. A letter leaves twice only if
the process dies between the server's yes and our commit.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from metrics.models import Company
from northstar.lib import leases
from teams.channels import email
from teams.channels.email import Letter, MailError
from teams.models import Delivery, Reminder
from teams.reminders import reminding, rules

log = logging.getLogger(__name__)

#: Waits after the first, second and third failure; after one more it has failed.
RETRY_AFTER = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
LATE_AFTER = timedelta(hours=36)
#: A letter takes at most six answers of EMAIL_TIMEOUT seconds; the lease outlives a round and one letter.
ROUND_SECONDS = 60
LEASE_SECONDS = 360
MOST_PEOPLE = 200
REPORTED_FOR = timedelta(days=14)

Claimed = list[tuple[Delivery, str]]


def deliver(now: datetime) -> int:
    """Send what is due, person by person, for at most a minute; returns the number of letters that left.

    A server that cannot be reached ends the round, so that only one person's attempts are used up by it.
    """
    until, sent, company = time.monotonic() + ROUND_SECONDS, 0, Company.current()
    for person in _waiting(now):
        if time.monotonic() > until:
            break
        try:
            sent += _tell(person, company=company, now=now, until=until)
        except MailError as error:
            log.warning("mail waits: %s", error)
            break
    return sent


def failed(now: datetime) -> tuple[int, str]:
    """How many tellings have failed in the last 14 days, and the newest error. For the status page."""
    rows = Delivery.objects.filter(state="failed", reminder__created_at__gte=now - REPORTED_FOR)
    newest = rows.order_by("-id").values_list("error", flat=True).first()
    return (rows.count(), newest) if newest is not None else (0, "")


def _waiting(now: datetime) -> list[int]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    due = _open().filter(free, next_due_at__lte=now).order_by("next_due_at", "id")
    return list(dict.fromkeys(due.values_list("recipient_id", flat=True)))[:MOST_PEOPLE]


def _open() -> QuerySet[Delivery]:
    return Delivery.objects.filter(channel="email", state__in=("due", "sending"))


def _tell(person: int, *, company: Company, now: datetime, until: float) -> int:
    """Claim what is due for one person and send it as letters. Raises MailError if no letter can leave."""
    claimed = _claim(person, now)
    letters = _letters(claimed, company=company, now=now)
    sent = 0
    for number, letter in enumerate(letters):
        if time.monotonic() > until:
            _put_back(letter)
            continue
        try:
            sent += _send(letter, company=company, now=now)
        except MailError:
            for each in letters[number + 1 :]:
                _put_back(each)
            raise
    return sent


def _claim(person: int, now: datetime) -> Claimed:
    """The rows of one person that are ours now. What is of no use any more is dropped on the way."""
    tokens = dict(leases.claim(_open().filter(recipient=person), now=now, seconds=LEASE_SECONDS))
    rows = Delivery.objects.filter(pk__in=tokens).select_related("reminder", "recipient").order_by("id")
    kept = []
    for row in rows:
        if row.reminder.closed_at or not row.recipient.is_active:
            leases.release(Delivery, row.pk, tokens[row.pk], state="dropped", next_due_at=None)
        elif row.attempt > len(RETRY_AFTER) + 1:
            _fail(row, tokens[row.pk], row.error or "The process ended each time it was sent.")
        else:
            kept.append((row, tokens[row.pk]))
    return kept


def _letters(claimed: Claimed, *, company: Company, now: datetime) -> list[Claimed]:
    """Which rows share a letter: those that did before, those late by more than 36 hours, else each alone."""
    groups: dict[str, Claimed] = {}
    for row, token in claimed:
        late = now - rules.slot(row.reminder.occurs_on, company.zone) > LATE_AFTER
        name = row.message_id or ("late" if late else f"alone {row.pk}")
        groups.setdefault(name, []).append((row, token))
    return list(groups.values())


def _send(letter: Claimed, *, company: Company, now: datetime) -> int:
    """Send one letter and write down what came of it."""
    name = letter[0][0].message_id or _name(letter)
    # The name is stored before the letter leaves: whoever sends it again, sends the same letter.
    held = [pair for pair in letter if _mark(pair, name)]
    if not held:
        return 0
    rows = [row for row, _ in held]
    try:
        email.send(Letter(rows[0].recipient, _newest_of_each([row.reminder for row in rows]), name), company)
    except MailError as error:
        for row, token in held:
            _later(row, token, error=error, now=now)
        if error.unreachable:
            raise
        return 0
    for row, token in held:
        leases.release(Delivery, row.pk, token, state="sent", sent_at=now, next_due_at=None, error="")
    return 1


def _name(letter: Claimed) -> str:
    first = letter[0][0]
    return f"{'digest.' if len(letter) > 1 else ''}{first.reminder.key}.{first.recipient_id}"[:120]


def _mark(pair: tuple[Delivery, str], name: str) -> bool:
    row, token = pair
    mine = Delivery.objects.filter(pk=row.pk, lease_token=token)
    return mine.update(state="sending", message_id=name) == 1


def _newest_of_each(reminders: Sequence[Reminder]) -> list[Reminder]:
    """One reminder for each thing, the newest: an older one about the same thing says nothing more."""
    newest = {reminding.about(each): each for each in sorted(reminders, key=_by_day)}
    return sorted(newest.values(), key=_by_day)


def _by_day(reminder: Reminder) -> tuple[date, int]:
    return reminder.occurs_on, reminder.pk


def _later(row: Delivery, token: str, *, error: MailError, now: datetime) -> None:
    if error.permanent or row.attempt > len(RETRY_AFTER):
        _fail(row, token, str(error))
        return
    due = now + RETRY_AFTER[row.attempt - 1]
    leases.release(Delivery, row.pk, token, state="due", next_due_at=due, error=str(error))


def _fail(row: Delivery, token: str, sentence: str) -> None:
    log.error("mail to person %s failed for good: %s", row.recipient_id, sentence)
    leases.release(Delivery, row.pk, token, state="failed", next_due_at=None, error=sentence)


def _put_back(letter: Claimed) -> None:
    for row, token in letter:
        leases.release(Delivery, row.pk, token, attempt=row.attempt - 1)
