"""Telling people what was written down: each telling once, or again under the same name.

Nothing is lost: a telling stays due until it is sent or has failed for good, and then it goes the next way.
A message leaves twice only if the process dies between the server's yes and our commit.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from metrics.models import Company
from northstar.lib import leases
from teams.alerts import quieting
from teams.channels import email, keeping, sending
from teams.channels.base import ChannelError, Item, Message
from teams.channels.email import Letter, MailError
from teams.models import Delivery, Reminder, User
from teams.reminders import addressing, planning, told
from teams.reminders.merging import Parcel, newest_of_each

log = logging.getLogger(__name__)

#: Waits after the first, second and third failure; after one more it has failed.
RETRY_AFTER = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
#: A letter takes at most six answers of EMAIL_TIMEOUT seconds; the lease outlives a lane and one letter.
LANE_SECONDS = 60
LEASE_SECONDS = 360
REPORTED_FOR = timedelta(days=14)
LANES = planning.MESSAGES
#: Kinds of chat that are one service for everybody: down for one, down for all.
SHARED_HOSTS = frozenset({"slack", "discord", "telegram"})
HIDDEN = "Its numbers are not told here: open it in Northstar."
#: The rows' field holds no more.
MOST_ERROR = 300
NEVER_ANSWERED = "The process ended each time it was sent."


@dataclass(frozen=True, slots=True)
class Unreached:
    """The newest message to a person did not arrive: over which way, and what was said."""

    way: str
    error: str


def deliver(now: datetime) -> int:
    """Send what may leave now, mail first, then chats; returns the number of messages that left.

    Each lane has a minute of its own: a dead or slow chat does not hold up mail, nor mail a chat.
    """
    company = Company.current()
    plan = planning.plan(now, company)
    for row in plan.dead:
        _fail_unheld(row, now)
    lanes = ([each for each in plan.parcels if each.rows[0].channel == lane] for lane in LANES)
    return sum(_lane(parcels, company=company, now=now) for parcels in lanes)


def failed(now: datetime) -> tuple[int, str]:
    """How many tellings have failed in the last 14 days, and the newest error. For the status page."""
    rows = Delivery.objects.filter(state="failed", reminder__created_at__gte=now - REPORTED_FOR)
    newest = rows.order_by("-id").values_list("error", flat=True).first()
    return (rows.count(), newest) if newest is not None else (0, "")


def unreached(user: User, now: datetime) -> Unreached | None:
    """Where the newest message of 14 days reached this person over no way: for a banner. One query."""
    told = Delivery.objects.filter(recipient=user, channel__in=LANES, state__in=("sent", "failed"))
    recent = told.filter(reminder__created_at__gte=now - REPORTED_FOR)
    newest = recent.select_related("via").order_by("-id").first()
    if newest is None or newest.state == "sent":
        return None
    return Unreached("e-mail" if newest.via is None else newest.via.label, newest.error)


def _lane(parcels: Sequence[Parcel], *, company: Company, now: datetime) -> int:
    """Send parcels until the minute is over. What cannot be reached is left alone for the rest of it."""
    until, sent, down = time.monotonic() + LANE_SECONDS, 0, set[str]()
    for parcel in parcels:
        if time.monotonic() > until:
            break
        if _line(parcel) in down:
            continue
        try:
            sent += _send(parcel, company=company, now=now)
        except ChannelError as error:
            log.warning("%s waits: %s", _line(parcel), error)
            down.add(_line(parcel))
        except Exception:
            # The lease ends by itself; after four times the message has failed. The others still leave.
            log.exception("the message %s could not be sent", parcel.name)
    return sent


def _line(parcel: Parcel) -> str:
    """What is down for everybody when it is for one: the mail server, a service that everybody shares."""
    if parcel.via is None:
        return "email"
    return parcel.via.kind if parcel.via.kind in SHARED_HOSTS else f"channel {parcel.via.pk}"


def _send(parcel: Parcel, *, company: Company, now: datetime) -> int:
    """Claim, name, hand over, write down. Raises ChannelError where nothing else would get through."""
    tokens = _claim(parcel, now)
    if tokens and len(tokens) < len(parcel.rows) and not parcel.rows[0].message_id:
        # Another round has the rest: half a message now would be a second one of the day.
        ours = Parcel([row for row in parcel.rows if row.pk in tokens])
        _settle(ours, tokens, attempt=F("attempt") - 1)
        return 0
    rows = _still_wanted(tokens)
    if not rows:
        return 0
    parcel = Parcel(rows)
    if rows[0].attempt > len(RETRY_AFTER) + 1:
        _fail(parcel, tokens, rows[0].error or NEVER_ANSWERED, now=now)
        return 0
    # The name is stored before the message leaves: whoever sends it again, sends the same message.
    name = parcel.name
    _held(parcel, tokens).update(state="sending", message_id=name)
    try:
        _hand_over(parcel, name, company=company, now=now)
    except ChannelError as error:
        _put_off(parcel, tokens, error, now=now)
        if _is_about_the_line(parcel, error):
            raise
        return 0
    _settle(parcel, tokens, state="sent", sent_at=now, next_due_at=None, error="")
    return 1


def _is_about_the_line(parcel: Parcel, error: ChannelError) -> bool:
    """Whether the next message over the same line would fare no better; that of a chat may be its service."""
    passing = not (error.permanent or error.broken or error.retry_after)
    return error.unreachable or (parcel.via is not None and passing)


def _claim(parcel: Parcel, now: datetime) -> dict[int, str]:
    """The tokens of the rows that are ours now. What rides along is due from now on."""
    ids = [row.pk for row in parcel.rows]
    early = [row.pk for row in parcel.rows if row.next_due_at is None or row.next_due_at > now]
    if early:
        planning.open_rows().filter(pk__in=early, lease_token="", message_id="").update(next_due_at=now)
    return leases.claim_all(Delivery, ids, now=now, seconds=LEASE_SECONDS)


def _still_wanted(tokens: dict[int, str]) -> list[Delivery]:
    """The rows as they are now: somebody may just have done what they ask for, or sent them."""
    rows = planning.open_rows().filter(pk__in=tokens).order_by("id")
    kept = []
    for row in rows.select_related("reminder", "via", "recipient__preference"):
        if row.reminder.closed_at:
            leases.release(Delivery, row.pk, tokens[row.pk], state="dropped", next_due_at=None)
        else:
            kept.append(row)
    return kept


def _hand_over(parcel: Parcel, name: str, *, company: Company, now: datetime) -> None:
    reminders = newest_of_each(row.reminder for row in parcel.rows)
    if parcel.via is None:
        assert parcel.recipient is not None
        email.send(Letter(parcel.recipient, reminders, name), company)
        return
    try:
        hide = company.hide_numbers or parcel.via.hide_numbers
        said = message(reminders, name, company=company, hide=hide, reader=parcel.recipient)
        sending.send(parcel.via, said)
    except ChannelError as error:
        keeping.failed(parcel.via, error, now)
        raise
    keeping.worked(parcel.via, now)


def message(
    reminders: Sequence[Reminder], name: str, *, company: Company, hide: bool, reader: User | None = None
) -> Message:
    """What a chat is told: each thing with its one action, without a number where they are hidden.

    A chat with one `reader` has the link by which an alert of theirs is muted; others could use it too.
    """
    items = [
        Item(
            (hide and each.plain_subject) or each.subject,
            _text(each, hide=hide, reader=reader),
            told.address(each),
            each.action,
        )
        for each in reminders
    ]
    return Message(name, items, f"Northstar of {company.name}", settings.SITE_URL + reverse("inbox"))


def _text(reminder: Reminder, *, hide: bool, reader: User | None) -> str:
    text = (reminder.plain_text or HIDDEN) if hide else reminder.text
    mute = quieting.address(reminder, reader)
    return f"{text}\nMute or remove this alert: {mute}" if mute else text


def _put_off(parcel: Parcel, tokens: dict[int, str], error: ChannelError, *, now: datetime) -> None:
    attempt = parcel.rows[0].attempt
    if isinstance(error, MailError) and error.untouched:
        # Nobody was asked to take this letter: it costs no attempt, and may hold more when it leaves.
        fresh = {"attempt": attempt - 1, "message_id": ""} if attempt == 1 else {"attempt": attempt - 1}
        again = {"state": "due", "next_due_at": now + RETRY_AFTER[0], "is_ripe": True}
        _settle(parcel, tokens, error=str(error)[:MOST_ERROR], **again, **fresh)
    elif error.permanent or _is_dead(parcel, error) or attempt > len(RETRY_AFTER):
        _fail(parcel, tokens, str(error), now=now)
    else:
        wait = max(RETRY_AFTER[attempt - 1], error.retry_after or timedelta(0))
        _settle(parcel, tokens, state="due", next_due_at=now + wait, error=str(error)[:MOST_ERROR])


def _is_dead(parcel: Parcel, error: ChannelError) -> bool:
    """Whether the chat was given up, by this answer or by one failure too many."""
    return error.broken or (parcel.via is not None and not addressing.works(parcel.via))


def _fail(parcel: Parcel, tokens: dict[int, str], sentence: str, *, now: datetime) -> None:
    """It has failed for good; the next way is due at once, in the same transaction."""
    log.error("%s failed for good: %s", parcel.name, sentence)
    others = [other for row in parcel.rows if (other := addressing.instead(row, now))]
    with transaction.atomic():
        _settle(parcel, tokens, state="failed", next_due_at=None, error=sentence[:MOST_ERROR])
        Delivery.objects.bulk_create(others, ignore_conflicts=True)


def _fail_unheld(row: Delivery, now: datetime) -> None:
    """A telling over a chat that does not work any more."""
    tokens = _claim(Parcel([row]), now)
    if tokens:
        assert row.via is not None
        _fail(Parcel([row]), tokens, row.via.error or f"{row.via} was removed or does not work.", now=now)


def _held(parcel: Parcel, tokens: dict[int, str]) -> QuerySet[Delivery]:
    ids = [row.pk for row in parcel.rows]
    return Delivery.objects.filter(pk__in=ids, lease_token__in=[tokens[each] for each in ids])


def _settle(parcel: Parcel, tokens: dict[int, str], **updates: object) -> None:
    """Let the rows go and write `updates` in the same UPDATE, to those that are still ours."""
    _held(parcel, tokens).update(**(leases.FREE | updates))
