"""The North Star page in a real browser: painted at once, alive after, no complaint in either theme."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from metrics import drawing
from metrics.models import Annotation, NorthStar
from northstar.lib import clock
from teams.models import Team, User
from tests.e2e.conftest import PHONE, _session_cookie
from tests.metrics.stars import aim, drive, make_star
from tests.northstar.focuses import draw_omtm, make_omtm

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Any]
WIDER_THAN_THE_WINDOW = "document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture
def star(make_metric: Make, make_weeks: Make, marketing: Team, platform: Team, maren: User) -> NorthStar:
    """Thirty weeks up to the newest complete one, a target, drivers, notes, a focus and a team without."""
    today = clock.today("Europe/Berlin")
    newest = today - timedelta(days=today.weekday() + 7)
    star = make_star(make_metric, make_weeks, weeks=[])
    weeks = [4300 + 20 * week for week in range(30)]
    make_weeks(star.versions.get().metric, (newest - timedelta(weeks=29)).isoformat(), weeks)
    due, since = today + timedelta(weeks=20), newest - timedelta(weeks=8)
    aim(star, due_date=due, baseline_date=since, set_on=since)
    drive(star, make_metric("New paid accounts"))
    Annotation.objects.create(day=newest - timedelta(weeks=5), text="New price page")
    share = make_metric("Share of trials", kind="ratio", unit="%")
    draw_omtm(make_omtm(marketing, share, owner=maren, start=since, end=due))
    drawing.draw_north_star(clock.now())
    return star


def test_the_chart_comes_alive_and_a_range_needs_no_new_page(
    open_page: Callable[..., Page], vera: User, star: NorthStar
) -> None:
    page = open_page(vera)
    page.goto("/")

    expect(page.locator(".chart-sketch--wide svg")).to_be_attached()
    expect(page.locator(".hero .chart-box.is-live")).to_be_visible()
    page.get_by_label("26 weeks").click()
    expect(page.get_by_label("26 weeks")).to_have_attribute("aria-current", "true")
    expect(page.get_by_label("15 months")).not_to_have_attribute("aria-current", "true")
    assert "range=" not in page.url


def test_without_scripts_the_sketch_stands_and_ranges_are_links(
    browser: Browser, live_server: Any, vera: User, star: NorthStar
) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([_session_cookie(vera, live_server.url)])
    page = context.new_page()

    page.goto("/")
    expect(page.locator(".chart-sketch--wide svg")).to_be_visible()
    page.get_by_label("26 weeks").click()

    assert page.url.endswith("/?range=26w")
    expect(page.get_by_label("26 weeks")).to_have_attribute("aria-current", "true")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_the_smallest_phone(
    open_page: Callable[..., Page], axe: Callable[..., None], maren: User, star: NorthStar, scheme: str
) -> None:
    page = open_page(maren, viewport=PHONE, scheme=scheme)
    for path in (
        "/",
        "/status/",
        "/settings/",
        "/annotations/new/",
        "/north-star/targets/",
        "/north-star/drivers/",
    ):
        page.goto(path)
        assert not page.evaluate(WIDER_THAN_THE_WINDOW), f"{path} scrolls sideways"
        axe(page)
    wide = open_page(maren, scheme=scheme)
    wide.goto("/")
    expect(wide.locator(".hero .chart-box.is-live")).to_be_visible()
    axe(wide)


def test_a_leader_defines_the_north_star_and_sees_it(
    open_page: Callable[..., Page], axe: Callable[..., None], maren: User, make_metric: Make, make_weeks: Make
) -> None:
    metric = make_metric("Weekly active crews", kind="unique", unit="crews")
    today = clock.today("Europe/Berlin")
    monday = today - timedelta(days=today.weekday() + 14)
    make_weeks(metric, monday.isoformat(), [4864, 4871])
    page = open_page(maren)

    page.goto("/")
    axe(page)
    page.get_by_role("link", name="Define the North Star").click()
    page.get_by_label("Name", exact=True).fill("Weekly active crews")
    page.get_by_label("Value it stands for").fill("We win when a crew plans its week with us.")
    page.get_by_label("Definition", exact=True).fill("Crews that completed three or more jobs in the week.")
    page.get_by_label("Metric", exact=True).select_option(label="Weekly active crews")
    axe(page)
    page.get_by_role("button", name="Make it our North Star").click()
    page.get_by_label("Target", exact=True).fill("5400")
    page.get_by_label("Due").fill(_in_weeks(today, 20))
    page.get_by_role("button", name="Set the target").click()
    expect(page.get_by_text("The target is set.")).to_be_visible()
    page.goto("/")

    expect(page.locator(".hero .stat-figure")).to_contain_text("4,871")
    expect(page.locator(".hero .chart-box.is-live")).to_be_visible()
    assert NorthStar.objects.get().targets.get().target_value == Decimal(5400)


def _in_weeks(today: date, weeks: int) -> str:
    return (today + timedelta(weeks=weeks)).isoformat()
