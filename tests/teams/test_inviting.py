"""Invitations: single use, bound to the address, three days, and what the letter says."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as conf
from django.core import mail
from django.test import Client
from django.urls import reverse

from metrics.models import AuditRow
from northstar.lib import clock
from teams import inviting
from teams.channels import invitations
from teams.models import Grant, Invitation, Membership, Team, User
from tests.teams.bets import at_once, shared_between_threads

GOOD = "seven-quiet-lanterns"
ANSWER = {"name": "Noor Castellan", "password": GOOD}


def invited(actor: User, email: str = "noor@example.com", **fields: Any) -> str:
    return inviting.invite(email, actor=actor, now=clock.now(), **fields)[1]


def address_of(token: str) -> str:
    return reverse("invitation", args=[token])


def test_an_invitation_becomes_an_account_with_its_grants_and_team(
    client: Client, maren: User, marketing: Team
) -> None:
    token = invited(maren, grants=["leader"], team=marketing, team_role="lead")
    answer = client.post(address_of(token), ANSWER)
    noor = User.objects.get(email="noor@example.com")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("home")
    assert client.session["_auth_user_id"] == str(noor.pk)
    assert noor.check_password(GOOD)
    assert list(Grant.objects.filter(user=noor).values_list("name", "granted_by")) == [("leader", maren.pk)]
    assert Membership.objects.get(user=noor).role == "lead"
    assert set(AuditRow.objects.values_list("action", flat=True)) >= {
        "invitation.create", "user.create", "grant.give", "membership.set",
    }  # fmt: skip


def test_only_a_hash_of_the_token_is_stored(maren: User) -> None:
    token = invited(maren)
    row = Invitation.objects.values().get()
    assert token not in str(row)
    assert token not in str(list(AuditRow.objects.values()))


def test_a_link_works_once(client: Client, maren: User) -> None:
    token = invited(maren)
    client.post(address_of(token), ANSWER)
    again = Client().post(address_of(token), {"name": "Somebody Else", "password": "another-long-secret"})
    assert again.status_code == 410
    assert b"used already" in again.content
    assert User.objects.get(email="noor@example.com").name == "Noor Castellan"


def test_a_link_lives_three_days(client: Client, maren: User) -> None:
    token = invited(maren)
    Invitation.objects.update(expires_at=clock.now() + timedelta(seconds=60))
    assert client.get(address_of(token)).status_code == 200
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    for answer in (client.get(address_of(token)), client.post(address_of(token), ANSWER)):
        assert answer.status_code == 410
        assert b"has expired" in answer.content
    assert timedelta(days=3) == inviting.VALID_FOR
    assert not User.objects.filter(email="noor@example.com").exists()


def test_a_link_that_was_taken_back_says_so(client: Client, maren: User) -> None:
    token = invited(maren)
    inviting.revoke(Invitation.objects.get(), actor=maren, now=clock.now())
    answer = client.post(address_of(token), ANSWER)
    assert answer.status_code == 410
    assert b"taken back" in answer.content
    assert not User.objects.filter(email="noor@example.com").exists()


def test_an_unknown_link_gives_nothing_away(client: Client, maren: User) -> None:
    answer = client.get(address_of("not-a-token"))
    assert answer.status_code == 404
    assert b"not complete" in answer.content


def test_a_second_invitation_to_an_address_ends_the_first(maren: User) -> None:
    first, second = invited(maren), invited(maren, "Noor@Example.com")
    with pytest.raises(inviting.LinkError, match="taken back"):
        inviting.usable(first, now=clock.now())
    assert inviting.usable(second, now=clock.now()).email == "noor@example.com"


def test_the_address_cannot_be_changed_by_who_joins(client: Client, maren: User) -> None:
    token = invited(maren)
    client.post(address_of(token), ANSWER | {"email": "other@example.com", "grants": ["admin"]})
    assert not User.objects.filter(email="other@example.com").exists()
    assert not Grant.objects.filter(user__email="noor@example.com").exists()


@pytest.mark.parametrize("weak", ["short", "password1234", "111111111111", "noor@example.com", ""])
def test_a_weak_password_is_refused_and_the_link_stays_open(client: Client, maren: User, weak: str) -> None:
    token = invited(maren)
    answer = client.post(address_of(token), ANSWER | {"password": weak})
    assert answer.status_code == 422
    assert b"field-error" in answer.content
    assert inviting.usable(token, now=clock.now())


def test_a_password_of_64_signs_with_spaces_around_works_as_typed(client: Client, maren: User) -> None:
    typed = " " + "long words and more of them " * 2 + "until it is 64"
    client.post(address_of(invited(maren)), ANSWER | {"password": typed})
    assert User.objects.get(email="noor@example.com").check_password(typed)


def test_an_address_that_has_an_account_meanwhile_says_to_sign_in(client: Client, maren: User) -> None:
    token = invited(maren, "noor@example.com")
    User.objects.create_user("NOOR@example.com", GOOD)
    answer = client.post(address_of(token), ANSWER)
    assert answer.status_code == 410
    assert b"Sign in with its password" in answer.content
    assert Invitation.objects.get().used_at is None


@pytest.mark.parametrize("deed", ["deactivate", "withdraw"])
def test_who_may_no_longer_invite_leaves_no_open_invitation(maren: User, deed: str) -> None:
    from teams import granting
    from tests.cast import person

    helper = person("helper@example.com", "Ada Helper", "admin")
    token = invited(helper, grants=["admin"])
    if deed == "deactivate":
        granting.deactivate(helper, actor=maren, now=clock.now())
    else:
        granting.set_grants(helper, set(), actor=maren, now=clock.now())
    with pytest.raises(inviting.LinkError, match="taken back"):
        inviting.accept(token, name="Noor", password=GOOD, now=clock.now())


@pytest.mark.django_db(transaction=True)
def test_two_people_with_one_link_make_one_account(maren: User, tmp_path: Path) -> None:
    with shared_between_threads(tmp_path):
        token = at_once(lambda: invited(maren))[0]

        def join() -> Any:
            return inviting.accept(token, name="Noor", password=GOOD, now=clock.now()).pk

        found = at_once(*[join] * 8)
        count = at_once(lambda: User.objects.filter(email="noor@example.com").count())[0]
    assert [type(each) for each in found].count(int) == 1
    assert all(isinstance(each, (int, inviting.LinkError)) for each in found), found
    assert count == 1


def test_the_letter_has_text_and_html_with_the_link_of_site_url(
    client: Client, maren: User, settings: Any
) -> None:
    settings.EMAIL_CONFIGURED, settings.SITE_URL = True, "https://north.example.com"
    settings.ALLOWED_HOSTS = ["*"]
    client.force_login(maren, backend=conf.AUTHENTICATION_BACKENDS[0])
    form = {"email": "noor@example.com", "name": "Noor", "team_role": "member"}
    answer = client.post(reverse("invitation-new"), form, headers={"host": "evil.example.net"})
    assert answer.status_code == 201
    [letter] = mail.outbox
    assert letter.to == ["noor@example.com"]
    html = letter.alternatives[0].content
    for body in (letter.body, html, answer.content.decode()):
        assert re.search(r"https://north\.example\.com/join/[\w-]{43}/", body)
        assert "evil.example.net" not in body
    assert "3 days" in letter.body


def test_a_name_cannot_break_out_of_the_letter(maren: User) -> None:
    User.objects.filter(pk=maren.pk).update(name="Maren\nBcc: all@example.com <b>")
    maren.refresh_from_db()
    invitation, _ = inviting.invite("noor@example.com", "<script>x</script>", actor=maren, now=clock.now())
    letter = invitations.compose(invitation, "http://127.0.0.1/join/x/")
    assert "\n" not in letter.subject
    assert "<script>" not in letter.alternatives[0].content
    assert letter.message()["Bcc"] is None


def test_a_mail_server_that_fails_leaves_the_link_to_copy(client: Client, maren: User, settings: Any) -> None:
    settings.EMAIL_CONFIGURED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    client.force_login(maren, backend=conf.AUTHENTICATION_BACKENDS[0])
    answer = client.post(reverse("invitation-new"), {"email": "noor@example.com", "team_role": "member"})
    assert answer.status_code == 201
    assert b"could not be sent" in answer.content
    assert b"/join/" in answer.content
