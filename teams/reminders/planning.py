"""Which messages leave now, and when the others will: quiet time, caps and merging of all readers at once.

A reader is a person, or a chat that several people read. `next_due_at` of a waiting row is the moment at
which it is looked at again, so that a round reads only those whose moment has come.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from metrics.models import Company
from teams.models import Delivery, User
from teams.reminders import addressing, budgeting, quiet
from teams.reminders.budgeting import Terms, Told
from teams.reminders.merging import Parcel
from teams.reminders.rules import RULES, WEEKLY_READY

log = logging.getLogger(__name__)

MESSAGES = ("email", "chat")
MOST_READERS = 1000
#: A week of the calendar, wherever on earth it began.
LOOKED_BACK = timedelta(days=8)
#: What leaves by itself this soon is not taken along: minutes may still be put right.
SOON = timedelta(minutes=10)

#: A person's key, or a shared chat's.
Reader = tuple[int | None, int | None]


@dataclass(slots=True)
class Plan:
    """What leaves now, what waits until when, and what will not leave any more, and why."""

    parcels: list[Parcel] = field(default_factory=list)
    later: dict[datetime, list[int]] = field(default_factory=dict)
    ripe: list[int] = field(default_factory=list)
    useless: list[int] = field(default_factory=list)
    instead: list[Delivery] = field(default_factory=list)
    dead: list[Delivery] = field(default_factory=list)

    def wait(self, rows: Iterable[Delivery], until: datetime) -> None:
        self.later.setdefault(until, []).extend(row.pk for row in rows)


def open_rows() -> QuerySet[Delivery]:
    """Tellings by message that have neither left nor failed."""
    return Delivery.objects.filter(channel__in=MESSAGES, state__in=("due", "sending"))


def plan(now: datetime, company: Company) -> Plan:
    """The messages of this round, oldest first. Three queries, whatever the number of people.

    Puts off what waits and drops what is of no use any more, in one UPDATE for each moment.
    """
    readers, made = _readers(now), Plan()
    if not readers:
        return made
    rows, told = _rows(readers), _told(readers, now)
    for reader in readers:
        try:
            _plan_reader(made, rows.get(reader, []), told.get(reader, []), now=now, company=company)
        except Exception:
            # Rows of one reader that cannot be planned hold up nobody else's.
            log.exception("the messages to reader %s could not be planned", reader)
    _write_down(made, now)
    return made


def replan(user: User, now: datetime) -> None:
    """Look again at what waits for this person: they changed when, or how much, they want to hear."""
    waiting = open_rows().filter(recipient=user, message_id="", lease_token="")
    waiting.filter(next_due_at__gt=now + SOON).update(next_due_at=now)


def next_message(user: User, now: datetime, company: Company) -> tuple[datetime, int]:
    """When the next message may leave to this person, in UTC, and how many things wait for it. Two queries.

    Where nothing waits: when something that is urgent and came up now would leave.
    """
    reader = (user.pk, None)
    terms, told = addressing.terms(user, company), _told([reader], now).get(reader, [])
    rows = [row for row in _rows([reader]).get(reader, []) if not row.reminder.closed_at]
    moments = []
    for row in rows:
        if not _wanted(row, user) or row.next_due_at is None:
            continue
        ripe = row.next_due_at if _is_weekly(row) else max(now, _leaves_at(row, terms))
        exempt = _always(row.reminder.rule) or _is_weekly(row)
        spent = [] if _is_weekly(row) else told
        moments.append(budgeting.next_moment(ripe, terms, spent, exempt=exempt, urgent=_is_urgent(row)))
    if not moments:
        return budgeting.next_moment(now, terms, told, exempt=False), 0
    return min(moments), moments.count(min(moments))


def _free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now)


def _readers(now: datetime) -> list[Reader]:
    due = open_rows().filter(_free(now), next_due_at__lte=now).order_by("next_due_at", "id")
    found = due.values_list("recipient_id", "via_id")
    return list(dict.fromkeys(_reader(*each) for each in found))[:MOST_READERS]


def _reader(recipient: int | None, via: int | None) -> Reader:
    return (recipient, None) if recipient is not None else (None, via)


def _of(readers: Sequence[Reader]) -> Q:
    people = [person for person, _ in readers if person is not None]
    chats = [chat for _, chat in readers if chat is not None]
    return Q(recipient__in=people) | Q(recipient=None, via__in=chats)


def _rows(readers: Sequence[Reader]) -> dict[Reader, list[Delivery]]:
    """All that is open for these readers, also what is not due yet: it may ride along."""
    found: dict[Reader, list[Delivery]] = {}
    rows = open_rows().filter(_of(readers)).order_by("id")
    for row in rows.select_related("reminder", "via", "recipient__preference"):
        found.setdefault(_reader(row.recipient_id, row.via_id), []).append(row)
    return found


def _told(readers: Sequence[Reader], now: datetime) -> dict[Reader, list[Told]]:
    """The messages of the last days by reader, without the weekly letters. A message holds several rows."""
    sent = Delivery.objects.filter(_of(readers), channel__in=MESSAGES, sent_at__gt=now - LOOKED_BACK)
    found: dict[Reader, dict[str, Told]] = {}
    fields = ("recipient_id", "via_id", "message_id", "sent_at", "reminder__rule")
    for recipient, via, name, at, rule in sent.exclude(reminder__rule=WEEKLY_READY).values_list(*fields):
        messages = found.setdefault(_reader(recipient, via), {})
        counts = not _always(rule) and (name not in messages or messages[name].counts)
        messages[name] = Told(at, counts)
    return {reader: list(messages.values()) for reader, messages in found.items()}


def _plan_reader(
    made: Plan, rows: Sequence[Delivery], told: Sequence[Told], *, now: datetime, company: Company
) -> None:
    if not rows:
        return
    user = rows[0].recipient
    terms = addressing.terms(user, company) if user else addressing.shared_terms(company)
    free = [row for row in rows if row.lease_until is None or row.lease_until < now]
    held = [row for row in rows if row not in free]
    kept = _kept(made, free, now)
    again = [row for row in kept if row.message_id]
    fresh = [row for row in kept if not row.message_id]
    allowed = quiet.next_allowed(now, terms.hours)
    own = [[row] for row in fresh if _is_weekly(row)]
    for rows_of_one in [*_by_name(again), *own]:
        if all(row.next_due_at and row.next_due_at <= now for row in rows_of_one):
            if allowed <= now:
                made.parcels.append(Parcel(rows_of_one))
            else:
                made.wait(rows_of_one, allowed)
    under_way = [Told(now) for row in [*again, *held] if not _is_weekly(row)][:1]
    waiting = [row for row in fresh if not _is_weekly(row)]
    _plan_fresh(made, waiting, [*told, *under_way], now=now, terms=terms)


def _kept(made: Plan, rows: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Without what asks for nothing any more, nobody wants, or has no way to go.

    What was to go over a chat that the person has left since goes by mail, where they want mail.
    """
    kept = []
    for row in rows:
        user = row.recipient
        off = user is not None and not row.message_id and not _wanted(row, user)
        if row.reminder.closed_at or off or (user is not None and not user.is_active):
            made.useless.append(row.pk)
        elif user is not None and row.via is not None and not row.message_id and _has_left(row, user):
            made.useless.append(row.pk)
            made.instead += [mail] if (mail := addressing.instead(row, now)) else []
        elif row.via is not None and not addressing.works(row.via):
            made.dead.append(row)
        else:
            kept.append(row)
    return kept


def _wanted(row: Delivery, user: User) -> bool:
    wanted = addressing.preference(user)
    return addressing.wants(wanted, row.reminder.rule) and (row.channel != "email" or wanted.by_mail)


def _has_left(row: Delivery, user: User) -> bool:
    return addressing.preference(user).channel_id != row.via_id


def _plan_fresh(
    made: Plan, rows: Sequence[Delivery], told: Sequence[Told], *, now: datetime, terms: Terms
) -> None:
    """The one message of the day, with all that waits; over two ways the second has to wait for another."""
    ways: dict[int | None, list[Delivery]] = {}
    for row in rows:
        ways.setdefault(row.via_id, []).append(row)
    for way in sorted(ways.values(), key=lambda way: min(_weight(row) for row in way)):
        ripe = [row for row in way if _leaves_at(row, terms) <= now]
        moment = None
        if ripe:
            urgent = any(_is_urgent(row) for row in ripe)
            exempt = any(_always(row.reminder.rule) for row in ripe)
            moment = budgeting.next_moment(now, terms, told, exempt=exempt, urgent=urgent)
        if moment is not None and moment <= now:
            made.parcels.append(Parcel([row for row in way if row in ripe or _rides(row, now)]))
            told = [*told, Told(now)]
            continue
        for row in way:
            if row in ripe and moment is not None:
                made.wait([row], moment)
                made.ripe += [] if _is_urgent(row) or row.is_ripe else [row.pk]
            elif row.next_due_at and row.next_due_at <= now:
                made.wait([row], _leaves_at(row, terms))


def _weight(row: Delivery) -> tuple[bool, bool, int]:
    return not _always(row.reminder.rule), not _is_urgent(row), row.pk


def _leaves_at(row: Delivery, terms: Terms) -> datetime:
    """When a row is ripe by itself: at once if it is urgent, or was ripe already; else with the digest."""
    assert row.next_due_at is not None
    if row.is_ripe or _is_urgent(row):
        return row.next_due_at
    return budgeting.digest_moment(row.next_due_at, terms)


def _rides(row: Delivery, now: datetime) -> bool:
    return row.next_due_at is not None and (row.next_due_at <= now or row.next_due_at > now + SOON)


def _always(rule: str) -> bool:
    return rule in RULES and RULES[rule].always


def _is_urgent(row: Delivery) -> bool:
    return row.reminder.urgent or _always(row.reminder.rule)


def _is_weekly(row: Delivery) -> bool:
    return row.reminder.rule == WEEKLY_READY


def _by_name(rows: Sequence[Delivery]) -> list[list[Delivery]]:
    groups: dict[tuple[str, int | None], list[Delivery]] = {}
    for row in rows:
        groups.setdefault((row.message_id, row.via_id), []).append(row)
    return list(groups.values())


def _write_down(made: Plan, now: datetime) -> None:
    free = open_rows().filter(_free(now))
    for moment, ids in made.later.items():
        free.filter(pk__in=ids).update(next_due_at=moment)
    if made.ripe:
        free.filter(pk__in=made.ripe).update(is_ripe=True)
    if made.instead:
        Delivery.objects.bulk_create(made.instead, ignore_conflicts=True)
    if made.useless:
        free.filter(pk__in=made.useless).update(
            state="dropped", next_due_at=None, lease_until=None, lease_token=""
        )
