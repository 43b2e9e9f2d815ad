"""A television in a real Chromium: from the code to the wall, by keyboard, at night, and out again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from metrics import drawing
from metrics.models import MetricChange
from northstar.lib import clock
from northstar.wall import pairing
from teams import evaluating
from teams.models import Screen, Team, User
from tests.metrics.stars import aim, make_star
from tests.teams.bets import omtm_of

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Any]
FULL_HD, UPRIGHT = {"width": 1920, "height": 1080}, {"width": 1080, "height": 1920}
LONG = "Werkstattplanungsgrundsatzabteilung Nordwestdeutschland und Umgebung mit allen ihren Außenstellen"

# The size in which every text is painted, in CSS pixels, that of charts included; and what does not fit.
LOOK = """() => {
  const found = [];
  for (const view of document.querySelectorAll('.wall-view')) {
    const was = view.hidden;
    document.querySelectorAll('.wall-view').forEach((each) => { each.hidden = each !== view; });
    const sizes = [];
    const walker = document.createTreeWalker(view, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      const unseen = !node.textContent.trim() || element.closest('title, .visually-hidden');
      if (unseen || !element.getClientRects().length) continue;
      const scale = element.ownerSVGElement ? element.getScreenCTM().a : 1;
      sizes.push(parseFloat(getComputedStyle(element).fontSize) * scale);
    }
    const figure = view.querySelector('.wall-figure');
    found.push({
      key: view.dataset.key,
      least: Math.min(...sizes),
      figure: figure ? parseFloat(getComputedStyle(figure).fontSize) : null,
      over: [view.scrollWidth - view.clientWidth, view.scrollHeight - view.clientHeight],
    });
    view.hidden = was;
  }
  return found;
}"""


@pytest.fixture
def company_with_numbers(
    make_metric: Make, make_weeks: Make, marketing: Team, platform: Team, maren: User
) -> None:
    """A North Star with a target, a bet with a long name, a team without one."""
    star = make_star(make_metric, make_weeks)
    aim(star)
    trials = make_metric("Trials")
    make_weeks(trials, "2026-07-06", [400 + 6 * week for week in range(19)])
    begun = clock.now().date() - timedelta(weeks=10)
    omtm_of(marketing, trials, name=LONG, start=(begun - timedelta(days=begun.weekday())).isoformat())
    MetricChange.objects.create(metric=trials, first_period=begun)
    evaluating.evaluate(clock.now())
    drawing.draw_north_star(clock.now())


@pytest.fixture
def quick(settings: Settings) -> None:
    settings.WALL_RELOAD_SECONDS = 1


@pytest.fixture
def hang(open_page: Callable[..., Page], live_server: Any, company_with_numbers: None) -> Callable[..., Page]:
    """`hang(viewport=FULL_HD, **fields of Screen)`: a page on which the wall hangs."""

    def hung(viewport: dict[str, int] = FULL_HD, **fields: Any) -> Page:
        page = open_page(viewport=viewport)
        screen = Screen(**{"label": "Hall", "approved_at": clock.now(), "seconds": 600} | fields)
        cookie = {"name": pairing.COOKIE, "value": screen.new_secret(), "url": f"{live_server.url}/wall/"}
        screen.save()
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.goto("/wall/")
        return page

    return hung


def shown(page: Page) -> str:
    """The key of the view that is there."""
    return str(page.locator(".wall-view:visible").get_attribute("data-key"))


def test_from_the_code_to_the_wall_and_out_again(
    open_page: Callable[..., Page],
    maren: User,
    company_with_numbers: None,
    quick: None,
    allowed_errors: list[str],
    axe: Callable[..., None],
) -> None:
    allowed_errors.append("status of 410")
    screen, admin = open_page(viewport=FULL_HD), open_page(maren)
    screen.goto("/wall/")
    code = screen.locator(".wall-code").inner_text().replace("\n", " ")
    axe(screen)

    admin.goto("/screens/")
    axe(admin)
    admin.get_by_label("Code on the screen").fill(code.lower())
    admin.get_by_role("button", name="Go on").click()
    expect(admin.get_by_role("heading", name="Connect this screen?")).to_be_visible()
    axe(admin)
    admin.get_by_label("Name").fill("Kitchen")
    admin.get_by_role("button", name="Connect the screen").click()
    expect(admin.get_by_role("link", name="Kitchen", exact=True)).to_be_visible()

    expect(screen.get_by_role("heading", name="Weekly active crews")).to_be_visible()
    assert screen.evaluate("document.cookie") == "", "no script may read the secret"
    axe(screen)

    admin.get_by_role("button", name="Disconnect Kitchen").click()
    expect(screen.get_by_text("This screen was disconnected.")).to_be_visible()
    assert Screen.objects.get(label="Kitchen").revoked_at is not None


def test_space_holds_it_and_the_arrows_turn_it(hang: Callable[..., Page]) -> None:
    page = hang(seconds=20)
    page.clock.install()
    page.reload()
    assert shown(page) == "star"
    page.keyboard.press("ArrowRight")
    assert shown(page) == "bets-1"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert shown(page).startswith("team-"), "before the first comes the last"
    page.keyboard.press("Space")
    expect(page.get_by_text("Paused")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.clock.fast_forward(60_000)
    assert shown(page) == "star"
    page.keyboard.press("Space")
    expect(page.get_by_text("Paused")).to_be_hidden()
    page.clock.fast_forward(20_000)
    expect(page.locator("[data-key=bets-1]")).to_be_visible()


def test_what_changes_arrives_without_a_load(hang: Callable[..., Page], quick: None, marketing: Team) -> None:
    page = hang()
    page.keyboard.press("ArrowRight")
    page.evaluate("window.kept = true")
    Team.objects.create(name="Newcomers", slug="newcomers")
    expect(page.get_by_text("Newcomers").first).to_be_visible()
    assert shown(page) == "bets-1" and page.evaluate("window.kept")
    assert page.evaluate("history.length") <= 2


def test_a_release_loads_the_page_anew(
    hang: Callable[..., Page], quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from northstar.wall import composing

    page = hang()
    page.evaluate("window.kept = true")
    monkeypatch.setattr(composing, "asset", lambda: "another")
    page.wait_for_function("() => window.kept === undefined")


@pytest.mark.parametrize("answer", ["<h1>Captive portal</h1>", None], ids=["a proxy's page", "an error"])
def test_what_is_no_wall_takes_nothing_down(
    answer: str | None, hang: Callable[..., Page], quick: None, allowed_errors: list[str]
) -> None:
    allowed_errors.append("status of 502")
    page = hang()
    page.route(
        "**/wall/*/", lambda route: route.fulfill(status=200 if answer else 502, body=answer or "Bad gateway")
    )
    expect(page.locator(".wall-lost")).to_contain_text("Connection lost")
    assert shown(page) == "star"
    page.unroute_all()
    expect(page.locator(".wall-lost")).to_be_hidden()


def test_it_dims_at_night_by_the_company_s_clock(hang: Callable[..., Page]) -> None:
    """The clock of the device is two years slow, and three hours pass on it."""
    local = clock.now().astimezone(ZoneInfo("Europe/Berlin"))
    begin, end = local + timedelta(hours=2), local + timedelta(hours=5)
    page = hang(dims_from=begin.time(), dims_until=end.time())
    page.clock.install(time=datetime(2024, 11, 23, 3, 0))
    page.reload()
    dim = "() => document.body.classList.contains('is-dim')"
    assert not page.evaluate(dim)
    page.clock.fast_forward("03:00:00")
    page.wait_for_function(dim)
    page.clock.fast_forward("03:00:00")
    page.wait_for_function("() => !document.body.classList.contains('is-dim')")


@pytest.mark.parametrize("viewport", [FULL_HD, UPRIGHT], ids=["lying", "upright"])
def test_it_is_readable_from_the_other_end_of_a_room(
    viewport: dict[str, int], hang: Callable[..., Page]
) -> None:
    page = hang(viewport)
    found = page.evaluate(LOOK)
    assert {view["key"].split("-")[0] for view in found} == {"star", "bets", "bet", "team"}
    for view in found:
        assert view["least"] >= 28, view
        assert view["figure"] is None or view["figure"] >= 120, view
        assert max(view["over"]) <= 0, view


@pytest.mark.parametrize("size", [(1280, 720), (3840, 2160)])
def test_other_screens_show_the_same_in_their_size(size: tuple[int, int], hang: Callable[..., Page]) -> None:
    page = hang({"width": size[0], "height": size[1]})
    for view in page.evaluate(LOOK):
        assert view["least"] >= 28 * size[1] / 1080 - 0.1 and max(view["over"]) <= 0, view
