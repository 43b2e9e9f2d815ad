"""From the bell to the deed, and from a mail program's button to silence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from metrics.models import Metric
from northstar.lib import clock
from teams.models import Delivery, Omtm, Preference, Reminder, Review, Snooze, Team, User
from teams.reminders import delivering
from tests.e2e.conftest import DESKTOP, PHONE
from tests.northstar.world import as_somebody
from tests.teams.bets import omtm_of
from tests.teams.posting import post_office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric], idris: User) -> Omtm:
    start = clock.now().date() - timedelta(weeks=18)
    bet = omtm_of(marketing, make_metric("Qualified trials"), start=start.isoformat(), state="in_review")
    Review.objects.create(omtm=bet, kind="closing", due_on=bet.review_due_on)
    return bet


def tell(user: User, bet: Omtm, rule: str, path: str) -> Reminder:
    said = {
        "subject": "The window has closed",
        "text": "Record what you learnt.",
        "action": "Open the review",
    }
    reminder = Reminder.objects.create(
        key=f"{rule}:{bet.pk}", rule=rule, omtm=bet, occurs_on=clock.now().date(), path=path, **said
    )
    Delivery.objects.create(reminder=reminder, recipient=user, channel="app", state="sent")
    Delivery.objects.create(reminder=reminder, recipient=user, channel="email", next_due_at=clock.now())
    return reminder


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_the_bell_by_keyboard_to_later_and_from_there_to_the_review(
    open_page: Callable[..., Any], axe: Callable[..., None], bet: Omtm, idris: User, scheme: str
) -> None:
    tell(idris, bet, "window_ended", f"/omtms/{bet.pk}/retirement/")
    page = open_page(idris, viewport=PHONE if scheme == "dark" else DESKTOP, scheme=scheme)
    page.goto("/teams/")
    bell = page.get_by_role("link", name=re.compile("Inbox"))
    expect(bell).to_have_text(re.compile("1"))
    bell.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    axe(page)
    page.get_by_text("Why do I get this?").click()
    expect(page.get_by_text("because you lead Marketing")).to_be_visible()
    page.get_by_role("link", name="Later…").click()
    page.get_by_label("Because").fill("The data of November is late")
    axe(page)
    page.get_by_role("button", name="Put it off").click()
    expect(page.get_by_text("put off until").first).to_be_visible()
    assert Snooze.objects.get().by == idris
    page.goto("/inbox/")
    expect(page.get_by_text("Nothing new")).to_be_visible()
    Snooze.objects.all().delete()
    page.goto("/inbox/")
    page.get_by_role("link", name=re.compile("^Open the review")).click()
    expect(page.get_by_role("heading", name="Qualified trials", level=1)).to_be_visible()
    assert not Delivery.objects.filter(acted_at=None).exists()


def test_sentences_are_chosen_and_kept(
    open_page: Callable[..., Any], axe: Callable[..., None], teo: User
) -> None:
    page = open_page(teo)
    page.goto("/notifications/")
    axe(page)
    page.get_by_label("when a focus changes its state").uncheck()
    page.get_by_label("At most").select_option("1")
    page.get_by_label("on Mondays").check(force=True)
    page.get_by_label("My time zone").fill("Mars/Olympus")
    page.get_by_role("button", name="Save what I hear").click()
    expect(page.get_by_text("There is no time zone called Mars/Olympus").first).to_be_visible()
    expect(page.get_by_label("when a focus changes its state")).not_to_be_checked()
    assert not Preference.objects.exists()
    page.get_by_label("My time zone").fill("Asia/Tokyo")
    page.get_by_role("button", name="Save what I hear").click()
    expect(page.get_by_text("That is what you hear from now on.")).to_be_visible()
    kept = Preference.objects.get()
    assert (kept.off_rules, kept.most_a_week, kept.digest) == (["health_changed"], 1, "weekly")


def test_the_button_of_a_mail_program_turns_off_what_the_mail_was_about(
    open_page: Callable[..., Any], axe: Callable[..., None], bet: Omtm, idris: User, settings: Any
) -> None:
    """The header of a real letter, followed as RFC 8058 says; then the page of the link, with its undo."""
    Preference.objects.create(user=idris, quiet_from="00:00", quiet_until="00:00")
    tell(idris, bet, "minutes", "/reviews/")
    with post_office(settings) as office:
        moment = clock.now()
        while not office.accepted:
            delivering.deliver(moment)
            moment += timedelta(hours=12)
    letter = office.accepted[0]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = urlsplit(letter["List-Unsubscribe"].strip(" \r\n<>"))
    assert (address.scheme, address.netloc) == ("https", "northstar.example.com")
    program = as_somebody(None)
    program.handler.enforce_csrf_checks = True
    body = "List-Unsubscribe=One-Click"
    answer = program.post(address.path, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200 and not answer.cookies.get("sessionid")
    assert Preference.objects.get().off_rules == ["minutes"]
    page = open_page()
    page.goto(address.path)
    expect(page.get_by_role("heading", name="It is turned off")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Fewer of these?")).to_be_visible()
    assert Preference.objects.get().off_rules == []
