"""A screen hangs while its server goes and comes back: it keeps what it has, says so, grows no memory."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.services import chromium
from tests.services.product import Product, scratch_product

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

PREPARE = """
from django.utils import timezone
from teams.models import Screen, Team
[Team.objects.get_or_create(name=name, slug=name.lower()) for name in {teams}]
screen = Screen(label="Hall", seconds=5, approved_at=timezone.now())
secret = screen.new_secret()
screen.save()
print("secret", secret)
"""
MOST_GROWTH = 1.2


@dataclass(frozen=True)
class Form:
    """How long everything takes, in seconds."""

    reload: int
    settle: float
    before: float
    away: float
    after: float
    demo: bool = False


SHORT = Form(reload=1, settle=2, before=0.5, away=1, after=3)
LONG = Form(reload=30, settle=60, before=600, away=240, after=900, demo=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = [*chromium.flags(), "--enable-precise-memory-info"]
        started = playwright.chromium.launch(executable_path=chromium.shared().path, args=flags)
        yield started
        started.close()


@pytest.fixture
def product(request: pytest.FixtureRequest) -> Iterator[Product]:
    form: Form = request.param
    extra = {"WALL_RELOAD_SECONDS": str(form.reload), "DEMO": "1" if form.demo else "0"}
    found = scratch_product(extra, migrated=not form.demo)
    found.start(seconds=300)
    yield found
    found.stop()
    shutil.rmtree(found.data_dir.parent)


@pytest.mark.one_database
@pytest.mark.parametrize("product", [SHORT], indirect=True, ids=["seconds"])
def test_a_screen_outlives_its_server_for_a_moment(product: Product, browser: Browser) -> None:
    _outlive(product, browser, SHORT)


@pytest.mark.long
@pytest.mark.parametrize("product", [LONG], indirect=True, ids=["half an hour"])
def test_a_screen_outlives_its_server_for_half_an_hour(product: Product, browser: Browser) -> None:
    _outlive(product, browser, LONG)


def _outlive(product: Product, browser: Browser, form: Form) -> None:
    page = _hung(product, browser, [] if form.demo else ["Ash", "Birch", "Cedar"])
    began, moved = time.monotonic(), _Mover(product)
    moved.on(page, form.settle)
    start = _measured(page)
    moved.on(page, form.before)
    kept = page.locator(".wall-view").count()
    product.stop()
    notice = page.locator(".wall-lost")
    notice.wait_for(timeout=(form.reload + 60) * 1000)
    assert notice.inner_text().startswith("Connection lost ")
    _pass(page, form.away)
    assert page.locator(".wall-view").count() == kept, "the last good view is gone"
    product.start(seconds=300)
    notice.wait_for(state="hidden", timeout=(form.reload * 2 + 60) * 1000)
    moved.on(page, form.after)
    end = _measured(page)
    told = {"seconds": round(time.monotonic() - began), "swaps": moved.count, "start": start, "end": end}
    if path := os.environ.get("WALL_FIGURES"):
        with open(path, "w") as file:
            json.dump(told, file, indent=1)
    print(told)
    assert moved.seen(page), "what changed in the database did not reach the screen"
    assert end["JSHeapUsedSize"] <= MOST_GROWTH * start["JSHeapUsedSize"], told
    assert end["Nodes"] <= MOST_GROWTH * start["Nodes"], told
    assert end["JSEventListeners"] <= start["JSEventListeners"], told


class _Mover:
    """Changes a setting of the screen now and then, so that its views are swapped and not only asked for."""

    def __init__(self, product: Product) -> None:
        self.product, self.count, self.seconds = product, 0, 5

    def on(self, page: Page, seconds: float) -> None:
        """Let time pass; what hangs is another one at least twice within it."""
        steps = max(2, int(seconds / 20))
        for _ in range(steps):
            self.seconds = 11 - self.seconds
            with sqlite3.connect(self.product.data_dir / "northstar.sqlite3", timeout=30) as database:
                database.execute("update teams_screen set seconds = ? where label = 'Hall'", [self.seconds])
            self.count += 1
            _pass(page, seconds / steps)

    def seen(self, page: Page) -> bool:
        page.wait_for_function(
            "wanted => document.getElementById('wall').dataset.seconds === wanted", arg=str(self.seconds)
        )
        return True


def _hung(product: Product, browser: Browser, teams: list[str]) -> Page:
    """A page that shows the wall of this product."""
    said = product.run_command("shell", "-v", "0", "-c", PREPARE.format(teams=teams))
    assert "secret " in said.stdout, said.stderr
    secret = said.stdout.split("secret ")[1].split()[0]
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    url = f"http://127.0.0.1:{product.port}"
    context.add_cookies([{"name": "wall", "value": secret, "url": f"{url}/wall/", "sameSite": "Strict"}])
    page = context.new_page()
    page.goto(f"{url}/wall/")
    page.locator("#wall").wait_for()
    return page


def _measured(page: Page) -> dict[str, int]:
    """Heap, nodes and listeners after the garbage was collected."""
    tool = page.context.new_cdp_session(page)
    for _ in range(2):
        tool.send("HeapProfiler.collectGarbage")
    tool.send("Performance.enable")
    found = {each["name"]: each["value"] for each in tool.send("Performance.getMetrics")["metrics"]}
    tool.detach()
    return {name: int(found[name]) for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners", "Documents")}


def _pass(page: Page, seconds: float) -> None:
    """Wait, while the browser goes on."""
    page.wait_for_timeout(seconds * 1000)
