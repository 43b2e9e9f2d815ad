"""The weekly letter in a real browser: at both widths and on both grounds, and on its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from playwright.sync_api import expect

from metrics.models import Metric
from teams.digests import previewing
from teams.models import Team, User
from tests.teams.weekly_letters import kept_week

pytestmark = pytest.mark.django_db(transaction=True)
DRAWN = "images => images.every(each => each.complete && each.naturalWidth > 200)"


@pytest.fixture
def letter(
    marketing: Team, idris: User, make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> str:
    from metrics.models import Company

    with time_machine.travel(datetime(2026, 11, 15, 12, 0, tzinfo=UTC), tick=False):
        review = kept_week(make_metric, make_weeks, marketing)
    return previewing.html(review, idris, Company.current())


@pytest.mark.parametrize("width", [600, 360])
@pytest.mark.parametrize(("scheme", "other"), [("light", "dark"), ("dark", "light")])
def test_it_fits_and_shows_the_pictures_of_its_ground(
    open_page: Callable[..., Any], letter: str, width: int, scheme: str, other: str
) -> None:
    page = open_page(viewport={"width": width, "height": 800}, scheme=scheme)
    page.set_content(letter)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(f".{scheme}-only img").evaluate_all(DRAWN)
    for place in range(2):
        expect(page.locator(f".{scheme}-only").nth(place)).to_be_visible()
        expect(page.locator(f".{other}-only").nth(place)).to_be_hidden()


def test_the_page_shows_it_in_its_frame(open_page: Callable[..., Any], letter: str, idris: User) -> None:
    page = open_page(idris)
    page.goto("/weekly/mail/")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Weekly active crews stands at 4,880")
    expect(frame.get_by_role("link", name="Open the weekly review")).to_be_visible()
