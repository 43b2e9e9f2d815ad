"""Telling whoever answers for a source that it fails, once, and again when it works.

A failure that may pass is told after an hour, so that nobody hears of what came and went; one that only a
person can mend is told at once, unless the source has just recovered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from metrics.models import Company, Source, SourceEvent
from northstar.lib.localtime import local_day
from teams.models import Delivery, Grant, Reminder, User
from teams.reminders import addressing, source_words
from teams.reminders.rules import SOURCE_FAILING, SOURCE_HEALED
from teams.reminders.wording import Words

PATIENCE = timedelta(hours=1)
#: What may pass by itself; "unexpected" may be anything.
PASSING = frozenset({"connection", "timeout", "rate_limited", "unexpected"})
OPENING = ("failing", "paused")


@dataclass(slots=True)
class _News:
    """What is to be told now, and what nobody needs to hear."""

    failing: list[SourceEvent] = field(default_factory=list)
    healed: list[SourceEvent] = field(default_factory=list)
    handled: list[SourceEvent] = field(default_factory=list)
    quiet: list[SourceEvent] = field(default_factory=list)


def alert(now: datetime) -> int:
    """Write down who is told of which sources; returns the number of tellings in the app.

    1. Read what was not told. 2. Sort out what is over already. 3. One reminder a person, however many of
    their sources fail. 4. Mark it told, in the same transaction.
    """
    with transaction.atomic():
        untold = SourceEvent.objects.filter(told_at=None).select_for_update(of=("self",)).order_by("id")
        events = list(
            untold.select_related(
                f"source__owner__{addressing.WANTED}", f"source__backup_owner__{addressing.WANTED}"
            )
        )
        if not events:
            _close([], now)
            return 0
        news = _sorted_out(events, now)
        _close(news.healed, now)
        told = _tell(SOURCE_FAILING, news.failing, now) + _tell(SOURCE_HEALED, news.healed, now)
        SourceEvent.objects.filter(pk__in=[each.pk for each in news.handled]).update(told_at=now)
        SourceEvent.objects.filter(pk__in=[each.pk for each in news.quiet]).update(told_at=now, quiet=True)
    return told


def _sorted_out(events: Iterable[SourceEvent], now: datetime) -> _News:
    by_source: dict[int, list[SourceEvent]] = {}
    for event in events:
        by_source.setdefault(event.source_id, []).append(event)
    heard, news = _last_told(by_source), _News()
    past = SourceEvent.objects.filter(source__in=by_source, kind="healed").values_list("source")
    healed = dict(past.annotate(last=Max("at")))
    for source_id, own in by_source.items():
        knows = source_id in heard and heard[source_id].kind in OPENING
        _sort_out(own, news, knows=knows, healed_at=healed.get(source_id), now=now)
    return news


def heard(source_ids: Iterable[int]) -> set[int]:
    """Those of the sources whose people were told that they fail, and not yet that they work again."""
    return {pk for pk, event in _last_told(source_ids).items() if event.kind in OPENING}


def _last_told(source_ids: Iterable[int]) -> dict[int, SourceEvent]:
    """By source: the last event that somebody was told of."""
    told = SourceEvent.objects.filter(source__in=source_ids, quiet=False).exclude(told_at=None)
    newest = told.values("source").annotate(last=Max("pk")).values("last")
    return {event.source_id: event for event in SourceEvent.objects.filter(pk__in=newest)}


def _sort_out(
    own: list[SourceEvent], news: _News, *, knows: bool, healed_at: datetime | None, now: datetime
) -> None:
    """The untold events of one source, in order; its people know already that it fails, or do not."""
    waiting = list[SourceEvent]()
    for event in own:
        if event.kind in OPENING:
            (news.handled if knows else waiting).append(event)
        elif knows:
            news.healed.append(event)
            news.handled.append(event)
            knows = False
        else:
            news.quiet += [*waiting, event]
            waiting = []
    source = own[0].source
    if waiting and source.archived_at is not None:
        news.quiet += waiting
    elif waiting and _is_ripe(waiting, healed_at, now):
        news.failing.append(waiting[-1])
        news.handled += waiting


def _is_ripe(waiting: list[SourceEvent], healed_at: datetime | None, now: datetime) -> bool:
    began = waiting[0].source.failing_since or waiting[0].at
    if now - began >= PATIENCE:
        return True
    just_healed = healed_at is not None and began - healed_at < PATIENCE
    return not just_healed and any(each.kind == "paused" or each.code not in PASSING for each in waiting)


def _tell(rule: str, events: list[SourceEvent], now: datetime) -> int:
    """One reminder a person with all that concerns them; people who are told the same share one."""
    if not events:
        return 0
    company, admins = Company.current(), list[User]()
    if any(not owners(event.source) for event in events):
        granted = Grant.objects.filter(name="admin", user__is_active=True).select_related(
            f"user__{addressing.WANTED}"
        )
        admins = [row.user for row in granted.order_by("id")]
    people: dict[int, tuple[User, list[SourceEvent]]] = {}
    for event in events:
        for user in owners(event.source) or admins:
            people.setdefault(user.pk, (user, []))[1].append(event)
    rows = list[Delivery]()
    for user, concerned in people.values():
        words = source_words.of(rule, concerned, zone=company.zone, now=now)
        rows += addressing.tellings(_reminder(rule, concerned, words, company=company, now=now), user, now)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return len(people)


def _reminder(
    rule: str, events: list[SourceEvent], words: Words, *, company: Company, now: datetime
) -> Reminder:
    which = ",".join(str(event.pk) for event in events)
    key = f"{rule}:{hashlib.sha256(which.encode()).hexdigest()[:32]}"
    found, _ = Reminder.objects.get_or_create(
        key=key,
        defaults={
            "rule": rule,
            "occurs_on": local_day(now, company.zone),
            "subject": words.subject,
            "text": words.text,
            "path": words.path,
            "action": words.action,
            "is_demo": all(event.source.is_demo for event in events),
        },
    )
    return found


def owners(source: Source) -> list[User]:
    """Owner and backup, each once, without those who have left."""
    found = {each.pk: each for each in (source.owner, source.backup_owner) if each and each.is_active}
    return list(found.values())


def _close(healed: list[SourceEvent], now: datetime) -> None:
    """What asked to mend a source is done when it works or was archived; of several, when each is."""
    waiting = list(Reminder.objects.filter(rule=SOURCE_FAILING, closed_at=None))
    if not waiting:
        return
    asked = {reminder.pk: _asked(reminder) for reminder in waiting}
    failing = heard({pk for each in asked.values() for pk in each}) - {event.source_id for event in healed}
    still = set(Source.objects.filter(pk__in=failing, archived_at=None).values_list("pk", flat=True))
    done = [pk for pk, sources in asked.items() if sources and not sources & still]
    Reminder.objects.filter(pk__in=done).update(closed_at=now)


def _asked(reminder: Reminder) -> set[int]:
    """The sources that it asks to mend: told of at its moment, to people who answer for them."""
    rows = reminder.deliveries.filter(channel="app").values_list("recipient", "sent_at")
    people, moments = {user for user, _ in rows}, {at for _, at in rows}
    events = SourceEvent.objects.filter(told_at__in=moments, kind__in=OPENING, quiet=False)
    own = {each.source for each in events.select_related("source__owner", "source__backup_owner")}
    if reminder.path != reverse("source-list"):
        return {each.pk for each in own if reverse("source", args=[each.slug]) == reminder.path}
    return {each.pk for each in own if not owners(each) or people & {user.pk for user in owners(each)}}
