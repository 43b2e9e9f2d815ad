"""Telling a chat something as a test: asked for on its page, done in the worker, which the page polls."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from metrics.models import Trial
from metrics.waking import wake
from northstar.lib import clock
from teams.channels import keeping, sending
from teams.channels.base import ChannelError, Item, Message
from teams.models import Channel, User

log = logging.getLogger(__name__)
MOST_A_MINUTE = 5
PATIENCE, LOST_AFTER = timedelta(seconds=20), timedelta(seconds=90)


class TooMany(ValueError):
    """More tests than one person needs; the sentence says when to go on."""


def begin(channel: Channel, *, actor: User) -> Trial:
    """A test that the worker is woken for. Raises TooMany after five within a minute."""
    now = clock.now()
    own = Trial.objects.filter(requested_by=actor, kind__startswith="channel:")
    if own.filter(created_at__gt=now - timedelta(minutes=1)).count() >= MOST_A_MINUTE:
        raise TooMany(f"That were {MOST_A_MINUTE} tests within a minute. Wait a moment, then test again.")
    trial = Trial(
        kind=_kind(channel), requested_by=actor, expires_at=now + timedelta(minutes=settings.TRIAL_MINUTES)
    )
    with transaction.atomic():
        trial.save()
        wake("teams.tasks.try_channel", trial.pk)
    return trial


@dataclass(frozen=True, slots=True)
class Look:
    """How a test stands: waiting, late, lost, ok or failed, with the sentence of a failure."""

    state: str
    error: str = ""

    @property
    def poll(self) -> bool:
        """Whether it is worth to look again."""
        return self.state in ("waiting", "late")


def look(channel: Channel, *, actor: User, now: datetime) -> Look | None:
    """The last test of this chat that this person asked for in the last quarter of an hour."""
    own = Trial.objects.filter(kind=_kind(channel), requested_by=actor, expires_at__gt=now)
    trial = own.order_by("-id").first()
    if trial is None or trial.state in ("ok", "failed"):
        return trial and Look(trial.state, trial.error_message)
    age = now - trial.created_at
    return Look("lost" if age > LOST_AFTER else "late" if age > PATIENCE else "waiting")


def run(trial_id: int) -> None:
    """Send the test message and write what came of it; a test runs once."""
    if not Trial.objects.filter(pk=trial_id, state="waiting").update(state="running"):
        return
    trial = Trial.objects.select_related("requested_by").get(pk=trial_id)
    found = Channel.objects.select_related("owner", "team", "person")
    channel = found.filter(pk=int(trial.kind.partition(":")[2]), archived_at=None).first()
    state, error = "ok", ""
    if channel is None:
        state, error = "failed", "This chat was removed meanwhile."
    else:
        try:
            sending.send(channel, _message(channel, trial))
        except ChannelError as fault:
            state, error = "failed", str(fault)
            if fault.broken:
                # Whoever asked reads it on the page; the owner is told where that is somebody else.
                keeping.failed(channel, fault, clock.now(), tell=channel.owner_id != trial.requested_by_id)
        except Exception:
            log.exception("test %s of a chat: unexpected error", trial.pk)
            state, error = "failed", "Unexpected error. The log of the worker has the details."
        else:
            keeping.worked(channel, clock.now())
    Trial.objects.filter(pk=trial.pk).update(state=state, error_message=error)


def _kind(channel: Channel) -> str:
    return f"channel:{channel.pk}"


def _message(channel: Channel, trial: Trial) -> Message:
    text = f"If you read this, {channel.label} can be told things. Nothing is asked of you."
    page = settings.SITE_URL + reverse("channel", args=[channel.pk])
    return Message(f"test.{trial.uid}", [Item("A test from Northstar", text, page, "Open its page")])
