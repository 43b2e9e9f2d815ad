"""A team lead chooses a focus, follows it and retires it, in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from metrics.models import Metric
from northstar.lib import clock
from northstar.lib.windows import window_end
from teams import evaluating
from teams.idea import next_monday
from teams.models import Omtm
from tests.e2e.conftest import PHONE
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rate(make_metric: Any, make_weeks: Any) -> Metric:
    """Trial to paid, about 24 % in each of the twelve weeks up to now."""
    metric = make_metric("Trial to paid", kind="ratio", unit="%", decimals=1, slug="trial-to-paid")
    monday = clock.today("Europe/Berlin")
    monday -= timedelta(days=monday.weekday(), weeks=12)
    make_weeks(metric, monday.isoformat(), [(240 + n % 3, 1000) for n in range(12)])
    return metric


def test_a_lead_chooses_a_focus_and_sees_it_before_it_starts(
    open_page: Callable[..., Any], axe: Callable[..., None], idris: Any, rate: Metric
) -> None:
    page = open_page(idris)
    page.goto("/teams/marketing/")
    page.get_by_role("link", name="Choose a focus").first.click()
    expect(page.get_by_role("button", name="Check")).to_be_hidden()
    page.get_by_label("Metric", exact=True).select_option(label="Trial to paid")
    expect(
        page.get_by_text("It stands at 24.1% (last 8 complete weeks). Up is better.").first
    ).to_be_visible()
    page.get_by_label("Target").fill("24.1")
    expect(page.get_by_text("The target is equal to the baseline, 24.1%").first).to_be_visible()
    page.get_by_label("Target").fill("34")
    expect(page.get_by_text("pp on the baseline")).to_be_visible()
    page.get_by_role("radio", name="4").check()
    today = clock.today("Europe/Berlin")
    expect(page.get_by_label("Ends on")).to_have_value(window_end(next_monday(today), 4).isoformat())
    expect(page.locator("#omtm-preview svg").first).to_be_visible()
    page.get_by_label("Why", exact=True).fill("We believe that calls on day 3 help.")
    page.get_by_label("None, because").fill("Nothing that we know of.")
    axe(page)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Trial to paid", level=1)).to_be_visible()
    assert Omtm.objects.get().why.startswith("We believe")
    axe(page)


def test_five_answers_and_a_new_lead_has_started_within_a_minute(
    open_page: Callable[..., Any], idris: Any, rate: Metric
) -> None:
    """By keyboard and pointer as a person would; what the machine needs is a small part of the minute."""
    page = open_page(idris)
    page.goto("/teams/marketing/")
    begun = time.monotonic()
    page.get_by_role("link", name="Choose a focus").first.click()
    page.get_by_label("Metric", exact=True).select_option(label="Trial to paid")
    page.get_by_label("Target").fill("34")
    page.get_by_role("radio", name="4").check()
    page.get_by_label("Why", exact=True).fill("We believe that calls on day 3 help: people ask for them.")
    page.get_by_label("None, because").fill("Nothing that we know of.")
    expect(page.get_by_text("stands out from the noise")).to_be_visible()
    assert not page.locator("details.more[open]").count()
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Trial to paid", level=1)).to_be_visible()
    assert time.monotonic() - begun < 60
    assert Omtm.objects.get().state in ("active", "committed")


def test_a_bet_is_kept_committed_moved_and_withdrawn_in_small_steps(
    open_page: Callable[..., Any], axe: Callable[..., None], idris: Any, rate: Metric
) -> None:
    page = open_page(idris)
    page.goto("/teams/marketing/omtms/new/")
    page.get_by_label("Metric", exact=True).select_option(label="Trial to paid")
    page.get_by_role("button", name="Save as a candidate instead").click()
    made = Omtm.objects.get()
    assert made.state == "draft"
    page.goto(f"/teams/marketing/omtms/new/?candidate={made.pk}")
    page.get_by_text("Make it a bet").click()
    page.get_by_label("We are wrong if").fill("Fewer than 20 trials answer the call.")
    page.get_by_label("Target").fill("34")
    page.get_by_label("Why", exact=True).fill("We believe that calls on day 3 help.")
    page.get_by_label("None, because").fill("Nothing.")
    axe(page)
    monday = next_monday(clock.today("Europe/Berlin")) - timedelta(weeks=1)
    page.get_by_label("Starts on").fill(monday.isoformat())
    page.get_by_role("button", name="Start today").click()
    expect(page.get_by_role("link", name="New target")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="New target").click()
    axe(page)
    page.get_by_label("New target").fill("30")
    page.get_by_label("Why does the target move?").fill("Half of the calls are made.")
    page.get_by_role("button", name="Move the target").click()
    expect(page.get_by_text("Target moved by Idris Vane")).to_be_visible()
    page.get_by_role("link", name="More time").click()
    page.get_by_label("Why does it need more time?").fill("A slow start.")
    page.get_by_role("button", name="Extend the window").click()
    expect(page.get_by_text("at first to")).to_be_visible()
    expect(page.get_by_role("link", name="More time")).to_have_count(0)


def test_it_works_without_a_script_by_the_button_check(
    browser: Any, live_server: Any, idris: Any, rate: Metric
) -> None:
    from tests.e2e.conftest import _session_cookie

    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies([_session_cookie(idris, live_server.url)])
    page = context.new_page()
    page.goto("/teams/marketing/omtms/new/")
    page.get_by_label("Metric", exact=True).select_option(label="Trial to paid")
    page.get_by_label("Target").fill("34")
    page.get_by_label("Why", exact=True).fill("We believe that calls on day 3 help.")
    page.get_by_label("None, because").fill("Nothing.")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("stands out from the noise")).to_be_visible()
    assert not Omtm.objects.exists()
    context.close()


def test_a_focus_is_followed_and_retired_on_a_phone(
    open_page: Callable[..., Any], axe: Callable[..., None], idris: Any, marketing: Any, rate: Metric
) -> None:
    start = clock.today("Europe/Berlin") - timedelta(weeks=9)
    start -= timedelta(days=start.weekday())
    omtm = omtm_of(marketing, rate, start=start.isoformat(), baseline="0.24", target="0.34")
    evaluating.evaluate(clock.now())
    page = open_page(idris, viewport=PHONE, scheme="dark")
    for path in ("/teams/", "/teams/marketing/", "/teams/marketing/edit/", f"/omtms/{omtm.pk}/", "/omtms/"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    page.goto(f"/omtms/{omtm.pk}/")
    page.get_by_role("link", name="Retire early").click()
    axe(page)
    page.get_by_label("What happened").fill("It did not move.")
    page.get_by_label("What should another team").fill("Calls alone do not help.")
    page.get_by_role("radio", name="Not supported").check()
    page.get_by_role("button", name="Record the review").click()
    expect(page.get_by_text("say why it ends early").first).to_be_visible()
    page.get_by_label("Why does it end").select_option("market_change")
    page.get_by_role("button", name="Record the review").click()
    expect(page.get_by_text("Calls alone do not help.").first).to_be_visible()
    axe(page)
    assert Omtm.objects.get().outcome == "abandoned"


def test_dates_of_the_window_are_days_of_the_company() -> None:
    assert next_monday(date(2026, 11, 22)) == date(2026, 11, 23)
    assert next_monday(date(2026, 11, 23)) == date(2026, 11, 23)
