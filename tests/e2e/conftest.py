"""The product in a real Chromium. A console error or a refused script or style fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.services import chromium

# Playwright's sync interface runs an event loop in this thread; the tests' own queries are not async.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

_REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) => console.error(
  `CSP refused ${event.blockedURI} by ${event.effectiveDirective} (${event.sourceFile}:${event.lineNumber})`
));
"""
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all browser tests of the run."""
    found = chromium.shared()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found.path, args=chromium.flags())
        yield started
        started.close()


@pytest.fixture
def allowed_errors() -> list[str]:
    """Texts that console errors may contain in this test; a refused form (422) is not an error."""
    return ["status of 422"]


@pytest.fixture
def open_page(browser: Browser, live_server: Any, allowed_errors: list[str]) -> Iterator[Callable[..., Page]]:
    """`open_page(user=None, viewport=DESKTOP, scheme="light")`: a page of a context of its own.

    At the end of the test every console error, uncaught exception and policy violation is a failure.
    """
    problems: list[str] = []
    contexts = []

    def opened(user: Any = None, *, viewport: dict[str, int] = DESKTOP, scheme: str = "light") -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=viewport,  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        context.add_init_script(_REPORT_VIOLATIONS)
        if user is not None:
            context.add_cookies([_session_cookie(user, live_server.url)])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on("console", lambda said: _note(said, page, problems))
        return page

    yield opened
    for context in contexts:
        context.close()
    bad = [text for text in problems if not any(part in text for part in allowed_errors)]
    assert not bad, "the browser complained:\n" + "\n".join(bad)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A desktop page of nobody in particular."""
    return open_page()


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)`: fails with axe's report if the page breaks a rule of WCAG 2.2 A or AA."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        "resultTypes": ["violations"],
    }

    def check(page: Page, **options: Any) -> None:
        found = Axe().run(page, options={**rules, **options})
        assert not found.violations_count, f"{page.url}\n{found.generate_report()}"

    return check


def _note(said: Any, page: Page, problems: list[str]) -> None:
    if said.type == "error":
        problems.append(f"{page.url}: {said.text}")


def _session_cookie(user: Any, url: str) -> Any:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": url}
