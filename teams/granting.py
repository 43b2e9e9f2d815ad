"""Who may do what in the company, who is in which team, and whose account is open."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from metrics.auditing import record
from metrics.models import Company
from teams import inviting
from teams.channels import keeping
from teams.feeds import giving
from teams.models import Grant, Membership, Team, User


class LastAdmin(Exception):
    """Nobody would be left to run the installation; the message says what to do first."""


def set_grants(person: User, wanted: set[str], *, actor: User, now: datetime) -> bool:
    """Give and withdraw until the person holds exactly these; True if that changed anything.

    Raises LastAdmin if the only active admin would lose admin.
    """
    with transaction.atomic():
        one_at_a_time()
        held = set(person.grants.values_list("name", flat=True))
        if "admin" in held - wanted:
            _demand_another_admin(person, "withdraw admin")
            inviting.revoke_all_by(person, actor=actor, now=now)
        for name in sorted(wanted - held):
            Grant.objects.create(user=person, name=name, granted_by=actor)
            record("grant.give", person, actor=actor, after={"grant": name})
        for name in sorted(held - wanted):
            person.grants.filter(name=name).delete()
            record("grant.withdraw", person, actor=actor, before={"grant": name})
    return held != wanted


def place(person: User, team: Team, *, role: str, actor: User) -> None:
    """Put the person into the team with this role, or change the role."""
    with transaction.atomic():
        before = Membership.objects.filter(user=person, team=team).values_list("role", flat=True).first()
        if before == role:
            return
        Membership.objects.update_or_create(user=person, team=team, defaults={"role": role})
        was = {"team": str(team), "role": before} if before else None
        record("membership.set", person, actor=actor, before=was, after={"team": str(team), "role": role})


def take_out(person: User, team: Team, *, actor: User) -> None:
    """Take the person out of the team; what they did there stays."""
    with transaction.atomic():
        for membership in Membership.objects.filter(user=person, team=team):
            before = {"team": str(team), "role": membership.role}
            record("membership.remove", person, actor=actor, before=before)
            membership.delete()


def deactivate(person: User, *, actor: User, now: datetime) -> None:
    """Close the account: no sign-in, every session dies, their open invitations and calendars end.

    Sources and chats they own keep running; who looks after the chats from now on is told. Raises LastAdmin
    for the only active admin.
    """
    with transaction.atomic():
        one_at_a_time()
        if person.grants.filter(name="admin").exists():
            _demand_another_admin(person, "close this account")
        if User.objects.filter(pk=person.pk, is_active=True).update(is_active=False, deactivated_at=now):
            inviting.revoke_all_by(person, actor=actor, now=now)
            giving.end_all_of(person, actor=actor, now=now)
            keeping.left_behind(person, now)
            record("user.deactivate", person, actor=actor)
        end_sessions(person, now=now)
    person.refresh_from_db()


def reactivate(person: User, *, actor: User, now: datetime) -> None:
    """Open the account again, with the grants and teams it had; old sessions stay dead."""
    with transaction.atomic():
        one_at_a_time()
        # A sign-in that was under way while the account was closed may have left a session behind.
        end_sessions(person, now=now)
        if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True, deactivated_at=None):
            record("user.reactivate", person, actor=actor)
    person.refresh_from_db()


def end_sessions(person: User, *, now: datetime) -> int:
    """Delete every session of the person; how many there were. Sessions know their user only inside."""
    found = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=now).iterator()
        if session.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    return Session.objects.filter(pk__in=found).delete()[0]


def one_at_a_time() -> None:
    """Lock the company's row until the transaction ends: two admins cannot remove each other at once."""
    Company.objects.select_for_update().get(pk=Company.current().pk)


def _demand_another_admin(person: User, deed: str) -> None:
    others = Grant.objects.filter(name="admin", user__is_active=True).exclude(user=person)
    if person.is_active and not others.exists():
        raise LastAdmin(
            f"{person} is the only active admin. Give admin to somebody else first; then you can {deed}."
        )
