"""The link in a message by which its reader mutes or removes the alert, without signing in.

The address holds the number of the alert and a signature, opens one thing only, and works as long as the
alert is there. Reading it changes nothing: mail scanners open every link.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.core import signing
from django.urls import reverse

from teams.inviting import LinkError
from teams.models import Alert, Reminder, User

SIGNER = signing.Signer(salt="teams.alert-mute", sep=".")
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
REMOVED = "This alert was removed: it tells nothing any more."
INACTIVE = "This link was made for an account that is not active any more."


def token_of(alert: Alert) -> str:
    """What stands in the address: the same for the same alert, so that a letter can be sent again."""
    return f"{alert.pk}{SIGNER.sep}{SIGNER.signature(_content(alert))}"


def address(reminder: Reminder, person: User | None) -> str:
    """Where the owner of an alert mutes it, in a message about it; "" in any other, and for anybody else."""
    alert = reminder.alert
    if alert is None or person is None or alert.owner_id != person.pk:
        return ""
    return settings.SITE_URL + reverse("alert-quiet", args=[token_of(alert)])


def usable(token: str) -> Alert:
    """The alert of this token. LinkError says why it does not work; `unknown` if there never was one."""
    number, _, signature = token.partition(SIGNER.sep)
    rows = Alert.objects.select_related("metric__source", "omtm__metric", "owner", "channel")
    alert = rows.filter(pk=int(number)).first() if NUMBER.fullmatch(number) else None
    if alert is None or not _is_signed(alert, signature):
        raise LinkError("There is no such link.", unknown=True)
    if alert.archived_at is not None:
        raise LinkError(REMOVED)
    if not alert.owner.is_active:
        raise LinkError(INACTIVE)
    return alert


def _is_signed(alert: Alert, signature: str) -> bool:
    try:
        SIGNER.unsign(f"{_content(alert)}{SIGNER.sep}{signature}")
    except signing.BadSignature:
        return False
    return True


def _content(alert: Alert) -> str:
    """With the moment it was made: a number given again after a backup was restored opens nothing."""
    return f"{alert.pk}-{alert.owner_id}-{round(alert.created_at.timestamp() * 1_000_000)}"
