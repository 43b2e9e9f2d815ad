"""Links that let one person check in once without signing in (docs/check-ins.md says why they are safe).

The address holds the number of a row and a signature over what the row says, and nothing else. Reading it
changes nothing: mail scanners open every link. Only what is sent by the form uses it up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from metrics import formatting
from northstar.lib.policy import may
from teams import checking_in
from teams.inviting import LinkError
from teams.middleware import subject_for
from teams.models import CheckIn, CheckInLink, Omtm, Reminder, User
from teams.reminders import rules

VALID_FOR = timedelta(days=7)
#: A separator that no mail program takes for the end of an address.
SIGNER = signing.Signer(salt="teams.check-in-link", sep=".")
NUMBER = re.compile(r"[1-9][0-9]{0,17}")

USED = (
    "This link was used: what was said with it is kept. To say something else, sign in and check in on "
    "the page."
)
EXPIRED = (
    "This link has expired: it works for 7 days. The next reminder brings a new one, or sign in and check in "
    "on the page."
)
INACTIVE = "This link was made for an account that is not active any more."


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where one tap leads: (percent, address) of each answer, and the address without one."""

    answers: list[tuple[int, str]]
    more: str


def make(omtm: Omtm, people: Iterable[User], *, day: date, now: datetime) -> None:
    """A link for each of the people who are asked on `day`; where there is one, it stays as it is."""
    expires = now + VALID_FOR
    rows = [CheckInLink(omtm=omtm, person=person, day=day, expires_at=expires) for person in people]
    CheckInLink.objects.bulk_create(rows, ignore_conflicts=True)


def token_of(link: CheckInLink) -> str:
    """What stands in the address: the same for the same row, so that a letter can be sent again."""
    return f"{link.pk}{SIGNER.sep}{SIGNER.signature(_content(link))}"


def addresses(reminder: Reminder, person: User) -> Addresses | None:
    """The person's own link in a letter about this reminder, if it asks for a check-in. One query."""
    if reminder.rule != rules.CHECK_IN:
        return None
    asked = {"omtm": reminder.omtm_id, "person": person, "day": reminder.occurs_on}
    link = CheckInLink.objects.filter(**asked).first()
    if link is None:
        return None
    address = settings.SITE_URL + reverse("check-in-link", args=[token_of(link)])
    return Addresses([(chance, f"{address}?chance={chance}") for chance in checking_in.CHANCES], address)


def usable(token: str, *, now: datetime, today: date) -> CheckInLink:
    """The link of this token, with its bet, team and person; LinkError says why it does not work.

    `unknown` is all that is told about an address that was never made here.
    """
    link = _signed(token)
    if link is None:
        raise LinkError("There is no such link.", unknown=True)
    if problem := _problem(link, now=now, today=today):
        raise LinkError(problem)
    return link


def use(token: str, *, now: datetime, today: date, **said: Any) -> CheckIn:
    """Check in with a link, which is used up by it. LinkError; CheckInError leaves the link as it was.

    `said` is what checking_in.check_in takes: chance, note, help_wanted.
    """
    link = usable(token, now=now, today=today)
    with transaction.atomic():
        # By a conditional UPDATE: of two at once, one gets it.
        mine = CheckInLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
        if not mine.update(used_at=now):
            raise LinkError(USED)
        return checking_in.check_in(link.omtm, link.person, today=today, now=now, via="link", **said)


def _content(link: CheckInLink) -> str:
    """What is signed. With the moment it was made, so that the number given again after a backup was
    restored opens nothing to whoever holds the old address."""
    made = round(link.made_at.timestamp() * 1_000_000)
    return f"{link.pk}-{link.omtm_id}-{link.person_id}-{link.day.isoformat()}-{made}"


def _signed(token: str) -> CheckInLink | None:
    number, _, signature = token.partition(SIGNER.sep)
    if not NUMBER.fullmatch(number):
        return None
    rows = CheckInLink.objects.select_related("omtm__team", "omtm__metric", "person")
    link = rows.filter(pk=int(number)).first()
    if link is None:
        return None
    try:
        SIGNER.unsign(f"{_content(link)}{SIGNER.sep}{signature}")
    except signing.BadSignature:
        return None
    return link


def _problem(link: CheckInLink, *, now: datetime, today: date) -> str:
    """Why a true link leads nowhere, in a sentence; empty where it works."""
    omtm, person = link.omtm, link.person
    if link.used_at is not None:
        return USED
    if not person.is_active:
        return INACTIVE
    if not may(subject_for(person), "omtm.check_in", omtm):
        return f"This link was made for the people of {omtm.team}, and you are not one of them any more."
    if omtm.state in ("retired", "withdrawn"):
        return f"{omtm} is closed: nothing is asked about it any more."
    if omtm.state == "in_review" or today > omtm.end:
        ended = formatting.day_words(omtm.end, today)
        return f"The window of {omtm} ended on {ended}: now its closing review is held."
    if link.expires_at <= now:
        return EXPIRED
    return "" if checking_in.is_open(omtm, today) else checking_in.CLOSED
