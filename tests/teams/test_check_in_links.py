"""Checking in by a link: once, by its person only, without an account and without a way in."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from metrics.models import ChartDocument, Metric
from northstar.lib.redacting import Formatter
from teams.inviting import LinkError
from teams.models import CheckIn, CheckInLink, Membership, Omtm, Team, User
from teams.reminders import linking
from tests.teams.bets import at_once, omtm_of, shared_between_threads

TUESDAY = date(2026, 11, 17)
NOW = datetime.fromisoformat("2026-11-17T09:00:00+01:00")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric], teo: User, idris: User) -> Omtm:
    """Half-way and slow: 481 where the plan says 500, about 35% likely."""
    bet = omtm_of(marketing, make_metric("Qualified trials"))
    facts = {"reading": 481.0, "reading_words": "481 trials", "pace_words": "500 trials", "p": 0.35}
    key = f"omtm:{bet.pk}"
    facts["state"] = "at_risk"
    ChartDocument.objects.create(key=key, version="x", figure="{}", drawn_on=TUESDAY, facts=facts)
    return bet


@pytest.fixture
def link(bet: Omtm, teo: User) -> CheckInLink:
    linking.make(bet, [teo], day=TUESDAY, now=NOW)
    return CheckInLink.objects.get()


@pytest.fixture
def path(link: CheckInLink) -> str:
    return f"/check-in/{linking.token_of(link)}/"


def unused() -> bool:
    return CheckInLink.objects.get().used_at is None


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_looking_records_nothing_however_often_and_whoever_looks(client: Client, path: str) -> None:
    for ask in (client.get, client.head, client.get):
        for query in ("", "?chance=90"):
            assert ask(path + query).status_code == 200
    assert unused() and not CheckIn.objects.exists()


def test_the_page_shows_value_plan_and_the_tapped_answer_and_no_other_name(client: Client, path: str) -> None:
    text = text_of(client.get(f"{path}?chance=30"))
    for words in ("Qualified trials", "481 trials", "where the plan says 500 trials", "Teo Lindqvist"):
        assert words in text
    assert re.findall(r'value="(\d+)" required[^>]*checked', text) == ["30"]
    assert "Idris" not in text and 'class="nav' not in text


@pytest.mark.parametrize("chance", ["60", "", "x", "30'%22><script>", "-30", "9" * 400])
def test_another_answer_in_the_address_is_no_answer(client: Client, path: str, chance: str) -> None:
    page = client.get(path, {"chance": chance})
    assert page.status_code == 200 and " checked" not in text_of(page) and "<script>'" not in text_of(page)


def test_one_tap_and_one_sentence_are_kept_without_signing_in(
    client: Client, path: str, bet: Omtm, teo: User
) -> None:
    answer = client.post(path, {"chance": "30", "note": "Two partners signed.", "help_wanted": ""})
    assert answer.status_code == 200 and "Your 30% and your sentence are kept" in text_of(answer)
    assert f'href="/omtms/{bet.pk}/"' in text_of(answer)
    said = CheckIn.objects.get()
    assert (said.omtm, said.person, said.day, said.chance) == (bet, teo, TUESDAY, 30)
    assert (said.note, said.reading, said.state, said.via) == (
        "Two partners signed.",
        481.0,
        "at_risk",
        "link",
    )


def test_it_opens_nothing_else(client: Client, path: str, bet: Omtm) -> None:
    client.get(path)
    client.post(path, {"chance": "30"})
    assert not Session.objects.exists() and set(client.cookies) <= {"csrftoken"}
    assert client.get(f"/omtms/{bet.pk}/")["Location"].startswith("/accounts/login/")


def test_its_address_stays_here(client: Client, path: str) -> None:
    for answer in (client.get(path), client.post(path, {"chance": "30"}), client.get(path)):
        assert answer["Referrer-Policy"] == "strict-origin"
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_the_form_needs_its_csrf_token(path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path, {"chance": "30"}).status_code == 403
    assert unused()
    field = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', text_of(strict.get(path)))
    assert field is not None
    said = {"chance": "30", "csrfmiddlewaretoken": field[1]}
    assert strict.post(path, said, headers={"Origin": "http://testserver"}).status_code == 200


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Choose one of the five answers."),
        ({"chance": "60"}, "Choose one of the five answers."),
        ({"chance": "70"}, "You say 70%, the numbers say about 35%."),
        ({"chance": "30", "note": "x" * 281}, "at most 280 characters"),
        ({"chance": "30", "note": "a\x00b"}, "Null characters are not allowed"),
    ],
)
def test_a_wrong_answer_does_not_use_it_up(
    client: Client, path: str, said: dict[str, str], sentence: str
) -> None:
    answer = client.post(path, said)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert unused() and not CheckIn.objects.exists()
    assert client.post(path, {"chance": "70", "note": "Two partners signed."}).status_code == 200


def retire(bet: Omtm) -> None:
    Omtm.objects.filter(pk=bet.pk).update(state="retired")


def withdraw(bet: Omtm) -> None:
    Omtm.objects.filter(pk=bet.pk).update(state="withdrawn")


def close_window(bet: Omtm) -> None:
    Omtm.objects.filter(pk=bet.pk).update(state="in_review", end=date(2026, 11, 15))


def end_window(bet: Omtm) -> None:
    Omtm.objects.filter(pk=bet.pk).update(end=date(2026, 11, 16))


def leave(bet: Omtm) -> None:
    Membership.objects.filter(user__name="Teo Lindqvist").delete()


def deactivate(bet: Omtm) -> None:
    User.objects.filter(name="Teo Lindqvist").update(is_active=False)


def use_it(bet: Omtm) -> None:
    CheckInLink.objects.update(used_at=NOW)


def expire(bet: Omtm) -> None:
    CheckInLink.objects.update(expires_at=NOW)


def archive(bet: Omtm) -> None:
    Team.objects.update(archived_at=NOW)


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        (use_it, "This link was used: what was said with it is kept."),
        (expire, "This link has expired: it works for 7 days."),
        (deactivate, "This link was made for an account that is not active any more."),
        (leave, "This link was made for the people of Marketing, and you are not one of them any more."),
        (archive, "This link was made for the people of Marketing"),
        (retire, "Qualified trials is closed: nothing is asked about it any more."),
        (withdraw, "Qualified trials is closed: nothing is asked about it any more."),
        (close_window, "The window of Qualified trials ended on 15 Nov: now its closing review is held."),
        (end_window, "The window of Qualified trials ended on 16 Nov: now its closing review is held."),
    ],
)
def test_a_dead_end_says_why_and_leads_only_to_signing_in(
    client: Client, path: str, bet: Omtm, happened: Callable[[Omtm], None], sentence: str
) -> None:
    happened(bet)
    for answer in (client.get(path), client.post(path, {"chance": "30"})):
        text = text_of(answer)
        assert answer.status_code == 410 and sentence in text.replace("&#x27;", "'")
        assert re.findall(r'href="(/[a-z]+/[^"]*)"', text) == ["/accounts/login/"] or "/omtms/" not in text
    assert not CheckIn.objects.exists()


def test_it_works_for_seven_days_to_the_second(client: Client, path: str, clock: Any) -> None:
    clock.move_to(NOW + timedelta(days=7, seconds=-1))
    assert client.get(path).status_code == 200
    clock.move_to(NOW + timedelta(days=7))
    assert client.get(path).status_code == 410


def test_a_leader_who_left_the_team_still_may(client: Client, path: str, teo: User) -> None:
    teo.grants.create(name="leader")
    teo.memberships.all().delete()
    assert client.post(path, {"chance": "30"}).status_code == 200


@pytest.mark.parametrize(
    "forged",
    [
        lambda token: token[:-1],
        lambda token: token + "x",
        lambda token: token.split(".")[0],
        lambda token: token.split(".")[0] + ".",
        lambda token: "0" + token,
        lambda token: "999" + token[token.index(".") :],
        lambda token: token.replace(".", ":"),
        lambda token: token.swapcase(),
        lambda token: "٣." + token.split(".")[1],
        lambda token: "9" * 400 + ".x",
        lambda token: "-1.x",
        lambda token: "nothing",
    ],
)
def test_a_forged_address_is_a_page_that_does_not_exist(
    client: Client, link: CheckInLink, forged: Callable[[str], str]
) -> None:
    token = forged(linking.token_of(link))
    for ask in (client.get, client.post):
        answer = ask(f"/check-in/{token}/", {"chance": "30"})
        assert answer.status_code == 404 and "Qualified" not in text_of(answer)
    assert unused()


def test_the_signature_of_one_row_opens_no_other(client: Client, link: CheckInLink, idris: User) -> None:
    other = CheckInLink.objects.create(omtm=link.omtm, person=idris, day=TUESDAY, expires_at=link.expires_at)
    mine, its = linking.token_of(link).split("."), linking.token_of(other).split(".")
    assert client.get(f"/check-in/{its[0]}.{mine[1]}/").status_code == 404
    # The same number given to another row, as after a backup was restored.
    CheckInLink.objects.filter(pk=other.pk).update(person=link.person, day=TUESDAY - timedelta(days=7))
    assert client.get(f"/check-in/{'.'.join(its)}/").status_code == 404


def test_who_tries_many_forged_addresses_is_told_to_wait_and_true_ones_are_not_counted(
    client: Client, path: str
) -> None:
    assert {client.get(path).status_code for _ in range(40)} == {200}
    tried = [client.get(f"/check-in/{number}.forged/").status_code for number in range(1, 33)]
    assert tried == [404] * 30 + [429] * 2
    assert client.get(path).status_code == 200


def test_asked_again_on_the_same_day_the_link_stays_the_same(
    link: CheckInLink, teo: User, idris: User
) -> None:
    before = linking.token_of(link)
    linking.make(link.omtm, [teo, idris], day=TUESDAY, now=NOW + timedelta(hours=3))
    assert CheckInLink.objects.count() == 2
    assert linking.token_of(CheckInLink.objects.get(person=teo)) == before


def test_no_log_line_holds_the_key_of_an_address(
    client: Client, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.post(path, {"chance": "60"})
        Client(enforce_csrf_checks=True).post(path, {"chance": "30"})
        use_it(None)  # type: ignore[arg-type]
        client.get(path)
    lines = [Formatter("%(levelname)s %(name)s %(message)s").format(record) for record in caplog.records]
    assert "WARNING django.request Unprocessable Entity: /check-in/…/" in lines
    assert len(lines) >= 3 and not any(path.split("/")[2][-10:] in line for line in lines)


@pytest.mark.django_db(transaction=True)
def test_of_two_posts_at_once_one_is_kept(link: CheckInLink, tmp_path: Path) -> None:
    token = linking.token_of(link)

    def say(chance: int) -> Callable[[], CheckIn]:
        said = {"chance": chance, "note": "Two partners signed.", "help_wanted": ""}
        return lambda: linking.use(token, now=NOW, today=TUESDAY, **said)

    with shared_between_threads(tmp_path):
        found = at_once(say(30), say(50), say(10), say(70))
        kept = [each for each in found if isinstance(each, CheckIn)]
        refused = [each for each in found if isinstance(each, LinkError)]
        assert (len(kept), len(refused)) == (1, 3), found
        assert {str(each) for each in refused} == {linking.USED}
        assert at_once(lambda: CheckIn.objects.get().chance) == [kept[0].chance]
