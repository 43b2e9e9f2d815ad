"""The pages about people, and the rules that hold behind them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from metrics.models import AuditRow, PushToken, Source
from northstar.lib import clock
from teams import granting, inviting
from teams.models import Grant, Invitation, Membership, Team, User
from tests.cast import PASSWORD, person
from tests.teams.bets import at_once, shared_between_threads

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def admin(client: Client, maren: User) -> Client:
    client.force_login(maren, backend=BACKEND)
    return client


def grants_of(user: User) -> set[str]:
    return set(Grant.objects.filter(user=user).values_list("name", flat=True))


def test_the_people_page_lists_everybody_with_grants_teams_and_state(
    admin: Client, idris: User, bruno: User
) -> None:
    text = admin.get(reverse("people")).content.decode()
    for words in ("Maren Tolk", "Admin, Leader", "Idris Vane", "Marketing", "Bruno Achterberg", "Closed"):
        assert words in text


def test_the_people_page_asks_the_same_number_of_queries_however_many_they_are(
    admin: Client, idris: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        person(f"p{number}@example.com", f"Person {number}", "leader")
        inviting.invite(f"i{number}@example.com", actor=User.objects.first(), now=clock.now())
    with django_assert_max_num_queries(16):
        admin.get(reverse("people"))


def test_an_invitation_is_listed_until_it_is_taken_back(admin: Client, maren: User) -> None:
    inviting.invite("noor@example.com", actor=maren, now=clock.now())
    assert b"noor@example.com" in admin.get(reverse("people")).content
    answer = admin.post(reverse("invitation-revoke", args=[Invitation.objects.get().pk]), follow=True)
    assert "no longer works" in answer.content.decode()
    assert Invitation.objects.get().revoked_at is not None
    again = admin.post(reverse("invitation-revoke", args=[Invitation.objects.get().pk]), follow=True)
    assert "already" in again.content.decode()


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("VERA@example.com", "has an account with this address already"),
        ("bruno@example.com", "closed account"),
        ("not an address", "valid"),
        ("", "required"),
    ],
)
def test_an_invitation_that_cannot_be_says_why(
    admin: Client, vera: User, bruno: User, email: str, words: str
) -> None:
    answer = admin.post(reverse("invitation-new"), {"email": email, "team_role": "member"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Invitation.objects.exists()


def test_an_unknown_grant_is_refused(admin: Client, vera: User) -> None:
    fields = {"email": "noor@example.com", "team_role": "member", "grants": ["superuser"]}
    assert admin.post(reverse("invitation-new"), fields).status_code == 422
    address = reverse("person-grants", args=[vera.pk])
    assert admin.post(address, {"grants": ["superuser"]}).status_code == 422
    assert not grants_of(vera)


def test_grants_are_given_and_withdrawn_with_an_audit_row_each(
    admin: Client, maren: User, vera: User
) -> None:
    address = reverse("person-grants", args=[vera.pk])
    assert admin.post(address, {"grants": ["leader", "admin"]}).status_code == 302
    assert grants_of(vera) == {"leader", "admin"}
    admin.post(address, {"grants": ["admin"]})
    assert grants_of(vera) == {"admin"}
    deeds = AuditRow.objects.filter(object_id=str(vera.pk)).order_by("id").values_list("action", "actor")
    assert list(deeds) == [("grant.give", maren.pk), ("grant.give", maren.pk), ("grant.withdraw", maren.pk)]


def test_the_only_active_admin_keeps_admin_and_account(admin: Client, maren: User, bruno: User) -> None:
    Grant.objects.create(user=bruno, name="admin")
    for name, fields in (("person-grants", {"grants": ["leader"]}), ("person-deactivate", {})):
        answer = admin.post(reverse(name, args=[maren.pk]), fields)
        assert answer.status_code == 422
        assert "is the only active admin" in answer.content.decode()
    maren.refresh_from_db()
    assert maren.is_active
    assert grants_of(maren) == {"leader", "admin"}


def test_one_of_two_admins_may_go(admin: Client, maren: User) -> None:
    ada = person("ada@example.com", "Ada Second", "admin")
    assert admin.post(reverse("person-deactivate", args=[maren.pk])).status_code == 302
    maren.refresh_from_db()
    assert not maren.is_active
    assert ada.is_active


def test_an_admin_who_steps_down_is_led_to_a_page_that_is_still_theirs(admin: Client, maren: User) -> None:
    person("ada@example.com", "Ada Second", "admin")
    answer = admin.post(reverse("person-grants", args=[maren.pk]), {"grants": ["leader"]}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Saved what Maren Tolk may do." in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_close_each_other_at_once_leave_one(maren: User, tmp_path: Path) -> None:
    ada = person("ada@example.com", "Ada Second", "admin")

    def close(target: User, actor: User) -> None:
        granting.deactivate(User.objects.get(pk=target.pk), actor=actor, now=clock.now())

    with shared_between_threads(tmp_path):
        found = at_once(lambda: close(ada, maren), lambda: close(maren, ada))
        left = at_once(lambda: User.objects.filter(is_active=True, grants__name="admin").count())[0]
    assert [type(each) for each in found].count(granting.LastAdmin) == 1, found
    assert left == 1


def test_a_closed_account_is_signed_out_everywhere_and_stays_out(admin: Client, vera: User) -> None:
    phone, laptop = Client(), Client()
    for device in (phone, laptop):
        device.force_login(vera, backend=BACKEND)
        assert device.get(reverse("home")).status_code == 200
    others = Session.objects.count() - 2
    admin.post(reverse("person-deactivate", args=[vera.pk]))
    assert Session.objects.count() == others
    for device in (phone, laptop):
        assert device.get(reverse("home")).status_code == 302
    admin.post(reverse("person-reactivate", args=[vera.pk]))
    for device in (phone, laptop):
        assert device.get(reverse("home")).status_code == 302
    vera.refresh_from_db()
    assert vera.is_active
    assert vera.check_password(PASSWORD)


def test_the_page_names_sources_that_a_closed_account_still_owns(
    admin: Client, vera: User, by_hand: Source
) -> None:
    Source.objects.filter(pk=by_hand.pk).update(owner=vera)
    admin.post(reverse("person-deactivate", args=[vera.pk]))
    text = admin.get(reverse("person", args=[vera.pk])).content.decode()
    assert "Still owns" in text
    assert by_hand.name in text


def test_the_page_names_keys_that_a_closed_account_made_and_that_still_work(
    admin: Client, vera: User, by_hand: Source
) -> None:
    later = clock.now() + timedelta(days=1)
    kept, _ = PushToken.issue(by_hand, "Nightly job", created_by=vera, expires_at=later)
    over, _ = PushToken.issue(by_hand, "Old job", created_by=vera, expires_at=clock.now())
    admin.post(reverse("person-deactivate", args=[vera.pk]))
    text = admin.get(reverse("person", args=[vera.pk])).content.decode()
    assert str(kept) in text
    assert str(over) not in text


def test_a_person_is_put_into_a_team_and_taken_out(admin: Client, vera: User, marketing: Team) -> None:
    address = reverse("person-teams", args=[vera.pk])
    admin.post(address, {"team": marketing.pk, "role": "member"})
    admin.post(address, {"team": marketing.pk, "role": "lead"})
    assert Membership.objects.get(user=vera).role == "lead"
    assert admin.post(address, {"team": marketing.pk, "role": "owner"}).status_code == 422
    assert admin.post(address, {"team": 9999, "role": "lead"}).status_code == 422
    leave = reverse("person-team-leave", args=[vera.pk, marketing.slug])
    assert admin.post(leave).status_code == 302
    assert not Membership.objects.filter(user=vera).exists()
    assert admin.post(leave).status_code == 404


def test_an_admin_without_leader_can_invite_but_a_leader_without_admin_cannot(
    client: Client, company: Any
) -> None:
    for grant, status in (("admin", 200), ("leader", 403)):
        client.force_login(person(f"{grant}@example.com", grant, grant), backend=BACKEND)
        assert client.get(reverse("invitation-new")).status_code == status
