"""Writing down who is to be told what: rows with keys, so that a day is caught up and nobody is told twice.

Telling them is `teams.reminders.delivering`. Both may run at any time, twice at once, or not for days.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from metrics.models import Company
from northstar.lib.localtime import local_day
from teams import reviewing
from teams.models import Delivery, Reminder, Snooze, User
from teams.reminders import (
    addressing,
    asking,
    linking,
    of_bets,
    of_data,
    of_numbers,
    of_people,
    of_stars,
    rules,
    seen,
    snoozing,
    stale,
)
from teams.reminders.audience import Audience
from teams.reminders.wanting import Scene, Told, Wanted, to_be_told

log = logging.getLogger(__name__)

#: Minutes ask for nothing: they stand in the app for four weeks, or until they were seen.
MINUTES_STAY = timedelta(weeks=4)
#: Told by others when it happened: no rule here takes it back.
HAPPENED = (rules.MINUTES, *rules.OF_SOURCES, rules.ALERT, rules.CHANNEL_BROKEN, rules.WEEKLY_READY)
#: Rules of numbers look at what they have told: as far back as a state may stand.
OF_NUMBERS = (rules.HEALTH_CHANGED, rules.SIGNAL, rules.TARGET_REACHED)
OF_BETS = (
    rules.WINDOW_STARTED,
    rules.CHECK_IN,
    rules.HALF_WAY,
    rules.TWO_WEEKS_LEFT,
    rules.WINDOW_ENDED,
    rules.REVIEW_OVERDUE,
    rules.REVIEW_ESCALATED,
)
OF_PEOPLE = (rules.NO_FOCUS, rules.CANDIDATE_WAITS, rules.COMMITMENT_MISSING)
OF_STARS = (rules.NORTH_STAR_REVIEW, rules.NORTH_STAR_TARGET)
REMEMBERED = timedelta(days=200)
#: What a reminder can be about; two with the same are about the same.
THINGS = ("omtm_id", "north_star_id", "team_id", "metric_id")
#: What an inbox says of a reminder besides its words.
ABOUT = ("omtm__team", "north_star", "team", "alert")


def remind(now: datetime) -> int:
    """Write the reminders of every company day whose 07:00 has passed; returns how many are new.

    1. Open the reviews whose day has come. 2. Work out which occurrences have come, of what still runs.
    3. Close the reminders of what was done since. 4. Write those that are new, with a row for each telling.
    """
    scene = _scene(now)
    reviewing.open_due(scene.today, country=scene.company.country)
    coming, unknown = _wanted(scene)
    # A changed holiday calendar or zone may put off what was told already: it still asks for the same.
    _close_done({each.key for each in coming}, unknown, now)
    known = set(Reminder.objects.filter(key__in=[each.key for each in coming]).values_list("key", flat=True))
    missing = _not_in_doubt(to_be_told(coming, known, day=scene.day))
    if not missing:
        return 0
    audience = Audience.of_today(scene.company.check_in_days)
    told = set[tuple[object, date, int]]()
    # In one transaction: a round of messages in between would send the first alone.
    with transaction.atomic():
        return sum(_written(each, audience=audience, told=told, now=now) for each in missing)


def _scene(now: datetime) -> Scene:
    company = Company.current()
    today = local_day(now, company.zone)
    day = today if rules.slot(today, company.zone) <= now else today - timedelta(days=1)
    told: dict[tuple[str, str, int], list[Told]] = {}
    rows = Reminder.objects.filter(rule__in=OF_NUMBERS, occurs_on__gte=today - REMEMBERED).order_by("id")
    for row in rows.only("key", "rule", "omtm_id", "metric_id", "occurs_on", "closed_at"):
        one = Told(row.key, row.occurs_on, row.closed_at is None)
        for kind, pk in (("omtm", row.omtm_id), ("metric", row.metric_id)):
            if pk is not None:
                told.setdefault((row.rule, kind, pk), []).append(one)
    snoozed: dict[int, date] = {}
    for omtm_id, until in Snooze.objects.filter(omtm__state="in_review").values_list("omtm_id", "until"):
        snoozed[omtm_id] = max(until, snoozed.get(omtm_id, until))
    stopped = stale.stale_metrics(company=company, now=now)
    return Scene(company, now, today, day, stale=stopped, told=told, snoozed=snoozed)


def _wanted(scene: Scene) -> tuple[list[Wanted], set[str]]:
    """Every occurrence that still asks for something, or would by another calendar.

    Beside it the rules of which nobody can say today what they ask for: the others are told nevertheless.
    """
    omtms, stars = list(of_bets.running()), of_stars.active()
    numbers = cache(lambda: seen.read(omtms, stars, today=scene.today))
    families: dict[tuple[str, ...], Callable[[], Iterable[Wanted]]] = {
        OF_BETS: lambda: of_bets.wanted(
            omtms, scene, {pk: rows[-1] for pk, rows in numbers().health.items()}
        ),
        (rules.STALE_DATA,): lambda: of_data.wanted(omtms, scene),
        (*OF_NUMBERS, rules.GUARDRAIL_BROKEN): lambda: of_numbers.wanted(omtms, numbers(), scene),
        OF_PEOPLE: lambda: of_people.wanted(scene),
        OF_STARS: lambda: of_stars.wanted(stars, numbers(), scene),
    }
    found, unknown = list[Wanted](), set[str]()
    for family, asks in families.items():
        try:
            found += list(asks())
        except Exception:
            log.exception("it could not be worked out what is to be told of %s", ", ".join(family))
            unknown.update(family)
    return found, unknown


def _not_in_doubt(missing: list[Wanted]) -> list[Wanted]:
    """Without check-ins about numbers that cannot be relied on: those wait until they can."""
    asks = [each for each in missing if each.due.rule == rules.CHECK_IN and each.omtm is not None]
    waits = asking.doubted(each.omtm for each in asks if each.omtm is not None)
    return [each for each in missing if each not in asks or (each.omtm and each.omtm.pk not in waits)]


def _close_done(keys: set[str], unknown: set[str], now: datetime) -> None:
    """What no longer asks for anything is closed: the review was held, the window ended, the day moved."""
    waiting = Reminder.objects.filter(closed_at=None)
    waiting.filter(rule__in=HAPPENED, created_at__lt=now - MINUTES_STAY).update(closed_at=now)
    open_now = waiting.exclude(rule__in=(*HAPPENED, *unknown)).values_list("pk", "key")
    done = [pk for pk, key in open_now if key not in keys]
    if done:
        Reminder.objects.filter(pk__in=done, closed_at=None).update(closed_at=now)


def _written(
    wanted: Wanted, *, audience: Audience, told: set[tuple[object, date, int]], now: datetime
) -> int:
    """The same as `write`, 0 where it cannot be: one thing that cannot be told holds up no other."""
    try:
        return write(wanted, audience=audience, told=told, now=now)
    except Exception:
        log.exception("the reminder %s could not be written", wanted.key)
        return 0


def write(wanted: Wanted, *, audience: Audience, told: set[tuple[object, date, int]], now: datetime) -> int:
    """The reminder and its tellings in one transaction: a crash between them would lose somebody's."""
    with transaction.atomic():
        reminder, made = Reminder.objects.get_or_create(key=wanted.key, defaults=_fields(wanted))
        if made:
            rows = []
            for user in audience.people(wanted):
                mark = (wanted.thing, wanted.due.day, user.pk)
                if reminder.rule in rules.OF_REVIEWS:
                    if mark in told:
                        continue
                    told.add(mark)
                rows += addressing.tellings(reminder, user, now)
            if rules.RULES[reminder.rule].shared:
                rows += addressing.shared(reminder, wanted.of_team, now)
            Delivery.objects.bulk_create(rows, ignore_conflicts=True)
            if wanted.due.rule == rules.CHECK_IN and wanted.omtm is not None:
                mailed = [row.recipient for row in rows if row.channel == "email"]
                linking.make(wanted.omtm, mailed, day=wanted.due.occurs_on, now=now)
    return int(made)


def _fields(wanted: Wanted) -> dict[str, Any]:
    words, thing, rule = wanted.words(), wanted.thing, rules.RULES[wanted.due.rule]
    return {
        "rule": wanted.due.rule,
        "omtm": wanted.omtm,
        "north_star": wanted.star,
        "team": wanted.of_team,
        "metric": wanted.metric or (wanted.omtm.metric if wanted.omtm else None),
        "urgent": rule.urgent if wanted.urgent is None else wanted.urgent,
        "occurs_on": wanted.due.occurs_on,
        "subject": words.subject,
        "text": words.text,
        "plain_text": words.plain,
        "path": words.path,
        "action": words.action,
        "is_demo": bool(thing and thing.is_demo),
    }


def unseen(user: User, *, today: date | None = None) -> list[Delivery]:
    """What the app tells this person and was not yet acknowledged; of each thing the newest. One query.

    With `today`, without what is put off on that day.
    """
    rows = _unseen(user, today).select_related(*(f"reminder__{name}" for name in ABOUT))
    newest: dict[object, Delivery] = {}
    for row in rows.order_by("reminder__occurs_on", "reminder_id"):
        newest[about(row.reminder)] = row
    return sorted(newest.values(), key=lambda row: (row.reminder.occurs_on, row.pk))


def unseen_count(user: User, *, today: date) -> int:
    """How many things the inbox holds. One narrow query, since every page asks."""
    names = ("rule", "key", *THINGS)
    rows = _unseen(user, today).values_list(*(f"reminder__{name}" for name in names))
    return len({about(Reminder(**dict(zip(names, row, strict=True)))) for row in rows})


def _unseen(user: User, today: date | None) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(recipient=user, channel="app", seen_at=None, reminder__closed_at=None)
    return rows if today is None else snoozing.without(rows, user, today)


def about(reminder: Reminder) -> tuple[int | str | None, ...]:
    """What it is about, a meeting nothing but itself: of two about the same, the newer one is enough."""
    if reminder.rule in HAPPENED:
        return (reminder.key,)
    if reminder.rule == rules.NORTH_STAR_TARGET:
        # A North Star has several targets: its key names the target before the day.
        return (reminder.key.rpartition(":")[0],)
    thing = tuple(getattr(reminder, name) for name in THINGS)
    return (*thing, rules.matter(reminder.rule)) if any(thing) else (reminder.key,)


def acknowledge(delivery: Delivery, now: datetime) -> None:
    """The person has seen it, and with it everything older about the same thing."""
    shown, thing = delivery.reminder, about(delivery.reminder)
    unread = Delivery.objects.filter(recipient=delivery.recipient_id, channel="app", seen_at=None)
    older = unread.filter(reminder__occurs_on__lte=shown.occurs_on).select_related("reminder")
    same = [row.pk for row in older if about(row.reminder) == thing]
    Delivery.objects.filter(pk__in=same, seen_at=None).update(seen_at=now)
