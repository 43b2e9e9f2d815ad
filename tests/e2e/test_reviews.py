"""A closing review that saves itself, and a review meeting by keyboard, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from metrics.models import Metric
from northstar.lib import clock
from teams import evaluating, lifecycle
from teams.models import Omtm, Review, Team
from tests.e2e.conftest import PHONE, _session_cookie
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trials(make_metric: Any, make_weeks: Any) -> Metric:
    """About 420 a week, in each of the 30 weeks up to now."""
    metric = make_metric("Qualified trials")
    monday = clock.today("Europe/Berlin")
    monday -= timedelta(days=monday.weekday(), weeks=30)
    make_weeks(metric, monday.isoformat(), [420 + 7 * (n % 3) for n in range(30)])
    return metric


@pytest.fixture
def ended(marketing: Team, trials: Metric, idris: Any) -> Omtm:
    """A bet of Marketing whose window closed last week."""
    today = clock.today("Europe/Berlin")
    start = today - timedelta(days=today.weekday(), weeks=12)
    omtm = omtm_of(marketing, trials, start=start.isoformat(), end=today - timedelta(days=6))
    lifecycle.advance(today)
    evaluating.evaluate(clock.now())
    return omtm


def test_a_closing_review_keeps_what_was_typed(
    open_page: Callable[..., Any],
    axe: Callable[..., None],
    allowed_errors: list[str],
    live_server: Any,
    ended: Omtm,
    idris: Any,
) -> None:
    allowed_errors += ["status of 403"]
    page = open_page(idris)
    page.goto(f"/omtms/{ended.pk}/retirement/")
    what = page.get_by_label("What happened, in two sentences?")
    what.fill("Partners sent more people than we thought.")
    page.get_by_role("radio", name="Supported", exact=True).check()
    expect(page.get_by_text("Saved at")).to_be_visible()
    axe(page)
    page.reload()
    expect(what).to_have_value("Partners sent more people than we thought.")
    expect(page.get_by_role("radio", name="Supported", exact=True)).to_be_checked()
    expect(page.get_by_text("Restored what you typed at")).to_be_visible()
    # The session ends while somebody types: the page says so, and a reload after signing in loses nothing.
    page.context.clear_cookies()
    what.fill("Partners sent more people. The calls added nothing.")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.context.add_cookies([_session_cookie(idris, live_server.url)])
    page.get_by_label("What should another team learn").fill("Partners want a page of their own.")
    expect(page.get_by_text("Saved at")).to_be_visible()
    fields = Review.objects.get(kind="closing").draft["fields"]
    assert fields["reason"] == "Partners sent more people. The calls added nothing."
    page.get_by_text("Look closer").click()
    page.get_by_label("Action 1", exact=True).fill("Partner pages")
    expect(page.get_by_label("New last day")).to_be_hidden()
    page.get_by_role("radio", name="Extend it").check()
    expect(page.get_by_label("New last day")).to_be_visible()
    page.get_by_role("radio", name="Retire it").check()
    page.get_by_role("button", name="Record the review").click()
    expect(page.get_by_text("Partners want a page of their own.").first).to_be_visible()
    axe(page)
    assert Review.objects.get(kind="closing").answers["actions"] == [{"day": "", "text": "Partner pages"}]


def test_two_who_type_at_once_are_told_and_choose(
    open_page: Callable[..., Any],
    axe: Callable[..., None],
    allowed_errors: list[str],
    ended: Omtm,
    idris: Any,
    maren: Any,
) -> None:
    allowed_errors += ["status of 409"]
    one, other = open_page(idris, viewport=PHONE), open_page(maren)
    for page in (one, other):
        page.goto(f"/omtms/{ended.pk}/retirement/")
    one.get_by_label("What happened").fill("Idris was here.")
    expect(one.get_by_text("Saved at")).to_be_visible()
    other.get_by_label("What happened").fill("Maren was here.")
    expect(other.get_by_text("Idris Vane saved this review at").first).to_be_visible()
    axe(other)
    other.get_by_role("button", name="Keep mine").click()
    expect(other.get_by_text("Saved at")).to_be_visible()
    one.reload()
    expect(one.get_by_label("What happened")).to_have_value("Maren was here.")
    expect(one.get_by_text("Restored what Maren Tolk typed at")).to_be_visible()
    one.get_by_text("What Idris Vane had typed at").click()
    expect(one.get_by_text("Idris was here.")).to_be_visible()
    assert one.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_review_meeting_is_run_by_keyboard(
    open_page: Callable[..., Any],
    axe: Callable[..., None],
    ended: Omtm,
    platform: Team,
    trials: Metric,
    maren: Any,
    yuki: Any,
) -> None:
    start = clock.today("Europe/Berlin") - timedelta(weeks=9)
    start -= timedelta(days=start.weekday())
    omtm_of(platform, trials, name="Sync delay", start=start.isoformat())
    evaluating.evaluate(clock.now())
    page = open_page(maren)
    page.goto("/reviews/run/")
    axe(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys in the meeting")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    first = page.get_by_role("heading", level=1)
    expect(first).to_be_focused()
    expect(first).to_have_text("Sync delay")
    expect(page.get_by_role("timer")).to_contain_text("left")
    axe(page)
    page.keyboard.press("Space")
    expect(first).to_have_text("Qualified trials")
    page.keyboard.press("ArrowLeft")
    expect(first).to_have_text("Sync delay")
    page.get_by_role("radio", name="Keep going").check()
    page.get_by_label("In one line").fill("Good as it is: carry on")
    page.get_by_role("button", name="Record and go on").press("Enter")
    expect(first).to_have_text("Qualified trials")
    page.get_by_role("radio", name="Retire it").check()
    page.get_by_role("button", name="Record and go on").press("Enter")
    expect(first).to_contain_text("Review meeting of")
    assert page.url.endswith(f"/reviews/meetings/{clock.today('Europe/Berlin')}/")
    expect(page.get_by_text("Good as it is: carry on").first).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="To speak about")).to_be_visible()
    page.go_back()
    expect(first).to_contain_text("Review meeting of")
    page.get_by_role("button", name="Close and mail the minutes").click()
    expect(page.get_by_role("heading", name="Closed")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Next date for the calendar").click()
    assert download.value.suggested_filename == "northstar-meeting.ics"
    assert Review.objects.filter(kind="meeting").count() == 2
