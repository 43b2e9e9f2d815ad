"""Turning a rule off from a message: by one POST of a mail program, for one person and one rule, and back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from northstar.lib import clock as clocks
from northstar.lib.redacting import Formatter
from teams.models import Preference, User
from teams.reminders import because, preferring, unsubscribing
from teams.reminders.rules import RULES
from tests.teams.bets import at_once, shared_between_threads

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def client() -> Client:
    """A mail program: no cookies, and forms need their token."""
    return Client(enforce_csrf_checks=True)


def path_of(user: User, rule: str = "half_way") -> str:
    return f"/unsubscribe/{unsubscribing.token_of(user, rule)}/"


def off(user: User) -> list[str]:
    return sorted(preferring.of(user).off_rules)


def test_the_address_is_whole_and_says_nothing_secret(teo: User, settings: Any) -> None:
    settings.SITE_URL = "https://northstar.example.com"
    address = unsubscribing.address(teo, "half_way")
    assert address.startswith(f"https://northstar.example.com/unsubscribe/{teo.pk}.half_way.")
    assert teo.email not in address and len(address) < 200


def test_looking_changes_nothing(client: Client, teo: User) -> None:
    for ask in (client.get, client.head, client.get):
        assert ask(path_of(teo)).status_code == 200
    assert not Preference.objects.exists() and not Session.objects.exists()


def test_one_click_of_a_mail_program_turns_it_off_and_undo_on_again(client: Client, teo: User) -> None:
    answer = client.post(path_of(teo), ONE_CLICK)
    assert answer.status_code == 200 and "It is turned off" in answer.content.decode()
    assert off(teo) == ["half_way"]
    client.post(path_of(teo), ONE_CLICK)
    assert off(teo) == ["half_way"]
    assert client.post(path_of(teo), {"undo": "1"}).status_code == 200
    assert off(teo) == []
    assert not Session.objects.exists()


def test_the_page_names_the_rule_in_words_and_keeps_its_address_to_itself(client: Client, teo: User) -> None:
    answer = client.get(path_of(teo))
    text = answer.content.decode()
    assert "at half-time of a focus" in text and "Send no more of these" in text
    assert answer["Referrer-Policy"] == "strict-origin" and "noindex" in answer["X-Robots-Tag"]


def test_the_weekly_mail_is_turned_off_where_it_is_chosen(client: Client, teo: User) -> None:
    client.post(path_of(teo, "weekly_ready"), ONE_CLICK)
    assert Preference.objects.get(user=teo).weekly_mail is False
    client.post(path_of(teo, "weekly_ready"), {"undo": "1"})
    assert Preference.objects.get(user=teo).weekly_mail is True


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if rule.always])
def test_what_must_be_told_stays_on_and_the_page_says_why(client: Client, teo: User, rule: str) -> None:
    page = client.get(path_of(teo, rule)).content.decode()
    assert "This one stays on" in page and because.locked(rule)[:40] in page
    assert 'method="post"' not in page
    assert client.post(path_of(teo, rule), ONE_CLICK).status_code == 409
    assert not Preference.objects.exists()


def test_every_rule_that_stays_on_says_why_and_no_other() -> None:
    assert set(because.ALWAYS) == {name for name, rule in RULES.items() if rule.always}


def test_it_speaks_for_nobody_else_and_of_nothing_else(client: Client, teo: User, idris: User) -> None:
    own = unsubscribing.token_of(teo, "half_way")
    signature = own.rpartition(".")[2]
    forged = [
        f"{idris.pk}.half_way.{signature}",
        f"{teo.pk}.check_in.{signature}",
        f"{teo.pk}.half_way.{signature[:-1]}",
        f"{teo.pk}.half_way.{signature}=",
        f"{teo.pk}.half_way.",
        f"0{own}",
        f"{own}\x00",
        f"{own}\r\nSet-Cookie: a=b",
        f"{'9' * 400}.half_way.{signature}",
        f"{teo.pk}.no_such_rule.{signature}",
        "x" * 3000,
    ]
    for token in forged:
        for ask in (client.get, client.post):
            assert ask(f"/unsubscribe/{token}/").status_code in (400, 404), token
    assert not Preference.objects.exists()


def test_whoever_tries_many_forged_addresses_is_held_off(client: Client, teo: User) -> None:
    answers = [client.get(f"/unsubscribe/{teo.pk}.half_way.{'A' * 30}{n:02}/").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]
    assert client.get(path_of(teo)).status_code == 200


def test_other_methods_do_nothing(client: Client, teo: User) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.generic(method, path_of(teo)).status_code == 405
    assert not Preference.objects.exists()


def test_an_account_that_is_not_active_has_nothing_to_turn_off(client: Client, bruno: User) -> None:
    assert client.post(path_of(bruno), ONE_CLICK).status_code == 410
    assert not Preference.objects.exists()


def test_a_number_given_again_opens_nothing_to_the_old_address(client: Client, teo: User, clock: Any) -> None:
    before = path_of(teo)
    clock.shift(60)
    User.objects.filter(pk=teo.pk).update(created_at=clocks.now())
    assert client.get(before).status_code == 404


def test_the_key_never_stands_in_the_log(teo: User) -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "Not found: %s", (path_of(teo),), None)
    assert Formatter().format(record) == "Not found: /unsubscribe/…/"


@pytest.mark.django_db(transaction=True)
def test_two_links_followed_at_once_both_stand(teo: User, tmp_path: Path) -> None:
    with shared_between_threads(tmp_path):
        found = at_once(*(_turn_off(teo, rule) for rule in ("half_way", "check_in")))
        assert [*found, *at_once(lambda: off(teo))] == [None, None, ["check_in", "half_way"]]


def _turn_off(user: User, rule: str) -> Callable[[], None]:
    return lambda: preferring.turn_off(user, rule)
