"""From the mail to the thanks on a phone, without an account: a tap, a sentence, a tap."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from metrics.models import ChartDocument, Metric
from northstar.lib import clock
from teams.models import CheckIn, CheckInLink, Delivery, Omtm, Reminder, Team, User
from teams.reminders import delivering, linking
from tests.e2e.conftest import PHONE
from tests.teams.bets import omtm_of
from tests.teams.posting import next_morning, post_office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bet(marketing: Team, make_metric: Callable[..., Metric]) -> Omtm:
    """In its tenth week, 481 where the plan says 500, about 35% likely."""
    start = clock.now().date() - timedelta(weeks=10)
    bet = omtm_of(marketing, make_metric("Qualified trials"), start=start.isoformat())
    facts = {"reading": 481.0, "reading_words": "481 trials", "pace_words": "500 trials", "state": "at_risk"}
    facts["p"] = 0.35
    ChartDocument.objects.create(
        key=f"omtm:{bet.pk}", version="x", figure="{}", drawn_on=clock.now().date(), facts=facts
    )
    return bet


@pytest.fixture
def letter(bet: Omtm, teo: User, settings: Any) -> dict[str, str]:
    """The text and the HTML of the mail that Teo got through a real server."""
    today = clock.now().date()
    said = {"subject": "Ten seconds", "text": "How likely is it?", "path": "/", "action": "Check in"}
    asked = Reminder.objects.create(key="k", rule="check_in", omtm=bet, occurs_on=today, **said)
    Delivery.objects.create(reminder=asked, recipient=teo, channel="email", next_due_at=clock.now())
    linking.make(bet, [teo], day=today, now=clock.now())
    with post_office(settings) as office:
        assert delivering.deliver(next_morning(clock.now())) == 1
    parts = {part.get_content_type(): part for part in office.accepted[0].walk()}
    return {kind: parts[kind].get_payload(decode=True).decode() for kind in ("text/plain", "text/html")}


@pytest.fixture
def allowed_errors() -> list[str]:
    return ["status of 422", "status of 410"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_tap_in_the_mail_and_a_sentence_are_a_check_in(
    open_page: Callable[..., Any], axe: Callable[..., None], letter: dict[str, str], teo: User, scheme: str
) -> None:
    found = re.search(r"https://northstar\.example\.com(/check-in/[^/]+/\?chance=70)", letter["text/plain"])
    assert found is not None
    page = open_page(viewport=PHONE, scheme=scheme)
    page.goto(found[1])
    expect(page.get_by_text("481 trials")).to_be_visible()
    expect(page.get_by_role("radio", name="70%")).to_be_checked()
    # 70% where the numbers say 35% owes a sentence, and the page says so before anything is sent.
    expect(page.get_by_text("needed: you and the numbers differ")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_text("You say 70%, the numbers say about 35%.")).to_be_visible()
    axe(page)
    page.get_by_label("Why, in a sentence").fill("Two partners signed.")
    page.get_by_role("button", name="Check in").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    axe(page)
    said = CheckIn.objects.get()
    assert (said.person, said.chance, said.note, said.via) == (teo, 70, "Two partners signed.", "link")
    page.goto(found[1])
    expect(page.get_by_text("This link was used: what was said with it is kept.")).to_be_visible()
    axe(page)
    assert {each["name"] for each in page.context.cookies()} <= {"csrftoken"}
    assert CheckInLink.objects.get().used_at is not None
    page.get_by_role("link", name="Sign in").click()
    assert urlsplit(page.url).path == "/accounts/login/"


@pytest.mark.parametrize("width", [600, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_letter_is_readable_at_both_widths_and_in_both_themes(
    open_page: Callable[..., Any], letter: dict[str, str], width: int, scheme: str
) -> None:
    page = open_page(viewport={"width": width, "height": 700}, scheme=scheme)
    page.set_content(letter["text/html"])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    answers = page.locator("a.answer")
    expect(answers).to_have_count(5)
    boxes = [answers.nth(place).bounding_box() for place in range(5)]
    assert len({round(box["y"]) for box in boxes}) == 1, "side by side"
    assert all(box["width"] >= 40 and box["height"] >= 38 for box in boxes), "wide enough for a thumb"
    ink, ground = (
        answers.first.evaluate(f"a => getComputedStyle(a).{name}") for name in ("color", "backgroundColor")
    )
    assert ink != ground
