"""Addresses that turn one rule off for one person, without signing in (RFC 8058; docs/notifications.md).

The address holds the number of the person, the rule and a signature, and nothing else. It never expires: a
mail that was kept for a year must still stop what it began. All it can do is turn that one rule off and on.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.core import signing
from django.urls import reverse

from teams.inviting import LinkError
from teams.models import User
from teams.reminders.rules import RULES

#: A separator that no mail program takes for the end of an address, and no rule has in its name.
SIGNER = signing.Signer(salt="teams.unsubscribe", sep=".")
TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([a-z_]{1,24})\.([A-Za-z0-9_-]{20,100})")

INACTIVE = "This link was made for an account that is not active any more. Nothing is sent there."


def address(user: User, rule: str) -> str:
    """The whole address, for the List-Unsubscribe header and the foot of a message. No query."""
    return settings.SITE_URL + path(user, rule)


def path(user: User, rule: str) -> str:
    """The same on the own pages."""
    return reverse("unsubscribe", args=[token_of(user, rule)])


def token_of(user: User, rule: str) -> str:
    """What stands in the address: the same for the same person and rule, so that a letter can be repeated."""
    return f"{user.pk}.{rule}.{SIGNER.signature(_content(user, rule))}"


def read(token: str) -> tuple[User, str]:
    """Whose address it is, for which rule. LinkError, `unknown` where it was never made here. One query."""
    found = TOKEN.fullmatch(token)
    if found is None or found[2] not in RULES:
        raise LinkError("There is no such link.", unknown=True)
    rule = found[2]
    user = User.objects.filter(pk=int(found[1])).first()
    if user is None or not _is_true(user, rule, found[3]):
        raise LinkError("There is no such link.", unknown=True)
    if not user.is_active:
        raise LinkError(INACTIVE)
    return user, rule


def _is_true(user: User, rule: str, signature: str) -> bool:
    try:
        SIGNER.unsign(f"{_content(user, rule)}{SIGNER.sep}{signature}")
    except signing.BadSignature:
        return False
    return True


def _content(user: User, rule: str) -> str:
    """With the moment the account was made: a number given again after a backup was restored is another's."""
    return f"{user.pk}-{round(user.created_at.timestamp() * 1_000_000)}-{rule}"
