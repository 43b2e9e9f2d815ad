"""Signing in and out: no guessing, no enumeration, no open redirect, no life after deactivation."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from teams.models import User
from tests.cast import PASSWORD

NEW = "seven-quiet-lanterns"
LOGIN, HOME = "/accounts/login/", "/"
ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example",
    "\\/evil.example", "/\\/evil.example", "https://evil.example", "http:evil.example", "https:evil.example",
    "https:/evil.example", "https:///evil.example", "HTTPS://EVIL.EXAMPLE", "ftp://evil.example/x",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "\thttps://evil.example",
    "/\t/evil.example", "/\n/evil.example", "\n//evil.example", " //evil.example", "http://localhost:9999/",
    "https://127.0.0.1@evil.example", "https://testserver@evil.example", "https://testserver.evil.example",
    "//testserver@evil.example", "https://evil.example/testserver", "http://[::1", "//google%E3%80%82com",
    "//127.0.0.1:9999/", "http://testserver/",
    "https://evil。example", "x:/evil.example", "///testserver//evil.example",
]  # fmt: skip
STRANGE_BUT_HERE = [
    "/\x00/evil.example",
    "/%09/evil.example",
    "%2f%2fevil.example",
    "evil.example",
    "/%2f%2fevil.example",
    "?next=//evil.example",
]


def sign_in(client: Client, email: str, password: str = PASSWORD, **fields: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **fields})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_leads_to_the_north_star(client: Client, vera: User) -> None:
    answer = sign_in(client, "Vera@Example.com")
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert client.get(HOME).status_code == 200


def test_the_page_one_asked_for_is_where_one_lands_after_signing_in(client: Client, maren: User) -> None:
    asked = client.get("/settings/people/?x=1")
    assert asked["Location"] == f"{LOGIN}?next=/settings/people/%3Fx%3D1"
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/settings/people/?x=1"' in page
    assert sign_in(client, maren.email, next="/settings/people/?x=1")["Location"] == "/settings/people/?x=1"


def test_a_wrong_password_an_unknown_address_and_a_closed_account_read_the_same(
    vera: User, bruno: User
) -> None:
    pages = set()
    for email, password in (
        (vera.email, "wrong-horse-battery"),
        ("noone@example.com", PASSWORD),
        (bruno.email, "x"),
    ):
        answer = sign_in(Client(), email, password)
        assert answer.status_code in (200, 422)
        text = re.sub(r'value="[^"]*"', "", answer.content.decode())
        assert "address or the password is not right" in text
        pages.add(text)
    assert len(pages) == 1


def test_who_guesses_is_stopped_and_told_so(client: Client, vera: User) -> None:
    for number in range(5):
        sign_in(client, vera.email, f"guess-number-{number}")
    answer = sign_in(client, vera.email)
    assert not signed_in(client)
    assert "too many" in answer.content.decode().lower()


def test_guesses_at_one_account_do_not_lock_out_another(client: Client, vera: User, teo: User) -> None:
    for number in range(6):
        sign_in(Client(), vera.email, f"guess-number-{number}")
    assert sign_in(client, teo.email).status_code == 302


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_never_leads_elsewhere(client: Client, vera: User, target: str) -> None:
    answer = sign_in(client, vera.email, next=target)
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    out = client.post("/accounts/logout/", {"next": target})
    assert out.status_code == 302
    assert out["Location"] in (HOME, LOGIN)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_in_the_address_of_the_page_never_leads_elsewhere(
    client: Client, vera: User, target: str
) -> None:
    address = f"{LOGIN}?next={quote(target)}"
    answer = client.post(address, {"login": vera.email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert client.get(address)["Location"] == HOME


@pytest.mark.parametrize("target", STRANGE_BUT_HERE)
def test_what_only_looks_like_elsewhere_stays_on_this_host(client: Client, vera: User, target: str) -> None:
    where = sign_in(client, vera.email, next=target)["Location"]
    assert not where.startswith(("//", "http", "\\"))


def test_a_deactivated_person_cannot_sign_in(client: Client, bruno: User) -> None:
    answer = sign_in(client, bruno.email)
    assert not signed_in(client)
    assert answer.status_code != 302 or answer["Location"].endswith("/inactive/")


def test_a_live_session_dies_on_the_next_request_after_deactivation(client: Client, vera: User) -> None:
    sign_in(client, vera.email)
    assert client.get(HOME).status_code == 200
    User.objects.filter(pk=vera.pk).update(is_active=False)
    assert client.get(HOME)["Location"] == f"{LOGIN}?next=/"


def test_the_session_gets_a_new_key_at_sign_in(client: Client, vera: User) -> None:
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in(client, vera.email)
    assert client.session.session_key != before


def test_a_new_password_ends_the_other_sessions(vera: User) -> None:
    here, there = Client(), Client()
    for device in (here, there):
        sign_in(device, vera.email)
    fields = {
        "oldpassword": PASSWORD,
        "password1": NEW,
        "password2": NEW,
    }
    assert here.post("/accounts/password/change/", fields).status_code == 302
    assert here.get(HOME).status_code == 200
    assert there.get(HOME).status_code == 302


def test_signing_out_takes_a_post_and_ends_the_session_on_the_server(client: Client, vera: User) -> None:
    sign_in(client, vera.email)
    key = client.session.session_key
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get(HOME).status_code == 200
    client.post("/accounts/logout/")
    client.cookies["sessionid"] = key
    assert client.get(HOME).status_code == 302


def test_forms_need_the_csrf_token(vera: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, vera.email).status_code == 403
    strict.force_login(vera, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post("/accounts/logout/").status_code == 403


def test_the_reset_link_comes_from_site_url_and_works_once(client: Client, vera: User, settings: Any) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://north.example.com", ["*"]
    client.post("/accounts/password/reset/", {"email": vera.email}, headers={"host": "evil.example.net"})
    [letter] = mail.outbox
    html = letter.alternatives[0].content
    assert "evil.example.net" not in letter.body + html
    assert "one hour" in letter.body
    path = re.search(r"https://north\.example\.com(/accounts/password/reset/key/\S+)", letter.body)
    assert path
    assert path[0] in html
    form = client.get(path[1], follow=True)
    fields = {"password1": NEW, "password2": NEW}
    assert client.post(form.request["PATH_INFO"], fields).status_code == 302
    vera.refresh_from_db()
    assert vera.check_password(NEW)
    assert "no longer works" in Client().get(path[1], follow=True).content.decode()


def test_asking_for_a_reset_answers_the_same_for_everybody(vera: User, bruno: User) -> None:
    answers = set()
    for email in (vera.email, bruno.email, "noone@example.com"):
        answer = Client().post("/accounts/password/reset/", {"email": email})
        answers.add((answer.status_code, answer["Location"]))
    assert answers == {(302, reverse("account_reset_password_done"))}
    known, closed, unknown = mail.outbox
    assert "/reset/key/" in known.body
    for letter in (closed, unknown):
        assert "/reset/key/" not in letter.body
        assert "no open account" in letter.body


def test_nobody_can_sign_up_or_claim_another_address(client: Client, vera: User) -> None:
    fields = {"email": "eve@example.com", "password1": NEW}
    assert "invitation" in client.post("/accounts/signup/", fields).content.decode()
    assert not User.objects.filter(email="eve@example.com").exists()
    sign_in(client, vera.email)
    for path in ("/accounts/email/", "/accounts/confirm-email/"):
        assert client.get(path).status_code == 404


def test_cookies_are_http_only_and_lax(client: Client, vera: User) -> None:
    cookie = sign_in(client, vera.email).cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_many_tries_from_one_machine_are_slowed_down_with_a_page_that_says_so(vera: User) -> None:
    answers = [sign_in(Client(), f"guess{number}@example.com") for number in range(40)]
    assert answers[-1].status_code == 429
    assert "Wait a minute" in answers[-1].content.decode()
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), vera.email).status_code == 302


def test_a_forged_forwarding_header_does_not_reset_the_count(vera: User) -> None:
    for number in range(40):
        headers = {"x-forwarded-for": f"192.0.2.{number}"}
        answer = Client(headers=headers).post(LOGIN, {"login": f"g{number}@example.com", "password": "x"})
    assert answer.status_code == 429
