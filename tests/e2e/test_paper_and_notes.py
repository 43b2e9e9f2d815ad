"""Pages on paper, and notes of a kind that are hidden, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from metrics import drawing
from metrics.models import Annotation
from northstar.lib import clock
from teams.models import User
from tests.e2e.conftest import DESKTOP
from tests.metrics.stars import make_star

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Any]
#: The printable width of A4 between margins of 14 mm, in CSS pixels.
PAPER = 688


@pytest.fixture
def star(make_metric: Make, make_weeks: Make) -> None:
    """A North Star with two notes of different kinds, one of which lasts."""
    make_star(make_metric, make_weeks)
    now = clock.now()
    Annotation.objects.create(day=date(2026, 10, 6), text="New price page", kind="release")
    Annotation.objects.create(
        day=date(2026, 10, 20), until=date(2026, 10, 24), text="Sign-in outage", kind="incident"
    )
    drawing.draw_north_star(now)


def test_the_home_page_prints_with_its_chart_on_a4(
    open_page: Callable[..., Page], maren: User, star: None
) -> None:
    page = open_page(maren, viewport=DESKTOP, scheme="dark")
    page.goto("/")
    expect(page.locator(".chart-box.is-live").first).to_be_attached()

    paper = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 900})

    sizes = {
        tuple(map(float, box.split()))
        for box in re.findall(r"/MediaBox \[([^\]]+)\]", paper.decode("latin-1"))
    }
    assert sizes and all(abs(wide - 595) < 2 and abs(high - 842) < 2 for _, _, wide, high in sizes)
    assert (
        page.locator(".chart-sketch--small").first.evaluate("e => getComputedStyle(e).visibility")
        == "visible"
    )
    expect(page.locator("header.nav")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_kind_of_notes_is_hidden_on_every_chart_until_it_is_shown_again(
    open_page: Callable[..., Page], maren: User, star: None
) -> None:
    page = open_page(maren, viewport=DESKTOP, scheme="light")
    page.goto("/")
    expect(page.locator(".chart-box.is-live").first).to_be_attached()
    bands = (
        "document.querySelector('.chart-plot').layout.shapes.filter(s => s.name?.startsWith('span')).length"
    )
    assert page.evaluate(bands) == 1

    page.get_by_text("Kinds of notes").first.click()
    page.get_by_label("Incident").first.uncheck()

    expect(page.locator("li.note-incident").first).to_be_hidden()
    expect(page.locator("li.note-release").first).to_be_visible()
    page.wait_for_function(f"{bands} === 0")
    page.reload()
    expect(page.locator("li.note-incident").first).to_be_hidden()
    expect(page.get_by_text("Kinds of notes · 1 hidden").first).to_be_visible()
    page.get_by_text("Kinds of notes").first.click()
    page.get_by_label("Incident").first.check()
    expect(page.locator("li.note-incident").first).to_be_visible()
