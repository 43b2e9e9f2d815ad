"""Pairing a screen: it shows a code, an admin types it, and its cookie opens the wall until it is revoked.

The code is worked out from the secret of the screen's cookie, so that a screen which loads again shows the
same one, and the database holds neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from metrics.auditing import record
from teams.models import Screen, Team
from teams.models.passes import digest_of

#: Without what is mistaken for something else across a room: 0 O, 1 I L, 2 Z, 5 S, 8 B.
ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
LETTERS = 6
LASTS = timedelta(minutes=15)
#: Strangers can ask for codes: this many at a time.
MOST_WAITING = 100
COOKIE = "__Secure-wall" if settings.SECURE else "wall"
CHOSEN = ("label", "shows_names", "seconds", "dims_from", "dims_until")

UNKNOWN = "No screen shows this code now. A code works once, for 15 minutes: look at the screen again."


class PairingError(Exception):
    """Why a screen cannot be paired, in a sentence."""


def ask(secret: str, *, now: datetime, address: str | None, browser: str) -> str:
    """Give a screen a code for 15 minutes; the secret of its cookie, a new one unless it had one that waits.

    Where many wait, the one whose code is the oldest waits no longer: strangers cannot keep a screen out.
    """
    Screen.forget(now)
    row = Screen.usable(secret, now)
    if row is None or row.approved_at is not None:
        waiting = Screen.objects.filter(approved_at=None).order_by("-code_expires_at", "-pk")
        surplus = list(waiting.values_list("pk", flat=True)[MOST_WAITING - 1 :])
        # Asked again in the DELETE: an admin may have typed the code of one of them meanwhile.
        Screen.objects.filter(pk__in=surplus, approved_at=None).delete()
        row = Screen(address=address, browser=browser[:200])
        secret = row.new_secret()
    row.code_expires_at = (now + LASTS).replace(microsecond=0)
    row.code = digest_of_code(code_of(secret, row.code_expires_at))
    row.save()
    return secret


def code_of(secret: str, until: datetime) -> str:
    """The six letters that the holder of this secret shows until then."""
    told = salted_hmac("northstar.wall.code", f"{secret} {until.timestamp():.0f}", algorithm="sha256")
    number, letters = int.from_bytes(told.digest(), "big"), ""
    for _ in range(LETTERS):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return letters


def digest_of_code(code: str) -> str:
    """How a code is kept: keyed, as six letters alone are soon tried out."""
    return salted_hmac("northstar.wall.typed", code, algorithm="sha256").hexdigest()


def waiting(typed: str, now: datetime) -> Screen:
    """The screen that shows this code, in whatever way it was typed. PairingError if there is none."""
    code = "".join(letter for letter in typed.upper() if letter.isalnum())
    rows = Screen.objects.filter(
        code=digest_of_code(code), approved_at=None, revoked_at=None, code_expires_at__gt=now
    )
    found = list(rows[:2])
    if len(code) != LETTERS or len(found) != 1:
        raise PairingError(UNKNOWN)
    return found[0]


def approve(
    screen: Screen, *, chosen: dict[str, Any], teams: Iterable[Team], actor: Any, now: datetime
) -> None:
    """Let a screen show the wall. PairingError if its code was used or ran out in the meantime."""
    picked = {name: chosen[name] for name in CHOSEN}
    with transaction.atomic():
        rows = Screen.objects.filter(
            pk=screen.pk, code=screen.code, approved_at=None, revoked_at=None, code_expires_at__gt=now
        )
        # By a conditional UPDATE: of two admins at once, one gets it.
        if not rows.update(code="", code_expires_at=None, approved_at=now, approved_by=actor, **picked):
            raise PairingError(UNKNOWN)
        screen.refresh_from_db()
        _show(screen, teams)
        record("screen.approve", screen, actor=actor, after=_told(screen) | {"address": screen.address})


def change(screen: Screen, *, chosen: dict[str, Any], teams: Iterable[Team], actor: Any) -> None:
    """Change what a screen shows; it follows at its next look."""
    with transaction.atomic():
        before = _told(screen)
        for name in CHOSEN:
            setattr(screen, name, chosen[name])
        screen.save(update_fields=CHOSEN)
        _show(screen, teams)
        if before != (after := _told(screen)):
            record("screen.change", screen, actor=actor, before=before, after=after)


def _show(screen: Screen, teams: Iterable[Team]) -> None:
    """These teams; all of them only where none was chosen."""
    screen.teams.set(chosen := list(teams))
    screen.only_these = bool(chosen)
    screen.save(update_fields=["only_these"])


def revoke(screen: Screen, *, actor: Any, now: datetime) -> bool:
    """Disconnect a screen at once; False if it was already."""
    with transaction.atomic():
        done = Screen.objects.filter(pk=screen.pk, revoked_at=None).update(revoked_at=now)
        if done:
            record("screen.revoke", screen, actor=actor)
    return bool(done)


def was_disconnected(secret: str) -> bool:
    """Whether this secret opened a wall that was then revoked."""
    if not secret or len(secret) > 100:
        return False
    rows = Screen.objects.exclude(approved_at=None).exclude(revoked_at=None)
    return rows.filter(digest=digest_of(secret)).exists()


def look_in(screen: Screen, now: datetime) -> None:
    """Note that a screen was seen, to the minute."""
    minute = now.replace(second=0, microsecond=0)
    if screen.seen_at is None or screen.seen_at < minute:
        Screen.objects.filter(pk=screen.pk).update(seen_at=minute)


def _told(screen: Screen) -> dict[str, Any]:
    names = ", ".join(screen.teams.order_by("name").values_list("name", flat=True))
    shown = names or ("none" if screen.only_these else "all")
    return {name: getattr(screen, name) for name in CHOSEN} | {"teams": shown}
