"""Portfolio and gap map in a real browser: by keyboard, on a phone, in both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from metrics.models import Metric
from teams.models import Team, User
from tests.e2e.conftest import DESKTOP, PHONE
from tests.metrics.stars import drive, make_star
from tests.northstar.focuses import draw_omtm, make_omtm, make_team

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Any]
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
LONG = "Werkstattplanungsgrundsatzabteilung Nordwestdeutschland und Umgebung"


@pytest.fixture
def bets(make_metric: Make, make_weeks: Make, platform: Team) -> Metric:
    """Three teams with bets, one without; names as long as they may be."""
    star = make_star(make_metric, make_weeks)
    share = make_metric("Share", kind="ratio", unit="%")
    drive(star, share, sensitivity=Decimal(1200))
    for name, state, gap in (("Ash", "on_track", 0.1), ("Birch", "off_track", -0.4), (LONG, "at_risk", -0.1)):
        bet = make_omtm(make_team(name), share, name=f"Bet of {name} " + "w" * 30)
        draw_omtm(bet, state, gap=gap, attainment_ahead=0.6, p=0.4, likely_words="about 40% likely")
    Team.objects.exclude(name="Ash").update(stage="retention", department="Customers and their success")
    return share


def test_the_table_is_put_in_order_by_keyboard(
    open_page: Callable[..., Page], maren: User, bets: Metric
) -> None:
    page = open_page(maren)
    page.goto("/portfolio/")
    expect(page.locator("tbody tr").first).to_contain_text("Birch")
    page.get_by_role("link", name="Team", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?sort=team$"))
    expect(page.locator("tbody tr").first).to_contain_text("Ash")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Team")

    page.get_by_label("State").select_option("at_risk")
    page.get_by_role("button", name="Filter").press("Enter")
    expect(page).to_have_url(re.compile("sort=team.*state=at_risk"))
    expect(page.locator(".portfolio-table tbody tr")).to_have_count(1)
    with page.expect_download() as taken:
        page.get_by_role("link", name="As a CSV file").click()
    assert taken.value.path().read_text().count("\n") == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_both_pages_are_accessible_and_fit(
    open_page: Callable[..., Page],
    axe: Callable[..., None],
    maren: User,
    bets: Metric,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    page = open_page(maren, viewport=viewport, scheme=scheme)
    for path in ("/portfolio/", "/gaps/", "/gaps/?by=drivers&kind=performance"):
        page.goto(path)
        assert page.evaluate(WIDER) <= 0, path
        axe(page)
