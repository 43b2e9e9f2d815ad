"""Making, changing, muting and removing alerts. None is ever deleted: what it told stays explained."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from metrics.analysis import alarms
from metrics.models import Company, Metric
from northstar.lib.policy import Subject, may, which
from teams.alerts import conditions, gathering
from teams.middleware import subject_for
from teams.models import Alert, Channel, Omtm, Reminder, User
from teams.models.omtm import RUNNING

#: More than anybody reads; a script that makes alerts stops here.
MOST = 50
MUTES = (7, 30, 90)
SAID = ("metric", "omtm", "condition", "limit", "state", "periods", "every_days", "channel", "holds",
        "held_since", "looked_at", "looked_to", "begun_at")  # fmt: skip
_ASKS = ("metric_id", "omtm_id", "condition", "limit", "state", "periods")


class AlertError(ValueError):
    """An alert that cannot be kept; `field` names what is wrong."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be told of: all that a form may say of an alert, and nothing else."""

    metric: Metric
    condition: str
    omtm: Omtm | None = None
    limit: Decimal | None = None
    state: str = ""
    periods: int = 2
    every_days: int = 7
    channel: Channel | None = None

    def into(self, alert: Alert) -> Alert:
        """The alert with this in it, not saved."""
        of_bet = self.condition in conditions.OF_BETS
        alert.metric, alert.condition = self.metric, self.condition
        alert.omtm = self.omtm if of_bet else None
        alert.limit = self.limit if self.condition in conditions.WITH_LIMIT else None
        alert.state = self.state if self.condition == conditions.STATE_BECOMES else ""
        alert.periods, alert.every_days, alert.channel = self.periods, self.every_days, self.channel
        return alert


def make(owner: User, wish: Wish, *, now: datetime) -> Alert:
    """A new alert, which has seen all that is there: what holds already is not told. AlertError."""
    alert = wish.into(Alert(owner=owner, is_demo=owner.is_demo))
    _begin(alert, now)
    with transaction.atomic():
        # Of two clicks at once, one waits here and finds what the other made.
        User.objects.select_for_update().get(pk=owner.pk)
        own = Alert.objects.filter(owner=owner, archived_at=None)
        if own.count() >= MOST:
            raise AlertError(f"You have {MOST} alerts. Remove one that you do not need.")
        _refuse_twin(alert, own)
        alert.save()
    return alert


def change(alert: Alert, wish: Wish, *, now: datetime) -> Alert:
    """The same alert with another sentence; it begins anew, and its past stays. AlertError."""
    asked = [getattr(alert, name) for name in _ASKS]
    _begin(wish.into(alert), now)
    if asked != [getattr(alert, name) for name in _ASKS]:
        alert.begun_at = now
    with transaction.atomic():
        User.objects.select_for_update().get(pk=alert.owner_id)
        own = Alert.objects.filter(owner=alert.owner_id, archived_at=None).exclude(pk=alert.pk)
        _refuse_twin(alert, own)
        alert.save(update_fields=SAID)
    return alert


def mute(alert: Alert, days: int, *, now: datetime) -> None:
    """Tell nothing for so many days, 0 to be told again. ValueError for a number that is not offered."""
    if days not in (0, *MUTES):
        raise ValueError(f"An alert is muted for {MUTES} days.")
    alert.muted_until = now + timedelta(days=days) if days else None
    alert.save(update_fields=["muted_until"])


def remove(alert: Alert, *, now: datetime) -> None:
    """It leaves the list, and what it has not told yet is not told any more."""
    with transaction.atomic():
        if alert.archived_at is None:
            alert.archived_at = now
            alert.save(update_fields=["archived_at"])
        Reminder.objects.filter(alert=alert, closed_at=None).update(closed_at=now)


def chats(subject: Subject) -> QuerySet[Channel]:
    """The shared chats that this person may let an alert tell."""
    return which(subject, "channel.edit", Channel.objects.filter(person=None, archived_at=None))


def may_share(owner: User, chat: Channel) -> bool:
    """Whether an alert of this person still tells this chat: rights and chats may have gone."""
    if chat.archived_at is not None or chat.person_id is not None:
        return False
    return may(subject_for(owner), "channel.edit", chat)


def ended(alert: Alert) -> str:
    """Why it cannot fire any more, in a sentence; "" while it can."""
    if alert.metric.archived_at is not None:
        return f"Ended: {alert.metric} was archived."
    if alert.omtm is not None and alert.omtm.state not in RUNNING:
        word = "was retired" if alert.omtm.state == "retired" else "is not running"
        return f"Ended: {alert.omtm} {word}."
    return ""


def _begin(alert: Alert, now: datetime) -> None:
    """Let it have seen what there is, so that only what begins from now on is told."""
    found = gathering.read([alert], company=Company.current(), now=now)[0]
    told = alarms.story(found.seen, periods=alert.periods)
    alert.holds, alert.held_since = told.holds, told.since
    alert.looked_to = found.seen[-1].period if found.seen else None
    alert.looked_at = now


def _refuse_twin(alert: Alert, own: QuerySet[Alert]) -> None:
    """The same sentence twice would say everything twice."""
    if own.filter(**{name: getattr(alert, name) for name in (*_ASKS, "channel_id")}).exists():
        raise AlertError("You have this alert already.")
