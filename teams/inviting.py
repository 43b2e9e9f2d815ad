"""Inviting people: a link that works once, for one address, for three days."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from metrics.auditing import record
from teams.models import Grant, Invitation, Membership, Team, User

VALID_FOR = timedelta(days=3)


class LinkError(Exception):
    """The link does not work; the message says why and what to do. `unknown`: there never was such a link."""

    def __init__(self, message: str, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.unknown = unknown


def invite(
    email: str,
    name: str = "",
    *,
    actor: User,
    now: datetime,
    grants: list[str] | None = None,
    team: Team | None = None,
    team_role: str = "member",
) -> tuple[Invitation, str]:
    """The invitation and its token, which is kept nowhere. An earlier one to the address stops working."""
    token = secrets.token_urlsafe(32)
    address = email.strip().lower()
    with transaction.atomic():
        for earlier in Invitation.objects.pending(now).filter(email=address):
            revoke(earlier, actor=actor, now=now)
        invitation = Invitation.objects.create(
            email=address,
            name=name.strip(),
            grants=sorted(grants or []),
            team=team,
            team_role=team_role,
            digest=digest_of(token),
            created_by=actor,
            expires_at=now + VALID_FOR,
        )
        after = {"grants": ", ".join(invitation.grants), "team": str(team or ""), "role": team_role}
        record("invitation.create", invitation, actor=actor, after=after)
    return invitation, token


def revoke(invitation: Invitation, *, actor: User | None, now: datetime) -> bool:
    """End an invitation that nobody used; False if it was used or revoked before."""
    with transaction.atomic():
        open_ones = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None)
        if not open_ones.update(revoked_at=now):
            return False
        record("invitation.revoke", invitation, actor=actor)
    return True


def revoke_all_by(person: User, *, actor: User | None, now: datetime) -> int:
    """End what this person sent and nobody used: who may no longer invite leaves no open door. How many."""
    sent = list(Invitation.objects.pending(now).filter(created_by=person))
    return sum(revoke(invitation, actor=actor, now=now) for invitation in sent)


def usable(token: str, *, now: datetime, purpose: str = "invite") -> Invitation:
    """The invitation of this token; LinkError with what to do if it was used, revoked or is too old."""
    found = Invitation.objects.select_related("team", "created_by")
    invitation = found.filter(digest=digest_of(token), purpose=purpose).first()
    if invitation is None:
        raise LinkError(
            "This link is not complete. Copy the whole line from the mail, or ask for another invitation.",
            unknown=True,
        )
    if invitation.used_at:
        raise LinkError("This link was used already. If that was you, sign in with your password.")
    if invitation.revoked_at:
        raise LinkError("This invitation was taken back. Ask an admin of your company for a new one.")
    if invitation.expires_at <= now:
        raise LinkError("This link has expired: it works for 3 days. Ask an admin for a new one.")
    return invitation


def accept(token: str, *, name: str, password: str, now: datetime) -> User:
    """The new account, with the grants and the team of the invitation. LinkError if it cannot be."""
    invitation = usable(token, now=now)
    try:
        with transaction.atomic():
            _use(invitation, now=now)
            if User.objects.filter(email__iexact=invitation.email).exists():
                raise LinkError(_TAKEN)
            user = User.objects.create_user(invitation.email, password, name=name.strip())
            _equip(user, invitation)
            record("user.create", user, actor=user, after={"invited by": str(invitation.created_by or "")})
    except IntegrityError:
        raise LinkError(_TAKEN) from None
    return user


def digest_of(token: str) -> str:
    """What is stored of a token. 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


_TAKEN = "There is an account for this address already. Sign in with its password, or reset the password."


def _use(invitation: Invitation, *, now: datetime) -> None:
    """Take the link by a conditional UPDATE: of two people at once, one wins."""
    mine = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None, expires_at__gt=now)
    if not mine.update(used_at=now):
        raise LinkError("This link was used already. If that was you, sign in with your password.")


def _equip(user: User, invitation: Invitation) -> None:
    for name in invitation.grants:
        Grant.objects.create(user=user, name=name, granted_by=invitation.created_by)
        record("grant.give", user, actor=invitation.created_by, after={"grant": name})
    team: Any = invitation.team
    if team is not None and team.archived_at is None:
        Membership.objects.create(team=team, user=user, role=invitation.team_role)
        after = {"team": str(team), "role": invitation.team_role}
        record("membership.set", user, actor=invitation.created_by, after=after)
