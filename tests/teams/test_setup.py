"""The first admin: by command, or by a link that works once while there is nobody."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from northstar.lib import clock
from teams import founding
from teams.inviting import LinkError
from teams.models import Grant, Invitation, User
from tests.teams.bets import at_once, shared_between_threads

GOOD = "seven-quiet-lanterns"
FORM = {"email": "Ada@Example.com", "name": "Ada First", "password": GOOD}


def run(*words: str) -> str:
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


def link() -> str:
    return run("setup_link").splitlines()[-1].replace("http://127.0.0.1:8000", "")


def test_the_link_makes_a_leader_and_admin_once(client: Client, db: None) -> None:
    address = link()
    assert client.get(address).status_code == 200
    answer = client.post(address, FORM)
    assert answer.status_code == 302
    ada = User.objects.get()
    assert ada.email == "ada@example.com"
    assert set(ada.grants.values_list("name", flat=True)) == {"leader", "admin"}
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert Client().get(address).status_code == 404
    assert Client().post(address, FORM | {"email": "eve@example.com"}).status_code == 404
    assert User.objects.count() == 1


def test_the_printed_link_starts_with_site_url_and_is_stored_as_a_hash(db: None, settings: Any) -> None:
    settings.SITE_URL = "https://north.example.com"
    address = run("setup_link").splitlines()[-1]
    assert address.startswith("https://north.example.com/setup/")
    assert address.split("/")[-2] not in str(Invitation.objects.values().get())


def test_every_link_dies_as_soon_as_anybody_exists(client: Client, db: None) -> None:
    first, second = link(), link()
    run_with_password("ada@example.com")
    for address in (first, second):
        assert client.get(address).status_code == 404
        assert client.post(address, FORM).status_code == 404
    with pytest.raises(CommandError, match="There are people already"):
        run("setup_link")


def test_a_link_lives_30_minutes(client: Client, db: None) -> None:
    address = link()
    Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    answer = client.post(address, FORM)
    assert answer.status_code == 410
    assert b"30 minutes" in answer.content
    assert timedelta(minutes=30) == founding.SETUP_VALID_FOR
    assert not User.objects.exists()


def test_an_invitation_cannot_be_used_for_setting_up_nor_the_other_way(client: Client, db: None) -> None:
    address = link()
    token = address.split("/")[-2]
    assert client.get(reverse("invitation", args=[token])).status_code == 404
    assert client.get(reverse("setup", args=["guess"])).status_code == 404


def test_a_weak_password_does_not_use_up_the_link(client: Client, db: None) -> None:
    address = link()
    assert client.post(address, FORM | {"password": "password1234"}).status_code == 422
    assert client.post(address, FORM | {"email": "nobody"}).status_code == 422
    assert client.post(address, FORM).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_fifty_set_ups_at_once_make_one_admin(tmp_path: Path) -> None:
    with shared_between_threads(tmp_path):
        tokens = at_once(lambda: [founding.make_link_token(clock.now()) for _ in range(5)])[0]

        def set_up(number: int) -> Any:
            email, token = f"racer{number}@example.com", tokens[number % 5]
            return founding.found(token, email=email, name="", password=GOOD, now=clock.now()).email

        found = at_once(*[lambda number=number: set_up(number) for number in range(50)])
        people, grants = at_once(lambda: (User.objects.count(), Grant.objects.count()))[0]
    assert all(isinstance(each, (str, LinkError)) for each in found), found
    assert [type(each) for each in found].count(str) == 1
    assert (people, grants) == (1, 2)


def run_with_password(email: str, password: str = GOOD, *words: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORTHSTAR_PASSWORD", password)
        return run("createadmin", email, *words)


def test_createadmin_makes_a_leader_and_admin_from_the_environment(db: None) -> None:
    said = run_with_password("Ada@Example.com", GOOD, "--name", "Ada First")
    ada = User.objects.get(email="ada@example.com")
    assert "can sign in" in said
    assert GOOD not in said
    assert ada.check_password(GOOD)
    assert set(ada.grants.values_list("name", flat=True)) == {"leader", "admin"}


def test_createadmin_reads_the_password_from_standard_input(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
    run("createadmin", "ada@example.com", "--password-stdin")
    assert User.objects.get().check_password(GOOD)


def test_createadmin_asks_twice(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NORTHSTAR_PASSWORD", raising=False)
    answers = iter([GOOD, "another-answer"])
    monkeypatch.setattr("northstar.management.commands.createadmin.getpass", lambda prompt: next(answers))
    with pytest.raises(CommandError, match="differ"):
        run("createadmin", "ada@example.com")
    assert not User.objects.exists()


@pytest.mark.parametrize("weak", ["short", "password1234", "ada@example.com"])
def test_createadmin_refuses_a_weak_password(db: None, weak: str) -> None:
    with pytest.raises(CommandError, match="password"):
        run_with_password("ada@example.com", weak)
    assert not User.objects.exists()


def test_createadmin_refuses_a_wrong_or_taken_address(db: None) -> None:
    with pytest.raises(CommandError, match="not an e-mail address"):
        run_with_password("ada")
    run_with_password("ada@example.com")
    with pytest.raises(CommandError, match="There is an account"):
        run_with_password("ADA@example.com")
