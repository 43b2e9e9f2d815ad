"""What holds for every page: a strict policy, one heading, a language, a title, nothing inline."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from teams.models import Team, User
from tests.northstar.world import Route, World, as_somebody, make_world, routes

# Answers that are no page for whoever is signed in: programs' ends, and pages only for others.
NO_PAGE = {
    "healthz",
    "readyz",
    "api-event",
    "channel-test",
    "api-events",
    "api-observations",
    "api-schema",
    "metric-export",
    "source-next-runs",
    "portfolio-export",
    "calendar-feed",
    "chart-file",
    "review-meeting-next",
    "omtm-calendar",
    "omtm-archive",
    "setup",
    "told",
    "wall-views",
    "wall-state",
    "weekly-mail-letter",
}
# Teo's own: nobody else sees them.
OWN_BY_TEO = {"alert-edit"}
# allauth leads those who are signed in, or have a password, elsewhere.
LEADS_ON = {"share-new", "account_login", "account_signup", "account_set_password", "account_reauthenticate"}
PAGES = [route for route in routes() if route.name not in NO_PAGE]
FORBIDDEN = re.compile(r"unsafe|\*|https?:")


class Reader(HTMLParser):
    """Counts what a page must have or must not have."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_title = tag == "title" and not self.title

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
            self._in_title = False

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def world(
    maren: User, idris: User, teo: User, marketing: Team, platform: Team, make_metric: Any, make_weeks: Any
) -> World:
    cast = {"maren": maren, "idris": idris, "teo": teo}
    return make_world(cast, (marketing, platform), make_metric, make_weeks)


@pytest.fixture
def client(maren: User) -> Client:
    return as_somebody(maren)


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.name)
def test_a_page_is_whole(route: Route, world: World, client: Client, teo: User) -> None:
    browser = as_somebody(teo) if route.name in OWN_BY_TEO else client
    answer = browser.get(world.path(route))
    if answer.status_code == 405:
        return  # takes POST alone; the matrix knocks at those
    if route.name in LEADS_ON and answer.status_code == 302:
        return
    assert answer.status_code == 200, answer.status_code
    _check(answer)


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/inactive/", "/join/x/"],
)
def test_a_page_for_strangers_is_whole(path: str, world: World) -> None:
    _check(as_somebody(None).get(path))


def test_refusals_are_whole_pages(world: World, vera: User, client: Client) -> None:
    refused = as_somebody(vera).get("/sources/")
    lost = client.get("/there/is/nothing/")
    assert (refused.status_code, lost.status_code) == (403, 404)
    for answer in (refused, lost):
        _check(answer)


def test_files_and_programs_ends_carry_the_policy_too(world: World, client: Client) -> None:
    for path in ("/healthz", "/readyz", "/api/v1/schema/", "/metrics/typed.csv"):
        answer = client.get(path)
        assert answer.status_code == 200
        _check_headers(answer)


def _check_headers(answer: Any) -> None:
    policy = answer["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    # Pages without any script say so by leaving it to the default.
    assert rules.get("script-src", "'none'") in ("'self'", "'none'")
    assert rules["frame-ancestors"] == rules["base-uri"] == rules.get("object-src", "'none'") == "'none'"
    assert not FORBIDDEN.search(policy)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert "no-store" in answer["Cache-Control"]


def _check(answer: Any) -> None:
    _check_headers(answer)
    text = answer.content.decode()
    page = Reader(text)
    assert page.of("html")[0].get("lang") == "en"
    assert page.title.strip() not in ("", "· Northstar")
    assert len(page.of("h1")) == 1
    assert len(page.of("main")) == 1
    assert not page.of("style")
    inline = [
        each for each in page.of("script") if "src" not in each and each.get("type") != "application/json"
    ]
    assert not inline
    for tag, attributes in page.tags:
        wrong = [name for name in attributes if name == "style" or name.startswith("on")]
        assert not wrong, (tag, attributes)
        for name in ("href", "src", "action"):
            assert not (attributes.get(name) or "").startswith(("javascript:", "http://cdn", "https://cdn"))
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids)), sorted({each for each in ids if ids.count(each) > 1})
    forms = [form for form in page.of("form") if (form.get("method") or "").lower() == "post"]
    tokens = [field for field in page.of("input") if field.get("name") == "csrfmiddlewaretoken"]
    assert len(forms) == len(tokens)
