"""Leaders choose a North Star for the company in a real browser, from an example to its first day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from metrics import checklist
from metrics.models import Metric, NorthStar
from northstar.lib import clock
from tests.e2e.conftest import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crews(make_metric: Any, make_weeks: Any) -> Metric:
    metric: Metric = make_metric("Weekly active crews", kind="unique", unit="crews", role="output")
    monday = clock.today("Europe/Berlin")
    monday -= timedelta(days=monday.weekday(), weeks=30)
    make_weeks(metric, monday.isoformat(), [4300 + 20 * week for week in range(30)])
    return metric


def test_a_leader_chooses_one_step_by_step(
    open_page: Callable[..., Any], axe: Callable[..., None], maren: Any, crews: Metric, make_metric: Any
) -> None:
    make_metric("Support contacts", kind="average", unit="contacts", decimals=1)
    page = open_page(maren)
    page.goto("/north-star/gallery/")
    page.get_by_text("What hangs below it").first.click()
    axe(page)
    page.locator("button[value=b2b-saas]").click()

    expect(page.get_by_role("heading", name="Which numbers could it be?")).to_be_visible()
    page.locator("[name=c0_metric]").select_option(label="Weekly active crews")
    page.locator("[name=c1_name]").fill("Jobs done")
    page.locator("[name=c2_name]").fill("Paying accounts")
    axe(page)
    page.get_by_role("button", name="Back").click()
    page.locator("[name=stayers]").fill("They plan on Mondays.")
    axe(page)
    page.get_by_role("link", name="Checklist").click()
    page.go_back()
    page.locator("[name=stayers]").fill("They plan on Mondays.")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.locator("[name=c1_name]")).to_have_value("Jobs done")
    page.get_by_role("button", name="Save and go on").click()

    for question in checklist.QUESTIONS:
        page.locator(f"[name=c0_{question.name}][value='2']").check(force=True)
    page.get_by_role("radio", name="Accounts that do their core job weekly").last.check(force=True)
    axe(page)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("It has 30 complete weeks")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Save and go on").click()
    page.locator("[name=link_to_strategy]").fill("Be the plan that crews follow.")
    page.locator("[name=g0_metric]").select_option(label="Support contacts")
    page.locator("[name=g0_limit]").fill("9")
    axe(page)
    page.get_by_role("button", name="Save and go on").click()
    axe(page)
    page.get_by_role("button", name="Make it our North Star").click()

    expect(page.get_by_text("begins today. Now say where it should go.")).to_be_visible()
    star = NorthStar.objects.get(state="active")
    page.goto(f"/north-star/{star.pk}/")
    expect(page.get_by_text("Version 1 · The beginning · in force")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="How it was chosen").click()
    expect(page.get_by_text("They plan on Mondays.")).to_be_visible()
    axe(page)


def test_it_fits_a_phone(
    open_page: Callable[..., Any], axe: Callable[..., None], maren: Any, crews: Metric
) -> None:
    page = open_page(maren, viewport=PHONE, scheme="dark")
    page.goto("/north-star/gallery/")
    page.locator("button[value=marketplace]").click()
    for step in ("value", "candidates", "checklist", "strategy", "begin"):
        page.goto(page.url.rsplit("/", 2)[0] + f"/{step}/")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, step
        axe(page)
