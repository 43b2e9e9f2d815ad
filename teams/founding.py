"""The first admin: by command, or by a link from the console that works once, while there is nobody."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from metrics.auditing import record
from teams import granting, inviting
from teams.models import Grant, Invitation, User
from teams.models.team import GRANTS

SETUP_VALID_FOR = timedelta(minutes=30)


def make_link_token(now: datetime) -> str:
    """The token of a new first-admin link, stored as a hash only. LinkError once there is somebody."""
    if User.objects.exists():
        raise inviting.LinkError(
            "There are people already, so no link is made. An admin invites others on the People page; "
            "without an admin run: manage.py createadmin EMAIL"
        )
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        purpose="setup",
        grants=sorted(GRANTS),
        digest=inviting.digest_of(token),
        expires_at=now + SETUP_VALID_FOR,
    )
    return token


def usable(token: str, *, now: datetime) -> Invitation:
    """The setup link of this token. LinkError, `unknown` as soon as anybody exists."""
    if User.objects.exists():
        raise inviting.LinkError("Northstar is set up already.", unknown=True)
    found = Invitation.objects.filter(digest=inviting.digest_of(token), purpose="setup").first()
    if found is None:
        raise inviting.LinkError("This link is not complete.", unknown=True)
    if found.used_at or found.revoked_at or found.expires_at <= now:
        raise inviting.LinkError(
            "This link no longer works: it lives for 30 minutes. Start Northstar again, or run "
            "manage.py setup_link on the machine, to get a new one."
        )
    return found


def found(token: str, *, email: str, name: str, password: str, now: datetime) -> User:
    """The first admin, made with a link. LinkError if somebody was faster."""
    with transaction.atomic():
        granting.one_at_a_time()
        link = usable(token, now=now)
        Invitation.objects.filter(pk=link.pk).update(used_at=now)
        waiting = Invitation.objects.filter(purpose="setup", used_at=None, revoked_at=None)
        waiting.update(revoked_at=now)
        return _admin(email, name=name, password=password)


def create_admin(email: str, *, name: str, password: str) -> User:
    """A leader and admin made on the machine itself. ValidationError for a weak password."""
    validate_password(password, User(email=email, name=name))
    with transaction.atomic():
        granting.one_at_a_time()
        return _admin(email, name=name, password=password)


def _admin(email: str, *, name: str, password: str) -> User:
    user = User.objects.create_user(email, password, name=name)
    Grant.objects.bulk_create(Grant(user=user, name=grant) for grant in sorted(GRANTS))
    record("user.create", user, after={"grants": ", ".join(sorted(GRANTS))})
    return user
