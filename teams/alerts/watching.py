"""After data changed, and once a day: which alerts began to hold, written down with who is to be told.

Read first, written after: what can be worked out is worked out before a row is locked. Running it twice, or
two of them at once, tells nobody twice: a firing is unique by alert and period, its reminder by key.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from metrics.analysis import alarms
from metrics.analysis.alarms import Beginning, Memory, Story
from metrics.models import Company
from northstar.lib.localtime import first_instant, local_day
from teams.alerts import acting, gathering, keeping, wording
from teams.alerts.gathering import Read
from teams.models import Alert, Delivery, Firing, Reminder
from teams.models.omtm import RUNNING
from teams.reminders import addressing
from teams.reminders.rules import ALERT

log = logging.getLogger(__name__)

#: Alerts that are read together.
AT_ONCE = 500
AsRead = tuple[Any, ...]
_LOOK = ("holds", "held_since", "looked_at", "looked_to")


def watch(changed: Iterable[int], *, now: datetime) -> int:
    """Look at the alerts of these metrics, and at those nobody looked at today; how many fired."""
    company = Company.current()
    today = local_day(now, company.zone)
    due = _due(changed, first_instant(today, company.zone))
    parts = [due[first : first + AT_ONCE] for first in range(0, len(due), AT_ONCE)]
    return sum(_guarded(part, company=company, now=now) for part in parts)


def _guarded(alerts: Sequence[Alert], *, company: Company, now: datetime) -> int:
    """Look at these; where one cannot be looked at, it keeps none of the others waiting."""
    try:
        return look_at(alerts, company=company, now=now)
    except Exception:
        log.exception("Alerts %s to %s could not be looked at", alerts[0].pk, alerts[-1].pk)
    if len(alerts) == 1:
        return 0
    # Read anew: the first try may have changed them.
    alone = [list(running().filter(pk=each.pk)) for each in alerts]
    return sum(_guarded(each, company=company, now=now) for each in alone if each)


def look_at(alerts: Sequence[Alert], *, company: Company, now: datetime) -> int:
    """Look at these alerts now, in a fixed number of queries where nothing begins; how many fired."""
    if not alerts:
        return 0
    before = {each.pk: _as_read(each) for each in alerts}
    found = gathering.read(alerts, company=company, now=now)
    records: dict[int, list[Firing]] = {alert.pk: [] for alert in alerts}
    for firing in Firing.objects.filter(alert__in=records):
        records[firing.alert_id].append(firing)
    quiet, fired = list[Alert](), 0
    for place, alert in enumerate(alerts):
        one, own = found[place], _of_now(alert, records[alert.pk])
        alert.looked_at = now
        if one.doubt:
            quiet.append(alert)
            continue
        story, begun = alarms.news(memory_of(alert, own), one.seen, periods=alert.periods)
        _revise(alert, own, one, now=now)
        if begun is None:
            remember(alert, story, one)
            quiet.append(alert)
        else:
            told = wording.said(alert, begun, one, today=local_day(now, company.zone))
            fired += _fire(alert, begun, one, told, before=before[alert.pk], company=company, now=now)
    _keep(quiet, before)
    return fired


def memory_of(alert: Alert, firings: Iterable[Firing]) -> Memory:
    """What the alert knew at its last look."""
    rows = list(firings)
    return Memory(
        holds=alert.holds,
        looked_to=alert.looked_to,
        fired=tuple(row.period for row in rows),
        told=tuple(row.period for row in rows if row.told),
    )


def remember(alert: Alert, story: Story, found: Read) -> None:
    """Take the state of the story into the alert, not saved; an unknown state never replaces a known one."""
    if story.holds is not None:
        alert.holds, alert.held_since = story.holds, story.since
    if found.seen:
        newest = found.seen[-1].period
        alert.looked_to = max(newest, alert.looked_to or newest)


def running() -> QuerySet[Alert]:
    """The alerts that can still fire: neither removed nor ended with their metric or focus."""
    live = Q(omtm=None) | Q(omtm__state__in=RUNNING)
    return Alert.objects.filter(
        live, archived_at=None, metric__archived_at=None, owner__is_active=True
    ).select_related("metric__source", "omtm__metric", "omtm__team", "owner", "channel")


def _due(changed: Iterable[int], midnight: datetime) -> list[Alert]:
    asked = Q(metric__in=set(changed)) | Q(looked_at=None) | Q(looked_at__lt=midnight)
    return list(running().filter(asked).order_by("id"))


def _of_now(alert: Alert, firings: Iterable[Firing]) -> list[Firing]:
    """Those of what it asks now: by another question they can be neither judged nor remembered."""
    return [each for each in firings if alert.begun_at is None or each.at > alert.begun_at]


def _revise(alert: Alert, firings: Iterable[Firing], found: Read, *, now: datetime) -> None:
    """Note the firings that revised values take back, and take the note away where they stand again."""
    since = found.seen[0].period if found.seen else date.max
    for firing in firings:
        if firing.period < since:
            continue
        stands = alarms.stands(found.seen, firing.period, periods=alert.periods)
        if stands == (firing.undone_at is None):
            continue
        firing.undone_at = None if stands else now
        firing.save(update_fields=["undone_at"])
        if not stands:
            # What has not left yet would tell what is not so.
            Reminder.objects.filter(key=key_of(firing), closed_at=None).update(closed_at=now)


def _keep(alerts: Sequence[Alert], before: Mapping[int, AsRead]) -> None:
    """What was seen of these; one that somebody changed meanwhile keeps what it was given."""
    own = {alert.pk: alert for alert in alerts}
    with transaction.atomic():
        rows = Alert.objects.select_for_update().filter(pk__in=own).order_by("pk")
        same = [own[row.pk] for row in rows if _as_read(row) == before[row.pk]]
        Alert.objects.bulk_update(same, _LOOK, batch_size=200)


def _fire(
    alert: Alert,
    begun: Beginning,
    found: Read,
    words: wording.Said,
    *,
    before: AsRead,
    company: Company,
    now: datetime,
) -> int:
    """Write that it began, and who hears of it: together, or a crash would lose somebody's telling."""
    with transaction.atomic():
        kept = Alert.objects.select_for_update().get(pk=alert.pk)
        if _as_read(kept) != before:
            return 0
        earlier = _of_now(kept, Firing.objects.filter(alert=kept))
        told = _may_tell(kept, begun, earlier, company=company, now=now)
        firing, made = Firing.objects.get_or_create(
            alert=kept,
            period=begun.period,
            defaults={"at": now, "value": begun.seen.value, "told": told, "sentence": words.sentence},
        )
        story = alarms.news(memory_of(kept, earlier), found.seen, periods=kept.periods)[0]
        remember(kept, story, found)
        kept.looked_at = now
        kept.save(update_fields=_LOOK)
        # What it asked before it was changed may have fired in that period already.
        if made and told:
            _tell(alert, firing, words, today=local_day(now, company.zone), now=now)
    return int(made)


def _as_read(alert: Alert) -> AsRead:
    """What an alert asks for and when it was last looked at: whoever changes it, changes this."""
    asks = (alert.condition, alert.limit, alert.state, alert.periods, alert.omtm_id)
    return (*asks, alert.archived_at, alert.looked_at)


def _may_tell(
    alert: Alert, begun: Beginning, earlier: Sequence[Firing], *, company: Company, now: datetime
) -> bool:
    """Not while it is muted, nor sooner after the last time than was asked for: by its periods and by the
    days on which people heard of it, for values may come late."""
    if alert.muted_until is not None and alert.muted_until > now:
        return False
    told = [row for row in earlier if row.told]
    if alarms.too_soon(begun.period, [row.period for row in told], every_days=alert.every_days):
        return False
    today = local_day(now, company.zone)
    days = [(today - local_day(row.at, company.zone)).days for row in told]
    return all(each >= alert.every_days for each in days)


def key_of(firing: Firing) -> str:
    """The key of the reminder that tells of it."""
    return f"{ALERT}:alert:{firing.alert_id}:{firing.period.isoformat()}"


def _tell(alert: Alert, firing: Firing, words: wording.Said, *, today: date, now: datetime) -> None:
    asks = acting.records([alert])[alert.pk].ignored(now) >= wording.IGNORED
    reminder = Reminder.objects.create(
        key=key_of(firing),
        rule=ALERT,
        metric=alert.metric,
        alert=alert,
        urgent=True,
        occurs_on=today,
        subject=words.subject,
        text=f"{words.sentence} {wording.OFFER}" if asks else words.sentence,
        plain_text=words.plain,
        path=words.path,
        action=words.action,
        is_demo=alert.is_demo,
    )
    rows = addressing.tellings(reminder, alert.owner, now)
    chat = alert.channel
    if chat is not None and keeping.may_share(alert.owner, chat):
        rows.append(Delivery(reminder=reminder, channel="chat", via=chat, next_due_at=now))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
