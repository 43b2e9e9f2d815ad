"""A screen is paired by a code that an admin types; nobody else gets in, and out it is once it is revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from metrics.models import AuditRow
from northstar.lib import clock as time
from northstar.wall import pairing
from teams.models import Screen, Team, User
from teams.tasks import tidy
from tests.northstar.world import as_somebody

pytestmark = [pytest.mark.usefixtures("clock", "company")]
CHOICES = {"label": "Kitchen", "seconds": "20", "dims_from": "", "dims_until": ""}


@pytest.fixture
def screen() -> Client:
    """The browser of a television: nobody is signed in on it."""
    return Client()


def shown(screen: Client) -> str:
    """The code on the screen, asked for where there is none."""
    page = screen.get("/wall/")
    if not page.context["code"]:
        page = screen.post("/wall/code/", follow=True)
    return str(page.context["code"])


def connect(admin: User, code: str, **choices: Any) -> Any:
    return as_somebody(admin).post("/screens/connect/", {"code": code} | CHOICES | choices)


def state(screen: Client) -> str:
    return str(screen.get("/wall/state/").json()["state"])


def test_from_the_code_to_the_wall_and_out_again(screen: Client, maren: User, marketing: Team) -> None:
    code = shown(screen)
    assert len(code) == 6 and set(code) <= set(pairing.ALPHABET)
    assert state(screen) == "waiting" and shown(screen) == code, "a page that loads again shows the same code"
    assert screen.get("/wall/views/").status_code == 410

    asked = as_somebody(maren).post("/screens/connect/", {"code": f" {code[:3]}-{code[3:]} ".lower()})
    for words in ("127.0.0.1", "just now", "from the screen yourself"):
        assert words in asked.content.decode(), words
    assert state(screen) == "waiting", "nothing is approved by looking"
    assert (
        connect(maren, code, teams=[marketing.pk], dims_from="20:00", dims_until="07:00").status_code == 302
    )

    row = Screen.objects.get()
    assert (row.label, row.approved_by, list(row.teams.all())) == ("Kitchen", maren, [marketing])
    assert state(screen) == "approved" and 'id="wall"' in screen.get("/wall/").content.decode()
    assert screen.get("/wall/views/").status_code == 200

    assert as_somebody(maren).post(f"/screens/{row.pk}/removal/").status_code == 302
    assert screen.get("/wall/views/").status_code == 410 and state(screen) == "none"
    assert "This screen was disconnected" in screen.get("/wall/").content.decode()
    assert shown(screen) not in ("", code)
    assert list(AuditRow.objects.filter(action__startswith="screen.").values_list("action", flat=True)) == [
        "screen.approve",
        "screen.revoke",
    ]


def test_a_code_works_once(screen: Client, maren: User) -> None:
    code = shown(screen)
    connect(maren, code)
    again = connect(maren, code)
    assert again.status_code == 422 and "No screen shows this code now" in again.content.decode()


def test_a_code_ends_after_fifteen_minutes_and_a_new_one_follows(
    screen: Client, maren: User, clock: Any
) -> None:
    code = shown(screen)
    clock.shift(timedelta(minutes=15))
    assert connect(maren, code).status_code == 422 and state(screen) == "none"
    assert shown(screen) not in ("", code)
    assert Screen.objects.count() == 1, "what ran out is gone"


@pytest.mark.parametrize("typed", ["", "ABC", "ACDEFGH", "ÄCDEFG", "AAAAAA", "<b>ACD", "A" * 500])
def test_what_is_no_code_connects_nothing(typed: str, screen: Client, maren: User) -> None:
    shown(screen)
    assert as_somebody(maren).post("/screens/connect/", {"code": typed}).status_code == 422
    assert not Screen.objects.exclude(approved_at=None).exists()


def test_neither_code_nor_secret_is_kept(screen: Client) -> None:
    code, secret = shown(screen), screen.cookies[pairing.COOKIE].value
    kept = " ".join(str(value) for row in Screen.objects.values() for value in row.values())
    assert code not in kept and secret not in kept


def test_the_cookie_goes_to_the_wall_alone(screen: Client, settings: Any) -> None:
    shown(screen)
    cookie = screen.cookies[pairing.COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/wall/", "Strict", True)
    settings.SECURE = True
    screen.post("/wall/code/")
    assert screen.cookies[pairing.COOKIE]["secure"]


def test_an_approved_screen_may_do_nothing_but_hang(screen: Client, maren: User) -> None:
    connect(maren, shown(screen))
    for path in ("/", "/screens/", "/portfolio/"):
        assert screen.get(path).status_code == 302, path
    for path in ("/wall/", "/wall/views/", "/wall/state/"):
        assert screen.post(path).status_code == 405, path
        assert screen.get(path)["Cache-Control"] == "no-store"
        assert screen.get(path)["X-Robots-Tag"] == "noindex, nofollow"


def test_strangers_cannot_keep_a_screen_out(screen: Client, maren: User, settings: Any) -> None:
    waiting = [
        Screen(digest=str(n), code=str(n), code_expires_at=time.now() + timedelta(minutes=1 + n % 13))
        for n in range(1, pairing.MOST_WAITING + 1)
    ]
    Screen.objects.bulk_create(waiting)
    soonest = min(waiting, key=lambda row: (row.code_expires_at, row.pk))
    code = shown(screen)
    assert Screen.objects.filter(approved_at=None).count() == pairing.MOST_WAITING
    assert not Screen.objects.filter(pk=soonest.pk).exists()
    assert connect(maren, code).status_code == 302
    Screen.objects.filter(approved_at=None).update(code_expires_at=time.now())
    tidy()
    assert Screen.objects.count() == 1


def test_a_screen_that_was_not_seen_for_ninety_days_is_disconnected(
    screen: Client, maren: User, clock: Any
) -> None:
    connect(maren, shown(screen))
    clock.shift(timedelta(days=89))
    assert screen.get("/wall/views/").status_code == 200
    clock.shift(timedelta(days=91))
    assert screen.get("/wall/views/").status_code == 410, "also before anything was tidied up"
    tidy()
    assert Screen.objects.get().revoked_at is not None


def test_one_address_gets_so_many_codes_an_hour(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"wall_code": "2/h/ip"}
    answers = [Client().post("/wall/code/").status_code for _ in range(3)]
    assert answers == [302, 302, 429]


def test_an_admin_cannot_try_codes_without_end(maren: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"wall_code_typed": "2/m/user"}
    admin = as_somebody(maren)
    said = [admin.post("/screens/connect/", {"code": "AAAAAA"}).content.decode() for _ in range(3)]
    assert ["Too many codes" in page for page in said] == [False, False, True]


def test_a_code_is_not_asked_for_across_sites(screen: Client) -> None:
    assert Client(enforce_csrf_checks=True).post("/wall/code/").status_code == 403
    assert not Screen.objects.exists()


def test_a_browser_without_cookies_asks_once() -> None:
    page = Client().get("/wall/?asked=1").content.decode()
    assert "keeps no cookies" in page and "data-ask" not in page


def test_a_secret_that_nobody_has_opens_nothing(screen: Client) -> None:
    for secret in ("", "x", "\x00", "é" * 90, "A" * 5000):
        screen.cookies[pairing.COOKIE] = secret
        assert screen.get("/wall/views/").status_code == 410, secret


def test_what_a_screen_shows_can_be_changed(screen: Client, maren: User, platform: Team) -> None:
    connect(maren, shown(screen))
    row, admin = Screen.objects.get(), as_somebody(maren)
    wanted = CHOICES | {"label": "Hall", "seconds": "45", "shows_names": "on", "teams": [platform.pk]}
    assert admin.post(f"/screens/{row.pk}/", wanted).status_code == 302
    row.refresh_from_db()
    assert (row.label, row.seconds, row.shows_names, list(row.teams.all())) == ("Hall", 45, True, [platform])
    assert AuditRow.objects.get(action="screen.change").after["teams"] == "Platform"
    listing = admin.get("/screens/").content.decode()
    for words in ("Hall", "North Star, Platform", "45 s a view, with names", "not seen yet", "Maren Tolk"):
        assert words in listing, words


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"label": ""}, "required"),
        ({"seconds": "4"}, "greater than or equal to 5"),
        ({"seconds": "99999999999999999999"}, "less than or equal to 600"),
        ({"dims_from": "20:00"}, "both times"),
        ({"dims_from": "20:00", "dims_until": "20:00"}, "never end"),
        ({"teams": ["7777"]}, "not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    wrong: dict[str, Any], words: str, screen: Client, maren: User
) -> None:
    answer = connect(maren, shown(screen), **wrong)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Screen.objects.exclude(approved_at=None).exists()
